#!/usr/bin/env python3
"""Two instances of two users on one machine: neither reads the other's files, asks its daemon or takes its place."""

import argparse
import pathlib
import stat
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "demo"))
from household import Failed, Household  # noqa: E402

# Run as the other user: says what it could do, one word a line.
ATTEMPTS = """
import os, socket, sys
folder, files = sys.argv[1], sys.argv[2:]
def attempt(name, action):
    try:
        action()
        print(name)
    except PermissionError:
        pass
attempt("list", lambda: os.listdir(folder))
attempt("create", lambda: open(os.path.join(folder, "mine"), "w"))
for path in files:
    if path.endswith(".sock"):
        attempt("connect", lambda: socket.socket(socket.AF_UNIX).connect(path))
    else:
        attempt("read " + path, lambda: open(path, "rb"))
        attempt("write " + path, lambda: open(path, "r+b"))
"""


def could_do(device, folder, files):
    """What `device`'s user can do with these files and this folder."""
    done = subprocess.run(device.place.inside([sys.executable, "-c", ATTEMPTS, str(folder), *map(str, files)]),
                          env=device.environment(), capture_output=True, text=True, timeout=60, check=False)
    if done.returncode != 0:
        raise Failed(f"the attempt itself failed: {done.stderr.strip()}")
    return done.stdout.split("\n")[:-1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True, help="where the programs are")
    options = parser.parse_args()
    try:
        with Household(options.build) as home:
            if not home.isolated:
                print("skipped: two users need root and network namespaces")
                return 77
            pair = [home.add("anna", "phone"), home.add("ben", "phone")]
            for device in pair:
                device.start()
                device.ambit("up", "--name", device.name, "--kind", "phone", "--owner", device.name)
            for mine, other in (pair, reversed(pair)):
                folder = other.state / other.name
                files = sorted(path for path in folder.rglob("*") if not path.is_dir())
                sockets = [path for path in files if stat.S_ISSOCK(path.lstat().st_mode)]
                if not sockets or len(files) < 3:
                    raise Failed(f"{other.name} has too few files to try: {files}")
                # The same attempts as the owner, so that a refusal means something.
                if len(could_do(other, folder, files)) < len(files):
                    raise Failed(f"{other.name} can't open its own files: {could_do(other, folder, files)}")
                (folder / "mine").unlink(missing_ok=True)
                possible = could_do(mine, folder, files)
                if possible:
                    raise Failed(f"{mine.name} could, with what is {other.name}'s: {', '.join(possible)}")
                asked = mine.place.inside([str(home.cli), "--instance", other.name, "status"])
                answer = subprocess.run(asked, env=other.environment(), capture_output=True, text=True, timeout=60,
                                        stdin=subprocess.DEVNULL, check=False)
                if answer.returncode == 0:
                    raise Failed(f"{mine.name} asked {other.name}'s daemon and was answered: {answer.stdout}")
                print(f"{mine.name} was refused all {len(files)} files of {other.name}, its folder and its socket")
    except Failed as error:
        print(f"FAILED: {error}")
        return 1
    return 0


sys.exit(main())
