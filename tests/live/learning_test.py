#!/usr/bin/env python3
"""What Anna corrects on her phone is learned there within a second and adopted by her watch, survives a restart, is
listed and forgotten one by one, and reaches nobody else: not the household's hub, in no file of its, nor Bob's phone.

The control: the same correction by a person whose device has no model is kept, and read by nothing."""

import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "demo"))
from household import ApiError, Failed, Household, wait_for  # noqa: E402

CANARY = "quillwort"  # a word that only Anna ever says
SAID = f"sunshine for my {CANARY} seedlings"
LIKE_IT = f"sunshine for my {CANARY} seedlings please"
MEANT = "turn on the kitchen light"
WITHIN_S = 1.0


def entity_of(device, text):
    """What was done, or None: what nobody understood."""
    try:
        answers = device.ask(text)["answers"]
    except ApiError:
        return None
    return answers[0].get("entity_name") if answers and answers[0]["outcome"] == "done" else None


def lessons(device):
    return device.api.get("language/lessons")["lessons"]


def expect(what, seen, wanted):
    if seen != wanted:
        raise Failed(f"{what}: {seen!r} instead of {wanted!r}")


def correct(device):
    """Not understood, then what was meant; how long until words like it are understood."""
    expect("nobody knows it", entity_of(device, SAID), None)
    answer = device.ask(f"No, I meant {MEANT}")
    started = time.monotonic()
    if CANARY not in answer.get("note", ""):
        raise Failed(f"it does not say what it remembers: {answer}")
    wait_for("it has learned", lambda: entity_of(device, LIKE_IT) == "Kitchen Light", every=0.02)
    return time.monotonic() - started


def taken_back(phone):
    """Undo, and then the same in other words."""
    words = "it would be lovely to have the lights in the bedroom switched off"
    phone.ask("turn on the bedroom light")
    expect("the model reads it", entity_of(phone, words), "Bedroom Light")
    phone.ask("undo that")
    kinds = [row["kind"] for row in lessons(phone) if row["say"] == words]
    expect("what was taken back was wrong", kinds, ["wrong"])
    wait_for("it is not read so any more", lambda: entity_of(phone, words) is None)
    forget(phone, words)
    wait_for("the model reads it again", lambda: entity_of(phone, words) == "Bedroom Light")


def forget(device, words):
    row = next(row for row in lessons(device) if row["say"] == words)
    device.ambit("language", "forget", row["id"][:8])


def absent(device, word):
    """In no fact and no file of the device."""
    if word in str(device.facts()) or word in str(lessons(device)):
        raise Failed(f"{device.name} can read {word}")
    for path in device.state.rglob("*"):
        if path.is_file() and word.encode() in path.read_bytes():
            raise Failed(f"{device.name} has {word} in {path.name}")


def taught(phone, watch):
    """In one step, at once, and in words like it."""
    phone.ambit("language", "teach", "tuck the bulbs in", "--as", "turn off the kitchen light", "--for", "household")
    expect("exactly", entity_of(phone, "tuck the bulbs in"), "Kitchen Light")
    wait_for("much like it", lambda: entity_of(phone, "please tuck the bulbs in now") == "Kitchen Light")
    wait_for("on the watch", lambda: entity_of(watch, "please tuck the bulbs in now") == "Kitchen Light")
    status, said = phone.ambit("language", "teach", "Tuck the bulbs in!", "--as", "turn on the fan", check=False)
    if status == 0 or "E3130" not in said:
        raise Failed(f"a lesson against an earlier one was taken: {said}")


def against(phone):
    """A correction against an earlier one does not count, and is asked about."""
    expect("as it was shown", entity_of(phone, SAID), "Kitchen Light")
    note = phone.ask("no, I meant turn on the bedroom light").get("note", "")
    if "Which one holds" not in note:
        raise Failed(f"it does not ask which one holds: {note}")
    rows = [row for row in lessons(phone) if row["say"] == SAID]
    expect("both are kept", len(rows), 2)
    wait_for("the later one is marked", lambda: "speaks against" in phone.ambit("language", "lessons"))
    expect("the earlier one holds", entity_of(phone, SAID), "Kitchen Light")
    later = next(row for row in lessons(phone) if row["say"] == SAID and "bedroom" in row["as"])
    phone.ambit("language", "forget", later["id"])
    wait_for("nothing speaks against it", lambda: "speaks against" not in phone.ambit("language", "lessons"))


def main(build):
    with Household(build, isolated=False) as home:
        things = home.add_things(observed=False)
        hub = home.add("hub", "hub", things.settings()).start()
        phone, watch = home.add("phone", "phone").start(), home.add("watch", "watch").start()
        bobs, blind = home.add("bobs", "phone").start(), home.add("blind", "phone", {"language.model": False}).start()
        hub.api.post("household/create", {"name": "hub", "kind": "hub", "household_name": "Home"})
        hub.pair(phone, "--new-person", "Anna", "--role", "adult")
        wait_for("the phone is admin", phone.is_admin)
        phone.pair(watch, "--person", "Anna")
        phone.pair(bobs, "--new-person", "Bob", "--role", "adult")
        phone.pair(blind, "--new-person", "Clara", "--role", "adult")
        for device in (phone, watch, bobs, blind):
            wait_for("the lights are known", lambda d=device: entity_of(d, MEANT) == "Kitchen Light")
        took = correct(phone)
        layer_ms = phone.api.get("language/lessons")["learned_ms"]
        print(f"learned and understood after {1000 * took:.0f} ms; the layer took {layer_ms:.1f} ms")
        if took > WITHIN_S or not 0 < layer_ms < 1000 * WITHIN_S:
            raise Failed("it took more than a second")
        wait_for("her watch has adopted it", lambda: entity_of(watch, LIKE_IT) == "Kitchen Light")
        home.settle("phone")
        for device in (hub, bobs, blind):
            absent(device, CANARY)
            expect(f"{device.name} does not know it", entity_of(device, LIKE_IT.replace(CANARY, "cabbage")), None)
        phone.kill()
        phone.start()
        wait_for("it outlives a restart", lambda: entity_of(phone, LIKE_IT) == "Kitchen Light")
        blind.ask(f"please open my {CANARY[::-1]}")
        blind.ask(f"I meant {MEANT}")
        time.sleep(WITHIN_S)
        expect("without a model nothing learns", entity_of(blind, f"please open my {CANARY[::-1]} now"), None)
        expect("but it is kept", [row["kind"] for row in lessons(blind)], ["corrected"])
        taken_back(phone)
        taught(phone, watch)
        against(phone)
        forget(phone, SAID)
        wait_for("it is forgotten", lambda: entity_of(phone, LIKE_IT) is None)
        wait_for("on the watch, too", lambda: entity_of(watch, LIKE_IT) is None)
        if entity_of(phone, MEANT) != "Kitchen Light":
            raise Failed("the sentences are lost")
    return 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
