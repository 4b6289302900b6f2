"""Anna, whose day it is: what her calendar says and what her heart does.  All of it is made up here."""

import datetime
import math
import random
import secrets

from clock import minutes

WAY = minutes(30)  # the settings' way and margin
# From when to when on the two days: beats per minute, and how much breath changes them in ms.
LYING_DOWN, ABOUT, AT_REST, ASLEEP = (58, 40), (84, 15), (64, 25), (53, 60)
DAYS = (("16:00", LYING_DOWN), ("17:00", ABOUT), ("18:00", AT_REST), ("22:20", ASLEEP), ("06:40", ABOUT), ("18:00", AT_REST), ("22:20", ASLEEP))
NIGHT_HOURS = 9


class Calendar:
    """A folder with one appointment, with a canary in everything that is nobody else's business."""

    def __init__(self, folder):
        folder.mkdir(mode=0o755)
        self.folder = folder
        self.canaries = {name: f"canary-{name}-{secrets.token_hex(6)}"
                         for name in ("uid", "title", "place", "text", "guest")}

    def leave_at(self, leaves, cancelled=False):
        """Writes the appointment so that one has to leave at `leaves`: beside the file, then in its place, as programs
        do."""
        start = (leaves + WAY).astimezone(datetime.timezone.utc)
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//demo//", "BEGIN:VEVENT", f"UID:{self.canaries['uid']}",
                 f"SUMMARY:{self.canaries['title']}", f"LOCATION:{self.canaries['place']}",
                 f"DESCRIPTION:{self.canaries['text']}",
                 f"ATTENDEE;CN={self.canaries['guest']}:mailto:{self.canaries['guest']}@example.org",
                 f"DTSTART:{start.strftime('%Y%m%dT%H%M%SZ')}", "DURATION:PT1H",
                 *(["STATUS:CANCELLED"] if cancelled else []), "END:VEVENT", "END:VCALENDAR", ""]
        fresh = self.folder / "work.new"
        fresh.write_text("\r\n".join(lines))
        fresh.rename(self.folder / "work.ics")


class Heart:
    """A recording of every heartbeat from `begins` on, to a second night's end; each has a number nobody else has."""

    def __init__(self, path, begins):
        self.path, self._random = path, random.Random()
        at, beats = begins, []
        for (_, how), (until, _) in zip(DAYS, DAYS[1:]):
            hour, minute = map(int, until.split(":"))
            ends = at.replace(hour=hour, minute=minute, second=0, microsecond=0)
            ends += datetime.timedelta(days=ends <= at)
            beats += self._beat((ends - at).total_seconds(), *how)
            at = ends
        second_night = list(self._beat(NIGHT_HOURS * 3600, *ASLEEP))
        beats += second_night
        path.write_text("rr_ms\n" + "\n".join(beats) + "\n")
        # Of the first day, and what the watch has read and not played yet when the second one ends.
        self.some = [beats[5], beats[len(beats) // 2], *second_night[6000:6003]]

    def _beat(self, seconds, per_minute, breath):
        passed = 0
        while passed < seconds * 1000:
            interval = 60_000 / per_minute + breath * math.sin(passed * math.tau / 4000) + self._random.gauss(0, breath / 4)
            passed += interval
            yield f"{interval:.7f}"
