#!/usr/bin/env python3
"""A phone whose calendar is on a real server (Radicale), over CalDAV: an entry is put, moved, repeated, cancelled and
removed there, and the phone's departure follows; what did not change is not read again; a folder on the phone counts
beside it.  The server dies and comes back, refuses the password, is told it in the open, and proves who it is by its own
certificate.  What it holds, and the password, are found nowhere but in the phone's memory.
"""

import argparse
import base64
import datetime
import pathlib
import secrets
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "demo"))
from household import Failed, Household, exit_with, wait_for  # noqa: E402
from processes import may_read_memory  # noqa: E402

PYTHON = "/usr/bin/python3"  # the distribution's, which has the distribution's Radicale
WAY = datetime.timedelta(minutes=30)  # the settings' way and margin
SKIPPED = 77
USER = "anna"


def hours(count):
    return datetime.timedelta(hours=count)


def stamp(moment):
    return moment.strftime("%Y%m%dT%H%M%SZ")


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Radicale:
    """The server, with its own folder, one user and a port of 127.0.0.1."""

    def __init__(self, folder):
        self.folder = folder
        self.port = free_port()
        self.password = f"secret-{secrets.token_hex(8)}"
        self.log = folder / "radicale.log"
        self.certificate = folder / "certificate.pem"
        self.tls = False
        self.process = None
        folder.mkdir()
        self.admit(self.password)

    @staticmethod
    def is_here():
        return subprocess.run([PYTHON, "-c", "import radicale"], capture_output=True, check=False).returncode == 0

    def admit(self, password):
        (self.folder / "users").write_text(f"{USER}:{password}\n")

    def url(self, path="/"):
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self.port}{path}"

    def start(self):
        config = {"server": {"hosts": f"127.0.0.1:{self.port}", "ssl": self.tls, "certificate": self.certificate,
                             "key": self.folder / "key.pem"},
                  "auth": {"type": "htpasswd", "htpasswd_filename": self.folder / "users",
                           "htpasswd_encryption": "plain", "delay": 0},
                  "rights": {"type": "owner_only"}, "storage": {"filesystem_folder": self.folder / "collections"},
                  "web": {"type": "none"}, "logging": {"level": "info"}}
        (self.folder / "config").write_text("".join(
            f"[{section}]\n" + "".join(f"{key} = {value}\n" for key, value in rows.items())
            for section, rows in config.items()))
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([PYTHON, "-B", "-m", "radicale", "--config", str(self.folder / "config")],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder)
        wait_for("the calendar server listens", self._listens)
        return self

    def _listens(self):
        if self.process.poll() is not None:
            raise Failed(f"radicale ended:\n{self.log.read_text()}")
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1):
                return True
        except OSError:
            return False

    def kill(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def own_certificate(self):
        """From now on it speaks TLS, with a certificate that nobody signed but itself."""
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=calendar",
                        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(self.folder / "key.pem"), "-out",
                        str(self.certificate)], check=True, capture_output=True)
        self.tls = True

    def request(self, method, path, body=""):
        request = urllib.request.Request(self.url(path), body.encode(), method=method)
        word = base64.b64encode(f"{USER}:{self.password}".encode()).decode()
        request.add_header("Authorization", f"Basic {word}")
        request.add_header("Content-Type", "text/calendar; charset=utf-8" if method == "PUT" else "application/xml")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status

    def asked(self, method):
        """How many such requests it has seen."""
        return self.log.read_text().count(f"{method} request for")


class Event:
    """An entry on the server, with a canary in all that is nobody else's business."""

    def __init__(self, server):
        self.server = server
        self.canaries = {name: f"canary-{name}-{secrets.token_hex(6)}" for name in ("uid", "title", "place", "guest")}
        self.path = f"/{USER}/work/{self.canaries['uid']}.ics"

    def lines(self, start, *more):
        return ["BEGIN:VEVENT", f"UID:{self.canaries['uid']}", f"DTSTAMP:{stamp(start)}",
                f"SUMMARY:{self.canaries['title']}", f"LOCATION:{self.canaries['place']}",
                f"ATTENDEE;CN={self.canaries['guest']}:mailto:{self.canaries['guest']}@example.org",
                f"DTSTART:{stamp(start)}", "DURATION:PT1H", *more, "END:VEVENT"]

    def put(self, *components):
        text = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//", *sum(components, []), "END:VCALENDAR", ""]
        assert self.server.request("PUT", self.path, "\r\n".join(text)) in (200, 201, 204)

    def remove(self):
        self.server.request("DELETE", self.path)


