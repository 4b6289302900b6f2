"""The household's clock: civil time of every daemon and command line of the demo, pushed forward from here.

What they read it with is clock.cpp.  Monotonic time is left alone, so that links and deadlines stay what they are
(docs/adr/0011-a-clock-outside-the-programs.md).
"""

import datetime
import os
import struct
import time

from waiting import PATIENCE, wait_for

STEP_SECONDS = 0.1  # of real time, at least
# Devices that see civil time jump as far as this ask each other anew what time it is.
JUMP = datetime.timedelta(seconds=61)


def minutes(count):
    return datetime.timedelta(minutes=count)


class Clock:
    """`path`: the file that the programs read; `module`: what is preloaded into them; `begins`: "16:30", the next one
    there is.  `frozen`: nothing pushes it, as a control of the demo has it."""

    def __init__(self, path, module, begins, frozen=False):
        self._path, self._module, self._frozen = path, module, frozen
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        self._set_ahead(datetime.timedelta())
        self._set_ahead(self.next(begins) - self.now())

    def environment(self):
        """What a program needs to live by it; a sanitizer must not mind what is loaded before it."""
        options = filter(None, (os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0"))
        return {"AMBIT_DEMO_CLOCK": str(self._path), "LD_PRELOAD": str(self._module), "ASAN_OPTIONS": ":".join(options)}

    def now(self):
        return (datetime.datetime.now(datetime.timezone.utc) + self._ahead).astimezone()

    def next(self, hour_and_minute):
        """The next moment at which clocks show "06:02"."""
        hour, minute = map(int, hour_and_minute.split(":"))
        now = self.now()
        days = (now.date() + datetime.timedelta(days=days) for days in (0, 1))
        moments = (datetime.datetime(day.year, day.month, day.day, hour, minute).astimezone() for day in days)
        return next(moment for moment in moments if moment > now)

    def forward(self, to, pace, meanwhile):
        """Time passes until `to`, `pace` times as fast as it does.  meanwhile() is called after each step, and the next
        one waits for it.  The last one is a jump, so that everybody compares their clocks once they stand still."""
        while not self._frozen and self.now() < to:
            ahead_of_jump = to - JUMP - self.now()
            self._step(min(self._stride(pace), ahead_of_jump) if ahead_of_jump.total_seconds() > 0 else to - self.now())
            meanwhile()

    def until(self, what, probe, pace, latest, meanwhile, patience=PATIENCE):
        """Time passes until there is a true value of probe(), at most until `latest`; what should have happened by then
        has all the patience there is, so that a slow machine makes no difference."""
        value = probe()
        while not value and not self._frozen and self.now() < latest:
            self._step(self._stride(pace))
            meanwhile()
            value = probe()
        return value or wait_for(f"{what}, by {latest:%H:%M}", probe, seconds=patience)

    def _step(self, span):
        time.sleep(STEP_SECONDS)
        self._set_ahead(self._ahead + span)

    @staticmethod
    def _stride(pace):
        return datetime.timedelta(seconds=(pace - 1) * STEP_SECONDS)

    def _set_ahead(self, ahead):
        self._ahead = ahead
        os.pwrite(self._file, struct.pack("=q", ahead // datetime.timedelta(microseconds=1) * 1000), 0)
