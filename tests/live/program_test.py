#!/usr/bin/env python3
"""The programs as a person or a service manager runs them: settings that are wrong, `up --foreground`, `doctor`."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "demo"))
from household import wait_for  # noqa: E402

LOOPBACK = 'mesh.listen = "127.0.0.1:0"\nmesh.mdns = false\n'


class Place:
    """One state folder, and the two programs run in it."""

    def __init__(self, build, root):
        self.ambitd = os.path.join(build, "bin/ambitd")
        self.program = os.path.join(build, "bin/ambit")
        self.root = root
        self.env = {**os.environ, "AMBIT_STATE_DIR": root}

    def write_settings(self, instance, text):
        folder = os.path.join(self.root, instance)
        os.makedirs(folder, 0o700, exist_ok=True)
        with open(os.path.join(folder, "settings.toml"), "w", encoding="utf-8") as file:
            file.write(text)

    def daemon(self, instance):
        return subprocess.run([self.ambitd, "--instance", instance], env=self.env, capture_output=True, text=True,
                              timeout=20, check=False)

    def ambit(self, instance, *arguments):
        return subprocess.run([self.program, "--instance", instance, *arguments], env=self.env, capture_output=True,
                              text=True, timeout=60, check=False, stdin=subprocess.DEVNULL)

    def doctor(self, instance):
        shown = self.ambit(instance, "doctor", "--json")
        assert shown.returncode == 0, shown
        return {item["key"]: item for item in json.loads(shown.stdout)["items"]}


def broken_settings(place):
    """A file that can't be read stops the daemon, with the line; so does `up`, which names the log."""
    place.write_settings("broken", LOOPBACK + "mesh.listen = [\n")
    ended = place.daemon("broken")
    assert ended.returncode == 1, ended
    assert "event=cannot_start" in ended.stderr and "settings.toml: line " in ended.stderr, ended.stderr
    started = place.ambit("broken", "up", "--name", "broken")
    assert started.returncode == 1 and "E6012" in started.stderr and "ambitd.log" in started.stderr, started
    assert not os.path.exists(os.path.join(place.root, "broken", "ambit.sock"))

    folder = os.path.join(place.root, "broken", "settings.toml")
    os.remove(folder)
    os.mkdir(folder)
    assert place.daemon("broken").returncode == 1, "a folder is no settings file"


def odd_settings(place):
    """What is only odd is left at its default, and `doctor` names it."""
    place.write_settings("odd", LOOPBACK + 'mesh.colour = "red"\nmqtt.port = 70000\nmqtt.enabled = "maybe"\n')
    assert place.ambit("odd", "up", "--name", "odd", "--household", "Odd").returncode == 0
    wrong = place.doctor("odd")["settings"]
    assert not wrong["ok"] and wrong["next_step"], wrong
    problems = json.loads(place.ambit("odd", "config", "show", "--json").stdout)["problems"]
    assert len(problems) == 3, problems
    # A shared device that is alone is the one admin there is.
    assert any(item.get("error", {}).get("name") == "OneAdmin" for item in place.doctor("odd").values())
    assert place.ambit("odd", "down").returncode == 0
    assert place.ambit("odd", "doctor").returncode == 3, "nobody is running"


def foreground(place):
    """It stays until the daemon ends, and ends it when told to; a second one is refused."""
    place.write_settings("front", LOOPBACK)
    command = [place.program, "--instance", "front", "up", "--foreground", "--name", "front", "--household", "Front"]
    front = subprocess.Popen(command, env=place.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        def made():
            shown = place.ambit("front", "status", "--json")
            return shown.returncode == 0 and "household" in json.loads(shown.stdout)
        wait_for("the household is made", made)
        assert front.poll() is None, "it stays"
        second = place.ambit("front", "up", "--foreground")
        assert second.returncode == 1 and "E6002" in second.stderr, second
        again = place.daemon("front")
        assert again.returncode == 1, again
        front.send_signal(signal.SIGTERM)
        out, log = front.communicate(timeout=20)
        assert front.returncode == 0, log
        assert "recovery words" in out and "event=stopped" in log, (out, log)
    finally:
        if front.poll() is None:
            front.kill()
    assert place.ambit("front", "status").returncode == 3


def told_to_systemd(place):
    """READY=1 only when the daemon answers, STOPPING=1 when it was told to stop; in both kinds of address."""
    for number, address in enumerate((str(pathlib.Path(place.env["AMBIT_STATE_DIR"]) / "notify"),
                                      f"\0ambit-notify-{os.getpid()}")):
        name = f"unit{number}"
        place.write_settings(name, LOOPBACK)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(address)
            manager.settimeout(60)
            daemon = subprocess.Popen([place.ambitd, "--instance", name], stderr=subprocess.DEVNULL,
                                      env={**place.env, "NOTIFY_SOCKET": address.replace("\0", "@")})
            try:
                assert manager.recv(100) == b"READY=1"
                assert place.ambit(name, "status").returncode == 0, "ready, and does not answer"
                daemon.terminate()
                assert manager.recv(100) == b"STOPPING=1"
                assert daemon.wait(60) == 0
            finally:
                daemon.kill()


def nobody_reads_the_log(place):
    """It goes on when what it logs to is gone."""
    place.write_settings("unread", LOOPBACK)
    with subprocess.Popen([place.ambitd, "--instance", "unread"], stderr=subprocess.PIPE, env=place.env) as daemon:
        try:
            daemon.stderr.close()
            wait_for("it answers", lambda: place.ambit("unread", "status").returncode == 0)
            made = place.ambit("unread", "up", "--name", "unread", "--household", "Unread")
            assert made.returncode == 0, made
            daemon.terminate()
            assert daemon.wait(60) == 0
        finally:
            daemon.kill()


def main(build):
    with tempfile.TemporaryDirectory(prefix="ambit-") as root:
        place = Place(build, root)
        broken_settings(place)
        odd_settings(place)
        foreground(place)
        told_to_systemd(place)
        nobody_reads_the_log(place)
    print("program: ok")


if __name__ == "__main__":
    main(sys.argv[1])
