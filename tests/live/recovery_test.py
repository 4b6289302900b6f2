#!/usr/bin/env python3
"""The admin's phone is lost: a new one gets in with the recovery words, through a hub that nobody sits at.

Real daemons and the real `ambit`; the words go through its standard input, as a person types them.
"""

import json
import os
import subprocess
import sys

from household import ApiError, Household, pair, wait_for


def refused(name, stream):
    try:
        events = [event for event, _ in stream]
    except ApiError as error:
        assert error.name == name, error
        return
    raise AssertionError(f"expected {name}, got {events}")


def recover(ambit, home, daemon, words, *options):
    """(exit status, the events that `ambit recover --json` printed)"""
    done = subprocess.run([ambit, "--json", "--instance", daemon.name, "recover", "--name", daemon.name, *options],
                          input="\n".join(words) + "\n", capture_output=True, text=True, timeout=60, check=False,
                          env={**os.environ, "AMBIT_STATE_DIR": home.root})
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def wish(daemon, words, at):
    return daemon.stream("POST", "recover", {"words": words, "name": daemon.name, "kind": "phone", "at": at})


def main(ambitd):
    ambit = os.path.join(os.path.dirname(ambitd), "ambit")
    with Household(ambitd) as home:
        phone, hub, speaker = home.start("phone"), home.start("hub"), home.start("speaker")
        made = phone.post("household/create", {"name": "phone", "kind": "phone", "household_name": "Home",
                                               "owner": {"name": "Anna"}})
        words = made["recovery_words"]
        pair(phone, hub, "hub", {"shared": True})
        pair(phone, speaker, "speaker", {"shared": True})
        items = {item["key"]: item for item in phone.get("doctor")["items"]}
        assert any(item.get("error", {}).get("name") == "OneAdmin" for item in items.values()), items
        for daemon in (hub, speaker):
            wait_for("all are up", lambda d=daemon: d.get("status")["links"]["up"] == 2)
        hub.post("facts", {"subject": "test:kept", "attribute": "x", "value": 7, "audience": "household"})
        phone.stop()
        at = hub.get("status")["listen"]

        fresh = home.start("phone2")
        refused("BadRecoveryWords", wish(fresh, ["harbor"] * 17, at))
        # Words that are words, of another household: the hub ends the handshake and says nothing.
        other = home.start("other")
        foreign = other.post("household/create", {"name": "other", "household_name": "Other"})["recovery_words"]
        refused("BadRecoveryWords", wish(fresh, foreign, at))
        refused("DialFailed", wish(fresh, words, "127.0.0.1:1"))
        refused("DiscoveryUnavailable", fresh.stream("POST", "recover", {"words": words, "name": "x", "kind": "phone"}))
        # Another household's device does not know these words either, and learns no more than that.
        refused("BadRecoveryWords", wish(fresh, words, other.get("status")["listen"]))

        status, events = recover(ambit, home, fresh, words, "--kind", "phone", "--at", at)
        assert status == 0, events
        kinds = [event["event"] for event in events]
        assert kinds == ["words", "recovered"], events
        fresh_words = events[0]["recovery_words"]
        assert len(fresh_words) == 17 and fresh_words != words
        assert events[1]["device"]["owner"] == "Anna" and events[1]["device"]["admin"], events

        # It is a member like any other: linked, told what is kept, and it can remove what was lost.
        wait_for("the new phone is linked to both", lambda: fresh.get("status")["links"]["up"] == 2)
        wait_for("it has the household's facts", lambda: fresh.get("facts?subject=test:kept")["facts"])
        fresh.post("devices/remove", {"device": "phone"})
        for daemon in (hub, speaker, fresh):
            wait_for("the lost phone is gone",
                     lambda d=daemon: {row["name"] for row in d.get("devices")["devices"]} == {"hub", "speaker", "phone2"})
        fresh.stop()
        fresh.start()
        assert fresh.get("status")["device"]["admin"], "it is still so after a restart"

        # The old paper opens nothing any more, at either; the new one does.
        thief = home.start("thief")
        for member in (hub, speaker):
            refused("BadRecoveryWords", wish(thief, words, member.get("status")["listen"]))
        status, events = recover(ambit, home, thief, fresh_words, "--kind", "phone", "--owner", "Bob",
                                 "--at", speaker.get("status")["listen"])
        assert status == 0 and events[1]["device"]["owner"] == "Bob", events

        # No word of either sheet stands in a log or a file of those who were asked.
        for daemon in (hub, speaker):
            text = daemon.log_text()
            for sheet in (words, fresh_words):
                assert " ".join(sheet) not in text and " ".join(sheet[:4]) not in text
    print("recovery: ok")


if __name__ == "__main__":
    main(sys.argv[1])
