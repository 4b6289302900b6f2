#!/usr/bin/env python3
"""From a watch to the bedroom, over real daemons: the watch plays a recording of heartbeats, its wearer's rule lets one
word out to the hub, and the hub lets the lamps and the heating of one room follow, gently; a restless minute changes
nothing; a person's word wins; it can be taken back; everybody can ask why and why not; a revoked rule tells nothing more;
and the numbers are found nowhere but on the watch.
"""

import argparse
import json
import math
import pathlib
import random
import struct
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "demo"))
from household import ROOT, Failed, Household, exit_with, wait_for  # noqa: E402
from waiting import PATIENCE  # noqa: E402
from processes import may_read_memory  # noqa: E402

EVENING = ROOT / "extensions/wearable/testdata/evening.csv"
SPEED = 120  # a minute of the recording is half a second
HOURS = 24 * 60  # minutes: 12 of real time
# Minutes, beats per minute, and how much breath changes them in ms.
ASLEEP, RESTLESS, UP = (HOURS, 53, 60), (HOURS, 59, 20), (HOURS, 95, 15)
QUIET_SECONDS = 3
RULE = "sleep -> hub"
BRIGHT = {"state": "ON", "brightness": 255}


class Wearer:
    """Whose heartbeats are written down: each time for hours ahead, and anew when something else is the case, so that it
    makes no difference how long a step of this test takes.  Each has a number that nobody else has."""

    def __init__(self, path):
        self.path, self.random, self.intervals = path, random.Random(path.name), []
        self._write([*EVENING.read_text().split(), *self._beats(*ASLEEP)])

    def _beats(self, minutes, per_minute, breath):
        lines, passed = [], 0
        while passed < minutes * 60_000:
            interval = 60_000 / per_minute + breath * math.sin(passed * math.tau / 4000) + self.random.gauss(0, breath / 4)
            lines.append(f"{interval:.7f}")
            passed += interval
        self.intervals = lines
        return lines

    def _write(self, lines):
        """In one piece: what was written before and not played yet is not."""
        new = self.path.with_suffix(".new")
        new.write_text("\n".join(lines) + "\n")
        new.replace(self.path)

    def sleeps(self):
        self._write(self._beats(*ASLEEP))

    def is_restless(self):
        """Faster than anybody falls asleep with, slower than anybody wakes up with."""
        self._write(self._beats(*RESTLESS))

    def gets_up(self):
        self._write(self._beats(*UP))


def told(device):
    """The word about the wearer that a device knows, and since when; nothing if it knows none."""
    known = [fact for fact in device.facts("person:*") if fact["attribute"] == "body_state" and fact["value"]]
    return (known[0]["value"]["state"], known[0]["time"]) if known else None


def is_told(device, *states):
    return lambda: (told(device) or ("",))[0] in states


def heart(watch):
    """The numbers of the last minute, as the watch knows them."""
    return next((fact["value"] for fact in watch.facts("person:*") if fact["attribute"] == "heart"), {})


def beats_are(watch, low, high):
    return lambda: low < heart(watch).get("beats_per_min", 0) < high


def brightness_of(hub, lamp):
    states = [fact["value"]["state"] for fact in hub.facts("entity:*")
              if fact["attribute"] == "state" and fact["subject"].endswith(f"demo_{lamp}")]
    return states and (states[0].get("brightness_pct") if states[0].get("on") else 0)


def target_of(hub):
    """Degrees at which the bedroom's thermostat aims."""
    return next((fact["value"]["state"].get("temperature_c") for fact in hub.facts("entity:*")
                 if fact["attribute"] == "state" and fact["subject"].endswith("demo_heating")), None)


def is_at(hub, lamp, percent):
    return lambda: brightness_of(hub, lamp) == percent


def is_below(hub, lamp, percent):
    return lambda: 0 < (brightness_of(hub, lamp) or 0) < percent


def commands(home, lamp):
    return [row for row in home.things.commands() if lamp in json.dumps(row)]


def why(device, *options):
    status, text = device.ambit("--json", "why", *options, check=False)
    return json.loads(text) if status == 0 else {"chain": [], "withheld": []}


