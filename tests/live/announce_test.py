#!/usr/bin/env python3
"""The household's own states and buttons on a Home Assistant's dashboard, by way of the broker: who is connected, what
was done last, the car's cabin, what a person lets everybody know; a press of a button and a change of the cabin there
are done, once, though two devices show the same.  One of them is killed, the other goes on; both are gone, and the
dashboard knows; it is switched off, and takes back what it showed.  What is a person's own is never on the broker.
"""

import json
import pathlib
import secrets
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "demo"))
from household import Failed, Household, exit_with, wait_for  # noqa: E402
from dashboard_reader import Dashboard  # noqa: E402

CANARY = f"canary-{secrets.token_hex(8)}"
HOME = "Home (Ambit)"
CABIN = "Cabin (simulated)"


def expect(fits, what):
    if not fits:
        raise Failed(what)


class Reader:
    def __init__(self, home):
        self.things = home.things

    def now(self):
        return Dashboard(self.things.messages())

    def until(self, what, device, name, fits):
        """Waits until (available, state) of an entity fits; returns it."""
        def look():
            shown = self.now().shows(device, name)
            return shown if shown is not None and fits(*shown) else None
        return wait_for(what, look)

    def send(self, device, name, key, payload):
        entity = self.now().find(device, name)
        expect(entity, f"{device} has no {name} there")
        self.things.publish(entity[key], payload)


def build(home):
    home.add_things()
    broker = {**home.things.settings(), "mqtt.announce": True}
    home.add("hub", "hub", broker)
    home.add("phone", "phone", {"device.mains_powered": False, "sensor.simulated_heart_rate": True})
    home.add("speaker", "speaker", broker)
    home.add("car", "car", {"cabin.simulated": True})
    for device in home.devices.values():
        device.start()
    hub, phone = home["hub"], home["phone"]
    hub.ambit("up", "--name", "hub", "--kind", "hub", "--household", "Home")
    hub.pair(phone, "--new-person", "Anna", "--role", "adult")
    wait_for("the phone is admin", phone.is_admin)
    phone.pair(home["speaker"], "--shared")
    phone.pair(home["car"], "--shared")
    wait_for("the lamps can act", lambda: phone.sees("kitchen"))


def shows_the_household(home, there):
    for name in ("hub", "phone", "speaker", "car"):
        there.until(f"{name} is connected there", name, "Connected", lambda available, on: available and on)
    _, cabin = there.until("the cabin is there", "car", CABIN, lambda available, _: available)
    expect(cabin["mode_state_topic"] == "off" and float(cabin["current_temperature_topic"]) < 21, f"cabin: {cabin}")
    phone = home["phone"]
    phone.ask("turn on the kitchen light")
    there.until("the last action is there", HOME, "Last action",
                lambda _, text: text is not None and "on" in text and "itchen" in text)
    entities = [fact["subject"] for fact in home["hub"].facts("entity:mqtt:*")]
    expect(not [one for one in entities if "ambit_" in one], f"the household hears itself: {entities}")


def obeys(home, there):
    there.send("car", CABIN, "temperature_command_topic", "22.5")
    _, cabin = there.until("the cabin warms", "car", CABIN,
                           lambda _, cabin: cabin["mode_state_topic"] == "auto" and
                           float(cabin["temperature_state_topic"]) == 22.5)
    there.until("it is the last action", HOME, "Last action", lambda _, text: text is not None and "Cabin" in text)
    phone = home["phone"]
    wait_for("why says how it came", lambda: "dashboard" in phone.ambit("--json", "why", "cabin", check=False)[1])
    asked = [fact for fact in phone.facts("request:*") if "dashboard" in json.dumps(fact["value"])]
    expect(len(asked) == 1, f"asked once, though hub and speaker hear the broker: {asked}")
    home.settle("car")  # whoever of the two hears the press knows what was last
    there.send(HOME, "Undo last action", "command_topic", "PRESS")
    there.until("it is taken back", "car", CABIN, lambda _, cabin: cabin["mode_state_topic"] == "off")


def keeps_what_is_private(home, there):
    phone = home["phone"]
    phone.ambit("facts", "set", "note", "canary", CANARY, "--audience", "me")
    phone.ambit("facts", "set", "body", "canary", CANARY, "--audience", "me")
    phone.ambit("release", "grant", "sleep-state", "--to", "household", "--purpose", "wake-up light")
    there.until("Anna's sleep state, by her rule", HOME, "Anna sleep state", lambda _, state: state is not None)
    home.settle("phone")
    for _, topic, payload in there.things.messages():
        expect(CANARY not in topic + payload and "beats_per_min" not in payload, f"a secret on the broker: {topic}")
    rows = home["hub"].ambit("ledger", "--limit", "200") + home["speaker"].ambit("ledger", "--limit", "200")
    expect("states and buttons" in rows, f"the ledgers do not say what was shown: {rows}")


def bad_requests(home, there):
    hub, topic = home["hub"], there.now().find("car", CABIN)["temperature_command_topic"]
    for payload in ("nan", "-400", "{{ states('x') }}", "21" * 200):
        there.things.publish(topic, payload)
    there.things.publish(topic.replace("/temperature/", "/seat/"), "22")
    bad = wait_for("a health item says so", lambda: [
        line for device in (hub, home["speaker"]) for line in device.ambit("doctor", check=False)[1].splitlines()
        if "E5008" in line])
    expect("ambit/" in bad[0], f"it names the topic: {bad}")
    _, cabin = there.until("the cabin is as it was", "car", CABIN, lambda _, cabin: cabin is not None)
    expect(cabin["mode_state_topic"] == "off", f"something was done: {cabin}")


def one_dies(home, there):
    home["hub"].kill()
    there.until("the speaker goes on and knows", "hub", "Connected", lambda available, on: available and on is False)
    there.send("car", CABIN, "mode_command_topic", "auto")
    there.until("what is asked is still done", "car", CABIN, lambda _, cabin: cabin["mode_state_topic"] == "auto")
    home["speaker"].kill()
    there.until("both are gone", "car", CABIN, lambda available, _: not available)
    home["hub"].start()
    there.until("it is back", "hub", "Connected", lambda available, on: available and on)


def switched_off(home, there):
    hub = home["hub"]
    hub.ambit("config", "set", "mqtt.announce", "off")
    hub.stop()
    there.until("an orderly end says so, too", "car", CABIN, lambda available, _: not available)
    hub.start()
    wait_for("what the hub showed is taken back", lambda: there.now().find("hub", "Connected") is None)
    speaker = home["speaker"].start()
    there.until("the speaker still shows all of it", "hub", "Connected", lambda available, _: available)
    speaker.ambit("config", "set", "mqtt.announce", "off")
    speaker.stop()
    speaker.start()
    wait_for("nothing is left on the broker", lambda: not ours(home.things.retained()), every=0.5)


def ours(kept):
    return [topic for topic in kept if topic.startswith("ambit/") or "/ambit_" in topic]


def main():
    with Household(sys.argv[1]) as home:
        build(home)
        there = Reader(home)
        for step in (shows_the_household, obeys, keeps_what_is_private, bad_requests, one_dies, switched_off):
            step(home, there)
            print(f"ok {step.__name__}", flush=True)
    return 0


if __name__ == "__main__":
    exit_with(main)
