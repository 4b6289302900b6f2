#!/usr/bin/env python3
"""A home that misbehaves, on a real broker: names that are HTML, right-to-left, emoji, template code, terminal commands or
10 kB; two things of one name; sensors that say nonsense; JSON of 400,000 brackets, kept for every start; a switch that flaps thousands of times; and a hub that was off
for a week while everything changed.  It says what is wrong, stays quick, shows nothing dangerous, forgets what is gone, and
never commands anything by itself.
"""

import concurrent.futures
import datetime
import json
import pathlib
import subprocess
import sys
import time
import unicodedata

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "demo"))
from household import Failed, Household, exit_with, wait_for  # noqa: E402

HOSTILE = {
    "html": "<img src=x onerror=alert(1)><script>alert(2)</script>",
    "rtl": "Lamp \u202etfel ot thgir\u202c \u2066x\u2069",
    "emoji": "💡👩‍👩‍👧‍👦 Lámpara 灯",
    "template": "{{ states('lock.door') }} ${HOME} %s %n",
    "terminal": "Red \x1b[31mlamp\x1b]0;owned\x07 \x9b2J",
    "lines": "Two\nlines\r\tand a tab",
    "long": "x" * 10_000,
    "quote": "\"'; DROP TABLE facts; -- \\",
    "nothing": "   ",
}
DEEP = '{"x":' + "[" * 400_000 + "]" * 400_000 + ', "state": "ON"}'
NONSENSE = ["nan", "inf", "-inf", "1e999", "-1e308", "{}", "[]", "null", "\"21\"", "21,5", "0x15", "twenty", "x" * 100_000]
FLAPS = 2000
MANY = 300


def expect(fits, what):
    if not fits:
        raise Failed(what)


def light(name, unique, retain=True, **more):
    return (f"homeassistant/light/{unique}/config",
            json.dumps({"schema": "json", "name": name, "unique_id": unique, "state_topic": f"h/{unique}",
                        "command_topic": f"h/{unique}/set", **more}), retain)


def publish_all(things, messages):
    for topic, text, retain in messages:
        things.publish(topic, text, retain=retain)


def publish_many(things, topic, lines):
    """All on one connection, as fast as the broker takes them."""
    subprocess.run(["mosquitto_pub", "-h", things.address, "-p", str(things.port), "-t", topic, "-l"],
                   input="\n".join(lines) + "\n", text=True, check=True)


def sent(things):
    return [topic for _, topic, _ in things.messages() if topic.endswith("/set")]


