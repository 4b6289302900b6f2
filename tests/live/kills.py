#!/usr/bin/env python3
"""Kills real daemons again and again under load, and compares what they said with what is so.

A hub acts for a lamp and for buttons on a real broker; a phone asks it, and both take facts.  Setting the lamp is an
`absolute` effect, a press a `once` one.  Either device is killed with SIGKILL: at a random moment, or at an exact one
(die_at.cpp): before or after the n-th write reached the disk, the n-th command went to the broker, or after the n-th
message to the other; so between journal, publish and confirmation too.  At the end:

  lost       writes that a daemon acknowledged and that are not on both devices
  repeated   effects that the things saw again: a lamp after it had moved on to something else, a button ever
  untrue     commands called done that they never got, or called not done that they got
  unknown    presses whose outcome nobody could tell, in percent

Truth comes from outside: from the lamp program's own log and from what the local API answered.
"""

import argparse
import collections
import contextlib
import dataclasses
import json
import os
import pathlib
import random
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "demo"))
from household import ApiError, Failed, Household, wait_for  # noqa: E402

LIFE_S = (0.2, 2.0)
CALLS_MAX = 60
PLACED = ("sync:before", "sync:after", "publish:before", "publish:after", "send:after")
# Of 20 deaths so many are the hub's, which acts; the others the phone's, which asks.
HUB_OF_20 = 14
PACE_S = 0.03
# Pressed in turn, so that a press tells which command it belongs to.
BUTTONS = 20
SETTLE_S = 60
HTTP_ERRORS = (OSError, ValueError, KeyError)


def brightnesses(things):
    """(time, brightness in percent) of every command the kitchen lamp got, in order."""
    return [(row["monotonic_us"] / 1e6, round(json.loads(row["command"])["brightness"] / 2.55)) for row in things.commands()
            if row["thing"] == "kitchen" and "brightness" in row["command"]]


def presses(things):
    """(time, number of the button) of every press, in order."""
    return [(row["monotonic_us"] / 1e6, int(row["thing"].removeprefix("button"))) for row in things.commands()
            if row["thing"].startswith("button")]


def launch(device, environment=None):
    """Starts the daemon and waits for nothing."""
    with open(device.log, "ab") as log:
        device.process = subprocess.Popen(
            [str(device.household.daemon), "--instance", device.name], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            env={**device.environment(), **(environment or {})}, start_new_session=True)


def end(device):
    """Killed, if it lives."""
    device.process.kill()
    device.process.wait()


def ends_within(device, seconds):
    try:
        device.process.wait(seconds)
        return True
    except subprocess.TimeoutExpired:
        return False


def answers(device):
    try:
        return device.api.get("status")
    except HTTP_ERRORS:
        return None


@dataclasses.dataclass
class Ask:
    value: int  # percent, or number of the button
    started: float
    outcome: str = ""  # of the answer; empty when there was none, because the phone died
    ended: float = 0
    answer: dict = dataclasses.field(default_factory=dict)


class Load:
    """Writes facts to both devices, turns the lamp and presses buttons, as fast as PACE_S, until stopped."""

    def __init__(self, hub, phone):
        self.hub, self.phone = hub, phone
        self.acknowledged, self.settings, self.presses = {}, [], []
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=work) for work in
                        (lambda: self.write(hub), lambda: self.write(phone),
                         lambda: self.ask(self.settings, 100, "set the kitchen light to {} percent"),
                         lambda: self.ask(self.presses, BUTTONS, "press button {}"))]
        for thread in self.threads:
            thread.start()

    def write(self, device):
        for number in range(1_000_000):
            if self.stopping.wait(PACE_S):
                return
            subject = f"test:{device.name}-{number}"
            try:
                device.api.post("facts", {"subject": subject, "attribute": "n", "value": number, "audience": "household"})
                self.acknowledged[subject] = number
            except (ApiError, *HTTP_ERRORS):
                continue  # not acknowledged: it may be there or not

    def ask(self, asks, values, words):
        for number in range(1_000_000):
            if self.stopping.wait(PACE_S):
                return
            ask = Ask(1 + number % values, time.monotonic())
            try:
                answer = self.phone.ask(words.format(ask.value))
                ask.answer = answer["answers"][0]
                ask.outcome = ask.answer["outcome"]
            except (ApiError, IndexError, *HTTP_ERRORS):
                pass
            ask.ended = time.monotonic()
            asks.append(ask)

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()


class Deaths:
    def __init__(self, die_at, seed):
        self.die_at = die_at
        self.random = random.Random(seed)
        self.counts = collections.Counter()

    def one(self, device):
        """Starts `device` anew after it died in one of the ways."""
        way = self.random.choice(("timer", *PLACED) if self.die_at else ("timer",))
        if way != "timer":
            end(device)
            launch(device, {"LD_PRELOAD": self.die_at, "AMBIT_DIE_AT": f"{way}:{self.random.randint(1, CALLS_MAX)}",
                            "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0"})
        died = ends_within(device, self.random.uniform(*LIFE_S))
        self.counts[way if died else "timer"] += 1
        end(device)
        launch(device)


