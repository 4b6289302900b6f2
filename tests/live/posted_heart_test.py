#!/usr/bin/env python3
"""From an app on the telephone to the bedroom, over real daemons: an app with a token posts what a watch measured; the one
word that a rule lets out has the hub dim a lamp; and whatever else the app posts - the same again, the future, nonsense, a
sensor that jumps or is stuck, a week at once - is bounded and changes nothing in the room.
"""

import datetime
import http.client
import json
import pathlib
import random
import struct
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "demo"))
from household import Household, exit_with, wait_for  # noqa: E402

DAY = 24 * 60
QUIET_SECONDS = 3
READINGS_MAX = 10_000
BRIGHT = {"state": "ON", "brightness": 255}


class App:
    """A program on the telephone that has a token of its owner."""

    def __init__(self, phone, name="health"):
        made = json.loads(phone.ambit("--json", "token", "add", name, "--audience", "person"))
        self.host, self.token = made["page"].split("/")[2], made["secret"]

    def post(self, value, **other):
        """(status, answer)"""
        return self.post_text(json.dumps({"subject": "me", "attribute": "heart_rate", "value": value, **other}))

    def post_text(self, text):
        connection = http.client.HTTPConnection(self.host, timeout=60)
        connection.request("POST", "/api/v1/facts", text, {"Authorization": f"Bearer {self.token}"})
        response = connection.getresponse()
        status, answer = response.status, json.loads(response.read())
        connection.close()
        return status, {name: value for name, value in answer.items() if name != "v"}


class Heart:
    """Numbers that nobody else has."""

    def __init__(self):
        self.random, self.said = random.Random(6), []

    def minutes(self, first, last, per_minute):
        """One reading for each minute from so many minutes ago to so many minutes ago."""
        now, readings = datetime.datetime.now(datetime.timezone.utc), []
        for ago in range(first, last, -1):
            at = now - datetime.timedelta(minutes=ago)
            rate = round((per_minute(ago) if callable(per_minute) else per_minute) + self.random.random(), 7)
            readings.append({"beats_per_min": rate, "time": at.isoformat()})
            self.said.append(rate)
        return readings

    def day(self):
        """Until four minutes ago, the last half hour of it in bed."""
        return [*self.minutes(DAY, 16 * 60, 54), *self.minutes(16 * 60, 40, 68), *self.minutes(40, 3, 54)]


def body_states(device):
    return [fact for fact in device.facts("person:*") if fact["attribute"] == "body_state" and fact["value"]]


def told(device):
    known = body_states(device)
    return known and known[0]["value"]["state"]


def brightness_of(hub, lamp):
    states = [fact["value"]["state"] for fact in hub.facts("entity:*")
              if fact["attribute"] == "state" and fact["subject"].endswith(f"demo_{lamp}")]
    return states and (states[0].get("brightness_pct") if states[0].get("on") else 0)


def commands(home):
    return [row for row in home.things.commands() if "bedside" in json.dumps(row)]


def meet(home):
    things = home.add_things(lamps=("--dimmers", "1"))
    hub = home.add("hub", "hub", {**things.settings(), "bedroom.area": "Bedroom"}).start()
    phone = home.add("phone", "phone", {"http.enabled": True, "http.port": 0, "wearable.posted": True}).start()
    hub.ambit("up", "--name", "hub", "--kind", "hub", "--household", "Home")
    hub.pair(phone, "--new-person", "Anna", "--role", "adult")
    wait_for("both are linked", lambda: hub.links_up() == 1 and phone.links_up() == 1)
    things.set("bedside", BRIGHT)
    wait_for("the lamp is on", lambda: brightness_of(hub, "bedside") == 100)
    phone.ambit("release", "grant", "body-state", "--to", "device:hub", "--rate", "1000")
    return hub, phone


def falls_asleep(hub, phone, app, heart):
    day = heart.day()
    status, answer = app.post(day)
    assert (status, answer) == (200, {"taken": len(day), "left_out": 0}), (status, answer)
    wait_for("the phone knows that she sleeps", lambda: told(phone) == "asleep")
    wait_for("the hub is told", lambda: told(hub) == "asleep")
    wait_for("the lamp follows", lambda: 0 < (brightness_of(hub, "bedside") or 0) < 100)
    return day


def hostile(home, phone, app, heart, day):
    since = [fact["time"] for fact in body_states(phone)]
    assert app.post(day)[1] == {"taken": 0, "left_out": len(day)}, "the same again"
    future = heart.minutes(-60, -90, 170)
    assert app.post(future)[1] == {"taken": 0, "left_out": len(future)}
    for text in ("NaN", "1e999", '"62"', "null", "[]", "{}", '{"beats_per_min":62,"time":"soon"}', '{"rr_ms":[0]}', "[" * 1000):
        status, answer = app.post_text('{"subject":"me","attribute":"heart_rate","value":' + text + "}")
        assert status == 400 and answer["error"]["next_step"], (text, status, answer)
    assert app.post([62] * (READINGS_MAX + 1))[0] == 400
    assert app.post(0)[1] == {"taken": 0, "left_out": 1}
    jumping = heart.minutes(3, 0, lambda ago: 40 if ago % 2 else 180)
    assert app.post(jumping)[1]["taken"] == len(jumping)
    time.sleep(QUIET_SECONDS)
    assert [fact["time"] for fact in body_states(phone)] == since, "as before"
    began = time.monotonic()
    long_ago = heart.minutes(7 * DAY + READINGS_MAX, 7 * DAY, 150)
    assert app.post(long_ago)[1] == {"taken": 0, "left_out": READINGS_MAX}, "it is older than what is known"
    print(f"{READINGS_MAX} readings at once: answered in {time.monotonic() - began:.2f} s")
    done = [json.dumps(row) for row in commands(home)[1:]]
    assert len(done) <= 5, f"one lamp, down by a step a minute: {done}"


def restart_is_no_news(hub, phone, day):
    """The same word since the same time: whoever acted on it has nothing new to act on."""
    before = body_states(hub)[0]
    phone.stop()
    phone.start()
    wait_for("they are linked again", lambda: phone.links_up() == 1)
    wait_for("what was said stands", lambda: {one["time"] for one in body_states(phone)} == {before["time"]})
    assert App(phone, "again").post(day)[1]["taken"] == len(day)
    wait_for("its app is heard", lambda: any(fact["attribute"] == "heart" for fact in phone.facts("person:*")))
    for device in (phone, hub):
        assert {(one["value"]["state"], one["time"]) for one in body_states(device)} == {("asleep", before["time"])}


def numbers_stay(home, phone, heart):
    some = heart.random.sample(heart.said, 5)
    needles = [json.dumps(rate).encode() for rate in some] + [struct.pack("<d", rate) for rate in some]
    found = home.search(needles) - {(phone.name, "memory")}
    assert not found, f"the numbers are where they must not be: {found}"


def main():
    with Household(sys.argv[1], isolated=False) as home:
        hub, phone = meet(home)
        app, heart = App(phone), Heart()
        day = falls_asleep(hub, phone, app, heart)
        hostile(home, phone, app, heart, day)
        restart_is_no_news(hub, phone, day)
        numbers_stay(home, phone, heart)
    print("posted heart: ok")


if __name__ == "__main__":
    exit_with(main)