def departure(phone):
    for fact in phone.facts("person:*"):
        if fact["attribute"] == "departure":
            return fact["value"]["leaves_ms"]
    return None


def leaves(phone, what, start):
    """Waits until the phone knows that one has to leave for what begins at `start`; None: that there is nothing."""
    wanted = int((start - WAY).timestamp() * 1000) if start else 0
    wait_for(f"{what}: {start}", lambda: departure(phone) == wanted)
    print(f"{what}: ok", flush=True)


def server_item(phone):
    items = [item for item in phone.api.get("doctor")["items"] if item["key"] == "calendar.server"]
    return items[0] if items else {"ok": None}


def says(phone, code):
    """Waits until the phone's health has that error about the server; 0: none."""
    def right():
        item = server_item(phone)
        return item if (item["ok"] if code == 0 else item.get("error", {}).get("number") == code) else None
    item = wait_for(f"the phone says {code or 'that all is well'}", right)
    if code:
        print(f"  {phone.ambit('doctor', check=False)[1].strip()}", flush=True)
    return item


def write(path, lines):
    fresh = path.with_suffix(".new")
    fresh.write_text("\r\n".join(["BEGIN:VCALENDAR", *lines, "END:VCALENDAR", ""]))
    fresh.rename(path)


def meet(home, server, files):
    password = home.folder / "password"
    password.write_text(server.password + "\n")
    hub = home.add("hub", "hub").start()
    phone = home.add("phone", "phone", {"calendar.path": str(files), "calendar.url": server.url(), "calendar.user": USER,
                                        "calendar.password_file": str(password), "calendar.every_s": 1}).start()
    hub.ambit("up", "--name", "hub", "--kind", "hub", "--household", "Home")
    hub.pair(phone, "--new-person", "Anna", "--role", "adult")
    wait_for("they are linked", lambda: hub.links_up() == 1 and phone.links_up() == 1)
    return phone, password


def what_is_on_the_server(phone, event, now):
    says(phone, 0)
    event.put(event.lines(now + hours(5)))
    leaves(phone, "an entry is put", now + hours(5))
    event.put(event.lines(now + hours(4)))
    leaves(phone, "it moves", now + hours(4))
    repeats = event.lines(now + hours(6), "RRULE:FREQ=HOURLY;INTERVAL=6;COUNT=3")
    event.put(repeats)
    leaves(phone, "it repeats", now + hours(6))
    event.put(repeats, event.lines(now + hours(2), f"RECURRENCE-ID:{stamp(now + hours(6))}"))
    leaves(phone, "one of its times moves", now + hours(2))
    event.put(repeats, event.lines(now + hours(6), f"RECURRENCE-ID:{stamp(now + hours(6))}", "STATUS:CANCELLED"))
    leaves(phone, "one of its times is cancelled", now + hours(12))
    event.put(event.lines(now + hours(4), "STATUS:CANCELLED"))
    leaves(phone, "all of it is cancelled; a file counts", now + hours(15))
    event.put(event.lines(now + hours(3)))
    leaves(phone, "it is back", now + hours(3))


def nothing_is_read_twice(server):
    asked, read = server.asked("PROPFIND"), server.asked("REPORT")
    wait_for("it is asked a few times more", lambda: server.asked("PROPFIND") >= asked + 3)
    assert server.asked("REPORT") == read, "what did not change was read again"


def it_dies(phone, server, event, now):
    server.kill()
    says(phone, 5105)
    assert departure(phone) == int((now + hours(3) - WAY).timestamp() * 1000), "what was read last still counts"
    server.start()
    event.put(event.lines(now + hours(2)))
    leaves(phone, "it is back, and told something new", now + hours(2))
    says(phone, 0)
    event.remove()
    leaves(phone, "the entry is removed", now + hours(15))
    event.put(event.lines(now + hours(3)))
    leaves(phone, "and put again", now + hours(3))