@dataclasses.dataclass
class Verdict:
    """What the things saw, beside what was answered."""
    repeated: int
    resent: int  # again, before anything else: the same to a lamp
    untrue: list
    outcomes: collections.Counter

    def unknown_percent(self):
        asked = sum(self.outcomes.values()) - self.outcomes["no answer"]
        return 100 * self.outcomes["unknown"] / max(1, asked)


def judge(asks, commands, once):
    seen = collections.Counter()
    repeated = resent = 0
    last = None
    for when, value in commands:
        asked = [index for index, ask in enumerate(asks) if ask.value == value and ask.started <= when]
        index = asked[-1] if asked else None
        assert index is not None, f"the things were told {value}, and nobody had asked for it"
        if seen[index]:
            repeated += once or index != last
            resent += not once and index == last
        seen[index] += 1
        last = index
    outcomes = collections.Counter(ask.outcome or "no answer" for ask in asks)
    untrue = [f"ask {index} for {ask.value}, from {ask.started:.3f} to {ask.ended:.3f}: {ask.outcome}, and the things got "
              f"{seen[index]}; they were told {ask.value} at {[when for when, value in commands if value == ask.value]}; "
              f"the answer: {ask.answer}"
              for index, ask in enumerate(asks)
              if (ask.outcome == "done" and not seen[index]) or (ask.outcome == "not_done" and seen[index])]
    return Verdict(repeated, resent, untrue, outcomes)


def lost_writes(device, acknowledged):
    have = {fact["subject"]: fact["value"] for fact in device.facts("test:*")}
    return [subject for subject, value in acknowledged.items() if have.get(subject) != value]


def run(home, options):
    things = home.add_things(lamps=("--buttons", str(BUTTONS)))
    hub = home.add("hub", "hub", things.settings()).start()
    phone = home.add("phone", "phone").start()
    hub.api.post("household/create", {"name": "hub", "kind": "hub", "household_name": "Home"})
    hub.pair(phone, "--new-person", "Anna", "--role", "admin")
    for first in ("set the kitchen light to 1 percent", f"press button {BUTTONS}"):
        wait_for(first, lambda words=first: (phone.ask(words)["answers"] or [{}])[0].get("outcome") == "done")
    os.truncate(things.lamp_log, 0)
    load, deaths = Load(hub, phone), Deaths(options.die_at, options.seed)
    try:
        for _ in range(options.kills):
            deaths.one(hub if deaths.random.randrange(20) < HUB_OF_20 else phone)
    finally:
        load.stop()
    for device in (hub, phone):
        wait_for(f"{device.name} answers", lambda d=device: answers(d))
    for device in (hub, phone):
        with contextlib.suppress(Failed):  # counted below
            wait_for("all is everywhere", lambda d=device: not lost_writes(d, load.acknowledged), SETTLE_S)
    lost = sorted({subject for device in (hub, phone) for subject in lost_writes(device, load.acknowledged)})
    if not all(device.api.get("ledger/verify")["intact"] for device in (hub, phone)):
        raise Failed("a ledger is broken")
    return (load, deaths, lost, judge(load.settings, brightnesses(things), once=False),
            judge(load.presses, presses(things), once=True))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True, help="where the programs are")
    parser.add_argument("--die-at", help="die_at.so; without it deaths come at random moments only")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with Household(options.build, isolated=False) as home:
        load, deaths, lost, lamp, buttons = run(home, options)
    print(f"{options.kills} deaths {dict(deaths.counts)}; {len(load.acknowledged)} writes acknowledged, {len(lost)} lost; "
          f"{len(load.settings)} settings {dict(lamp.outcomes)}, {lamp.unknown_percent():.1f} % unknown, "
          f"{lamp.resent} sent again to the same effect; {len(load.presses)} presses {dict(buttons.outcomes)}")
    untrue, repeated = lamp.untrue + buttons.untrue, lamp.repeated + buttons.repeated
    for line in untrue + [f"lost: {subject}" for subject in lost[:10]]:
        print("FAILED:", line)
    print(f"BENCH kills kills={options.kills} lost={len(lost)} repeated={repeated} "
          f"unknown_pct={buttons.unknown_percent():.1f}")
    enough = len(load.acknowledged) >= options.kills and lamp.outcomes["done"] > 0 and buttons.outcomes["done"] > 0
    if not enough:
        print("FAILED: too little happened to prove anything")
    return int(bool(lost or repeated or untrue or not enough))


if __name__ == "__main__":
    sys.exit(main())
