#!/usr/bin/env python3
"""A daemon whose disk lets it down: full, read-only, or with a damaged database; and one that stops answering.

  full       writes are refused with a clear error and nothing hangs; what is known is still answered; `doctor` says why;
             after space is there again and a restart, every acknowledged write is there
  founding   a household that cannot be stored is refused, and is made once there is space
  read-only  the daemon says what is wrong and changes nothing; all is there when the disk can be written again
  damaged    every page of the database in turn is overwritten: the daemon never crashes, hangs or makes things up; it
             works, or says that the store is damaged; `repair` and a pairing bring back what the household shares
  stopped    the acting hub gets SIGSTOP in the middle: the asker is told within its deadline, and when the hub goes on
             it does nothing that was said to be not done

--pages N looks at N pages spread over the database instead of all.
"""

import argparse
import os
import pathlib
import random
import resource
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "demo"), str(HERE)]
from household import ApiError, Household, wait_for  # noqa: E402
from kills import brightnesses, ends_within, launch  # noqa: E402

PAGE = 4096
FACTS = 60
DISK_BYTES = 3 * 1024 * 1024
ANSWER_S = 10


def write(device, subject, value="v" * 200):
    device.api.post("facts", {"subject": subject, "attribute": "x", "value": value, "audience": "household"})


def subjects(device):
    return {fact["subject"] for fact in device.facts("test:*")}


def bad_items(device):
    return {item["key"]: item for item in device.api.get("doctor")["items"] if not item["ok"]}


def refused(action):
    """The error it was refused with, within ANSWER_S."""
    started = time.monotonic()
    try:
        action()
    except ApiError as error:
        assert time.monotonic() - started < ANSWER_S, "the refusal took too long"
        return error.name
    return None


def make_household(home, settings=None):
    hub, phone = home.add("hub", "hub", settings).start(), home.add("phone", "phone").start()
    hub.api.post("household/create", {"name": "hub", "kind": "hub", "household_name": "Home"})
    hub.pair(phone, "--new-person", "Anna", "--role", "admin")
    for number in range(FACTS):
        write(phone, f"test:{number}")
    wait_for("the hub has all", lambda: len(subjects(hub)) == FACTS)
    return hub, phone


# --- full ----------------------------------------------------------------------------------------------------------

class SmallDisk:
    """A file system of DISK_BYTES for the state of the device `name`, where this user may mount one."""

    def __init__(self, home, name):
        self.folder = home.folder / name
        self.folder.mkdir()
        self.mounted = os.geteuid() == 0 and self._run(
            "mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=0700", "ambit-test", str(self.folder))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.mounted:
            self._run("umount", "--lazy", str(self.folder))

    def remount(self, how):
        assert self._run("mount", "-o", f"remount,{how}", str(self.folder)), how

    @staticmethod
    def _run(*command):
        return subprocess.run(command, check=False, capture_output=True).returncode == 0


def full(build):
    with Household(build, isolated=False) as home, SmallDisk(home, "phone") as disk:
        hub, phone = make_household(home)
        if not disk.mounted:
            resource.prlimit(phone.pid(), resource.RLIMIT_FSIZE, (DISK_BYTES, DISK_BYTES))
        written, why = set(), None
        for number in range(100000):
            why = refused(lambda n=number: write(phone, f"test:more-{n}", "v" * 4000))
            if why:
                break
            written.add(f"test:more-{number}")
        assert why == "StorageFailed", why
        assert written, "it was full at once"
        assert refused(lambda: write(phone, "test:again")) == "StorageFailed"
        assert refused(lambda: phone.ask("turn on the kitchen light")) == "StorageFailed"
        assert written <= subjects(phone), "what is known is still answered"
        item = bad_items(phone)["store"]
        assert "space" in item["next_step"], item
        if disk.mounted:
            disk.remount("size=64M")
        phone.stop()
        phone.start()
        assert written <= subjects(phone), "an acknowledged write is lost"
        assert "store" not in bad_items(phone)
        write(phone, "test:after")
        wait_for("the hub has all", lambda: written | {"test:after"} <= subjects(hub))
        phone.stop()
        what = "a small disk" if disk.mounted else "the limit of a file"
        return f"{len(written)} writes until {what} was full; none lost"


# --- founding ------------------------------------------------------------------------------------------------------