def restart(phone, **settings):
    for name, value in settings.items():
        phone.ambit("config", "set", f"calendar.{name}", value)
    phone.stop()
    phone.start()


def passwords(phone, server, password, event, files, now):
    server.admit("another")
    says(phone, 5106)
    assert departure(phone) == int((now + hours(3) - WAY).timestamp() * 1000)
    restart(phone)
    item = says(phone, 5106)
    assert "calendar.user" in item["next_step"] or "user and password" in item["next_step"], item
    leaves(phone, "refused from the start; what was told before stands", now + hours(3))
    write(files / "own.ics", event.lines(now + hours(2)))
    leaves(phone, "something earlier in a file counts", now + hours(2))
    write(files / "own.ics", event.lines(now + hours(15)))
    leaves(phone, "and is gone: what was told before stands", now + hours(3))
    server.admit(server.password)
    restart(phone)
    leaves(phone, "let in again", now + hours(3))
    restart(phone, url=f"http://192.0.2.1:{server.port}/")
    says(phone, 5108)
    restart(phone, url=server.url(f"/{USER}/work/"))
    leaves(phone, "one calendar by its own address", now + hours(3))
    password.rename(password.with_suffix(".away"))
    restart(phone)
    says(phone, 1002)
    password.with_suffix(".away").rename(password)


def flaws(phone, event, flawed, files, now):
    """What can't be used is said by name to who asks at the device, and to no log."""
    zone = flawed.canaries["zone"] = f"canary-zone-{secrets.token_hex(6)}"
    write(files / "flawed.ics", [line.replace("DTSTART:", f"DTSTART;TZID={zone}:").removesuffix("Z")
                                 for line in event.lines(now + hours(30))])
    wait_for("the unknown zone is said", lambda: zone in phone.ambit("doctor", check=False)[1])
    (files / "flawed.ics").unlink()
    flawed.put([line.replace("DURATION:PT1H", f"DTEND:{stamp(now)}") for line in flawed.lines(now + hours(30))])
    wait_for("the entry is named", lambda: flawed.canaries["uid"] in phone.ambit("doctor", check=False)[1])
    assert "calendar.entries" in phone.log.read_text(), "or the search of the log proves nothing"


def certificates(phone, server, now):
    server.kill()
    server.own_certificate()
    server.start()
    restart(phone, url=server.url())
    item = says(phone, 5105)
    assert "certificate" in item["text"], item
    restart(phone, ca_file=str(server.certificate))
    leaves(phone, "known by its own certificate", now + hours(3))
    says(phone, 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", help="where the programs are")
    options = parser.parse_args()
    if not Radicale.is_here() or not shutil.which("openssl"):
        print("SKIPPED: radicale or openssl is missing: ./dev setup test")
        return SKIPPED
    with Household(options.build, isolated=False) as home:
        now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
        files = home.folder / "files"
        files.mkdir()
        server = Radicale(home.folder / "radicale").start()
        try:
            server.request("MKCALENDAR", f"/{USER}/work/")
            event = Event(server)
            write(files / "own.ics", event.lines(now + hours(15)))
            phone, password = meet(home, server, files)
            leaves(phone, "the file alone", now + hours(15))
            what_is_on_the_server(phone, event, now)
            nothing_is_read_twice(server)
            it_dies(phone, server, event, now)
            flawed = Event(server)
            flaws(phone, event, flawed, files, now)
            passwords(phone, server, password, event, files, now)
            certificates(phone, server, now)
            needles = [text.encode() for text in (*event.canaries.values(), *flawed.canaries.values(),
                                                     server.password)]
            found = home.search(needles)
            if may_read_memory():
                assert ("phone", "memory") in found, "the phone itself must hold it, or the search proves nothing"
            assert not found - {("phone", "memory")}, f"the calendar is where it must not be: {found}"
        finally:
            server.kill()
    print("caldav: ok")
    return 0


if __name__ == "__main__":
    exit_with(main)
