#!/usr/bin/env python3
"""From the phone's calendar to the signals of a car: the car's daemon is bound to a databroker (gRPC kuksa.val.v2, TLS, a
token with claims), which is a stand-in of our own and no Eclipse Kuksa (tests/databroker).  The cabin is warmed at the minute
that was planned; the meeting moves; the car drives off; a token is refused; nothing in the car answers; the databroker dies
and comes back; and what was done is taken back.  What happened is what the databroker saw.
"""

import argparse
import datetime
import json
import pathlib
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "demo"))
from anna import Calendar  # noqa: E402
from clock import minutes  # noqa: E402
from day import why  # noqa: E402
from household import Household, exit_with, wait_for  # noqa: E402
from morning import planned, planned_for  # noqa: E402
from schedule_test import LATE_SECONDS, departures, now  # noqa: E402

DATABROKER = pathlib.Path(__file__).resolve().parents[1] / "databroker"
STATION = "Vehicle.Cabin.HVAC.Station.Row1.Driver"
FAN, TARGET = f"{STATION}.FanSpeed", f"{STATION}.Temperature"
AIR = "Vehicle.Cabin.HVAC.AmbientAirTemperature"
ENOUGH = "read actuate:Vehicle.Cabin.HVAC"
SOON_SECONDS = 10


