"""A household of real daemons on one machine, for the demo, the live tests and the benchmarks.

Each device is an `ambitd` of its own with its own state folder, in a place of its own (places.py): where the machine
allows it (root, Linux namespaces) with an own user and an own network.  The broker and the lamps stand in a place of
their own, too (things.py).  Nothing here is simulated inside a daemon.  Standard library only.
"""

import itertools
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from clock import Clock
from local_api import ApiError, LocalApi
from places import FIRST_USER, FOLDER, USERS_EACH, Here, Lan, sweep
from processes import may_read_memory, readable_memory
from things import Things
from waiting import PATIENCE, Failed, Stall, end_after, exit_with, wait_for

__all__ = ["ROOT", "ApiError", "Device", "Failed", "Household", "Stall", "exit_with", "wait_for"]

ROOT = pathlib.Path(__file__).resolve().parent.parent
KEPT = "ambit-kept-"


class Device:
    """One ambitd and the CLI beside it."""

    def __init__(self, household, name, kind, place, settings):
        self.household, self.name, self.kind, self.place = household, name, kind, place
        self.state = household.folder / name  # of all its instances; it has one
        self.log = household.folder / f"{name}.log"
        self.socket = self.state / name / "ambit.sock"
        self.api = LocalApi(self.socket)
        self.process = None
        folder = self.state / name
        folder.mkdir(mode=0o700, parents=True)
        self.state.chmod(0o700)
        (folder / "settings.toml").write_text(as_toml({**place.settings, **settings}))
        if place.user is not None:
            for path in (self.state, folder, folder / "settings.toml"):
                os.chown(path, place.user, place.user)

    def environment(self):
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("XDG_", "AMBIT_"))}
        return {**kept, **self.place.environment, "AMBIT_STATE_DIR": str(self.state), "HOME": str(self.state),
                "NO_COLOR": "1", **(self.household.clock.environment() if self.household.clock else {})}

    # --- the daemon ----------------------------------------------------------------------------------------------

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.place.inside([str(self.household.daemon), "--instance", self.name]), env=self.environment(),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        wait_for(f"{self.name} answers on its socket", self._answers)
        return self

    def _answers(self):
        if self.process.poll() is not None:
            raise Failed(f"{self.name} ended with {self.process.returncode}:\n{self.log.read_text()}")
        try:
            return self.api.get("status")
        except OSError:
            return None

    def pid(self):
        """The daemon itself: the commands that bring it to its place replace themselves by it."""
        return self.process.pid

    def kill(self):
        os.kill(self.pid(), signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """An orderly end; the exit status."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Failed(f"{self.name} did not stop:\n{self.log.read_text()}") from None

    # --- the command line ----------------------------------------------------------------------------------------

    def ambit(self, *arguments, check=True):
        """Runs the CLI as a person at this device would; what it says, Failed if it exits with an error.
        With check=False: (exit status, what it says on stdout and stderr)."""
        done = subprocess.run(self.cli(*arguments), env=self.environment(), capture_output=True, text=True,
                              timeout=PATIENCE, stdin=subprocess.DEVNULL, check=False)
        if not check:
            return done.returncode, done.stdout + done.stderr
        if done.returncode != 0:
            raise Failed(f"{self.name}: ambit {' '.join(arguments)}: {(done.stderr or done.stdout).strip()}")
        return done.stdout

    def cli(self, *arguments):
        """The command that runs the CLI here."""
        return self.place.inside([str(self.household.cli), "--instance", self.name, *arguments])

    def ask(self, text, **options):
        return self.api.post("ask", {"text": text, **options})

    def does(self, text):
        """Whether all that is asked for is done; False also while it is not understood."""
        try:
            answers = self.ask(text)["answers"]
        except ApiError:
            return False
        return bool(answers) and all(answer["outcome"] == "done" for answer in answers)

    # --- what it knows -------------------------------------------------------------------------------------------

    def facts(self, subject="*"):
        return self.api.get(f"facts?subject={subject}&limit=10000")["facts"]

    def sees(self, *lamps):
        """Whether these lamps of the demo are known here, and can act now."""
        able = {fact["subject"] for fact in self.facts("entity:*")
                if fact["attribute"] == "state" and fact["value"]["available"]}
        return all(any(subject.endswith(f"demo_{lamp}") for subject in able) for lamp in lamps)

    def links_up(self):
        return self.api.get("status")["links"]["up"]

    def is_admin(self):
        return self.api.get("status")["device"]["admin"]

    def pair(self, newcomer, *owner, find=False):
        """Shows a code here and joins with it there, as people do; both sides must show the same words.
        `owner`: CLI options that say whose it is; with `find` the newcomer is not told where this device is."""
        hosting = subprocess.Popen(self.cli("--json", "pair", "--yes", *owner), env=self.environment(), text=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            code = json.loads(hosting.stdout.readline() or "{}")
            if code.get("event") != "code":
                raise Failed(f"{self.name}: no pairing code: {code} {hosting.stderr.read().strip()}")
            where = [] if find else ["--at", code["at"]]
            joined = newcomer.ambit("--json", "join", code["code"], *where, "--name", newcomer.name, "--kind",
                                    newcomer.kind, "--yes")
            hosted, errors = hosting.stdout.read(), hosting.stderr.read()
            if hosting.wait(PATIENCE) != 0:
                raise Failed(f"{self.name}: pairing {newcomer.name}: {(errors or hosted).strip()}")
        finally:
            if hosting.poll() is None:
                hosting.kill()
                hosting.wait()
        here, there = verifier_in(hosted), verifier_in(joined)
        if here is None or here != there:
            raise Failed(f"the screens show different words: {here} and {there}")
        return here


class Household:
    """Use as a context manager: everything it started is stopped, and its folder removed, at the end.

    `isolated`: None for as much as the machine allows, False for loopback.  `daemon`: another ambitd than the build's.
    """

    def __init__(self, build, keep=False, isolated=None, daemon=None):
        programs = pathlib.Path(build).resolve()
        self.cli = programs / "bin/ambit"
        self._share = programs / "share"
        self.daemon = pathlib.Path(daemon).resolve() if daemon else programs / "bin/ambitd"
        self._lamps_program = programs / "demo/ambit-demo-lamps"
        self._clock_module = programs / "demo/ambit-demo-clock.so"
        for program in (self.cli, self.daemon):
            if not program.exists():
                raise Failed(f"{program} is missing; build it first: ./dev build")
        self.isolated = Lan.is_possible() if isolated is None else isolated
        self.keep = keep
        self.devices = {}
        self.lan = self.things = self.clock = None

    def __enter__(self):
        end_after(int(os.environ.get("AMBIT_END_AFTER", "0")))
        sweep()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"{KEPT if self.keep else FOLDER}{os.getpid()}-"))
        self.folder.chmod(0o711)
        if self.isolated:
            try:
                self._copy_programs()
                self.lan = Lan()
            except BaseException:
                self.__exit__(None, None, None)
                raise
        return self

    def __exit__(self, kind, _error, _trace):
        end_after(0)
        try:
            for device in self.devices.values():
                if kind not in (None, KeyboardInterrupt) and device.log.exists():
                    print(f"--- end of the log of {device.name}\n{device.log.read_text()[-2000:]}", flush=True)
                device.stop()
        finally:
            if self.things is not None:
                self.things.stop()
            if self.lan is not None:
                self.lan.remove()
            if self.keep:
                print(f"(logs and state are in {self.folder})")
            else:
                shutil.rmtree(self.folder, ignore_errors=True)

    def __getitem__(self, name):
        return self.devices[name]

    def add(self, name, kind, settings=None, place=None):
        """A device that is not started yet."""
        index = len(self.devices)
        if place is None and self.isolated:
            user = FIRST_USER + os.getpid() % 256 * USERS_EACH + index
            place = self.lan.plug_in(name, 10 + index, user)
        self.devices[name] = Device(self, name, kind, place or Here(), settings or {})
        return self.devices[name]

    def set_clock(self, begins, frozen=False):
        """From now on everything that starts lives by a clock of this household: it shows `begins`, and can be pushed."""
        if not self._clock_module.exists():
            raise Failed(f"{self._clock_module} is missing; build it first: ./dev build")
        self.clock = Clock(self.folder / "clock", self._clock_module, begins, frozen)

    def add_things(self, observed=True, lamps=()):
        """A broker with lamps on it, running; `observed`: with a subscriber that writes down what passes; `lamps`:
        options of theirs."""
        if not self._lamps_program.exists():
            raise Failed(f"{self._lamps_program} is missing; build it first: ./dev build")
        place = self.lan.plug_in("things", 2) if self.isolated else Here()
        self.things = Things(place, self.folder, self._lamps_program)
        self.things.start(observed, lamps)
        return self.things

    def five_devices(self, **more):
        """The household of the demo, started and in nobody's hands yet: hub and speaker bridge the broker.  `more`:
        settings of theirs, by name."""
        broker = self.things.settings()
        self.add("hub", "hub", {**broker, **more.get("hub", {})})
        self.add("phone", "phone", {"device.mains_powered": False, **more.get("phone", {})})
        self.add("watch", "watch", {"device.mains_powered": False, "sensor.simulated_heart_rate": True,
                                    **more.get("watch", {})})
        self.add("speaker", "speaker", {**broker, **more.get("speaker", {})})
        self.add("car", "car", more.get("car"))
        for device in self.devices.values():
            device.start()

    def pair_five(self):
        """Anna's phone and watch, and what everybody shares."""
        hub, phone = self["hub"], self["phone"]
        hub.pair(phone, "--new-person", "Anna", "--role", "adult")
        # The hub passed its admin right to the first adult's own device, so the phone pairs the others.
        wait_for("the phone is admin", phone.is_admin)
        phone.pair(self["watch"], "--person", "Anna")
        phone.pair(self["speaker"], "--shared")
        phone.pair(self["car"], "--shared")
        wait_for("every device is linked to every other",
                 lambda: all(device.links_up() == len(self.devices) - 1 for device in self.devices.values()))

    def search(self, needles):
        """{(device, what)} where any of these bytes are: in the devices' folders, logs and ledgers, and, where this may
        be read, in their memory."""
        return self.search_each({"": needles})[""]

    def search_each(self, wanted):
        """The same for several sets of needles by name, in one go."""
        found = {name: set() for name in wanted}
        for device in self.devices.values():
            places = [("file", path.read_bytes()) for path in sorted(device.state.rglob("*")) if path.is_file()]
            places.append(("log", device.log.read_bytes()))
            places.append(("ledger", device.ambit("--json", "ledger", "--limit", "1000").encode()))
            if may_read_memory():
                places = itertools.chain(places, (("memory", data) for data in readable_memory(device.pid())))
            for what, data in places:
                for name, needles in wanted.items():
                    if (device.name, what) not in found[name] and any(needle in data for needle in needles):
                        found[name].add((device.name, what))
        return found

    def settle(self, writer):
        """Returns when what `writer` wrote before has reached every device that may have it."""
        mark = os.urandom(8).hex()
        self[writer].ambit("facts", "set", "test", "mark", mark, "--audience", "household")
        for device in self.devices.values():
            wait_for(f"{device.name} has the household's fact",
                     lambda d=device: any(fact["value"] == mark for fact in d.facts("test")))

    def _copy_programs(self):
        """To where the devices' users may read them, wherever the checkout lies."""
        place = self.folder / "bin"
        place.mkdir(mode=0o755)
        for name in ("cli", "daemon", "_lamps_program", "_clock_module"):
            program = getattr(self, name)
            if program.exists():
                shutil.copy(program, place / program.name)
                (place / program.name).chmod(0o755)
                setattr(self, name, place / program.name)
        if self._share.exists():
            shutil.copytree(self._share, self.folder / "share")


def as_toml(settings):
    """{"mqtt.port": 1883} as a settings file."""
    sections = {}
    for name, value in settings.items():
        section, key = name.split(".", 1)
        sections.setdefault(section, []).append(f"{key} = {json.dumps(value)}")
    return "".join(f"[{section}]\n" + "\n".join(lines) + "\n\n" for section, lines in sections.items())


def verifier_in(events):
    """The words that a pairing showed: `events` is what --json printed, one object a line."""
    shown = (json.loads(line) for line in events.splitlines())
    return next((event["words"] for event in shown if event.get("event") == "verifier"), None)
