"""A day of the household: what its scenes share, and how they come one after the other."""

import datetime
import json
import subprocess
import time

from anna import Calendar, Heart
from household import ApiError, Failed, wait_for
from waiting import PATIENCE

QUIETLY = 9000  # times as fast as it is, while nothing happens: 15 minutes a step
CLOSELY = 120
LONG_AWAY = datetime.timedelta(hours=20)
# How long a control waits for what must not come.
PATIENCE_OF_CONTROLS = 10


class Day:
    """`control`: what is broken on purpose, None: nothing."""

    def __init__(self, home, telling, control):
        self.home, self.telling, self.control = home, telling, control
        self.clock, self.page = home.clock, None
        telling.clock = home.clock
        self.calendar = Calendar(home.folder / "calendar")
        self.heart = Heart(home.folder / "heartbeats.csv", home.clock.now())

    def __getitem__(self, name):
        return self.home[name]

    # --- time ----------------------------------------------------------------------------------------------------

    def pass_to(self, when, pace=QUIETLY):
        """Time passes until clocks show "06:02", or until a moment."""
        self.clock.forward(self._moment(when), pace, self._keep_up)

    def pass_until(self, what, probe, latest, pace=CLOSELY):
        return self.clock.until(what, probe, pace, self._moment(latest), self._keep_up, self.patience())

    def _moment(self, when):
        """It is past already if it is nearly a day away: somebody took their time to read."""
        if not isinstance(when, str):
            return when
        moment = self.clock.next(when)
        return moment if moment - self.clock.now() < LONG_AWAY else self.clock.now()

    def is_broken(self, name):
        return self.control is not None and self.control.name == name

    def patience(self):
        return PATIENCE_OF_CONTROLS if self.control else PATIENCE

    def wait_for(self, what, probe):
        return wait_for(what, probe, seconds=self.patience())

    def _keep_up(self):
        """Nobody is left behind, however slow this machine: each device answers before time goes on."""
        self.telling.moving()
        for device in self.home.devices.values():
            if device.process.poll() is None:
                device.api.get("status")

    # --- what a person does --------------------------------------------------------------------------------------

    def show(self, device, *words, refused=False, only=None, most=None):
        """Runs a command as a person would, and shows what it says (`only`: of its lines those that contain this;
        `most`: so many)."""
        shown = " ".join(f'"{word}"' if " " in word or ">" in word else word for word in words)
        self.telling.say()
        self.telling.say(f"{device.name}$ ambit {shown}", style="1")
        if refused:
            status, text = device.ambit(*words, check=False)
            if status == 0:
                raise Failed(f"{device.name} should have refused: ambit {shown}")
        else:
            text = device.ambit(*words)
        lines = [line for line in text.rstrip().splitlines() if only is None or only in line]
        for line in lines[:most]:
            self.telling.say(line)
        return text

    # --- what is seen from outside -------------------------------------------------------------------------------

    def commands_to(self, thing):
        """What the thing says it was told, in order."""
        return [json.loads(row["command"]) if row["command"].startswith("{") else row["command"]
                for row in self.home.things.commands() if row["thing"] == thing]

    def observed_commands(self, thing):
        """How many commands to it the independent subscriber saw pass the broker."""
        return sum(topic.endswith(f"/{thing}/set") for _, topic, _ in self.home.things.messages())

    def expect_commands(self, before, count):
        received = len(self.home.things.commands()) - before
        if received != count:
            raise Failed(f"lamps and lock should have received {count} commands and received {received}")

    # --- one after the other -------------------------------------------------------------------------------------

    def run(self, scenes):
        """None, or the title of the scene that failed.  A control goes only through the scenes it needs, up to the one
        that must fail: what follows that proves nothing."""
        for scene in scenes:
            if self.control and not (scene.always or scene.title in (self.control.fails_at, *self.control.needs)):
                continue
            begun = time.monotonic()
            try:
                if scene.at:
                    self.pass_to(scene.at)
                self.telling.title(scene.title)
                scene.happens(self)
            except (Failed, ApiError, subprocess.TimeoutExpired, KeyError, IndexError, OSError) as error:
                self.telling.failed(f"{scene.title}: {error}")
                return scene.title
            self.telling.say(f"({time.monotonic() - begun:.1f} s)", style="2")
            if self.control and scene.title == self.control.fails_at:
                return None
            self.telling.pause()
            if self.telling.stopped:
                return None
        return None


class Scene:
    """`at`: the time of day it begins at, None: now.  `always`: a control can't do without it."""

    def __init__(self, at, title, happens, always=False):
        self.at, self.title, self.happens, self.always = at, title, happens, always


class Control:
    """One thing that is broken on purpose: the scene `fails_at` must fail, after those it needs."""

    def __init__(self, name, fails_at, *needs):
        self.name, self.fails_at, self.needs = name, fails_at, needs


def first_answer(answer):
    return (answer.get("answers") or [{}])[0]


def expect_done(answer):
    first = first_answer(answer)
    if first.get("outcome") != "done":
        error = first.get("error") or answer.get("error") or {}
        raise Failed(f"not done: {first.get('outcome')}: {error.get('text', '')} {error.get('detail', '')}".strip())


def why(device, *options):
    """What `ambit why` says there as JSON; nothing if it has nothing to say."""
    status, text = device.ambit("--json", "why", *options, check=False)
    return json.loads(text) if status == 0 else {"chain": [], "withheld": []}


def told(device, attribute):
    """The values of what is known there of people, by this name."""
    return [fact["value"] for fact in device.facts("person:*") if fact["attribute"] == attribute and fact["value"]]


def state_of(device, thing):
    """The state of the one thing whose id ends like this, as `device` knows it."""
    return next((fact["value"]["state"] for fact in device.facts("entity:*")
                 if fact["attribute"] == "state" and thing in fact["subject"]), {})
