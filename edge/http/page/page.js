// The page of ambitd: asks, shows devices, causes and the ledger, and says yes.  No library, nothing from elsewhere.
// Whatever comes from outside is put in as text, never as markup.
"use strict";

const KEY = "ambit-token";
const $ = (id) => document.getElementById(id);
const api = "api/v1/";

let token = "";
let client = null; // what `status` says of this token
let view = "ask";
let listening = null;

// --- small helpers -------------------------------------------------------------------------------------------------

function el(tag, properties, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (name.startsWith("on")) {
      node.addEventListener(name.slice(2), value);
    } else if (name in node) {
      node[name] = value;
    } else {
      node.setAttribute(name, value);
    }
  }
  const there = children.filter((child) => child !== null && child !== undefined && child !== "");
  node.append(...there.map((child) => (typeof child === "string" ? plain(child) : child)));
  return node;
}

// Without what turns the writing direction of the text behind it: that would reach beyond its own element.
const plain = (text) => text.replace(/[\u2028-\u202e\u2066-\u2069]/g, " ");
const LONG = 120;
const short = (text, most = LONG) => (text.length > most ? `${[...text].slice(0, most).join("")}…` : text);
// A name from outside: isolated, so that its writing direction stays its own, and no longer than can be read.
const name = (text, most = LONG) => el("bdi", {}, short(String(text), most));
// What was said or done, in a sentence: longer, but not without end.
const words = (text) => name(text, 2000);
// Parts with something between them.
const between = (parts, separator) => parts.flatMap((part, i) => (i === 0 ? [part] : [separator, part]));

// A sentence of the daemon's: its commands as code, its first letter large.
function prose(text) {
  const large = text.charAt(0).toUpperCase() + text.slice(1);
  return el("span", {}, ...large.split("`").map((part, i) => (i % 2 ? el("code", {}, part) : part)));
}

const clock = (text) => {
  const time = new Date(text);
  const today = time.toDateString() === new Date().toDateString();
  const form = today ? { hour: "2-digit", minute: "2-digit" } : { month: "short", day: "numeric" };
  return new Intl.DateTimeFormat(undefined, form).format(time);
};
const full = (text) => new Date(text).toLocaleString();
const span = (ms) => (ms < 1000 ? `${Math.max(1, Math.round(ms))} ms` : `${(ms / 1000).toFixed(1)} s`);

function remember(value) {
  try {
    value ? localStorage.setItem(KEY, value) : localStorage.removeItem(KEY);
  } catch {
    // A browser that keeps nothing asks again next time.
  }
}
function remembered() {
  try {
    return localStorage.getItem(KEY) || "";
  } catch {
    return "";
  }
}

// --- the API -------------------------------------------------------------------------------------------------------

class Problem extends Error {
  constructor(status, error) {
    super(error.detail && error.number !== 6040 ? `${error.text}: ${error.detail}` : error.text);
    this.status = status;
    this.next = error.next_step || "";
  }
}

function call(method, path, body, signal) {
  const headers = { Authorization: `Bearer ${token}` };
  if (body) {
    headers["Content-Type"] = "application/json";
  }
  return fetch(api + path, { method, headers, signal, cache: "no-store", body: body ? JSON.stringify(body) : undefined });
}

async function answerOf(response) {
  const json = await response.json().catch(() => ({}));
  if (!response.ok) {
    throw new Problem(response.status, json.error || { text: `the daemon answered ${response.status}` });
  }
  return json;
}

const get = async (path) => answerOf(await call("GET", path));
const post = async (path, body) => answerOf(await call("POST", path, body));

