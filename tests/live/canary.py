#!/usr/bin/env python3
"""Secrets stay where they may be read: five real daemons, searched from outside.

Values that only one device or only one person may read, and the words of commands, are written on the phone and the
watch.  Then everything that holds bytes is searched: files, logs, process memories, what passed the broker, ledgers.
Each secret must be found on its owner and on every permitted device (else the search proves nothing), and nowhere
else.

--daemon PATH    another daemon, such as the mutants in tests/live/mutants/: with facts' own selection of readers
                 removed, the gate alone must keep every secret
--expect-leak    the same with the gate's check removed too: passes only if the secret is found elsewhere
"""

import argparse
import dataclasses
import json
import os
import pathlib
import secrets
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "demo"))
from household import Failed, Household, wait_for  # noqa: E402

# Larger mappings are the shadow memory of sanitizers: address space, and no data in it.
MAPPING_MAX = 1 << 32
LEAK_SECONDS = 15
SETTLE_SECONDS = 1


@dataclasses.dataclass(frozen=True)
class Secret:
    what: str
    text: str
    allowed: frozenset  # the devices that may hold it
    at_rest: bool = True  # must be in a file of each of them

    @property
    def needles(self):
        return [self.text.encode(), self.text.encode().hex().encode()]


def new_canary():
    return "canary-" + secrets.token_hex(8)


def readable_memory(pid):
    """The bytes of every mapping that can be read, one mapping at a time."""
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            span, mode = line.split()[:2]
            start, end = (int(side, 16) for side in span.split("-"))
            if mode[0] != "r" or end - start > MAPPING_MAX:
                continue
            try:
                memory.seek(start)
                yield memory.read(end - start)
            except (OSError, ValueError, OverflowError):
                continue  # [vvar] and the like


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
            self.look(device.name, "log", (home.folder / f"{device.name}.log").read_bytes())
            self.look(device.name, "ledger", device.ambit("--json", "ledger", "--limit", "1000").encode())
            for data in readable_memory(device.pid()):
                self.look(device.name, "memory", data)
        for name, process in (("broker", home.broker), ("lamps", home.lamps)):
            for data in readable_memory(process.pid):
                self.look(name, "memory", data)
        self.look("broker", "traffic", home.observed.read_bytes())
        self.look("broker", "log", (home.folder / "broker.log").read_bytes())
        self.look("lamps", "log", home.lamp_log.read_bytes())
        return self

    def leaks(self):
        return [f"{secret.what}: in the {what} of {owner}" for secret, places in self.found.items()
                for owner, what in sorted(places) if owner not in secret.allowed]

    def missing(self):
        """Where a secret had to be found and was not: then finding it nowhere else means nothing."""
        gone = []
        for secret, places in self.found.items():
            for device in sorted(secret.allowed):
                if secret.at_rest and (device, "file") not in places:
                    gone.append(f"{secret.what}: in no file of {device}, which may read it")
        return gone


def build_household(home):
    home.start_broker()
    home.start_observer()
    home.start_lamps()
    broker = {"mqtt.enabled": True, "mqtt.host": home.broker_address, "mqtt.port": home.broker_port}
    home.add("hub", "hub", broker)
    home.add("phone", "phone", {"device.mains_powered": False})
    home.add("watch", "watch", {"device.mains_powered": False})
    home.add("speaker", "speaker", broker)
    home.add("car", "car")
    for device in home.devices.values():
        device.start()
    home["hub"].ambit("up", "--name", "hub", "--kind", "hub", "--household", "Home")
    home["hub"].pair(home["phone"], ["--new-person", "Anna", "--role", "adult"])
    wait_for("the phone is admin", 20,
             lambda: (home["phone"].try_json("status") or {}).get("device", {}).get("admin"))
    home["phone"].pair(home["watch"], ["--person", "Anna"])
    home["phone"].pair(home["speaker"], ["--shared"])
    home["phone"].pair(home["car"], ["--shared"])
    wait_for("every device is linked to every other", 60,
             lambda: all((device.try_json("status") or {}).get("links", {}).get("up", 0) == len(home.devices) - 1
                         for device in home.devices.values()), every=0.2)


def write_secrets(home):
    """Says and writes them where their people would."""
    own, every = [], []
    annas = frozenset({"phone", "watch"})
    for name in sorted(annas):
        only, me = new_canary(), new_canary()
        home[name].ambit("facts", "set", "note", "secret", only, "--audience", "device")
        home[name].ambit("facts", "set", "note", f"secret-{name}", me, "--audience", "me")
        own.append(Secret(f"a value for the {name} only", only, frozenset({name})))
        every.append(Secret(f"a value for Anna only, written on the {name}", me, annas))
    phone = home["phone"]
    wait_for("the phone knows the kitchen light", 20,
             lambda: (phone.try_json("plan", "turn on the kitchen light") or {}).get("rows"))
    # Words that are understood and carried out elsewhere: their odd capitals make them findable.
    words = "tUrn On thE kItchEn lIght"
    answer = phone.json("ask", words, check=False)
    if (answer.get("answers") or [{}])[0].get("outcome") != "done":
        raise Failed(f"the command was not done: {json.dumps(answer)[:300]}")
    every.append(Secret("the words of a command", words, annas))
    unknown = f"please {new_canary()} me"
    phone.json("ask", unknown, check=False)
    own.append(Secret("words that were not understood", unknown, frozenset({"phone"}), at_rest=False))
    return own + every


def settle(home):
    """Waits until what was written has gone wherever it goes."""
    home["phone"].ambit("facts", "set", "note", "after", "all said", "--audience", "household")
    for device in home.devices.values():
        wait_for(f"{device.name} has the household's fact", 20,
                 lambda d=device: "all said" in d.ambit("facts", "--json", check=False))
    wait_for("the watch has Anna's words", 20,
             lambda: "tUrn On thE kItchEn lIght" in home["watch"].ambit("facts", "--json", check=False))
    wait_for("the phone has what the watch wrote", 20,
             lambda: "secret-watch" in home["phone"].ambit("facts", "--json", check=False))
    time.sleep(SETTLE_SECONDS)  # nothing can be waited for that must not come


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True, help="where the programs are")
    parser.add_argument("--daemon", help="use this daemon instead of the build's")
    parser.add_argument("--expect-leak", action="store_true", help="pass only if a secret is found where it may not be")
    options = parser.parse_args()
    if os.geteuid() != 0:
        print("skipped: reading the memory of other users' processes needs root")
        return 77
    try:
        with Household(options.build, daemon=options.daemon) as home:
            build_household(home)
            hidden = write_secrets(home)
            settle(home)
            search = Search(home, hidden).run()
            deadline = time.monotonic() + LEAK_SECONDS
            while options.expect_leak and not search.leaks() and time.monotonic() < deadline:
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
    return int(bool(leaks) != options.expect_leak)


sys.exit(main())
