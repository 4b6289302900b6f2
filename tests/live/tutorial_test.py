#!/usr/bin/env python3
"""Runs docs/tutorials/your-things.md as a newcomer would: every command in its console blocks, in order, in a shell, and
compares what comes with what is written there ("..." stands for anything).  Beside it stand a broker with a zigbee2mqtt's
list of three real models, and a stand-in for Home Assistant, which goes at the end: what MQTT knows too goes on working.
`--show` prints everything.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "demo"))
from household import Failed, Household, exit_with, wait_for  # noqa: E402
from dashboard_reader import Dashboard  # noqa: E402
from zigbee_player import Obedient, list_devices  # noqa: E402

SKIPPED = 77
TUTORIAL = ROOT / "docs/tutorials/your-things.md"
PATIENCE = 60  # what is looked at may need a moment to get there
LOOKS = ("things", "doctor", "why", "areas")  # commands that only look, and may be repeated
TWIN = "0x0000000000000001_light_zigbee2mqtt"


def commands(text):
    """[(command, the lines that should come)] of all console blocks."""
    found = []
    for block in re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


def fits(said, expected):
    """Lines of `...` alone stand for any number of lines, `...` elsewhere for anything within one."""
    pattern = ""
    for line in expected:
        if line == "...":
            pattern += r"(?:.*\n)*"
        else:
            pattern += r"\s*".join(re.escape(part) if part != "..." else ".*"
                                   for part in re.findall(r"\.\.\.|[^\s.]+|\.", line)) + r"[^\S\n]*\n"
    return re.fullmatch(pattern, said if said.endswith("\n") or not said else said + "\n") is not None


class Shell:
    def __init__(self, folder, build, replaced):
        self._replaced = replaced
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("XDG_", "AMBIT_"))}
        self._environment = {**kept, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "NO_COLOR": "1",
                             "PATH": f"{build}/bin:{os.environ['PATH']}", "COLUMNS": "200"}

    def run(self, command):
        for written, here in self._replaced.items():
            command = command.replace(written, here)
        done = subprocess.run(["bash", "-c", command], env=self._environment, capture_output=True, text=True,
                              timeout=120, check=False, stdin=subprocess.DEVNULL)
        return done.returncode, done.stdout + done.stderr

    def expect(self, command, expected, show):
        end = time.monotonic() + PATIENCE
        while True:
            status, said = self.run(command)
            if status == 0 and fits(said, expected):
                break
            looks = command.split()[1] in LOOKS and len(command.split()) <= 3 or " doctor" in command
            if not looks or time.monotonic() > end:
                raise Failed(f"$ {command}\nended with {status} and said:\n{said}\ninstead of:\n" + "\n".join(expected))
            time.sleep(0.2)
        if show:
            print(f"$ {command}\n{said}", end="", flush=True)


def home_assistant(twin):
    node = shutil.which("node") or shutil.which("nodejs")
    peer = subprocess.Popen([node, "homeassistant_server.mjs", twin], cwd=ROOT / "tests/peer", text=True,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    return peer, int(peer.stdout.readline())


def the_reading_lamp(shell):
    """How it is shown; it must be shown once, and by the broker."""
    lamps = [line for line in shell.run("ambit things")[1].splitlines() if line.startswith("Reading Lamp  ")]
    if len(lamps) != 1 or "mqtt:home" not in lamps[0]:
        raise Failed(f"the reading lamp should show once, and by the broker: {lamps}")
    return lamps[0]


def without_home_assistant(shell, peer, show):
    """The tutorial says that a lamp which both know goes on working: Home Assistant ends, and it does."""
    before = the_reading_lamp(shell)
    peer.communicate("", timeout=30)
    shell.expect("ambit doctor homeassistant", ["...", "! homeassistant:home ... E5301...", "..."], show)
    for word in ("on", "off"):
        shell.expect(f'ambit ask "turn {word} the reading lamp"', [f"✓ Reading Lamp {word} ..."], show)
    wait_for(f"it is as it was: {before}", lambda: the_reading_lamp(shell).split() == before.split())
    status, said = shell.run('ambit ask "turn on the kettle"')
    if status == 0:
        raise Failed(f"the kettle is Home Assistant's alone, and still: {said}")


def main():
    build, show = pathlib.Path(sys.argv[1]).resolve(), "--show" in sys.argv
    if not (ROOT / "tests/peer/node_modules").exists() or not shutil.which("mosquitto", path="/usr/sbin:/usr/bin"):
        print("MISSING: mosquitto, or tests/peer/node_modules; the tutorial was not run: ./dev setup")
        return SKIPPED
    with Household(build, isolated=False) as home:
        things = home.add_things()
        list_devices(things)
        peer, port = home_assistant(TWIN)
        (home.folder / "ha-token").write_text("a-long-lived-token\n")
        shell = Shell(home.folder, build, {"192.0.2.3": things.address, "1883": str(things.port),
                                           "http://192.0.2.4:8123": f"http://127.0.0.1:{port}"})
        steps = commands(TUTORIAL.read_text())
        try:
            with Obedient(things):
                for command, expected in steps:
                    shell.expect(command, expected, show)
                wait_for("the household is on the dashboard",
                         lambda: Dashboard(things.messages()).shows("hub", "Connected") == (True, True))
                without_home_assistant(shell, peer, show)
        finally:
            shell.run("ambit down")
            peer.kill()
        if peer.returncode != 0:
            raise Failed("the stand-in for Home Assistant saw what its documentation does not allow")
    print(f"{len(steps)} commands of {TUTORIAL.relative_to(ROOT)}: ok")
    return 0


if __name__ == "__main__":
    exit_with(main)