// Calls on(name, data) for each event until the stream ends.
async function stream(method, path, body, on, signal) {
  const response = await call(method, path, body, signal);
  if (!response.ok || !(response.headers.get("Content-Type") || "").startsWith("text/event-stream")) {
    await answerOf(response);
    return;
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let waiting = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      return;
    }
    waiting += value;
    for (let end = waiting.indexOf("\n\n"); end >= 0; end = waiting.indexOf("\n\n")) {
      const lines = waiting.slice(0, end).split("\n");
      waiting = waiting.slice(end + 2);
      const field = (key) => (lines.find((line) => line.startsWith(key)) || "").slice(key.length);
      const data = JSON.parse(field("data: ") || "{}");
      if (field("event: ") === "failed") {
        throw new Problem(500, data.error || { text: "it broke off" });
      }
      on(field("event: "), data);
    }
  }
}

function saw(problem) {
  if (problem.status === 401 || problem.status === 403) {
    leave(problem);
  } else {
    $("state").replaceChildren(problem instanceof Problem ? name(problem.message) : "The device can't be reached.");
  }
}

// --- coming and going ----------------------------------------------------------------------------------------------

function show(which) {
  view = which;
  for (const section of document.querySelectorAll(".view")) {
    section.hidden = section.id !== `view-${which}`;
  }
  for (const button of $("tabs").children) {
    button.dataset.view === which ? button.setAttribute("aria-current", "page") : button.removeAttribute("aria-current");
  }
  if (which !== "enter") {
    history.replaceState(null, "", which === "ask" ? location.pathname : `#${which}`);
    const load = { devices: loadDevices, ledger: loadLedger, why: () => explain($("what").value.trim()) }[which];
    if (load) {
      load().catch(saw);
    }
  }
}

function leave(problem) {
  token = "";
  client = null;
  remember("");
  if (listening) {
    listening.abort();
    listening = null;
  }
  $("tabs").hidden = $("foot").hidden = $("pending").hidden = true;
  $("state").textContent = "";
  $("household").textContent = "Ambit";
  $("log").replaceChildren();
  document.body.classList.remove("talking");
  $("enter-problem").replaceChildren(...(problem ? [prose(`${short(problem.message, 2000)}. ${problem.next || ""}`)] : []));
  show("enter");
}

async function enter(candidate, asked) {
  token = candidate;
  try {
    const status = await get("status");
    client = status.client || {};
    remember(token);
    showStatus(status);
  } catch (problem) {
    if (problem.status === 401 || problem.status === 403 || asked) {
      leave(asked || problem.status ? problem : null);
      return;
    }
    saw(problem);
    setTimeout(() => enter(candidate, false), 3000);
    return;
  }
  $("tabs").hidden = $("foot").hidden = false;
  const part = location.hash.slice(1);
  show(["devices", "why", "ledger"].includes(part) ? part : "ask");
  loadPending().catch(saw);
  listen();
}

function showStatus(status) {
  const home = status.household ? status.household.name : "Ambit";
  document.title = plain(short(home));
  $("household").replaceChildren(name(home));
  const others = status.links.known;
  const reach = others === 0 ? "" : `${status.links.up} of ${others} other devices here`;
  $("state").textContent = status.health.bad > 0 && others === 0 ? "" : reach;
  const whose = client.audience && client.audience !== "household" ? "yourself" : "the household";
  $("who").replaceChildren("At ", name(status.device ? status.device.name : "this device"), `, as ${whose}`);
}

// One stream tells what changes; it is opened again when it breaks, ever more patiently.
async function listen() {
  if (listening) {
    listening.abort();
  }
  const mine = (listening = new AbortController());
  let pause = 1000;
  while (!mine.signal.aborted) {
    try {
      await stream("GET", "events", null, (event, data) => {
        pause = 1000;
        heard(event, data);
      }, mine.signal);
    } catch (problem) {
      if (mine.signal.aborted) {
        return;
      }
      if (problem.status === 401 || problem.status === 403) {
        leave(problem);
        return;
      }
    }
    if (mine.signal.aborted) {
      return;
    }
    $("state").textContent = "Connecting again…";
    await new Promise((done) => setTimeout(done, pause));
    pause = Math.min(pause * 2, 30000);
  }
}

