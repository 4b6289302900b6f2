#!/usr/bin/env python3
"""The programs of a cross build, emulated, as people use them: household_test.py [--phone AMBITD] BUILD EMULATOR...

`ambit up` starts a daemon, `doctor` finds nothing wrong with it; then a hub with lamps on a real broker and Anna's phone
pair, and what she asks at the phone in words no sentence has switches a lamp.  The kernel need not know how to start
such programs: beside each lies a script of this machine that starts the emulator with it.
--phone: another ambitd for the phone, of this machine; exit status 77 where it is not."""

import argparse
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "demo"))
from household import Failed, Household, wait_for  # noqa: E402

PARAPHRASE = "it would be lovely to have the lights in the kitchen switched off"


def start_emulated(path, program, emulator):
    """A script that is the program, as far as anybody here can tell."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\nexec {shlex.join([*emulator, str(program)])} "$@"\n')
    path.chmod(0o755)


def stage(build, emulator, folder):
    """A build's programs that can be started.  `ambit up` looks beside the program it is: there lies a script, too."""
    for name in ("bin/ambitd", "demo/ambit-demo-lamps"):
        start_emulated(folder / name, build / name, emulator)
    start_emulated(folder / "own/ambitd", build / "bin/ambitd", emulator)
    shutil.copy2(build / "bin/ambit", folder / "own/ambit")
    start_emulated(folder / "bin/ambit", folder / "own/ambit", emulator)


def architecture(path):
    """Which machine a program is for, by its own word (ELF's e_machine)."""
    with open(path, "rb") as file:
        return file.read(20)[18:20]


def up_and_down(programs, folder, emulator):
    """What a person does first, with nothing but the command."""
    state = folder / "state"
    (state / "box").mkdir(parents=True, mode=0o700)
    state.chmod(0o700)
    (state / "box/settings.toml").write_text('[mesh]\nlisten = "127.0.0.1:0"\nmdns = false\n')
    environment = {**os.environ, "AMBIT_STATE_DIR": str(state), "HOME": str(state), "NO_COLOR": "1"}

    def ambit(*words):
        done = subprocess.run([programs / "bin/ambit", "--instance", "box", *words], env=environment, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False)
        if done.returncode != 0:
            raise Failed(f"ambit {' '.join(words)}: {done.stderr or done.stdout}")
        return done.stdout

    ambit("up", "--name", "box", "--kind", "hub", "--household", "Home")
    try:
        pid = json.loads(ambit("--json", "status"))["pid"]
        runs = os.path.basename(os.readlink(f"/proc/{pid}/exe"))
        if runs != os.path.basename(emulator[0]):
            raise Failed(f"the daemon is not emulated, but {runs}")
        items = json.loads(ambit("--json", "doctor"))["items"]
        ambit("facts", "set", "test", "colour", "grün", "--audience", "household")
        if "grün" not in ambit("facts", "list"):
            raise Failed("a fact that was told is not there")
    finally:
        ambit("down")
    print(f"ambit up: {runs} runs it; doctor has {len(items)} items, of which {sum(item['ok'] for item in items)} are well")


def two_devices(programs, phone_daemon):
    with Household(programs, isolated=False) as home:
        things = home.add_things(observed=False)
        hub = home.add("hub", "hub", things.settings()).start()
        home.daemon = phone_daemon or home.daemon
        phone = home.add("phone", "phone").start()
        hub.api.post("household/create", {"name": "hub", "kind": "hub", "household_name": "Home"})
        hub.pair(phone, "--new-person", "Anna", "--role", "adult")
        wait_for("the lights are known", lambda: phone.does("turn on the kitchen light"))
        wait_for("a paraphrase is understood", lambda: phone.does(PARAPHRASE))
        told = [row["command"] for row in things.commands() if row["thing"] == "kitchen"]
        print(f"the lamp was told: {told}")
        if "ON" not in told[0] or "OFF" not in told[-1]:
            raise Failed("not on, and then off")
        for device in (phone, hub):
            if device.stop() != 0:
                raise Failed(f"{device.name} did not end well")


def main(options):
    if options.phone and not options.phone.exists():
        print(f"SKIPPED: {options.phone} is not built; run: ./dev build release")
        return 77
    if options.phone and architecture(options.phone) == architecture(options.build / "bin/ambitd"):
        raise Failed(f"{options.phone} is for the same machine")
    with tempfile.TemporaryDirectory(prefix="ambit-emulated-") as name:
        folder = pathlib.Path(name)
        stage(options.build, options.emulator, folder)
        if not options.phone:
            up_and_down(folder, folder, options.emulator)
        two_devices(folder, options.phone)
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--phone", type=pathlib.Path)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("emulator", nargs=argparse.REMAINDER)
    sys.exit(main(parser.parse_args()))
