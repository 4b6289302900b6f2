#!/usr/bin/env python3
"""A watch and a speaker have small models of their own and pass on what those do not know: the watch to its person's
phone, never to the hub; the speaker to the hub.  The control: with the phone gone the hub does not read for the watch."""

import json
import os
import pathlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "demo"))
from household import ApiError, Failed, Household, wait_for  # noqa: E402

LIGHTS = "it would be lovely to have the lights in the kitchen switched off"  # of no watch's model
CANARY = "marvellously"
PRIVATE = f"i would {CANARY} like the lights in the bedroom to be switched off"


def ask(device, text):
    try:
        return device.ask(text, explain=True)
    except ApiError:
        return {"answers": [], "explanation": {}}


def done(device, text):
    answers = ask(device, text)["answers"]
    return answers[0]["entity_name"] if answers and answers[0]["outcome"] == "done" else None


def read_by(device, text):
    """The label, with the device that read it where it was another one."""
    return ask(device, text)["explanation"].get("guess", {}).get("label", "")


def expect(what, seen, wanted):
    if seen != wanted:
        raise Failed(f"{what}: {seen!r} instead of {wanted!r}")


def main(build):
    with Household(build, isolated=False) as home:
        things = home.add_things(observed=False)
        hub = home.add("hub", "hub", things.settings()).start()
        phone, watch = home.add("phone", "phone").start(), home.add("watch", "watch").start()
        speaker = home.add("speaker", "speaker").start()
        hub.api.post("household/create", {"name": "hub", "kind": "hub", "household_name": "Home"})
        hub.pair(phone, "--new-person", "Anna", "--role", "adult")
        wait_for("the phone is admin", phone.is_admin)
        phone.pair(watch, "--person", "Anna")
        phone.pair(speaker, "--shared")
        for device in (phone, watch, speaker):
            wait_for("the lights are known", lambda d=device: done(d, "turn on the kitchen light") == "Kitchen Light")
        wait_for("the watch's phone reads it", lambda: done(watch, LIGHTS) == "Kitchen Light")
        label = read_by(watch, LIGHTS)
        if not label.endswith("(phone)"):
            raise Failed(f"not by the phone, which alone may know Anna's words: {label}")
        expect("her own words", done(watch, PRIVATE), "Bedroom Light")
        home.settle("watch")
        for device in (hub, speaker):
            for path in device.state.rglob("*"):
                if path.is_file() and CANARY.encode() in path.read_bytes():
                    raise Failed(f"{device.name} has Anna's words in {path.name}")
        rows = json.dumps(watch.api.get("ledger?limit=200"))
        if "language.parse" not in rows:
            raise Failed("the watch's ledger does not say that words left it")
        expect("a speaker's own intent", read_by(speaker, LIGHTS).endswith(")"), False)
        expect("is done there", done(speaker, LIGHTS), "Kitchen Light")
        # A phone that hears and never answers: the watch does without it, and asks again once it does.
        os.kill(phone.pid(), signal.SIGSTOP)
        expect("nobody waits for ever", done(watch, LIGHTS), None)
        expect("what it knows by itself goes on", done(watch, "turn on the kitchen light"), "Kitchen Light")
        os.kill(phone.pid(), signal.SIGCONT)
        wait_for("the phone reads for it again", lambda: done(watch, LIGHTS) == "Kitchen Light")
        phone.stop()
        wait_for("the phone is gone", lambda: watch.links_up() == 2)
        expect("the hub may not read Anna's words", done(watch, LIGHTS), None)
    return 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
