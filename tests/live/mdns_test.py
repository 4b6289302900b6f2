#!/usr/bin/env python3
"""Two machines on one wire, each with a D-Bus and an Avahi of its own: the devices find each other by themselves.

A machine is a network and mount namespace, so this needs root; without it, or without avahi-daemon, it is skipped.
"""

import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "demo"))
from household import ApiError, Failed, Household, wait_for  # noqa: E402

NEEDED = ("unshare", "nsenter", "ip", "dbus-daemon", "avahi-daemon", "avahi-browse")

BUS = """<busconfig><type>system</type><listen>unix:path=/run/dbus/bus</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_type="method_call"/>
<allow send_destination="*"/><allow receive_sender="*"/></policy></busconfig>
"""
AVAHI = """[server]
host-name={name}
use-ipv4=yes
use-ipv6=yes
allow-interfaces=wire0
enable-dbus=yes
[publish]
publish-workstation=no
"""


class Machine:
    """A place for a Device (demo/places.py)."""

    user = None
    settings = {"mesh.listen": "0.0.0.0:0", "mesh.mdns": True}
    environment = {"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/run/dbus/bus"}

    def __init__(self, root, name, address):
        self.name = name
        self._processes = []
        self._folder = os.path.join(root, "machine-" + name)
        os.mkdir(self._folder)
        self.log = os.path.join(self._folder, "log")
        self._anchor = self._spawn(["unshare", "-nm", "--kill-child", "sleep", "infinity"])
        self.address = address

    def wire(self, other):
        wait_for("the namespaces", lambda: all(self._separate(each) for each in (self, other)))
        subprocess.run(["ip", "link", "add", "wire0", "netns", str(self.pid()), "type", "veth", "peer", "name",
                        "wire0", "netns", str(other.pid())], check=True)
        for each in (self, other):
            each.run(["mount", "-t", "tmpfs", "tmpfs", "/run"])
            each.run(["mkdir", "-p", "/run/dbus", "/run/avahi-daemon"])
            each.run(["ip", "link", "set", "lo", "up"])
            each.run(["ip", "address", "add", each.address + "/24", "dev", "wire0"])
            each.run(["ip", "link", "set", "wire0", "up"])

    @staticmethod
    def _separate(machine):
        return os.readlink(f"/proc/{machine.pid()}/ns/net") != os.readlink("/proc/self/ns/net")

    def pid(self):
        return self._anchor.pid

    def start_bus(self):
        self._spawn(self.inside(["dbus-daemon", "--nofork", "--config-file=" + self._write("bus.xml", BUS)]))
        wait_for("the bus", lambda: self.run(["test", "-S", "/run/dbus/bus"], check=False) == 0)

    def start_avahi(self):
        config = self._write("avahi.conf", AVAHI.format(name="ambit-" + self.name))
        self._spawn(self.inside(["avahi-daemon", "--no-drop-root", "--no-chroot", "--no-rlimits", "-f", config]))

    def inside(self, command):
        return ["nsenter", "-t", str(self.pid()), "-n", "-m"] + command

    def run(self, command, check=True):
        return subprocess.run(self.inside(command), check=check, env={**os.environ, **self.environment}).returncode

    def browse(self, kind):
        """What an outsider sees, one line per instance, parsable."""
        try:
            return subprocess.run(self.inside(["avahi-browse", "-rpt", kind]), check=False, capture_output=True,
                                  env={**os.environ, **self.environment}, text=True, timeout=20).stdout
        except subprocess.TimeoutExpired as slow:
            # What is withdrawn while it is resolved can keep it waiting for ever.
            return (slow.stdout or b"").decode()

    def stop(self):
        for process in reversed(self._processes):
            process.kill()
            process.wait()

    def _write(self, name, text):
        path = os.path.join(self._folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def _spawn(self, command):
        with open(self.log, "a", encoding="utf-8") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **self.environment})
        self._processes.append(process)
        return process


def health(device, key):
    return next((item for item in device.api.get("doctor")["items"] if item["key"] == key), None)


def check(home, left, right):
    hub = home.add("hub", "hub", place=left).start()
    made = hub.api.post("household/create", {"name": "hub", "kind": "hub", "household_name": "Home"})
    assert "recovery_words" in made

    # No D-Bus at all: a health item and a clear error, and everything else works.
    item = wait_for("the health item", lambda: health(hub, "mdns"))
    assert item["ok"] is False and item["next_step"], item
    lost = home.add("lost", "phone", place=right).start()
    try:
        list(lost.api.stream("POST", "household/join", {"code": "12345678", "name": "lost", "kind": "phone"}))
        raise AssertionError("joined nobody")
    except ApiError as error:
        assert error.name == "DiscoveryUnavailable", error
    assert lost.stop() == 0 and hub.stop() == 0

    for machine in (left, right):
        machine.start_bus()
        machine.start_avahi()
    hub.start()
    wait_for("mDNS works", lambda: health(hub, "mdns") and health(hub, "mdns")["ok"])
    assert "_ambit-pair" not in right.browse("_ambit-pair._tcp"), "a pairing is announced while no code lives"

    phone = home.add("phone", "phone", place=right).start()
    hub.pair(phone, "--shared", find=True)
    wait_for("the link", lambda: phone.links_up() == 1)
    wait_for("the pairing is withdrawn", lambda: "_ambit-pair" not in right.browse("_ambit-pair._tcp"))

    # Both are found under names that say nothing.
    seen = wait_for("both are announced", lambda: (lambda text: text if text.count("=;wire0;IPv4") == 2 else None)(
        left.browse("_ambit._tcp")))
    for word in ("Home", "hub;", "phone;"):
        assert word not in seen, seen

    # After a restart as well.
    assert phone.stop() == 0
    phone.start()
    wait_for("the link again", lambda: hub.links_up() == 1)

    # A new device finds the household with the words alone; those who were found first may be strangers.
    assert phone.stop() == 0
    fresh = home.add("fresh", "phone", place=right).start()
    wish = {"words": made["recovery_words"], "name": "fresh", "kind": "phone", "owner": {"name": "Anna"}}
    events = [event for event, _ in fresh.api.stream("POST", "recover", wish)]
    assert events == ["finding", "words", "recovered"], events
    wait_for("the new device's link", lambda: hub.links_up() == 1)


def main(build):
    missing = [program for program in NEEDED if not shutil.which(program)]
    if os.geteuid() != 0 or missing:
        print(f"SKIPPED: needs root and {', '.join(missing) or 'namespaces'}: mDNS is not tested here")
        return 77
    with Household(build, isolated=False) as home:
        left, right = Machine(home.folder, "left", "10.77.0.1"), Machine(home.folder, "right", "10.77.0.2")
        try:
            try:
                left.wire(right)
            except (subprocess.CalledProcessError, Failed) as failure:
                print(f"SKIPPED: no namespaces here ({failure}): mDNS is not tested here")
                return 77
            check(home, left, right)
        except BaseException:
            for machine in (left, right):
                with open(machine.log, encoding="utf-8") as log:
                    print(f"--- log of {machine.name}\n{log.read()}", flush=True)
            raise
        finally:
            for device in home.devices.values():
                device.stop()
            left.stop()
            right.stop()
    print("mdns: two devices found each other")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