let refresh = 0;
function heard(event, data) {
  if (event === "request") {
    settled(data);
  }
  if (event === "pending") {
    loadPending().catch(saw);
  }
  if (["peer", "roster", "health", "request"].includes(event) && !refresh) {
    refresh = setTimeout(async () => {
      refresh = 0;
      try {
        showStatus(await get("status"));
        if (view === "devices") {
          await loadDevices();
        }
        if (view === "ledger") {
          await loadLedger();
        }
        await loadPending();
      } catch (problem) {
        saw(problem);
      }
    }, 300);
  }
}

// --- asking --------------------------------------------------------------------------------------------------------

const MARKS = { done: "✓", pending: "…", not_done: "✗", unknown: "?" };
const WORDS = { done: "Done", pending: "Waits", not_done: "Not done", unknown: "Unknown" };

// Answers that wait for a yes, by their request: what comes of them is told later.
const pendingAnswers = new Map();

function settled(request) {
  const node = pendingAnswers.get(request.request_id);
  if (!node || request.outcome === "pending") {
    return;
  }
  pendingAnswers.delete(request.request_id);
  node.className = `answer ${request.outcome}`;
  node.querySelector(".mark").textContent = MARKS[request.outcome] || "";
  const meta = node.querySelector(".meta");
  if (meta) {
    meta.textContent = WORDS[request.outcome] || "";
  }
}

function answerNode(answer) {
  const meta = [];
  if (answer.capability && answer.done_by && answer.outcome === "done") {
    meta.push(el("span", {}, "done by ", name(answer.done_by), answer.done_ms ? ` in ${span(answer.done_ms)}` : ""));
  } else if (answer.outcome === "done" && answer.done_by) {
    meta.push(el("span", {}, "answered by ", name(answer.done_by)));
  }
  if (answer.outcome === "pending" && (answer.confirm_on || []).length > 0) {
    meta.push(el("span", {}, "sent to ", ...between(answer.confirm_on.map((device) => name(device)), ", "), `, waits ${answer.expires_s} s`));
  }
  if (answer.error && answer.outcome !== "pending" && answer.error.text && !answer.text.includes(answer.error.text)) {
    meta.push(prose(`${answer.error.text}. ${answer.error.next_step || ""}`));
  }
  const why = el("div", { className: "because" });
  if (answer.request_id && answer.outcome === "done") {
    meta.push(el("button", { type: "button", className: "plain", "aria-expanded": "false", onclick: async (event) => {
      const open = why.childElementCount > 0;
      event.target.setAttribute("aria-expanded", String(!open));
      why.replaceChildren(...(open ? [] : [await chainOf(`request=${answer.request_id}`)]));
    } }, "Why?"));
  }
  const node = el("div", { className: `answer ${answer.outcome}` },
    el("span", { className: "mark", "aria-hidden": "true" }, MARKS[answer.outcome] || ""),
    el("span", { dir: "auto" }, el("span", { className: "unseen" }, `${WORDS[answer.outcome] || ""}: `), words(answer.text || "")),
    meta.length > 0 ? el("div", { className: "meta" }, ...meta) : null,
    el("span"), why);
  if (answer.outcome === "pending" && answer.request_id) {
    pendingAnswers.set(answer.request_id, node);
  }
  return node;
}

function problemNode(text, next) {
  return el("div", { className: "answer not_done" },
    el("span", { className: "mark", "aria-hidden": "true" }, "✗"), el("span", { dir: "auto" }, words(text)),
    next ? el("div", { className: "meta" }, prose(next)) : null);
}