def founding(build):
    with Household(build, isolated=False) as home:
        hub = home.add("hub", "hub").start()

        def create():
            hub.api.post("household/create", {"name": "hub", "kind": "hub", "household_name": "Home"})

        # Enough for its settings, too little for a page of its database.
        resource.prlimit(hub.pid(), resource.RLIMIT_FSIZE, (PAGE // 4, resource.RLIM_INFINITY))
        assert refused(create) == "StorageFailed"
        assert "space" in bad_items(hub)["store"]["next_step"]
        assert refused(create) in ("StorageFailed", "StoreUnusable")
        resource.prlimit(hub.pid(), resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        assert refused(create) is None
        write(hub, "test:after")
        hub.stop()
        hub.start()
        assert subjects(hub) == {"test:after"}
        return "refused twice, then made without a restart"


# --- read-only -----------------------------------------------------------------------------------------------------

def read_only(build):
    with Household(build, isolated=False) as home, SmallDisk(home, "phone") as disk:
        if not disk.mounted:
            return "not tried: it needs to mount"
        hub, phone = make_household(home)
        phone.stop()
        disk.remount("ro")
        # The socket cannot be made there either, so the daemon can only say it and end.
        launch(phone)
        assert ends_within(phone, ANSWER_S), "it runs on a disk it cannot write"
        said = phone.log.read_text().splitlines()[-1]
        assert "Read-only file system" in said and "Next:" in said, said
        disk.remount("rw")
        phone.start()
        assert len(subjects(phone)) == FACTS
        write(phone, "test:after")
        wait_for("the hub has it", lambda: "test:after" in subjects(hub))
        phone.stop()
        return "refused with the reason; all there when it could be written again"


# --- damaged -------------------------------------------------------------------------------------------------------

class Damage:
    """Overwrites one page of a device's database at a time, each in a fresh copy."""

    def __init__(self, device):
        self.device = device
        self.folder = device.state / device.name
        self.path = self.folder / "ambit.db"
        self.good = self.path.read_bytes()
        self.pages = len(self.good) // PAGE
        self.works, self.says = 0, 0

    def put(self, content):
        for old in self.folder.glob("ambit.db*"):
            old.unlink()
        self.path.write_bytes(content)

    def page(self, number):
        bad = bytearray(self.good)
        bad[number * PAGE:(number + 1) * PAGE] = random.Random(number).randbytes(PAGE)
        self.put(bad)
        self.device.start()
        status = self.device.api.get("status")
        if "household" not in status:
            self.says += 1
            assert refused(lambda: write(self.device, "test:x")) == "StoreDamaged", number
            assert "ambit repair" in bad_items(self.device)["store"]["next_step"], number
        else:
            # It came up: what it shows is true, and a write is kept or refused.
            self.works += 1
            assert subjects(self.device) <= {f"test:{n}" for n in range(FACTS)}, number
            why = refused(lambda: write(self.device, "test:1"))
            assert why in (None, "StorageFailed"), (number, why)
            assert (why is None) == ("store" not in bad_items(self.device)), number
        assert self.device.stop() == 0, number


def damaged(build, pages):
    with Household(build, isolated=False) as home:
        hub, phone = make_household(home)
        hub.stop()
        damage = Damage(hub)
        step = max(1, damage.pages // pages) if pages else 1
        chosen = sorted({*range(0, damage.pages, step), 0, 1, 2})
        for number in chosen:
            damage.page(number)

        # And back to life, from its peer.
        damage.put(damage.good[:PAGE] + bytes(len(damage.good) - PAGE))
        hub.start()
        assert "store" in bad_items(hub)
        moved = hub.api.post("repair", {})["set_aside"]
        assert os.path.exists(moved)
        assert refused(lambda: hub.api.get("devices")) == "NoHousehold"
        assert refused(lambda: hub.api.post("repair", {})) == "InvalidArgument"
        before = phone.api.get("status")["household"]["roster_version"]
        phone.pair(hub, "--shared")
        wait_for("all is back", lambda: len(subjects(hub)) == FACTS)
        assert phone.api.get("status")["household"]["roster_version"] == before, "the household did not change"
        write(hub, "test:after")
        wait_for("it is heard again", lambda: "test:after" in subjects(phone))
        left = {name for device in (hub, phone) for name in bad_items(device)} - {"admins", "sandbox", "disk"}
        assert not left, f"still to look at: {left}"
        return (f"{len(chosen)} of {damage.pages} pages: {damage.says} times it said so, {damage.works} times the page "
                "was not in use; repaired from its peer")


# --- stopped -------------------------------------------------------------------------------------------------------

def stopped(build):
    with Household(build, isolated=False) as home:
        things = home.add_things()
        hub, phone = make_household(home, things.settings())

        def ask(percent):
            return phone.ask(f"set the kitchen light to {percent} percent")

        wait_for("the lamp obeys", lambda: (ask(10)["answers"] or [{}])[0].get("outcome") == "done")
        os.kill(hub.pid(), signal.SIGSTOP)
        started = time.monotonic()
        answer = ask(20)["answers"][0]
        took = time.monotonic() - started
        os.kill(hub.pid(), signal.SIGCONT)
        assert answer["outcome"] in ("unknown", "not_done"), answer
        wait_for("the lamp obeys again", lambda: (ask(30)["answers"] or [{}])[0].get("outcome") == "done")
        time.sleep(1)  # nothing can be waited for that must not come
        told = [percent for _, percent in brightnesses(things)]
        late = told.count(20)
        assert told[-1] == 30 and late <= 1, told
        assert not (late and answer["outcome"] == "not_done"), "it was said to be not done"
        return f"told \"{answer['outcome']}\" after {took:.1f} s; the lamp got it {late} times"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True, help="where the programs are")
    parser.add_argument("--pages", type=int, default=0, help="how many pages to damage; 0: each")
    parser.add_argument("only", nargs="*", help="full, founding, read-only, damaged, stopped; all of them without")
    options = parser.parse_args()
    tests = {"full": lambda: full(options.build), "founding": lambda: founding(options.build), "read-only": lambda: read_only(options.build),
             "damaged": lambda: damaged(options.build, options.pages),
             "stopped": lambda: stopped(options.build)}
    for name in options.only or tests:
        print(f"{name}: {tests[name]()}", flush=True)


if __name__ == "__main__":
    main()
