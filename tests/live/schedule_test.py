#!/usr/bin/env python3
"""From the phone's calendar to the car's cabin, over real daemons: the phone reads a calendar file, its owner's rule lets
a time and a temperature out to the car, and the car warms its (made-up) cabin at the right moment; the meeting moves, is
cancelled, and comes back; the car restarts while the phone is away; the person takes it back; everybody can ask why and
why not; and what the calendar says is found nowhere but on the phone.
"""

import argparse
import datetime
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "demo"))
from anna import Calendar  # noqa: E402
from clock import minutes  # noqa: E402
from day import why  # noqa: E402
from household import Household, exit_with, wait_for  # noqa: E402
from morning import planned, planned_for  # noqa: E402
from processes import may_read_memory  # noqa: E402

QUIET_SECONDS = 4
SOON_SECONDS = 20
LATE_SECONDS = 10


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def departures(device):
    return [fact for fact in device.facts("person:*") if fact["attribute"] == "departure"]


def is_on(car):
    return any(fact["attribute"] == "state" and fact["value"]["state"].get("on")
               for fact in car.facts("entity:cabin:simulated/*"))


def meet(home, calendar):
    """Anna's phone, with her calendar, and the household's hub and car."""
    hub = home.add("hub", "hub").start()
    phone = home.add("phone", "phone", {"calendar.path": str(calendar)}).start()
    car = home.add("car", "car", {"cabin.enabled": True, "cabin.simulated": True,
                                  "cabin.simulated_outside_c": 4}).start()
    hub.ambit("up", "--name", "hub", "--kind", "hub", "--household", "Home")
    hub.pair(phone, "--new-person", "Anna", "--role", "adult")
    wait_for("the phone is admin", phone.is_admin)
    phone.pair(car, "--shared")
    wait_for("all are linked", lambda: all(d.links_up() == 2 for d in (hub, phone, car)))
    return hub, phone, car


def without_a_rule(phone, car):
    wait_for("the phone knows when to leave",
             lambda: [fact for fact in departures(phone) if fact["value"]["leaves_ms"] > 0])
    time.sleep(QUIET_SECONDS)
    assert not departures(car), f"without a rule the car knows nothing: {departures(car)}"
    told = phone.ambit("why", "--not", "cabin is warm")
    assert "no rule lets a car know when you leave" in told, told
    told = car.ambit("why", "--not", "cabin is warm")
    assert "nobody lets this car know when they leave" in told, told


def with_a_rule(hub, phone, car):
    print(phone.ambit("release", "grant", "departure", "--to", "device:car", "--name", "departure -> car",
                      "--purpose", "a warm car"))
    value = wait_for("the car is told", lambda: departures(car))[0]["value"]
    assert set(value) == {"leaves", "comfort_c"}, value
    assert not departures(hub), "the rule is for the car"
    assert not is_on(car), "it is not time yet"
    wait_for("the phone learns what the car will do", lambda: planned(phone))
    print(phone.ambit("why", "--not", "cabin is warm"))


def at_the_right_moment(phone, car, meeting):
    """Returns how long the car takes for a cold cabin."""
    starts, leaves = wait_for("the car has a plan", lambda: planned(car))
    takes = leaves - starts
    assert minutes(1) <= takes <= minutes(60), takes
    meeting.leave_at(leaves := now().replace(microsecond=0) + takes + datetime.timedelta(seconds=SOON_SECONDS))
    starts, _ = wait_for("the car plans anew", lambda: planned_for(car, leaves))
    wait_for("the car warms its cabin", lambda: is_on(car))
    late = (now() - starts).total_seconds()
    assert -1 < late < LATE_SECONDS, f"it started {late:.1f} s after the moment it had planned"
    print(f"a cold cabin takes {takes}; it started {late:.1f} s after the planned moment")
    return takes


def everybody_can_ask_why(hub, phone, car):
    def says(device, *parts):
        text = wait_for(f"{device.name} can tell why", lambda: all(
            part in device.ambit("why", "cabin is warm") for part in parts) and device.ambit("why", "cabin is warm"))
        print(f"--- at the {device.name}\n{text}")
        return text
    says(phone, "next departure", "departure -> car", "The calendar itself stayed on phone")
    says(car, "next departure", "told by phone")
    assert "next departure" not in says(hub, "told by phone"), "the hub is not to know when"


def it_moves(car, meeting):
    meeting.leave_at(now() + minutes(420))
    wait_for("moved away: the cabin is off", lambda: not is_on(car))
    meeting.leave_at(leaves := now() + minutes(4))
    wait_for("moved back: it is on", lambda: is_on(car))
    meeting.leave_at(leaves, cancelled=True)
    wait_for("cancelled: the cabin is off", lambda: not is_on(car))
    wait_for("it says so", lambda: "nobody is about to leave" in car.ambit("why", "--not", "cabin"))


def alone(phone, car, meeting, takes):
    """A car that restarts out of reach of the phone still knows; its cabin is cold again."""
    meeting.leave_at(leaves := now() + takes + datetime.timedelta(seconds=2 * SOON_SECONDS))
    wait_for("the car is told", lambda: abs(departures(car)[0]["value"]["leaves"] - leaves.timestamp() * 1000) < 2000)
    phone.stop()
    car.stop()
    car.start()
    wait_for("it warms the cabin alone", lambda: is_on(car))
    phone.start()
    wait_for("they are linked again", lambda: car.links_up() == 2 and phone.links_up() == 2)


def taken_back(phone, car, meeting):
    done = why(car, "cabin")["request_id"]
    wait_for("the phone knows what the car did", lambda: why(phone, "cabin").get("request_id") == done)
    print(phone.ambit("undo", done))
    wait_for("taken back: the cabin is off", lambda: not is_on(car))
    meeting.leave_at(now() + minutes(3))
    wait_for("a person's word stands",
             lambda: "somebody said otherwise" in phone.ambit("why", "--not", "cabin", check=False)[1])
    print(phone.ambit("why", "--not", "cabin"))
    assert not is_on(car)


def search(home, meeting):
    """{(device, what)} where any canary is; the calendar itself lies outside of the devices' folders."""
    needles = [text.encode() for text in meeting.canaries.values()]
    return home.search(needles + [needle.hex().encode() for needle in needles])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", help="where the programs are")
    options = parser.parse_args()
    with Household(options.build, isolated=False) as home:
        meeting = Calendar(home.folder / "calendars")
        meeting.leave_at(now() + minutes(500))
        hub, phone, car = meet(home, meeting.folder)
        without_a_rule(phone, car)
        with_a_rule(hub, phone, car)
        takes = at_the_right_moment(phone, car, meeting)
        everybody_can_ask_why(hub, phone, car)
        it_moves(car, meeting)
        alone(phone, car, meeting, takes)
        taken_back(phone, car, meeting)
        found = search(home, meeting)
        if may_read_memory():
            assert ("phone", "memory") in found, "the phone itself must hold it, or the search proves nothing"
        assert not found - {("phone", "memory")}, f"the calendar is where it must not be: {found}"
        rows = json.loads(phone.ambit("--json", "ledger", "--limit", "200"))["rows"]
        assert any(row["rule"] == "departure -> car" and row["to"] == "car" for row in rows), rows
    print("schedule: ok")


if __name__ == "__main__":
    exit_with(main)
