"""Where a device of the test household lives: on this machine as it is, or on a machine of its own.

A place says which settings a daemon needs there (`settings`), what its environment adds (`environment`), who it runs as
(`user`, None: whoever runs this), how a command gets there (`inside`; `as_here`: into its network alone) and which port is free there (`free_port`).
"""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile

# Numeric users that no package uses; no account is made.  Households that run at once take different ones.
FIRST_USER, USERS_EACH = 61200, 16
LAN = "10.77.0"
PORT = 7443
FOLDER = "ambit-household-"


def run(*command):
    subprocess.run(command, check=True, capture_output=True)


class Here:
    """This machine and this user, on the loopback network: nothing is separate but the state folder."""

    address = "127.0.0.1"
    user = None
    environment = {}
    settings = {"mesh.listen": "127.0.0.1:0", "mesh.mdns": False}

    def inside(self, command):
        return list(command)

    as_here = inside

    def free_port(self, _usual):
        with socket.socket() as probe:
            probe.bind((self.address, 0))
            return probe.getsockname()[1]


class Machine:
    """A user and a network namespace of its own, plugged into a Lan."""

    environment = {}

    def __init__(self, namespace, address, user=None):
        self.namespace, self.address, self.user = namespace, address, user
        self.settings = {"mesh.listen": f"{address}:{PORT}", "mesh.mdns": False}

    def inside(self, command):
        if self.user is not None:
            command = ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups", "--", *command]
        return self.as_here(command)

    def as_here(self, command):
        """In its network, as whoever runs this."""
        return ["ip", "netns", "exec", self.namespace, *command]

    def free_port(self, usual):
        return usual


class Lan:
    """A virtual Ethernet switch in a namespace of its own, and the machines on it.  Needs root."""

    def __init__(self):
        self._names = []
        self._switch = self._add("lan")
        run("ip", "-n", self._switch, "link", "add", "lan", "type", "bridge")
        run("ip", "-n", self._switch, "link", "set", "lan", "up")

    @staticmethod
    def is_possible():
        if os.geteuid() != 0 or not shutil.which("ip") or not shutil.which("setpriv"):
            return False
        name = f"ambit-try-{os.getpid()}"
        # Some machines let one be made and not be entered.
        works = all(subprocess.run(["ip", *words], capture_output=True, check=False).returncode == 0
                    for words in (["netns", "add", name], ["-n", name, "link", "set", "lo", "up"]))
        subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)
        return works

    def plug_in(self, name, host, user=None):
        """The machine `name` with the address LAN.host."""
        machine = Machine(self._add(name), f"{LAN}.{host}", user)
        space = machine.namespace
        run("ip", "-n", space, "link", "add", "eth0", "type", "veth", "peer", "name", self._port(name), "netns",
            self._switch)
        run("ip", "-n", space, "addr", "add", f"{machine.address}/24", "dev", "eth0")
        run("ip", "-n", space, "link", "set", "eth0", "up")
        run("ip", "-n", self._switch, "link", "set", self._port(name), "master", "lan", "up")
        return machine

    def cut(self, name, cut=True):
        """Takes the machine off the network (and back), as a pulled cable does."""
        run("ip", "-n", self._switch, "link", "set", self._port(name), "down" if cut else "up")

    def remove(self):
        for name in reversed(self._names):
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)

    def _add(self, name):
        space = f"ambit-{os.getpid()}-{name}"
        run("ip", "netns", "add", space)
        self._names.append(space)
        run("ip", "-n", space, "link", "set", "lo", "up")
        return space

    @staticmethod
    def _port(name):
        return f"p-{name}"[:15]


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
