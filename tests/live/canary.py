#!/usr/bin/env python3
"""Secrets stay where they may be read: five real daemons, searched from outside.

Values that only one device or only one person may read, and the words of commands, are written on the phone and the
watch.  Then everything that holds bytes is searched: files, logs, process memories, what passed the broker, ledgers.
Each secret must be found on its owner and on every permitted device (else the search proves nothing), and nowhere
else.

--daemon PATH    another daemon, such as the mutants in tests/live/mutants/: with facts' own selection of readers
                 removed, the gate alone must keep every secret
--expect-leak    the same with the gate's check removed too: passes only if secrets of each kind, for one device and
                 for one person, are found elsewhere
"""

import argparse
import dataclasses
import json
import pathlib
import secrets
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "demo"))
from household import Failed, Household, wait_for  # noqa: E402
from processes import may_read_memory, readable_memory  # noqa: E402

LEAK_SECONDS = 15
SETTLE_SECONDS = 1


@dataclasses.dataclass(frozen=True)
class Secret:
    what: str
    text: str
    allowed: frozenset  # the devices that may hold it
    kind: str = ""  # what a build without the gate must leak: "device" or "person"
    at_rest: bool = True  # must be in a file of each of them

    @property
    def needles(self):
        return [self.text.encode(), self.text.encode().hex().encode()]


def new_canary():
    return "canary-" + secrets.token_hex(8)


class Search:
    """Where each secret is: {secret: {place}}, a place being (owner, what)."""

    def __init__(self, home, secrets_):
        self.home, self.secrets = home, secrets_
        self.found = {secret: set() for secret in secrets_}

    def look(self, owner, what, data):
        for secret in self.secrets:
            if any(needle in data for needle in secret.needles):
                self.found[secret].add((owner, what))

    def run(self):
        home = self.home
        for device in home.devices.values():
            for path in sorted(device.state.rglob("*")):
                if path.is_file():
                    self.look(device.name, "file", path.read_bytes())
            self.look(device.name, "log", device.log.read_bytes())
            self.look(device.name, "ledger", device.ambit("--json", "ledger", "--limit", "1000").encode())
            for data in readable_memory(device.pid()):
                self.look(device.name, "memory", data)
        things = home.things
        for name, process in (("broker", things.broker), ("lamps", things.lamps)):
            for data in readable_memory(process.pid):
                self.look(name, "memory", data)
        self.look("broker", "traffic", things.observed.read_bytes())
        self.look("broker", "log", (home.folder / "broker.log").read_bytes())
        self.look("lamps", "log", things.lamp_log.read_bytes())
        return self

    def leaks(self):
        return [f"{secret.what}: in the {what} of {owner}" for secret, places in self.found.items()
                for owner, what in sorted(places) if owner not in secret.allowed]

    def kept_kinds(self):
        """The kinds of secrets of which none was found where it may not be."""
        leaked = {secret.kind for secret, places in self.found.items()
                  if any(owner not in secret.allowed for owner, _ in places)}
        return sorted({secret.kind for secret in self.secrets} - leaked - {""})

    def missing(self):
        """Where a secret had to be found and was not: then finding it nowhere else means nothing."""
        gone = []
        for secret, places in self.found.items():
            for device in sorted(secret.allowed):
                if secret.at_rest and (device, "file") not in places:
                    gone.append(f"{secret.what}: in no file of {device}, which may read it")
        return gone


def write_secrets(home):
    """Says and writes them where their people would."""
    own, every = [], []
    annas = frozenset({"phone", "watch"})
    for name in sorted(annas):
        only, me = new_canary(), new_canary()
        home[name].ambit("facts", "set", "note", "secret", only, "--audience", "device")
        home[name].ambit("facts", "set", "note", f"secret-{name}", me, "--audience", "me")
        own.append(Secret(f"a value for the {name} only", only, frozenset({name}), "device"))
        every.append(Secret(f"a value for Anna only, written on the {name}", me, annas, "person"))
    phone = home["phone"]
    wait_for("the phone knows the kitchen light",
             lambda: phone.api.get("plan?text=turn%20on%20the%20kitchen%20light")["rows"])
    # Words that are understood and carried out elsewhere: their odd capitals make them findable.
    words = "tUrn On thE kItchEn lIght"
    answer = phone.ask(words)
    if (answer.get("answers") or [{}])[0].get("outcome") != "done":
        raise Failed(f"the command was not done: {json.dumps(answer)[:300]}")
    every.append(Secret("the words of a command", words, annas))
    unknown = f"please {new_canary()} me"
    phone.ask(unknown)
    own.append(Secret("words that were not understood", unknown, frozenset({"phone"}), at_rest=False))
    return own + every


def settle(home):
    """Waits until what was written has gone wherever it goes."""
    home.settle("phone")
    wait_for("the watch has Anna's words", lambda: "tUrn On thE kItchEn lIght" in json.dumps(home["watch"].facts()))
    wait_for("the phone has what the watch wrote", lambda: "secret-watch" in json.dumps(home["phone"].facts()))
    time.sleep(SETTLE_SECONDS)  # nothing can be waited for that must not come


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True, help="where the programs are")
    parser.add_argument("--daemon", help="use this daemon instead of the build's")
    parser.add_argument("--expect-leak", action="store_true", help="pass only if a secret is found where it may not be")
    options = parser.parse_args()
    if not may_read_memory():
        print("skipped: reading the memory of other users' processes needs root")
        return 77
    try:
        with Household(options.build, daemon=options.daemon) as home:
            home.add_things()
            home.five_devices()
            home["hub"].ambit("up", "--name", "hub", "--kind", "hub", "--household", "Home")
            home.pair_five()
            hidden = write_secrets(home)
            settle(home)
            search = Search(home, hidden).run()
            deadline = time.monotonic() + LEAK_SECONDS
            while options.expect_leak and search.kept_kinds() and time.monotonic() < deadline:
                search = Search(home, hidden).run()
    except Failed as error:
        print(f"FAILED: {error}")
        return 1
    leaks, missing = search.leaks(), search.missing()
    for line in missing + leaks:
        print(f"  {line}")
    print(f"{len(hidden)} secrets; {len(leaks)} leaks; {len(missing)} not found where they must be")
    if missing:
        return 1
    if options.expect_leak:
        for kind in search.kept_kinds():
            print(f"FAILED: without the gate no secret for one {kind} was found elsewhere: would a leak be seen?")
        return int(bool(search.kept_kinds()))
    return int(bool(leaks))


sys.exit(main())
