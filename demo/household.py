"""A household of real daemons on one machine, for the demo, the live tests and the benchmarks.

Each device is an `ambitd` of its own: own state folder, and where the machine allows it (root, Linux namespaces) an
own user and an own network namespace, joined by a virtual Ethernet switch.  The things of the home - a mosquitto
broker and the lamps on it - stand in a namespace of their own.  Nothing here is simulated inside a daemon.
Standard library only.
"""

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Numeric users that no package uses; no account is made.  Households that run at once take different ones.
FIRST_USER, USERS_EACH = 61200, 16
LAN = "10.77.0"
FOLDER, KEPT = "ambit-household-", "ambit-kept-"
PORT = 7443


class Failed(Exception):
    """A step that did not happen; its text says what was expected and what came."""


def wait_for(what, seconds, probe, every=0.02):
    """The first true value of probe() within `seconds`; Failed(what) otherwise."""
    end = time.monotonic() + seconds
    while True:
        value = probe()
        if value:
            return value
        if time.monotonic() > end:
            raise Failed(f"{what}: not within {seconds} s")
        time.sleep(every)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Device:
    """One ambitd and the CLI beside it."""

    def __init__(self, household, name, kind, index):
        self.household = household
        self.name, self.kind, self.index = name, kind, index
        self.user = household.first_user + index if household.isolated else None
        self.namespace = household.namespace(name) if household.isolated else None
        self.address = f"{LAN}.{10 + index}" if household.isolated else "127.0.0.1"
        self.port = PORT if household.isolated else free_port()
        self.state = household.folder / name
        self.process = None
        self.state.mkdir(mode=0o700)
        if self.user is not None:
            os.chown(self.state, self.user, self.user)

    def command(self, *arguments):
        """Wraps a command so that it runs as this device: its namespace and its user."""
        wrapped = list(arguments)
        if self.user is not None:
            wrapped = ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups", "--", *wrapped]
        if self.namespace is not None:
            wrapped = ["ip", "netns", "exec", self.namespace, *wrapped]
        return wrapped

    def environment(self):
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("XDG_", "AMBIT_"))}
        return {**kept, "AMBIT_STATE_DIR": str(self.state), "HOME": str(self.state), "NO_COLOR": "1"}

    def ambit(self, *arguments, check=True, timeout=30):
        """Runs the CLI; its stdout.  Failed with its stderr if it exits with an error."""
        done = subprocess.run(
            self.command(str(self.household.cli), "--instance", self.name, *arguments),
            env=self.environment(), capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL)
        if check and done.returncode != 0:
            raise Failed(f"{self.name}: ambit {' '.join(arguments)}: {(done.stderr or done.stdout).strip()}")
        return done.stdout

    def json(self, *arguments, check=True, timeout=30):
        text = self.ambit("--json", *arguments, check=check, timeout=timeout)
        try:
            return json.loads(text)
        except ValueError as error:
            raise Failed(f"{self.name}: ambit {' '.join(arguments)}: not JSON: {text[:200]!r}") from error

    def configure(self, settings):
        """Writes the settings file before the daemon starts."""
        folder = self.state / self.name
        folder.mkdir(mode=0o700, exist_ok=True)
        sections = {}
        for name, value in {"mesh.listen": f"{self.address}:{self.port}", "mesh.mdns": False, **settings}.items():
            section, key = name.split(".", 1)
            sections.setdefault(section, []).append(f"{key} = {json.dumps(value)}")
        text = "".join(f"[{section}]\n" + "\n".join(lines) + "\n\n" for section, lines in sections.items())
        (folder / "settings.toml").write_text(text)
        if self.user is not None:
            for path in (folder, folder / "settings.toml"):
                os.chown(path, self.user, self.user)

    def start(self):
        log = open(self.household.folder / f"{self.name}.log", "ab")
        self.process = subprocess.Popen(
            self.command(str(self.household.daemon), "--instance", self.name),
            env=self.environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        log.close()
        wait_for(f"{self.name} answers on its socket", 30, lambda: self.try_json("status"))

    def try_json(self, *arguments):
        try:
            return self.json(*arguments)
        except (Failed, subprocess.TimeoutExpired):
            return None

    def pid(self):
        """The daemon itself: `ip netns exec` and `setpriv` replace themselves by it."""
        return self.process.pid

    def kill(self):
        os.kill(self.pid(), signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def pair(self, newcomer, owner):
        """Shows a code here and joins with it there; `owner`: CLI options that say whose it is."""
        hosting = subprocess.Popen(
            self.command(str(self.household.cli), "--instance", self.name, "--json", "pair", "--yes", *owner),
            env=self.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True)
        try:
            code = None
            for line in hosting.stdout:
                event = json.loads(line)
                if event.get("event") == "code":
                    code = event
                    break
            if code is None:
                raise Failed(f"{self.name}: no pairing code: {hosting.stderr.read().strip()}")
            newcomer.ambit("join", code["code"], "--at", code["at"], "--name", newcomer.name, "--kind",
                           newcomer.kind, "--yes", timeout=60)
            rest, errors = hosting.communicate(timeout=60)
            if hosting.returncode != 0:
                raise Failed(f"{self.name}: pairing {newcomer.name}: {(errors or rest).strip()}")
        finally:
            if hosting.poll() is None:
                hosting.kill()
                hosting.wait()


class Household:
    """Use as a context manager: everything it started is stopped, and its folder removed, at the end."""

    def __init__(self, build, keep=False, isolated=None, daemon=None):
        self.build = pathlib.Path(build)
        self.cli = self.build / "bin/ambit"
        self.daemon = pathlib.Path(daemon) if daemon else self.build / "bin/ambitd"
        self.lamps_program = self.build / "demo/ambit-demo-lamps"
        for program in (self.cli, self.daemon, self.lamps_program):
            if not program.exists():
                raise Failed(f"{program} is missing; build it first: ./dev build")
        self.isolated = self.can_isolate() if isolated is None else isolated
        self.keep = keep
        self.first_user = FIRST_USER + os.getpid() % 256 * USERS_EACH
        self.devices, self.children, self.namespaces = {}, [], []
        self.broker_address, self.broker_port = None, None

    @staticmethod
    def can_isolate():
        if os.geteuid() != 0 or not shutil.which("ip") or not shutil.which("setpriv"):
            return False
        name = f"ambit-try-{os.getpid()}"
        made = subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False).returncode == 0
        subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)
        return made

    def namespace(self, name):
        """The network namespace of a device or thing; every run has its own."""
        return f"ambit-{os.getpid()}-{name}"

    @staticmethod
    def sweep():
        """Removes the folders and namespaces, and what still runs in them, of runs that were killed."""
        for folder in pathlib.Path(tempfile.gettempdir()).glob(f"{FOLDER}*"):
            pid = folder.name.split("-")[2]
            if pid.isdigit() and folder.stat().st_uid == os.geteuid() and not os.path.exists(f"/proc/{pid}"):
                shutil.rmtree(folder, ignore_errors=True)
        if os.geteuid() != 0 or not shutil.which("ip"):
            return
        listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=False).stdout
        for name, pid in re.findall(r"^(ambit-(\d+)-\S+)", listed, re.MULTILINE):
            if os.path.exists(f"/proc/{pid}"):
                continue
            left = subprocess.run(["ip", "netns", "pids", name], capture_output=True, text=True, check=False).stdout
            for process in left.split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(process), signal.SIGKILL)
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)

    def __enter__(self):
        self.sweep()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"{KEPT if self.keep else FOLDER}{os.getpid()}-"))
        self.folder.chmod(0o711)
        # Programs must be readable by the devices' users, wherever the checkout lies.
        if self.isolated:
            try:
                self._copy_programs()
                self._make_lan()
            except BaseException:
                self.__exit__(None, None, None)
                raise
        return self

    def _copy_programs(self):
        place = self.folder / "bin"
        place.mkdir(mode=0o755)
        for program in (self.cli, self.daemon, self.lamps_program):
            shutil.copy(program, place / program.name)
            (place / program.name).chmod(0o755)
        self.cli, self.daemon = place / self.cli.name, place / self.daemon.name
        self.lamps_program = place / self.lamps_program.name

    def _run(self, *command):
        subprocess.run(command, check=True, capture_output=True)

    def _make_lan(self):
        self.lan = self.namespace("lan")
        self._add_namespace(self.lan)
        self._run("ip", "-n", self.lan, "link", "add", "lan", "type", "bridge")
        self._run("ip", "-n", self.lan, "link", "set", "lan", "up")
        self._join_lan(self.namespace("things"), f"{LAN}.2", "things")

    def _add_namespace(self, name):
        self._run("ip", "netns", "add", name)
        self.namespaces.append(name)
        self._run("ip", "-n", name, "link", "set", "lo", "up")

    def _join_lan(self, namespace, address, port_name):
        self._add_namespace(namespace)
        self._run("ip", "-n", namespace, "link", "add", "eth0", "type", "veth", "peer", "name",
                  f"p-{port_name}"[:15], "netns", self.lan)
        self._run("ip", "-n", namespace, "addr", "add", f"{address}/24", "dev", "eth0")
        self._run("ip", "-n", namespace, "link", "set", "eth0", "up")
        self._run("ip", "-n", self.lan, "link", "set", f"p-{port_name}"[:15], "master", "lan", "up")

    def cut_link(self, device, cut=True):
        """Takes the device off the network (and back), as a pulled cable does."""
        self._run("ip", "-n", self.lan, "link", "set", f"p-{device.name}"[:15], "down" if cut else "up")

    def add(self, name, kind, settings=None):
        device = Device(self, name, kind, len(self.devices))
        if self.isolated:
            self._join_lan(device.namespace, device.address, name)
        device.configure(settings or {})
        self.devices[name] = device
        return device

    def __getitem__(self, name):
        return self.devices[name]

    def in_things(self, *command):
        return ["ip", "netns", "exec", self.namespace("things"), *command] if self.isolated else list(command)

    def start_broker(self):
        """A real mosquitto, and nothing of Ambit in it."""
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        if not os.path.exists(program):
            raise Failed("mosquitto is missing; install it: ./dev setup")
        if self.broker_port is None:
            self.broker_address = f"{LAN}.2" if self.isolated else "127.0.0.1"
            self.broker_port = 1883 if self.isolated else free_port()
        settings = self.folder / "mosquitto.conf"
        settings.write_text(f"listener {self.broker_port} {self.broker_address}\nallow_anonymous true\n"
                            "persistence false\n")
        settings.chmod(0o644)
        self.broker = self.child("broker", self.in_things(program, "-c", str(settings)))
        wait_for("the broker listens", 10, self._broker_answers)

    def _broker_answers(self):
        return subprocess.run(
            self.in_things("mosquitto_pub", "-h", self.broker_address, "-p", str(self.broker_port), "-t", "probe",
                           "-n"), capture_output=True, check=False).returncode == 0

    def start_lamps(self):
        self.lamp_log = self.folder / "lamps.jsonl"
        self.lamps = self.child("lamps", self.in_things(
            str(self.lamps_program), "--host", self.broker_address, "--port", str(self.broker_port), "--log",
            str(self.lamp_log)))

    def start_observer(self):
        """An independent MQTT subscriber: everything that passes the broker, with its time."""
        self.observed = self.folder / "broker.log"
        self.child("observer", self.in_things(
            "mosquitto_sub", "-h", self.broker_address, "-p", str(self.broker_port), "-t", "#", "-F",
            "%U %r %t %p"), stdout=self.observed)

    def child(self, name, command, stdout=None):
        log = open(stdout or self.folder / f"{name}.log", "ab")
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                                   start_new_session=True)
        log.close()
        self.children.append(process)
        return process

    def lamp_commands(self):
        """What the lamps say they received, in order."""
        if not self.lamp_log.exists():
            return []
        return [json.loads(line) for line in self.lamp_log.read_text().splitlines() if line.strip()]

    def observed_messages(self):
        """(time, retained, topic, payload) of everything the observer saw."""
        rows = []
        for line in self.observed.read_text(errors="replace").splitlines():
            match = re.match(r"(\S+) ([01]) (\S+) ?(.*)", line)
            if match:
                rows.append((float(match[1]), match[2] == "1", match[3], match[4]))
        return rows

    def __exit__(self, kind, error, trace):
        for device in self.devices.values():
            device.stop()
        for child in reversed(self.children):
            if child.poll() is None:
                child.send_signal(signal.SIGCONT)
                child.terminate()
                try:
                    child.wait(5)
                except subprocess.TimeoutExpired:
                    child.kill()
                    child.wait()
        for name in reversed(self.namespaces):
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)
        if self.keep:
            print(f"(logs and state are in {self.folder})")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)
