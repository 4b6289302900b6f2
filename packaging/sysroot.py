#!/usr/bin/env python3
"""The libraries of another architecture's Debian, to build against: sysroot.py ARCHITECTURE FOLDER; prints where they lie.

Unpacks them under FOLDER once for each list of packages, with an apt of its own that knows nothing but this machine's
mirror and Debian's keys.  What is installed here, and where this machine has its packages from, is left as it is.
Beside the files is a dpkg database of them, in which dpkg-shlibdeps finds what a program for that machine needs."""

import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from debian import SUITE, CannotRun, mirror  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
# To be raised when the same packages are to be unpacked in another way.
WAY = "1"
KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"
# Nothing compiles against these.
LEFT_OUT = ("usr/share/doc", "usr/share/man", "usr/share/info", "usr/share/locale", "usr/share/icu", "usr/lib/gcc")
# What a package says of its libraries, to those who link them.
SAYS = ("symbols", "shlibs")
MERGED = ("bin", "lib", "sbin")


def wanted(lines):
    """The packages that are for the machine a program runs on: libraries, and the time zones that one of them reads."""
    packages = set()
    for line in lines:
        group, _, package = line.partition(" ")
        name = package.split()[0] if package.split() else ""
        if group in ("build", "test") and re.fullmatch(r"lib\S+-dev|\S+3-dev|tzdata", name):
            packages.add(name)
    return sorted(packages)


def key(architecture, packages):
    return hashlib.sha256("\n".join([WAY, architecture, SUITE, *packages]).encode()).hexdigest()[:12]


def run(*command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options)
    if done.returncode != 0:
        raise CannotRun(f"{command[0]} failed:\n" + "\n".join(done.stdout.splitlines()[-5:]))


def download(architecture, packages, folder):
    """The packages, and all that they depend on, as files."""
    for part in ("lists/partial", "archives/partial"):
        (folder / part).mkdir(parents=True)
    (folder / "status").touch()
    (folder / "sources.list").write_text(f"deb [arch={architecture} signed-by={KEYS}] {mirror()} {SUITE} main\n")
    # Read before this machine's own configuration, of which the ways to reach the mirror remain.
    (folder / "apt.conf").write_text(f"""
APT::Architecture "{architecture}";
APT::Architectures {{ "{architecture}"; }};
APT::Install-Recommends "false";
APT::Sandbox::User "";
Acquire::Languages "none";
Dir::State "{folder}";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}";
""")
    own = ["-o", f"Dir::Etc::SourceList={folder}/sources.list", "-o", "Dir::Etc::SourceParts=-"]
    environment = {**os.environ, "APT_CONFIG": str(folder / "apt.conf"), "DEBIAN_FRONTEND": "noninteractive"}
    run("apt-get", *own, "update", "-qq", "--error-on=any", env=environment)
    run("apt-get", *own, "install", "-qq", "-y", "--download-only", *packages, env=environment)
    return sorted((folder / "archives").glob("*.deb"))


def unpack(package, root, place):
    """One package's files, and its entry in the database; without running anything of it.  The root will be at `place`."""
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as files:
        run("tar", "-x", "-C", str(root), "--keep-directory-symlink", "--no-same-owner",
            *[f"--exclude=./{path}" for path in LEFT_OUT], stdin=files.stdout)
    if files.returncode != 0:
        raise CannotRun(f"{package.name} does not unpack")
    control = subprocess.run(["dpkg-deb", "--field", package], capture_output=True, text=True, check=True).stdout
    field = dict(re.findall(r"^([A-Za-z-]+): (.*)$", control, re.MULTILINE))
    database = root / "var/lib/dpkg"
    with open(database / "status", "a", encoding="utf-8") as status:
        status.write(control.replace("\n", "\nStatus: install ok installed\n", 1) + "\n")
    name = field["Package"]
    if field.get("Multi-Arch") == "same":
        name += ":" + field["Architecture"]
    with tempfile.TemporaryDirectory() as folder:
        run("dpkg-deb", "--control", str(package), folder)
        for said in SAYS:
            if (pathlib.Path(folder) / said).exists():
                shutil.copy(pathlib.Path(folder) / said, database / f"info/{name}.{said}")
    listed = subprocess.run(["dpkg-deb", "--contents", package], capture_output=True, text=True, check=True).stdout
    paths = [line.split(maxsplit=5)[5].split(" -> ")[0].removeprefix("./") for line in listed.splitlines()
             if not line.startswith("d")]
    (database / f"info/{name}.list").write_text("".join(f"{place}/{settled(path)}\n" for path in paths))


def settled(path):
    """Where a file really is when /lib is a link to /usr/lib."""
    return f"usr/{path}" if path.partition("/")[0] in MERGED else path


def make_links_relative(root):
    """A link to /lib/... means the root's own /lib."""
    for folder, _, names in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.islink(path) and os.readlink(path).startswith("/"):
                target = os.path.relpath(str(root) + os.readlink(path), folder)
                os.unlink(path)
                os.symlink(target, path)


def unpack_all(packages, root, place):
    for name in MERGED:
        (root / "usr" / name).mkdir(parents=True)
        (root / name).symlink_to(f"usr/{name}")
    (root / "var/lib/dpkg/info").mkdir(parents=True)
    (root / "var/lib/dpkg/info/format").write_text("1\n")
    for package in packages:
        unpack(package, root, place)
    make_links_relative(root)


def main(architecture, cache):
    packages = wanted((HERE / "apt-packages.txt").read_text().splitlines())
    root = pathlib.Path(cache).resolve() / f"sysroot-{architecture}-{key(architecture, packages)}"
    if not root.exists():
        print(f"Unpacking the libraries of Debian {SUITE} for {architecture} into {root}", file=sys.stderr)
        root.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="sysroot-", dir=root.parent) as folder:
            unfinished = pathlib.Path(folder) / "root"
            unfinished.mkdir()
            unpack_all(download(architecture, packages, pathlib.Path(folder) / "apt"), unfinished, root)
            unfinished.rename(root)
    print(root)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__.splitlines()[0])
    try:
        main(*sys.argv[1:])
    except CannotRun as error:
        sys.exit(f"sysroot: {error}")
