#!/usr/bin/env python3
"""The admin's phone is lost: a new one gets in with the recovery words, through a hub that nobody sits at.

Real daemons and the real `ambit`; the words go through its standard input, as a person types them.
"""

import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "demo"))
from household import ApiError, Household, wait_for  # noqa: E402


def refused(name, stream):
    try:
        events = [event for event, _ in stream]
    except ApiError as error:
        assert error.name == name, error
        return
    raise AssertionError(f"expected {name}, got {events}")


def recover(device, words, *options):
    """(exit status, the events that `ambit recover --json` printed)"""
    done = subprocess.run(device.cli("--json", "recover", "--name", device.name, *options), text=True, timeout=90,
                          input="\n".join(words) + "\n", capture_output=True, check=False, env=device.environment())
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def wish(device, words, at):
    return device.api.stream("POST", "recover", {"words": words, "name": device.name, "kind": "phone", "at": at})


def main(build):
    with Household(build, isolated=False) as home:
        phone, hub, speaker = (home.add(name, name).start() for name in ("phone", "hub", "speaker"))
        made = phone.api.post("household/create", {"name": "phone", "kind": "phone", "household_name": "Home",
                                               "owner": {"name": "Anna"}})
        words = made["recovery_words"]
        phone.pair(hub, "--shared")
        phone.pair(speaker, "--shared")
        items = {item["key"]: item for item in phone.api.get("doctor")["items"]}
        assert any(item.get("error", {}).get("name") == "OneAdmin" for item in items.values()), items
        for device in (hub, speaker):
            wait_for("all are up", lambda d=device: d.api.get("status")["links"]["up"] == 2)
        hub.api.post("facts", {"subject": "test:kept", "attribute": "x", "value": 7, "audience": "household"})
        phone.stop()
        at = hub.api.get("status")["listen"]

        fresh = home.add("phone2", "phone").start()
        refused("BadRecoveryWords", wish(fresh, ["harbor"] * 17, at))
        # Words that are words, of another household: the hub ends the handshake and says nothing.
        other = home.add("other", "phone").start()
        foreign = other.api.post("household/create", {"name": "other", "household_name": "Other"})["recovery_words"]
        refused("BadRecoveryWords", wish(fresh, foreign, at))
        refused("DialFailed", wish(fresh, words, "127.0.0.1:1"))
        nowhere = {"words": words, "name": "x", "kind": "phone"}
        refused("DiscoveryUnavailable", fresh.api.stream("POST", "recover", nowhere))
        # Another household's device does not know these words either, and learns no more than that.
        refused("BadRecoveryWords", wish(fresh, words, other.api.get("status")["listen"]))

        status, events = recover(fresh, words, "--kind", "phone", "--at", at)
        assert status == 0, events
        kinds = [event["event"] for event in events]
        assert kinds == ["words", "recovered"], events
        fresh_words = events[0]["recovery_words"]
        assert len(fresh_words) == 17 and fresh_words != words
        assert events[1]["device"]["owner"] == "Anna" and events[1]["device"]["admin"], events

        # It is a member like any other: linked, told what is kept, and it can remove what was lost.
        wait_for("the new phone is linked to both", lambda: fresh.api.get("status")["links"]["up"] == 2)
        wait_for("it has the household's facts", lambda: fresh.api.get("facts?subject=test:kept")["facts"])
        fresh.api.post("devices/remove", {"device": "phone"})
        left = {"hub", "speaker", "phone2"}
        for device in (hub, speaker, fresh):
            wait_for("the lost phone is gone",
                     lambda d=device: {row["name"] for row in d.api.get("devices")["devices"]} == left)
        fresh.stop()
        fresh.start()
        assert fresh.api.get("status")["device"]["admin"], "it is still so after a restart"

        # The old paper opens nothing any more, at either; the new one does.
        thief = home.add("thief", "phone").start()
        for member in (hub, speaker):
            refused("BadRecoveryWords", wish(thief, words, member.api.get("status")["listen"]))
        status, events = recover(thief, fresh_words, "--kind", "phone", "--owner", "Bob",
                                 "--at", speaker.api.get("status")["listen"])
        assert status == 0 and events[1]["device"]["owner"] == "Bob", events

        # No word of either sheet stands in a log or a file of those who were asked.
        for device in (hub, speaker):
            text = device.log.read_text()
            for sheet in (words, fresh_words):
                assert " ".join(sheet) not in text and " ".join(sheet[:4]) not in text
    print("recovery: ok")


if __name__ == "__main__":
    main(sys.argv[1])
