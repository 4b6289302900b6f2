// A member that turned hostile, in a household with two real daemons: what it tries, and that nobody else minds.
//
// After each attack the daemon answers at once, has not grown much, still refuses what it must, and shares facts with the
// other one.  AMBIT_BUILD: the folder that holds ambitd.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chainNext, chainStart, channelMessage, headMessage, signHead, streamOf } from './lib/channel.js';
import { hex } from './lib/bytes.js';
import { Daemon, eventually } from './lib/daemon_testing.js';
import { encodeEntry } from './lib/entry.js';
import { SigningKey } from './lib/keys.js';
import { Node } from './lib/node.js';
import { makeOperation } from './lib/operation.js';
import { decode, encode, fromBig } from './lib/proto.js';

const repository = fileURLToPath(new URL('../../', import.meta.url));
const program = join(resolve(repository, process.env.AMBIT_BUILD ?? 'build/dev/bin'), 'ambitd');
const skip = existsSync(program) ? false : `there is no ${program}: build it, or say where it is with AMBIT_BUILD`;

const answerMs = 10_000;
const growthMax = Number(process.env.AMBIT_GROWTH_MB ?? 48) * 1024 * 1024;
const noLedger = '00'.repeat(32);

const root = mkdtempSync(join(tmpdir(), 'ambit-hostile-'));
const mallory = new Node({ name: 'mallory', kind: 'lab' });
let phone, phoneId, honest, honestId;
let rested = Infinity;
let round = 0;