async function ask(text) {
  document.body.classList.add("talking");
  const hearing = el("p", { className: "hearing" }, el("i"), el("i"), el("i"), el("span", { className: "unseen" }, "one moment"));
  const turn = el("div", { className: "turn" }, el("p", { className: "said", dir: "auto" }, text), hearing);
  $("log").append(turn);
  const follow = () => turn.scrollIntoView({ block: "end" });
  follow();
  let shown = 0;
  try {
    await stream("POST", "ask", { text, stream: true, timeout_ms: 30000 }, (event, data) => {
      if (event === "answer") {
        shown += 1;
        turn.insertBefore(answerNode(data), hearing);
        if (data.outcome === "pending") {
          loadPending().catch(saw);
        }
      } else if (event === "done") {
        hearing.remove();
        if (!data.understood) {
          turn.append(problemNode("I did not understand that.", data.error ? data.error.next_step : ""));
        } else if (shown === 0) {
          turn.append(...data.answers.map(answerNode));
        }
        if (data.choices) {
          turn.append(el("div", { className: "chips", "aria-label": "Which one" }, ...data.choices.map((choice) =>
            el("button", { type: "button", onclick: () => suggest(plain(`${text} ${choice.label}`)) }, name(choice.label)))));
        }
      }
      follow();
    });
  } catch (problem) {
    turn.append(problemNode(problem instanceof Problem ? problem.message : "The device can't be reached.", problem.next));
    if (problem.status === 401) {
      leave(problem);
    }
  } finally {
    hearing.remove();
    while ($("log").childElementCount > 100) {
      $("log").firstElementChild.remove();
    }
    follow();
  }
}

function suggest(text) {
  $("words").value = text;
  $("words").focus();
}

// --- what waits for a yes ------------------------------------------------------------------------------------------

async function loadPending() {
  const rows = (await get("pending")).pending.filter((row) => row.here && client && client.may_confirm);
  const answer = (row, yes) => async (event) => {
    event.target.disabled = true;
    try {
      await post("confirm", { id: row.id, yes });
    } catch (problem) {
      saw(problem);
    }
    loadPending().catch(saw);
  };
  $("pending").hidden = rows.length === 0;
  $("pending").replaceChildren(...rows.map((row) => el("article", {},
    el("div", {}, el("strong", { dir: "auto" }, row.text), el("span", { className: "quiet" }, "asked at ", name(row.asked_by),
      row.for ? " for " : "", row.for ? name(row.for) : "", `, until ${new Date(row.expires).toLocaleTimeString()}`)),
    el("div", { className: "buttons" },
      el("button", { type: "button", className: "no", onclick: answer(row, false) }, "No"),
      el("button", { type: "button", className: "primary", onclick: answer(row, true) }, "Yes")))));
  clearTimeout(loadPending.timer);
  if (rows.length > 0) {
    const soonest = Math.min(...rows.map((row) => new Date(row.expires) - Date.now()));
    loadPending.timer = setTimeout(() => loadPending().catch(saw), Math.max(500, soonest + 300));
  }
}

// --- devices, causes, the ledger -----------------------------------------------------------------------------------

function linkText(device) {
  if (device.here) {
    return "this device";
  }
  if (device.link === "direct") {
    return device.rtt_ms ? `here, ${span(device.rtt_ms)} away` : "here";
  }
  return device.since ? `away since ${clock(device.since)}` : "away";
}

async function loadDevices() {
  const { devices } = await get("devices");
  $("devices").replaceChildren(...devices.map((device) => el("li", {},
    el("div", { className: "name" }, el("span", { className: device.link === "away" ? "dot" : "dot up", "aria-hidden": "true" }),
      name(device.name)),
    el("div", { className: "quiet" }, `${short(device.kind)}, `, device.owner ? name(`${device.owner}’s`) : "shared", " · ", linkText(device)),
    device.battery_pct === undefined ? null : el("div", { className: "quiet" }, `battery ${device.battery_pct} %`),
    device.now && device.now !== "idle" ? el("div", { className: "quiet" }, short(device.now)) : null,
    (device.does || []).length === 0 ? null : el("ul", { className: "tags", "aria-label": "What it does" },
      ...device.does.map((what) => el("li", {}, name(what)))))));
}