class Databroker:
    """The stand-in as a process; `events`: what it said, oldest first."""

    def __init__(self, folder):
        self.certificate, self.key = folder / "broker.pem", folder / "broker.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", str(self.key), "-out",
                        str(self.certificate)], check=True, capture_output=True)
        self.port, self.process, self.events = 0, None, []

    def start(self):
        self.process = subprocess.Popen(["node", "run.js", str(self.port), str(self.certificate), str(self.key)],
                                        cwd=DATABROKER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        threading.Thread(target=self._read, args=(self.process,), daemon=True).start()
        before = len(self.events)
        self.port = wait_for("the databroker listens", lambda: self._find("listening", before))["port"]
        return self

    def _read(self, process):
        for line in process.stdout:
            self.events.append(json.loads(line))

    def _find(self, event, start=0):
        return next((one for one in self.events[start:] if one["event"] == event), None)

    def tell(self, **what):
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()

    def token(self, scope, seconds=3600):
        before = len(self.events)
        self.tell(token={"scope": scope, "seconds": seconds})
        return wait_for("a token", lambda: self._find("token", before))["token"]

    def actuated(self):
        return [event for event in self.events if event["event"] == "actuated"]

    def fans(self):
        """What the fan was asked to be, in order."""
        return [event["values"].get(FAN) for event in self.actuated()]

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def cabin(car):
    """Its state, and whether it can act; nothing if the car offers none."""
    return next((fact["value"] for fact in car.facts("entity:vehicle:*") if fact["attribute"] == "state"), None)


def is_on(car):
    state = cabin(car)
    return bool(state and state["available"] and state["state"].get("on"))


def complaint(car):
    """The number and text of what `ambit doctor` says of the vehicle."""
    items = [item for item in car.api.get("doctor")["items"] if item["key"].startswith("vehicle:")]
    return next((json.dumps(item) for item in items if not item["ok"]), "")


def meet(home, calendar, broker):
    """Anna's phone with her calendar, and a car whose token only reads the doors."""
    token = home.folder / "token"
    token.write_text(broker.token("read:Vehicle.Cabin.Door") + "\n")
    phone = home.add("phone", "phone", {"calendar.path": str(calendar)}).start()
    car = home.add("car", "car", {
        "cabin.enabled": True, "vehicle.enabled": True, "vehicle.address": f"127.0.0.1:{broker.port}",
        "vehicle.token_file": str(token), "vehicle.authority_file": str(broker.certificate)}).start()
    phone.ambit("up", "--name", "phone", "--kind", "phone", "--household", "Home", "--owner", "Anna")
    phone.pair(car, "--shared")
    wait_for("they are linked", lambda: phone.links_up() == 1 and car.links_up() == 1)
    return phone, car, token


def refused_and_let_in(car, broker, token):
    said = wait_for("the token is refused", lambda: complaint(car))
    assert "5512" in said and "vehicle.token_file" in said, said
    assert cabin(car) is None, "nothing of it is known"
    car.stop()
    token.write_text("\ufeff" + broker.token(ENOUGH) + "\r\n")  # as some editors write it
    car.start()
    state = wait_for("the cabin is offered", lambda: cabin(car))["state"]
    assert state["cabin_c"] == 4 and state["moving"] is False and state["plugged"] is True, state
    assert not complaint(car), complaint(car)


def at_the_right_moment(phone, car, broker, meeting):
    """Returns how long the car takes for a cold cabin."""
    print(phone.ambit("release", "grant", "departure", "--to", "device:car", "--name", "departure -> car",
                      "--purpose", "a warm car"))
    wait_for("the car is told", lambda: departures(car))
    starts, leaves = wait_for("the car has a plan", lambda: planned(car))
    takes = leaves - starts
    assert minutes(1) <= takes <= minutes(60), takes
    assert not broker.actuated(), "it is not time yet"
    meeting.leave_at(leaves := now().replace(microsecond=0) + takes + datetime.timedelta(seconds=SOON_SECONDS))
    in_time = wait_for("the car plans anew", lambda: planned_for(car, leaves) or broker.actuated())
    told = wait_for("the signals are actuated", broker.actuated)[0]
    assert told["values"][FAN] > 0 and told["values"][TARGET] == 21, told
    late = told["at"] - (leaves - takes).timestamp()
    assert late > -1, f"{-late:.1f} s before the moment it had planned"
    assert late < LATE_SECONDS or not isinstance(in_time, tuple), f"{late:.1f} s after the moment it had planned"
    wait_for("the car says that it is done", lambda: is_on(car))
    print(f"a cold cabin takes {takes}; its fan was set {late:.1f} s after the planned moment")
    return takes


def it_moves(car, broker, meeting):
    meeting.leave_at(now() + minutes(420))
    wait_for("moved away: the fan stops", lambda: broker.fans()[-1] == 0)
    wait_for("the car sees that it did", lambda: not is_on(car))
    meeting.leave_at(now() + minutes(4))
    wait_for("moved back: it runs", lambda: broker.fans()[-1] > 0)
    wait_for("the car sees it", lambda: is_on(car))
    meeting.leave_at(now() + minutes(420))
    wait_for("moved away again", lambda: broker.fans()[-1] == 0)
    wait_for("the car sees that, too", lambda: not is_on(car))


def driving(phone, car, broker, meeting):
    broker.tell(set={"Vehicle.IsMoving": True, "Vehicle.Speed": 31.5})
    wait_for("the car knows that it moves", lambda: cabin(car)["state"]["moving"])
    before = len(broker.actuated())
    meeting.leave_at(now() + minutes(4))
    wait_for("it says why not", lambda: "the car is moving" in phone.ambit("why", "--not", "cabin", check=False)[1])
    assert len(broker.actuated()) == before, "a car that moves is left alone"
    broker.tell(set={"Vehicle.IsMoving": False, "Vehicle.Speed": 0})


def nothing_answers(car, broker, meeting):
    """Parked again, but nothing in the car takes commands: that is said, and nothing was done."""
    broker.tell(provide=False)
    wait_for("it stands", lambda: not cabin(car)["state"]["moving"])
    said = wait_for("the agent says that it could not",
                    lambda: [item for item in car.api.get("doctor")["items"]
                             if item["key"] == "agent.precondition" and not item["ok"]])
    assert "5516" in json.dumps(said), said
    assert broker.fans()[-1] == 0 and not is_on(car)
    broker.tell(provide=True)
    meeting.leave_at(now() + minutes(3))
    wait_for("the next word of the phone is followed", lambda: broker.fans()[-1] > 0)
    wait_for("the car says that it is done", lambda: is_on(car))


def senseless_values(car, broker):
    broker.tell(set={AIR: "NaN"})
    said = wait_for("nonsense is named", lambda: complaint(car))
    assert "5513" in said and "not a number" in said, said
    wait_for("it is not known then", lambda: "cabin_c" not in cabin(car)["state"])
    broker.tell(set={AIR: 12.5})
    wait_for("sense again", lambda: not complaint(car) and cabin(car)["state"].get("cabin_c") == 12.5)


def dies_and_comes_back(car, broker):
    broker.kill()
    said = wait_for("its loss is said", lambda: complaint(car))
    assert "5511" in said, said
    wait_for("nothing can act", lambda: not cabin(car)["available"])
    before = len(broker.actuated())
    broker.start().tell(set={FAN: 60, TARGET: 21, AIR: 12})
    wait_for("it is back", lambda: is_on(car))
    assert len(broker.actuated()) == before, "what was done is not done again"


def taken_back(phone, car, broker):
    done = why(car, "cabin")["request_id"]
    wait_for("the phone knows what the car did", lambda: why(phone, "cabin").get("request_id") == done)
    print(phone.ambit("why", "cabin"))
    print(phone.ambit("undo", done))
    wait_for("taken back: the fan stops", lambda: broker.fans()[-1] == 0)
    wait_for("the car sees it", lambda: not is_on(car))


def by_word(phone, car, broker):
    wait_for("said at the phone, done by the car", lambda: phone.does("warm up the car to 22 degrees"))
    assert broker.actuated()[-1]["values"][TARGET] == 22 and broker.fans()[-1] > 0, broker.actuated()[-1]
    wait_for("taken back by word", lambda: phone.does("stop warming up the car"))
    assert broker.fans()[-1] == 0 and not is_on(car)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", help="where the programs are")
    options = parser.parse_args()
    with Household(options.build, isolated=False) as home:
        meeting = Calendar(home.folder / "calendars")
        meeting.leave_at(now() + minutes(500))
        broker = Databroker(home.folder).start()
        try:
            phone, car, token = meet(home, meeting.folder, broker)
            refused_and_let_in(car, broker, token)
            at_the_right_moment(phone, car, broker, meeting)
            it_moves(car, broker, meeting)
            driving(phone, car, broker, meeting)
            nothing_answers(car, broker, meeting)
            senseless_values(car, broker)
            dies_and_comes_back(car, broker)
            taken_back(phone, car, broker)
            by_word(phone, car, broker)
        finally:
            broker.kill()
    print("vehicle: ok")


if __name__ == "__main__":
    exit_with(main)
