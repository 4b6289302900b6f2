#!/usr/bin/env python3
"""Things that a home has on its broker: three real Zigbee models as zigbee2mqtt lists them, and a blind and a thermostat
by Home Assistant discovery.  They are asked for in a person's words, obey, and say so; what is not used is listed."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "demo"))
from household import Failed, Household, wait_for  # noqa: E402
from zigbee_player import ZIGBEE, Obedient, list_devices  # noqa: E402

ANNOUNCED = {
    "cover/bay": {"name": "Bay Shutter", "unique_id": "bay", "command_topic": "bay/set", "position_topic": "bay/position",
                  "set_position_topic": "bay/position/set"},
    "climate/hall": {"name": "Hall Heating", "unique_id": "hall", "modes": ["off", "heat"],
                     "mode_command_topic": "hall/mode/set", "mode_state_topic": "hall/mode",
                     "temperature_command_topic": "hall/target/set", "temperature_state_topic": "hall/target"},
    "camera/door": {"name": "Door Camera", "unique_id": "cam", "topic": "cam"},
}


def used(device):
    return [thing for one in device.api.get("doctor?source=mqtt")["devices"] for thing in one["used"]]


def expect_done(device, words, entity, sent):
    """`sent`: (topic, payload) that has to have reached the broker."""
    answers = device.ask(words)["answers"]
    if [(one["entity_name"], one["outcome"]) for one in answers] != [(entity, "done")]:
        raise Failed(f"{words!r}: {answers}")
    messages = [(topic, text) for _, topic, text in device.household.things.messages()]
    if sent not in messages:
        raise Failed(f"{words!r}: {sent} is not among {messages[-5:]}")


def main(build):
    with Household(build, isolated=False) as home:
        things = home.add_things()
        for place, config in ANNOUNCED.items():
            things.publish(f"homeassistant/{place}/config", json.dumps(config), retain=True)
        list_devices(things)
        hub = home.add("hub", "hub", things.settings()).start()
        hub.api.post("household/create", {"name": "hub", "kind": "hub", "household_name": "Home"})
        with Obedient(things):
            names = {*ZIGBEE.values(), "Bay Shutter", "Hall Heating"}
            wait_for("all are known", lambda: all(any(thing.endswith(name) for thing in used(hub)) for name in names))
            expect_done(hub, "turn on the reading lamp", "Reading Lamp",
                        ("zigbee2mqtt/Reading Lamp/set", '{"state":"ON"}'))
            expect_done(hub, "set the reading lamp to 50 percent", "Reading Lamp",
                        ("zigbee2mqtt/Reading Lamp/set", '{"brightness":127,"state":"ON"}'))
            expect_done(hub, "set the office radiator to 19.5 degrees", "Office Radiator",
                        ("zigbee2mqtt/Office Radiator/set", '{"occupied_heating_setpoint":19.5}'))
            expect_done(hub, "close the office blind", "Office Blind",
                        ("zigbee2mqtt/Office Blind/set", '{"state":"CLOSE"}'))
            expect_done(hub, "set the bay shutter to 30 percent", "Bay Shutter", ("bay/position/set", "30"))
            expect_done(hub, "set the hall heating to 21 degrees", "Hall Heating", ("hall/target/set", "21"))
            expect_done(hub, "turn off the hall heating", "Hall Heating", ("hall/mode/set", "off"))
        said = hub.ambit("doctor", "mqtt")
        for part in ("Reading Lamp (IKEA LED1837R5)", "light Reading Lamp", "a setting of the device", "Door Camera"):
            if part not in said:
                raise Failed(f"`ambit doctor mqtt` does not say {part!r}:\n{said}")
        print(said)
        status, refused = hub.ambit("doctor", "zwave", check=False)
        if status == 0 or "mqtt:home" not in refused:
            raise Failed(f"a source that is none: {status} {refused}")
    return 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