const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${phone.process.pid}/status`, 'utf8'))[1]) * 1024;
const linkTo = (node) => node.peers.links.get(phoneId);
const items = async () => new Map((await phone.get('doctor')).items.map((item) => [item.key, item]));

// Shows a code, and has `join(code)` use it.
async function pairWith(join) {
  let joining;
  for await (const { event, data } of phone.stream('POST', 'pair', { owner: { shared: true }, accept_verifier: true })) {
    if (event === 'code') joining = join(data);
  }
  await joining;
}

const pair = (node) => pairWith(({ code, at }) => node.join({ host: at.split(':')[0], port: Number(at.split(':')[1]), code }));

async function joinDaemon(daemon, { code, at }) {
  const wish = { code, at, name: 'honest', kind: 'speaker', accept_verifier: true };
  for await (const { event } of daemon.stream('POST', 'household/join', wish)) assert.ok(event);
}

const factAt = async (daemon, attribute) => (await daemon.get(`facts?subject=round&attribute=${attribute}`)).facts[0]?.value;

// The link of `node` to the phone, when it is up (again).
const linked = (node) => eventually(`${node.self.name} is linked`, () => linkTo(node));

// What must hold after every attack.
async function unharmed() {
  const started = Date.now();
  await phone.get('status');
  assert.ok(Date.now() - started < answerMs, `it took ${Date.now() - started} ms to answer`);
  const value = `round ${++round}`;
  const write = (daemon, attribute) => daemon.post('facts', { subject: 'round', attribute, value, audience: 'household' });
  await Promise.all([write(phone, 'phone'), write(honest, 'honest')]);
  await eventually('the other hears', async () => (await factAt(honest, 'phone')) === value).catch(async (error) => {
    // What to know of it when it happens: whether they are linked, and what each finds wrong.
    const links = (await honest.get('devices')).devices.map((device) => `${device.name} ${device.link}`);
    const wrong = [...(await honest.get('doctor')).items, ...(await items()).values()].filter((item) => !item.ok);
    throw new Error(`${error.message}; ${links.join(', ')}; ${wrong.map((item) => item.text).join('; ')}`);
  });
  await eventually('the phone hears', async () => (await factAt(phone, 'honest')) === value);
  assert.ok(memory() - rested < growthMax, `grew by ${((memory() - rested) / 2 ** 20).toFixed(1)} MiB`);
  assert.equal((await phone.get('ledger/verify')).intact, true);
}

const household = (body) => ({ audience: 'household', untrusted: false, rosterVersion: mallory.roster.version, body });

// A channel of one entry by `writer`, signed with `key`.
function written(writer, key, { subject = 'forged', text = 'forged', audience = 'household', incarnation = randomBytes(16).toString('hex') } = {}) {
  const channel = { writer, audience, incarnation };
  const entry = encodeEntry({
    kind: 1, subject, attribute: 'text', value: { type: 'text', value: text }, observed: [], hlc: BigInt(Date.now()) << 16n,
    timeUs: Date.now() * 1000, confidence: 1, untrusted: false, causes: [],
  });
  const hash = chainNext(chainStart(channel), entry);
  return { channel, entry, head: signHead(key, channel, { seq: 1, hash, ledger: noLedger }) };
}

const heightsOf = (logs) => household(encode('FactHeights', {
  heights: logs.map(({ channel, head }) => ({ channel: channelMessage(channel), head: headMessage(head) })),
}));

const rangeOf = ({ channel, entry, head }) => encode('FactRange', {
  channel: channelMessage(channel), firstSeq: fromBig(1), previous: Buffer.from(chainStart(channel), 'hex'), entries: [entry], head: headMessage(head),
});

// Offers `logs`, and serves them to whoever asks, as often as asked.
function offer(logs, asked = () => {}) {
  const served = new Map(logs.map((log) => [streamOf(log.channel), log]));
  mallory.facts.rangesFor = (_peer, _body) => {
    asked();
    return [...served.values()].map((log, at) => ({ audience: 'household', last: at + 1 === served.size, body: rangeOf(log) }));
  };
  linkTo(mallory).notify('facts.heights', heightsOf(logs));
}

// Offers `log` until the phone asks for it: a link that goes down meanwhile loses an offer.
const insist = (log) => eventually('it asks for what is offered', async () => {
  await linked(mallory);
  let asked = false;
  offer([log], () => { asked = true; });
  return eventually('a question', () => asked, 2000).catch(() => false);
});

const forged = async () => (await phone.get('facts?subject=forged')).facts.map((fact) => fact.value);

before(async () => {
  if (skip) return;
  phone = new Daemon(program, root, 'phone');
  await phone.ready();
  await phone.post('household/create', { name: 'phone', kind: 'phone', household_name: 'Home', languages: ['en'], owner: { name: 'Anna' } });
  honest = new Daemon(program, root, 'honest');
  await Promise.all([mallory.listen(), honest.ready()]);
  await pairWith((code) => joinDaemon(honest, code));
  await pair(mallory);
  const idOf = (name) => [...mallory.roster.devices.values()].find((device) => device.name === name).id;
  [phoneId, honestId] = [idOf('phone'), idOf('honest')];
  await linked(mallory);
  await phone.post('facts', { subject: 'secret', attribute: 'text', value: 'canary', audience: 'me' });
  await unharmed();
  rested = memory();
});

after(async () => {
  mallory.stop();
  await Promise.all([phone?.stop(), honest?.stop()]);
  rmSync(root, { recursive: true });
});

test('frames that are none, too large, or out of turn end its link, and only that', { skip }, async () => {
  const attacks = [
    (socket) => socket.send(randomBytes(1000)),
    (socket) => socket.send('text'),
    (socket) => socket.send(Buffer.alloc(2 * 1024 * 1024)),
    (socket) => socket.send(Buffer.alloc(0)),
    (socket) => socket.send(Buffer.from('7a0a'.repeat(50_000), 'hex')),  // a field in a field in a field
    (_, link) => link.send({ hello: link.ownHello }),
    (_, link) => link.send({ item: { call: 4711, payload: household(Buffer.alloc(1)) } }),
    (_, link) => [1, 2].forEach(() => link.send({ open: { call: link.nextCall, method: 'node.ping', payload: household(Buffer.alloc(1)) } })),
    (_, link) => link.send({ open: { call: link.nextCall, method: 'x'.repeat(65), payload: household(Buffer.alloc(1)) } }),
    (_, link) => link.send({ open: { call: link.nextCall, method: 'node.ping', credit: 1_000_000, payload: household(Buffer.alloc(1)) } }),
  ];
  for (const attack of attacks) {
    const link = await linked(mallory);
    attack(link.webSocket, link);
    await eventually(`the link ends after ${attack}`, () => link.over);
  }
  await unharmed();
});

test('a flood of calls: those over the limit are refused, the others answered', { skip }, async () => {
  const link = await linked(mallory);
  const calls = Array.from({ length: 5000 }, () => link.call('node.ping', household(randomBytes(1024))));
  const ended = await Promise.allSettled(calls);
  // QueueFull for those over the limit; PeerLost or DuplicateLink when the phone found it silent, busy with sending.
  const numbers = new Set(ended.map(({ reason }) => reason?.number ?? 0));
  assert.ok([...numbers].every((number) => [0, 1402, 1408, 1411].includes(number)), `${[...numbers]}`);
  await unharmed();
});

test('a flood of notices and of fleeting facts stays within its limits', { skip }, async () => {
  const link = await linked(mallory);
  for (let n = 0; n < 400; ++n) {
    const facts = Array.from({ length: 256 }, (_, i) => ({
      audience: 'household', subject: `flood:${n}-${i}`, attribute: 'x', value: { text: 'x'.repeat(100) }, timeUs: fromBig(Date.now() * 1000),
      livesMs: fromBig(86_400_000), source: Buffer.from(mallory.id, 'hex'), confidence: 1,
    }));
    link.notify('facts.fleeting', household(encode('FleetingFacts', { facts })));
    link.notify('no.such.notice', household(randomBytes(1000)));
    link.notify('facts.heights', household(randomBytes(1000)));
    link.notify('roster.ops', household(randomBytes(1000)));
    link.notify('address.records', household(randomBytes(1000)));
  }
  await sleep(500);
  let taken = 0;
  for (let n = 0; n < 400; ++n) taken += (await phone.get(`facts?subject=flood:${n}-*&limit=10000`)).facts.length;
  assert.ok(taken <= 16_384, `${taken} fleeting facts of one device`);
  await unharmed();
});

test('what it signs in the name of another is refused, and named', { skip }, async () => {
  const named = async (what) => [...(await items()).values()].some(({ ok, error }) =>
    !ok && error.detail?.includes(mallory.id.slice(0, 8)) && error.detail.includes(what));
  await insist(written(honestId, mallory.key, { text: 'in the name of honest' }));
  await eventually('the forgery is named', () => named('its writer did not sign'));
  await insist(written(phoneId, mallory.key, { text: 'in the name of phone' }));
  offer([written(randomBytes(32).toString('hex'), new SigningKey(), { text: 'of nobody' })]);
  await eventually('the writer that nobody knows is named', () => named('a channel it offered'));
  assert.deepEqual(await forged(), []);
  await unharmed();
});

test('two histories under one signature: the log is frozen, and the household is told who', { skip }, async () => {
  await linked(mallory);
  const incarnation = randomBytes(16).toString('hex');
  const one = written(mallory.id, mallory.key, { text: 'one', incarnation });
  const other = written(mallory.id, mallory.key, { text: 'other', incarnation });
  offer([one]);
  await eventually('the first history is there', async () => (await forged()).includes('one'));
  offer([other]);
  const item = await eventually('it is a health item', async () =>
    [...(await items()).values()].find((found) => !found.ok && /two different histories/.test(JSON.stringify(found))));
  assert.match(JSON.stringify(item), /mallory|devices remove/);
  assert.deepEqual(await forged(), ['one']);
  await unharmed();
});

test('heights that are lies cost a question and no more', { skip }, async () => {
  const link = await linked(mallory);
  const channel = { writer: mallory.id, audience: 'household', incarnation: randomBytes(16).toString('hex') };
  const head = signHead(mallory.key, channel, { seq: 1_000_000_000, hash: randomBytes(32).toString('hex'), ledger: noLedger });
  let asked = 0;
  mallory.facts.rangesFor = () => { ++asked; return []; };
  link.notify('facts.heights', heightsOf([{ channel, head }]));
  await eventually('it asks', () => asked > 0);
  await sleep(1000);
  assert.ok(asked < 20, `asked ${asked} times in a second`);
  await unharmed();
});

test('hundreds of logs of its own: they are taken, and nobody else is harmed', { skip }, async () => {
  const logs = Array.from({ length: 300 }, (_, n) => written(mallory.id, mallory.key, { subject: `many:${n}` }));
  const byIncarnation = new Map(logs.map((log) => [log.channel.incarnation, log]));
  mallory.facts.rangesFor = (_peer, body) => {
    const log = byIncarnation.get(hex(decode('FactWant', body).channel.incarnation));
    return log ? [{ audience: 'household', last: true, body: rangeOf(log) }] : [];
  };
  await sleep(1500);  // signing took so long that the phone gave the link up; let that arrive
  const link = await linked(mallory);
  link.notify('facts.heights', heightsOf(logs));
  const kept = async () => (await phone.get('facts?subject=many:*&limit=10000')).facts.length;
  await eventually('all are taken', async () => (await kept()) === logs.length, 40_000);
  await unharmed();
});

test('it asks for what it may not see, and is told no more than that', { skip }, async () => {
  const link = await linked(mallory);
  const anna = [...mallory.roster.people.keys()][0];
  for (const audience of [`person:${anna}`, `device:${phoneId}`]) {
    const want = encode('FactWant', {
      channel: { writer: Buffer.from(phoneId, 'hex'), audience, incarnation: randomBytes(16) }, firstSeq: fromBig(1),
    });
    await assert.rejects(link.call('facts.range', household(want)), (error) => !/canary/.test(error.message));
    await assert.rejects(link.call('facts.range', { ...household(want), audience }));
  }
  await unharmed();
});

test('changes of the household that it may not make, and of kinds nobody knows', { skip }, async () => {
  const before = (await phone.get('status')).household;
  const parents = () => mallory.log.heads();
  const base = { household: Buffer.from(mallory.roster.household, 'hex'), key: mallory.key, wallMs: fromBig(Date.now()) };
  const remove = makeOperation({ ...base, parents: parents(), kind: 5, payload: encode('RemoveDeviceOperation', { device: { device: Buffer.from(honestId, 'hex'), heads: [] } }) });
  const link = await linked(mallory);
  link.notify('roster.ops', household(encode('RosterOperations', { operations: [remove, remove, randomBytes(500)] })));
  await sleep(300);
  assert.equal((await phone.get('status')).household.devices, before.devices);
  const unknown = Array.from({ length: 80 }, (_, n) => makeOperation({ ...base, parents: parents(), kind: 4711, payload: Buffer.from(`${n}`) }));
  (await linked(mallory)).notify('roster.ops', household(encode('RosterOperations', { operations: unknown })));
  await unharmed();
});

test('removed, it is out, and everything goes on', { skip }, async () => {
  const link = await linked(mallory);
  await phone.post('devices/remove', { device: 'mallory' });
  await eventually('its link ends', () => link.over);
  const newcomer = new Node({ name: 'newcomer', kind: 'lab' });
  await newcomer.listen();
  await pair(newcomer);
  await eventually('the newcomer is linked', () => newcomer.peers.links.get(phoneId));
  newcomer.stop();
  assert.deepEqual(mallory.peers.up().filter((device) => device === phoneId), []);
  await unharmed();
});
