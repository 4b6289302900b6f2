"""What can be seen of a running process from outside, under /proc: what it could write to, and its memory."""

import contextlib
import os
import pathlib

# Larger mappings are the shadow memory of sanitizers: address space, and no data in it.
MAPPING_MAX = 1 << 32


def writable_things(pid):
    """Files, sockets and shared memories that a process could write to, by identity."""
    things = set()
    for entry in os.scandir(f"/proc/{pid}/fd"):
        try:
            target, where = os.readlink(entry.path), os.stat(entry.path)
            flags = pathlib.Path(f"/proc/{pid}/fdinfo/{entry.name}").read_text()
        except OSError:
            continue
        mode = int(next(line.split()[1] for line in flags.splitlines() if line.startswith("flags:")), 8)
        if target.startswith(("anon_inode:", "/dev/null", "/dev/urandom", "pipe:")) or mode & 3 == os.O_RDONLY:
            continue
        things.add(f"{target.split(':')[0]} {where.st_dev}:{where.st_ino}")
    for line in pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines():
        fields = line.split()
        if fields[1][1] == "w" and fields[1][3] == "s":
            things.add(f"memory {fields[3]}:{fields[4]}")
    return things


def listening_ports(pid):
    """Of a process in this network namespace: the TCP ports it listens at."""
    own = set()
    for link in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            own.add(os.readlink(link))
    ports = set()
    for table in ("tcp", "tcp6"):
        for row in pathlib.Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = row.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in own:
                ports.add(int(fields[1].rsplit(":", 1)[1], 16))
    return ports


def may_read_memory():
    """Reading the memory of other users' processes needs root."""
    return os.geteuid() == 0


def readable_memory(pid):
    """The bytes of every mapping that can be read, one mapping at a time."""
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            span, mode = line.split()[:2]
            start, end = (int(side, 16) for side in span.split("-"))
            if mode[0] != "r" or end - start > MAPPING_MAX:
                continue
            try:
                memory.seek(start)
                yield memory.read(end - start)
            except (OSError, ValueError, OverflowError):
                continue  # [vvar] and the like
