#!/usr/bin/env python3
"""The page and its API on a real hub with real lamps: who is let in, and the page in the distribution's Chromium.

Standard library only; the browser is driven by tests/web/page.mjs.
"""

import http.client
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "demo"))
from household import Household, wait_for  # noqa: E402

SKIPPED = 77


class Client:
    """A program with a token."""

    def __init__(self, page, token=""):
        self.host = page.split("/")[2]
        self.token = token

    def ask(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection(self.host, timeout=20)
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        connection.request(method, path, json.dumps(body) if body is not None else None,
                           {name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        return response, text

    def api(self, method, path, body=None, **headers):
        response, text = self.ask(method, f"/api/v1/{path}", body, **headers)
        return response.status, json.loads(text)


def made(device, name, audience="household"):
    return json.loads(device.ambit("--json", "token", "add", name, "--audience", audience))


def who_is_let_in(page, token):
    stranger = Client(page)
    assert stranger.api("GET", "facts")[0] == 401
    response, _ = stranger.ask("GET", "/api/v1/facts")
    assert response.getheader("WWW-Authenticate").startswith("Bearer"), response.headers
    known = Client(page, token)
    assert known.api("GET", "facts")[0] == 200
    assert known.api("GET", "facts", Host="evil.example")[1]["error"]["name"] == "WrongName"
    assert known.api("GET", "facts", Origin="http://evil.example")[1]["error"]["name"] == "OtherSite"
    assert known.api("POST", "ask", {"text": "x"}, Sec_Fetch_Site="cross-site")[1]["error"]["name"] == "OtherSite"
    assert known.api("POST", "token", {"name": "another"})[0] == 404, "a token makes no tokens"
    assert known.api("POST", "pair", {})[0] == 404
    assert known.api("POST", "devices/remove", {"device": "hub"})[0] == 404


def headers_of_the_page(page):
    response, text = Client(page).ask("GET", "/")
    assert response.status == 200 and "<!doctype html>" in text
    policy = response.getheader("Content-Security-Policy")
    assert "default-src 'none'" in policy and "unsafe" not in policy, policy
    assert response.getheader("X-Content-Type-Options") == "nosniff"
    assert response.getheader("X-Frame-Options") == "DENY"
    again, text = Client(page).ask("GET", "/", If_None_Match=response.getheader("ETag"))
    assert again.status == 304 and not text
    assert Client(page).ask("HEAD", "/page.css")[0].status == 200
    assert Client(page).ask("GET", "/../secret")[0].status == 404
    assert Client(page).ask("POST", "/", {})[0].status == 405


def bad_requests(page, token):
    known = Client(page, token)
    try:
        assert known.api("POST", "ask", {"text": "x" * 2_000_000})[0] == 413
    except (BrokenPipeError, ConnectionResetError):
        pass  # it does not read on what it will not take
    assert known.ask("GET", "/api/v1/facts", None, X_Long="x" * 20_000)[0].status == 431
    status, answer = known.api("POST", "ask", {"text": 5})
    assert status == 400 and answer["error"]["next_step"], answer


def asks_and_writes(page, token, things):
    known = Client(page, token)
    before = len(things.commands())
    status, answer = known.api("POST", "ask", {"text": "turn on the kitchen light"})
    assert status == 200 and answer["answers"][0]["outcome"] == "done", answer
    assert len(things.commands()) == before + 1
    fact = {"subject": "client:doorbell", "attribute": "rang", "value": True}
    status, answer = known.api("POST", "facts", fact)
    assert status == 200 and answer["fact"]["audience"] == "household", answer
    assert known.api("POST", "facts", {**fact, "subject": "household"})[0] == 403


def wrong_tokens_wait(page, token):
    guesser = Client(page, "ambit_guess")
    statuses = [guesser.api("GET", "facts")[0] for _ in range(12)]
    assert statuses[0] == 401 and statuses[-1] == 429, statuses
    assert Client(page, token).api("GET", "facts")[0] == 429, "from the same address even the right one"


def revoked_at_once(hub, page):
    token = made(hub, "soon gone")["secret"]
    known = Client(page, token)
    connection = http.client.HTTPConnection(known.host, timeout=20)
    connection.request("GET", "/api/v1/events", headers={"Authorization": f"Bearer {token}"})
    stream = connection.getresponse()
    assert stream.readline() == b"event: roster\n", "the stream runs"
    hub.ambit("token", "revoke", "soon gone")
    assert b"failed" in stream.read(), "and is cut"
    assert known.api("GET", "facts")[0] == 401
    listed = json.loads(hub.ambit("--json", "token", "list"))["tokens"]
    assert [row["name"] for row in listed] == ["page"] and listed[0]["used_from"] == "127.0.0.1", listed


def over_the_network(page, household, personal):
    """With `http.lan` on, at an address of this machine that others reach too.  False if it has none."""
    address, port = page.split("/")[2].rsplit(":", 1)
    if address.startswith("127."):
        print("MISSING: no network here but loopback, http.lan was not tested from outside")
        return False
    known = Client(page, household)
    response, text = known.ask("GET", "/")
    assert response.status == 200 and "<!doctype html>" in text, "the page is served"
    assert known.api("GET", "facts")[0] == 200
    status, answer = Client(page, personal).api("GET", "facts")
    assert (status, answer["error"]["number"]) == (403, 6042), "a personal token does not go over HTTP"
    assert "a secret of Anna" not in json.dumps(answer)
    for name in ("evil.example", f"localhost:{port}", f"127.0.0.1:{port}"):
        assert known.api("GET", "facts", Host=name)[1]["error"]["number"] == 6044, name
    assert known.api("GET", "facts", Origin="http://evil.example")[1]["error"]["number"] == 6045
    assert known.api("GET", "facts", Origin=f"http://{address}:{port}")[0] == 200, "the page's own"
    assert Client(page).api("GET", "facts")[0] == 401
    here = f"http://127.0.0.1:{port}/"
    assert Client(here, personal).api("GET", "facts")[0] == 200, "on the device itself it counts"
    return True


def in_the_browser(page_with_token, phone_page, pictures):
    """True if it ran."""
    browser = next((path for path in map(shutil.which, ("chromium", "chromium-browser")) if path), None)
    web = ROOT / "tests/web"
    missing = ("Chromium" if browser is None else "Node.js" if shutil.which("node") is None
               else "tests/web/node_modules" if not (web / "node_modules").is_dir() else None)
    if missing:
        print(f"MISSING: no {missing} here, the page was not driven by a browser: ./dev setup")
        return False
    ran = subprocess.run(["node", str(web / "page.mjs"), browser, page_with_token, phone_page, str(pictures)],
                         capture_output=True, text=True, timeout=240, check=False)
    print(ran.stdout, end="")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return True


def main():
    if not shutil.which("mosquitto") and not pathlib.Path("/usr/sbin/mosquitto").exists():
        print("MISSING: no mosquitto here, the page test did not run: ./dev setup")
        return SKIPPED
    pictures = pathlib.Path(os.environ.get("AMBIT_PICTURES") or tempfile.mkdtemp(prefix="ambit-pictures-"))
    pictures.mkdir(exist_ok=True)
    served = {"http.enabled": True, "http.port": 0}
    try:
        with Household(sys.argv[1], isolated=False) as household:
            things = household.add_things(observed=False)
            hub = household.add("hub", "hub", {**things.settings(), **served}).start()
            phone = household.add("phone", "phone", {**served, "http.lan": True}).start()
            hub.ambit("up", "--name", "hub", "--kind", "hub", "--household", "Home")
            hub.pair(phone, "--new-person", "Anna", "--role", "adult")
            wait_for("the lamps can act", lambda: phone.sees("kitchen", "bedroom", "fan", "door"))
            token = made(hub, "page")
            page = token["page"].split("#")[0]
            headers_of_the_page(page)
            who_is_let_in(page, token["secret"])
            asks_and_writes(page, token["secret"], things)
            bad_requests(page, token["secret"])
            revoked_at_once(hub, page)
            phone.ambit("facts", "set", "note", "mine", "a secret of Anna's", "--audience", "me")
            household_token = made(phone, "kitchen tablet")
            at_phone = household_token["page"].split("#")[0]
            _, seen = Client(at_phone, household_token["secret"]).api("GET", "facts")
            assert "a secret of Anna" not in json.dumps(seen), "a household token sees what all may see"
            hers = made(phone, "Anna's page", "person")
            _, seen = Client(hers["page"].split("#")[0], hers["secret"]).api("GET", "facts")
            assert "a secret of Anna" in json.dumps(seen)
            reached = over_the_network(at_phone, household_token["secret"], hers["secret"])
            driven = in_the_browser(token["page"], hers["page"], pictures)
            wrong_tokens_wait(page, token["secret"])
    finally:
        if "AMBIT_PICTURES" not in os.environ:
            shutil.rmtree(pictures, ignore_errors=True)
    print("The page: who is let in, headers, bad requests, asking, revoking" + (", from the network" if reached else "") +
          (", the browser: ok" if driven else ": ok"))
    return 0 if driven and reached else SKIPPED


if __name__ == "__main__":
    sys.exit(main())
