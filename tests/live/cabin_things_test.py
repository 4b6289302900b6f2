#!/usr/bin/env python3
"""What warms a cabin where the car offers nothing itself: a climate, a switch and a button on a broker, each the
`cabin.entity` of a car of its own.  All three cars are told the same departure; each begins in time, in its thing's own
words; the meeting moves away and back, and the button is pressed once.
"""

import datetime
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "demo"))
from anna import Calendar  # noqa: E402
from clock import minutes  # noqa: E402
from household import Household, exit_with, wait_for  # noqa: E402
from morning import planned, planned_for  # noqa: E402
from schedule_test import departures, now  # noqa: E402
from zigbee_player import Obedient  # noqa: E402

SOON_SECONDS = 10
THERMOMETERS = {"cabin": "4", "outside": "3.5"}
# By car: what stands on its broker, and what it has to be told to begin and to end.
CARS = {
    "car": ("climate", {"modes": ["off", "heat"], "mode_command_topic": "car/mode/set", "mode_state_topic": "car/mode",
                        "temperature_command_topic": "car/target/set", "temperature_state_topic": "car/target"},
            [("car/mode/set", "heat"), ("car/target/set", "21")], [("car/mode/set", "off")]),
    "van": ("switch", {"command_topic": "van/heater/set", "state_topic": "van/heater"},
            [("van/heater/set", "ON")], [("van/heater/set", "OFF")]),
    "bus": ("button", {"command_topic": "bus/remote"}, [("bus/remote", "PRESS")], []),
}
STATES = {"car/mode": "off", "car/target": "18", "van/heater": "OFF"}


def announce(things, car):
    """Under a prefix of its own: each car has its own things."""
    kind, config, _, _ = CARS[car]
    things.publish(f"{car}/{kind}/x/config", json.dumps({"name": "Heater", "unique_id": f"{car}-heater", **config}),
                   retain=True)
    for name, degrees in THERMOMETERS.items():
        things.publish(f"{car}/sensor/{name}/config", json.dumps(
            {"name": name, "unique_id": f"{car}-{name}", "state_topic": f"{car}/{name}", "unit_of_measurement": "°C",
             "device_class": "temperature"}), retain=True)
        things.publish(f"{car}/{name}", degrees, retain=True)


def meet(home, calendar):
    things = home.add_things()
    for topic, state in STATES.items():
        things.publish(topic, state, retain=True)
    phone = home.add("phone", "phone", {"calendar.path": str(calendar)}).start()
    phone.ambit("up", "--name", "phone", "--kind", "phone", "--household", "Home", "--owner", "Anna")
    cars = {}
    for name in CARS:
        announce(things, name)
        cars[name] = home.add(name, "car", {
            **things.settings(), "mqtt.discovery_prefix": name, "mqtt.source": name, "cabin.enabled": True,
            "cabin.entity": f"mqtt:{name}/{name}-heater", "cabin.temperature_entity": f"mqtt:{name}/{name}-cabin",
            "cabin.outside_entity": f"mqtt:{name}/{name}-outside"}).start()
        phone.pair(cars[name], "--shared")
        phone.ambit("release", "grant", "departure", "--to", f"device:{name}")
    wait_for("all are linked", lambda: phone.links_up() == len(cars))
    return things, phone, cars


def told(things, car):
    """What its thing was told, in order."""
    topics = {topic for words in CARS[car][2:] for topic, _ in words}
    return [(topic, payload) for _, topic, payload in things.messages() if topic in topics]


def all_begin(things, cars, meeting):
    plans = {name: wait_for(f"the {name} has a plan", lambda car=car: planned(car)) for name, car in cars.items()}
    takes = max(leaves - starts for starts, leaves in plans.values())
    assert minutes(1) <= takes <= minutes(60), plans
    for name in cars:
        assert not told(things, name), f"it is not time yet: {told(things, name)}"
    leaves = now().replace(microsecond=0) + takes + datetime.timedelta(seconds=SOON_SECONDS)
    meeting.leave_at(leaves)
    for name, (_, _, begin, _) in CARS.items():
        wait_for(f"the {name} plans anew, or has begun", lambda n=name: planned_for(cars[n], leaves) or told(things, n))
        wait_for(f"the {name} begins", lambda n=name, words=begin: set(words) <= set(told(things, n)))
        wait_for(f"the {name} says that it did", lambda n=name: "next departure" in cars[n].ambit("why", "cabin", check=False)[1])


def it_moves(things, cars, meeting):
    meeting.leave_at(now() + minutes(420))
    for name, (_, _, _, end) in CARS.items():
        wait_for(f"moved away: the {name} ends", lambda n=name, words=end: told(things, n)[-len(words):] == words or not words)
    meeting.leave_at(now() + minutes(4))
    for name, (kind, _, begin, _) in CARS.items():
        if kind != "button":
            wait_for(f"moved back: the {name} begins", lambda n=name, words=begin: told(things, n)[-1] in words)
    wait_for("the bus says why not", lambda: "its button was pressed" in cars["bus"].ambit("why", "--not", "cabin", check=False)[1])
    assert told(things, "bus") == CARS["bus"][2], told(things, "bus")


def main():
    with Household(sys.argv[1], isolated=False) as home:
        meeting = Calendar(home.folder / "calendars")
        meeting.leave_at(now() + minutes(500))
        things, phone, cars = meet(home, meeting.folder)
        with Obedient(things):
            for car in cars.values():
                wait_for("it is told", lambda one=car: departures(one))
            all_begin(things, cars, meeting)
            it_moves(things, cars, meeting)
    print("cabin things: ok")


if __name__ == "__main__":
    exit_with(main)
