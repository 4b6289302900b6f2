"""An empty Debian inside this machine: the smallest there is, unpacked from the mirror that this machine's apt uses."""

import pathlib
import re
import shutil
import subprocess

SUITE = "bookworm"
# No service starts by being installed.
POLICY = "#!/bin/sh\nexit 101\n"


class CannotRun(Exception):
    """This machine lacks something that the measurement needs; its text says what to do."""


def mirror():
    """The address this machine's own apt has the suite from."""
    listed = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(CODENAME) $(ORIGIN) $(REPO_URI)", "Identifier: Packages"],
        capture_output=True, text=True, check=False).stdout
    for line in listed.splitlines():
        codename, origin, address = line.split(maxsplit=2)
        if codename == SUITE and origin == "Debian":
            return address
    raise CannotRun(f"apt on this machine has no source of Debian's {SUITE}")


def unpack_debian(machine):
    """An empty machine: Debian's smallest, which can resolve names and reach the mirror as this one does."""
    done = subprocess.run(["debootstrap", "--variant=minbase", SUITE, str(machine), mirror()],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise CannotRun("debootstrap failed:\n" + "\n".join(done.stdout.splitlines()[-5:]))
    proxies = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True).stdout
    lines = [line for line in proxies.splitlines() if re.match(r"Acquire::https?::Proxy", line)]
    (machine / "etc/apt/apt.conf.d/90proxy").write_text("".join(f"{line}\n" for line in lines))
    shutil.copy("/etc/resolv.conf", machine / "etc/resolv.conf")
    policy = machine / "usr/sbin/policy-rc.d"
    policy.write_text(POLICY)
    policy.chmod(0o755)