async function chainOf(query) {
  const answer = await get(`why?${query}`);
  const lines = answer.chain.map((entry) => {
    const details = [entry.time ? [clock(entry.time)] : [], entry.by ? ["by ", name(entry.by)] : [],
      entry.told_by ? ["told by ", name(entry.told_by)] : [], entry.rule ? ["rule “", name(entry.rule), "”"] : []];
    const shown = details.filter((parts) => parts.length > 0);
    return el("li", { dir: "auto" }, entry.depth > 0 ? "because " : "", words(entry.what),
      shown.length > 0 ? el("span", { className: "quiet" }, ...between(shown, [" · "]).flat()) : null);
  });
  return el("div", {}, el("ol", { className: "chain" }, ...lines),
    ...(answer.withheld || []).map((text) => el("p", { className: "quiet withheld", dir: "auto" }, words(text))));
}

async function explain(text) {
  try {
    $("chain").replaceChildren(await chainOf(text ? `text=${encodeURIComponent(text)}` : "text="));
  } catch (problem) {
    if (problem.status !== 404) {
      throw problem;
    }
    $("chain").replaceChildren(el("p", { className: "empty" },
      text ? "Nothing that happened here matches." : "Nothing has happened yet."));
  }
}

async function loadLedger() {
  const answer = await get(`ledger?limit=100${$("refused").checked ? "&refused=true" : ""}`);
  const left = answer.left_household;
  $("ledger-sum").textContent = `${answer.entries} ${answer.entries === 1 ? "entry" : "entries"}, ${answer.intact ? "chain intact" : "CHAIN BROKEN"}. ` +
    (left > 0 ? `${left} of these went to services and programs outside the mesh.` : "Nothing of this left the household.");
  const rows = answer.rows.slice().reverse();
  $("ledger").replaceChildren(...rows.map((row) => el("li", { className: row.outcome },
    el("time", { dateTime: row.time, title: full(row.time) }, clock(row.time)),
    el("div", {}, name(row.from), " → ", name(row.to),
      el("span", { className: "quiet", dir: "auto" }, short(row.what) + (row.count > 1 ? `, ${row.count} times` : "") +
        (row.outcome === "refused" ? `: ${short(row.reason)}` : row.rule === "audience" ? "" : ` · rule “${short(row.rule)}”`))),
    el("span", { className: "outcome" }, row.outcome))));
  if (rows.length === 0) {
    $("ledger").append(el("p", { className: "empty" }, $("refused").checked ? "Nothing was refused." : "Nothing has left this device."));
  }
}

// --- start ---------------------------------------------------------------------------------------------------------

$("enter").addEventListener("submit", (event) => {
  event.preventDefault();
  const typed = $("token").value.trim();
  $("token").value = "";
  // Also the whole address that `ambit token add` shows.
  enter(typed.slice(typed.lastIndexOf("#") + 1), true);
});
$("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = plain($("words").value).trim();
  $("words").value = "";
  if (text) {
    ask(text);
  }
});
$("why").addEventListener("submit", (event) => {
  event.preventDefault();
  explain($("what").value.trim()).catch(saw);
});
$("refused").addEventListener("change", () => loadLedger().catch(saw));
$("leave").addEventListener("click", () => leave(null));
for (const button of $("tabs").children) {
  button.addEventListener("click", () => show(button.dataset.view));
}
for (const text of ["Turn on the kitchen light", "Is the kitchen light on?", "Turn everything off"]) {
  $("examples").append(el("button", { type: "button", onclick: () => suggest(text) }, text));
}

// A token in the address is taken out of it at once, so that no history keeps it.
const linked = location.hash.match(/^#(ambit_[0-9a-f]+)$/);
if (linked) {
  history.replaceState(null, "", location.pathname);
}
const known = linked ? linked[1] : remembered();
if (known) {
  enter(known, Boolean(linked));
} else {
  leave(null);
}
