"""An empty Debian inside this machine: the smallest there is, unpacked from the mirror that this machine's apt uses.

One for another architecture is emulated: its programs start because the kernel hands them to qemu, which only those see
who are inside (a user namespace with a binfmt_misc of its own, Linux 6.7 or newer).  This machine's own settings of that
kind, if there are any, are neither needed nor changed."""

import os
import pathlib
import re
import shutil
import subprocess
import time

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


# Debian's word for an architecture, and qemu's.
EMULATED = {"arm64": "aarch64"}
ENTER_ALONE = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]


def native():
    return subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout.strip()


def unpack_debian(machine, architecture=None):
    """An empty machine: Debian's smallest, which can resolve names and reach the mirror as this one does."""
    foreign = architecture not in (None, native())
    if foreign:
        check_emulation(architecture)
    done = subprocess.run(["debootstrap", "--variant=minbase", *(["--foreign", f"--arch={architecture}"] if foreign else []),
                           SUITE, str(machine), mirror()],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if foreign and done.returncode == 0:
        # As in a container: it may make no devices, and has those of this machine.
        done = run_inside(machine, "container=lxc /debootstrap/debootstrap --second-stage", architecture,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise CannotRun("debootstrap failed:\n" + "\n".join(done.stdout.splitlines()[-5:]))
    proxies = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True).stdout
    lines = [line for line in proxies.splitlines() if re.match(r"Acquire::https?::Proxy", line)]
    (machine / "etc/apt/apt.conf.d/90proxy").write_text("".join(f"{line}\n" for line in lines))
    shutil.copy("/etc/resolv.conf", machine / "etc/resolv.conf")
    policy = machine / "usr/sbin/policy-rc.d"
    policy.write_text(POLICY)
    policy.chmod(0o755)


def run_inside(machine, script, architecture=None, **options):
    """Runs a shell script as root of the machine, with this one's devices and network; the ended process."""
    enter = (f"mount --bind {machine} {machine} && mount -t proc proc {machine}/proc && mount --rbind /dev {machine}/dev && "
             f"exec chroot {machine} env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 sh -s")
    if architecture in (None, native()):
        return subprocess.run([*ENTER_ALONE, "sh", "-c", enter], input=script, text=True, check=False, **options)
    return run_emulating(architecture, enter, script, **options)


def check_emulation(architecture):
    registered = pathlib.Path(binfmt(architecture))
    if not registered.exists():
        raise CannotRun(f"{registered} is missing; install: ./dev setup arm64")
    done = run_emulating(architecture, "true", "", stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise CannotRun(f"programs for {architecture} cannot be started here, which takes Linux 6.7:\n{done.stdout.strip()}")


def binfmt(architecture):
    """How a kernel is told of qemu, as Debian's package has it."""
    return f"/usr/lib/binfmt.d/qemu-{EMULATED[architecture]}.conf"


def run_emulating(architecture, command, script, **options):
    """Runs a shell command whose kernel starts the architecture's programs too; it reads the script."""
    there = "/proc/sys/fs/binfmt_misc"
    emulate = f"mount -t binfmt_misc binfmt_misc {there} && cat {binfmt(architecture)} >{there}/register"
    # The first line comes when the namespace has its users.
    with subprocess.Popen([*ENTER_ALONE, "--user", "--keep-caps", "sh", "-c", f"read -r go && {emulate} && {command}"],
                          stdin=subprocess.PIPE, text=True, **options) as process:
        keep_users(process)
        shown, _ = process.communicate(f"go\n{script}")
    return subprocess.CompletedProcess(process.args, process.returncode, shown)


def keep_users(process):
    """Every user in the process's new namespace is the one of that number outside.  Needs root."""
    ours = os.readlink("/proc/self/ns/user")
    while process.poll() is None and os.readlink(f"/proc/{process.pid}/ns/user") == ours:
        time.sleep(0.01)
    if process.poll() is None:
        for kind in ("uid", "gid"):
            pathlib.Path(f"/proc/{process.pid}/{kind}_map").write_text("0 0 4294967295\n")