def obeyed(text):
    """What a terminal would obey, or turn the rest of the line around by."""
    return [char for char in text if char != "\n" and
            (unicodedata.category(char) == "Cc" or char in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068")]


def names(home, hub):
    things = home.things
    publish_all(things, [light(name, f"bad_{key}", suggested_area=name) for key, name in HOSTILE.items()])
    publish_all(things, [light("Twin Lamp", f"twin_{number}") for number in (1, 2)])
    known = {"template", "html", "emoji", "quote", "rtl", "terminal"}
    wait_for("they are known", lambda: all(any(thing["id"].endswith(f"bad_{key}") for thing in
                                               hub.api.get("things")["things"]) for key in known))
    for command in (["things"], ["doctor", "mqtt"], ["doctor"], ["areas"], ["facts", "--subject", "entity:*"],
                    ["ask", "turn on the twin lamp"], ["ask", f"turn on the {HOSTILE['emoji']}"]):
        said = hub.ambit(*command, check=False)[1]
        expect(not obeyed(said), f"ambit {' '.join(command)[:40]} shows {obeyed(said)[:5]!r}")
        expect(len(max(said.splitlines(), key=len)) < 2000, f"ambit {command[0]}: a line without end")
    expect(not obeyed(hub.ambit("--json", "things")), "the same as JSON")
    expect(not obeyed(hub.log.read_text()), "nor does the log steer a terminal")
    answer = hub.ask("turn on the twin lamp")
    expect(len(answer.get("choices", [])) == 2, f"two have that name: {answer}")
    expect(not [topic for topic in sent(things) if "twin" in topic], "and nothing was done")
    hub.ambit("things", "name", "mqtt:home/twin_1", "Left Lamp")
    hub.ambit("things", "name", "mqtt:home/twin_2", "Right Lamp")
    hub.ask("turn on the left lamp", timeout_ms=500)
    expect([topic for topic in sent(things) if "twin" in topic] == ["h/twin_1/set"], "now they can be told apart")


def sensors(home, hub):
    things = home.things
    things.publish("homeassistant/sensor/thermo/config", json.dumps(
        {"name": "Thermometer", "unique_id": "thermo", "state_topic": "h/thermo", "unit_of_measurement": "°C",
         "device_class": "temperature"}), retain=True)
    publish_all(things, [light("Range Lamp", "range", brightness=True)])

    def state(thing):
        found = [one for one in hub.api.get("things")["things"] if one["id"] == f"mqtt:home/{thing}"]
        return found[0].get("state", {}) if found else None

    wait_for("both are known", lambda: state("thermo") is not None and state("range") is not None)
    things.publish("h/thermo", "21.5")
    wait_for("it says 21.5", lambda: state("thermo").get("value") == 21.5)
    for nonsense in NONSENSE:
        things.publish("h/thermo", nonsense)
        things.publish("h/range", json.dumps({"state": "ON", "brightness": nonsense}))
        things.publish("h/range", nonsense)
    for brightness in (-5, 1e300, 255):
        things.publish("h/range", json.dumps({"state": "ON", "brightness": brightness}))
    wait_for("what is in range counts", lambda: state("range").get("brightness_pct") == 100)
    said = state("thermo").get("value")
    expect(said is None or isinstance(said, (int, float)), f"the thermometer says {said!r}")
    things.publish("h/thermo", "19")
    wait_for("and what is right counts again", lambda: state("thermo").get("value") == 19)


def brackets(home, hub):
    """JSON so deep that whoever copies or prints it by recursion dies; what is retained comes again at every start."""
    things = home.things
    things.publish("homeassistant/light/deep/config", DEEP, retain=True)
    things.publish("zigbee2mqtt/bridge/devices", f'[{{"ieee_address": "0x1", "definition": {DEEP}}}]', retain=True)
    things.publish("h/twin_1", DEEP, retain=True)
    for _ in range(2):
        wait_for("it says that this can't be used", lambda: {"announcement homeassistant/light/deep/config",
                                                             "announcement zigbee2mqtt/bridge/devices"} <= {
            item["key"].removeprefix("mqtt:home ") for item in hub.api.get("doctor")["items"] if not item["ok"]})
        expect(hub.ask("turn on the kitchen light")["answers"][0]["outcome"] == "done", "it goes on")
        hub.stop()
        hub.start()
        wait_for("the kitchen light can act", lambda: hub.sees("kitchen"))
    for topic in ("homeassistant/light/deep/config", "zigbee2mqtt/bridge/devices", "h/twin_1"):
        things.publish(topic, "", retain=True)


def storms(home, hub):
    """A switch that flaps does not make the hub slow for others, nor act."""
    things = home.things
    before = len(sent(things))
    publish_many(things, "h/twin_1", [json.dumps({"state": "ON" if i % 2 else "OFF"}) for i in range(FLAPS)])
    begun = time.monotonic()
    answer = hub.ask("turn on the kitchen light")
    expect(answer["answers"][0]["outcome"] == "done", f"while it flaps: {answer}")
    expect(time.monotonic() - begun < 30, "it was held up")
    wait_for("the last word counts", lambda: any(
        one["id"] == "mqtt:home/twin_1" and one.get("state", {}).get("on") is True
        for one in hub.api.get("things")["things"]))
    expect(len(sent(things)) == before + 1, "it commanded more than was asked")


def a_week_off(home, hub):
    """Everything comes at once: what changed, what is new, what is gone; and nobody is commanded."""
    things = home.things
    hub.stop()
    before = len(sent(things))
    a_week = datetime.timedelta(days=7)
    home.clock.forward(home.clock.now() + a_week, pace=10 * a_week.total_seconds(), meanwhile=lambda: None)
    for key in HOSTILE:
        things.publish(f"homeassistant/light/bad_{key}/config", "", retain=True)
    things.publish("h/twin_2/set", json.dumps({"state": "ON"}))  # somebody else's, long past
    bulk = [light(f"New {number}", f"new_{number}") for number in range(MANY)]
    publish_bulk(things, bulk + [(f"h/new_{number}", json.dumps({"state": "ON"}), True) for number in range(MANY)])
    hub.start()

    def ids():
        return {thing["id"]: thing.get("state", {}) for thing in hub.api.get("things?limit=5000")["things"]}

    wait_for("all that is new is known, and how it is",
             lambda: sum(one.get("on") is True for key, one in ids().items() if "/new_" in key) == MANY)
    expect(hub.ask("turn off the kitchen light")["answers"][0]["outcome"] == "done", "it can be asked")
    wait_for("what went is gone", lambda: not [one for one in ids() if "/bad_" in one], seconds=150)
    expect(len(sent(things)) == before + 2, f"it commanded what nobody asked: {sent(things)[before:]}")
    items = [item["key"] for item in hub.api.get("doctor")["items"] if not item["ok"]]
    expect(not [key for key in items if key in ("facts.write", "states", "entities", "store", "clock")], f"{items}")


def publish_bulk(things, messages):
    """Retained, on a few connections: one for each would take a minute."""
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda one: things.publish(one[0], one[1], retain=one[2]), messages))


def main():
    with Household(sys.argv[1], isolated=False) as home:
        home.set_clock("08:00")
        home.add_things()
        hub = home.add("hub", "hub", home.things.settings()).start()
        hub.ambit("up", "--name", "hub", "--kind", "hub", "--household", HOSTILE["rtl"])
        wait_for("the kitchen light can act", lambda: hub.sees("kitchen"))
        for step in (names, sensors, brackets, storms, a_week_off):
            step(home, hub)
            print(f"ok {step.__name__}", flush=True)
    return 0


if __name__ == "__main__":
    exit_with(main)