def meet(home, recording):
    """Anna's phone and watch, the hub with the bedroom's lamps, and a speaker that has nothing to do with it."""
    things = home.add_things(lamps=("--dimmers", "3", "--heating", "1"))
    hub = home.add("hub", "hub", {**things.settings(), "bedroom.area": "Bedroom"}).start()
    phone = home.add("phone", "phone").start()
    watch = home.add("watch", "watch", {"wearable.replay": str(recording), "wearable.replay_speed": SPEED})
    speaker = home.add("speaker", "speaker").start()
    hub.ambit("up", "--name", "hub", "--kind", "hub", "--household", "Home")
    hub.pair(phone, "--new-person", "Anna", "--role", "adult")
    wait_for("the phone is admin", phone.is_admin)
    phone.pair(watch.start(), "--person", "Anna")
    phone.pair(speaker, "--shared")
    wait_for("all are linked", lambda: all(device.links_up() == 3 for device in home.devices.values()))
    for lamp in ("bedside", "window", "desk"):
        things.set(lamp, BRIGHT)
        wait_for(f"{lamp} is on", is_at(hub, lamp, 100))
    wait_for("the heating is known", lambda: target_of(hub) == 20)
    return hub, phone, watch, speaker


def without_a_rule(home, hub, phone, watch):
    wait_for("the watch knows that its wearer sleeps", is_told(watch, "asleep"))
    wait_for("and so does their phone", is_told(phone, "asleep"))
    time.sleep(QUIET_SECONDS)
    assert told(hub) is None, "without a rule the hub knows nothing"
    assert not commands(home, "bedside")[1:], "and does nothing: the first command was the test's own"
    said = phone.ambit("why", "--not", "bedside lamp")
    assert "nobody lets this room know how they are" in said and "no rule lets the home know how you are" in said, said


def grant(phone):
    phone.ambit("release", "grant", "body-state", "--to", "device:hub", "--name", RULE, "--purpose", "a calm bedroom",
                "--rate", "1000")


def with_a_rule(hub, phone, watch, speaker, wearer):
    wearer.gets_up()
    wait_for("up", is_told(phone, "active", "exertion"))
    phone.ambit("ask", "turn on the window lamp")
    grant(phone)
    wait_for("what is so counts from when the rule is given", is_told(hub, "active", "exertion"))
    assert brightness_of(hub, "bedside") == 100
    wearer.sleeps()
    wait_for("the lamp goes down at once, and gently", is_at(hub, "bedside", 70))
    wait_for("and the heating by half a degree", lambda: target_of(hub) == 19.5)
    fact = next(fact for fact in hub.facts("person:*") if fact["attribute"] == "body_state")
    assert fact["value"] == {"state": "asleep"}, f"one word and nothing else: {fact}"
    assert told(speaker) is None, "the rule is for the hub"
    assert brightness_of(hub, "window") == 100, "a person's word wins"
    said = wait_for("the watch can tell why not", lambda: "somebody said otherwise" in (
        text := watch.ambit("why", "--not", "window lamp", check=False)[1]) and text)
    print(f"--- why not the window lamp\n{said}")


def restless_minutes(home, watch, wearer):
    since, before = told(watch), len(home.things.commands())
    wearer.is_restless()
    wait_for("the beats are restless", beats_are(watch, 57, 70))
    time.sleep(QUIET_SECONDS)
    wearer.sleeps()
    wait_for("and calm again", beats_are(watch, 40, 55))
    assert told(watch) == since, f"{told(watch)} is not {since}"
    extra = home.things.commands()[before:]
    assert all("window" not in json.dumps(row) for row in extra), extra


def everybody_can_ask_why(hub, phone, speaker):
    wait_for("the next step comes", is_below(hub, "bedside", 70), seconds=2 * PATIENCE)
    for device, parts in ((phone, ("Anna is asleep", RULE, "Heartbeats")), (hub, ("Anna is asleep", "told by watch")),
                          (speaker, ("how Anna is", "told by watch"))):
        said = wait_for(f"{device.name} can tell why", lambda d=device, p=parts: all(
            part in (text := d.ambit("why", "bedside lamp", check=False)[1]) for part in p) and text)
        print(f"--- at the {device.name}\n{said}")
    assert "asleep" not in speaker.ambit("why", "bedside lamp"), "the speaker is not to know"


def take_back(hub, phone):
    """The last step, of which there may be another just now."""
    done = why(hub, "bedside lamp")["request_id"]
    return why(phone, "bedside lamp").get("request_id") == done and phone.ambit("undo", done, check=False)[0] == 0


def taken_back(hub, phone, watch):
    wait_for("the last step is taken back", lambda: take_back(hub, phone))
    wait_for("it is as it was before the first step", is_at(hub, "bedside", 100))
    time.sleep(QUIET_SECONDS)
    assert brightness_of(hub, "bedside") == 100, "and stays so"
    wait_for("it says why", lambda: "somebody said otherwise" in watch.ambit(
        "why", "--not", "bedside lamp", check=False)[1])


def heating_taken_back(hub, phone):
    assert target_of(hub) < 20
    done = why(hub, "heating")["request_id"]
    wait_for("the phone knows of it", lambda: why(phone, "heating").get("request_id") == done)
    print(phone.ambit("undo", done))
    wait_for("it is as warm as it was", lambda: target_of(hub) == 20)


def gets_up_and_sleeps_again(home, hub, watch, wearer):
    wearer.gets_up()
    wait_for("up", is_told(hub, "active", "exertion"))
    home.things.set("desk", BRIGHT)
    wait_for("the desk lamp is on", is_at(hub, "desk", 100))
    assert brightness_of(hub, "bedside") == 100
    wearer.sleeps()
    wait_for("asleep again", is_told(watch, "asleep"))
    wait_for("the desk lamp follows", is_at(hub, "desk", 70))
    assert brightness_of(hub, "bedside") == 100, "the word about the bedside lamp still stands"


def revoked(home, hub, phone, watch, wearer):
    rule = next(rule for rule in json.loads(phone.ambit("--json", "release"))["rules"] if rule["name"] == RULE)
    phone.ambit("release", "revoke", rule["id"])
    wait_for("what was told is taken back", lambda: told(hub) is None)
    wearer.gets_up()
    wait_for("up", is_told(watch, "active", "exertion"))
    home.things.set("desk", BRIGHT)
    wearer.sleeps()
    wait_for("asleep", is_told(watch, "asleep"))
    time.sleep(QUIET_SECONDS)
    assert told(hub) is None, "the hub hears nothing more"
    assert brightness_of(hub, "desk") == 100, "and leaves the lamp as it is"
    grant(phone)
    wait_for("with a rule again, it follows", is_at(hub, "desk", 70))


def numbers_stay(home, watch, wearer):
    """As text, and as the bytes of a number in memory."""
    of_minute = wait_for("numbers of a minute", lambda: (
        numbers := [value for value in heart(watch).values() if value != round(value, 2)]) and numbers)
    assert len(of_minute) >= 2, f"beats and RMSSD of a minute: {of_minute}"
    numbers = [*wearer.intervals[:2], *wearer.intervals[-2:], *map(json.dumps, of_minute)]
    needles = [text.encode() for text in numbers] + [struct.pack("<d", float(text)) for text in numbers]
    found = home.search(needles)
    if may_read_memory():
        assert ("watch", "memory") in found, "the watch itself must hold them, or the search proves nothing"
    off = {(device, what) for device, what in found if device != "watch"}
    assert not off, f"the numbers are where they must not be: {off}"
    rows = json.loads(watch.ambit("--json", "ledger", "--limit", "200"))["rows"]
    assert any(row["rule"] == RULE and row["to"] == "hub" for row in rows), rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", help="where the programs are")
    options = parser.parse_args()
    with Household(options.build, isolated=False) as home:
        wearer = Wearer(home.folder / "heartbeats.csv")
        hub, phone, watch, speaker = meet(home, wearer.path)
        without_a_rule(home, hub, phone, watch)
        with_a_rule(hub, phone, watch, speaker, wearer)
        restless_minutes(home, watch, wearer)
        everybody_can_ask_why(hub, phone, speaker)
        taken_back(hub, phone, watch)
        heating_taken_back(hub, phone)
        gets_up_and_sleeps_again(home, hub, watch, wearer)
        revoked(home, hub, phone, watch, wearer)
        numbers_stay(home, watch, wearer)
    print("wearable: ok")


if __name__ == "__main__":
    exit_with(main)
