"""What a person at the terminal sees of the day, and the keys they may press."""

import contextlib
import os
import select
import sys
import termios
import time
import tty

BOLD, DIM, GREEN, RED, CYAN = "1", "2", "32", "31", "36"
MARGIN = " " * 7  # the width of a time
READING_SECONDS = 4  # between two scenes, for whoever watches


class Telling:
    """`clock`: what time it is in the household, once there is one; `quiet`: only what went wrong; `watched`: somebody
    sits before it, who gets time to read and may press keys."""

    def __init__(self, quiet, watched):
        self._quiet = quiet
        self._color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        self._watched = watched and sys.stdin.isatty() and sys.stdout.isatty()
        self._moving = False
        self.clock = None
        self.stopped = False  # somebody pressed s

    def styled(self, style, text):
        return f"\x1b[{style}m{text}\x1b[0m" if self._color else text

    def title(self, text):
        self._line(f"\n{self.styled(CYAN, self._time())}  {self.styled(BOLD, text)}")

    def say(self, text="", style=None):
        for line in text.splitlines() or [""]:
            self._line(f"{MARGIN}{self.styled(style, line) if style else line}".rstrip())

    def happens(self, text):
        """Something that the household did, with the time at which it did."""
        self._line(f"{self.styled(CYAN, self._time())}  {text}")

    def seen(self, text):
        """What was checked from outside."""
        self.say(f"{self.styled(GREEN, '✓')} {text}")

    def failed(self, text):
        self._end_of_motion()
        print(f"{MARGIN}{self.styled(RED, '✗')} {text}", flush=True)

    def moving(self):
        """While time is pushed: the clock runs before one's eyes."""
        if self._color and not self._quiet:
            print(f"\r{self.styled(CYAN, self._time())}  {self.styled(DIM, '▸▸')}", end="", flush=True)
            self._moving = True

    def pause(self):
        """Between two scenes: goes on by itself, sooner with Enter, or once it is pressed after a space."""
        if not self._watched:
            return
        self.say("Enter: go on   Space: wait   s: stop here, the household is yours", DIM)
        end = time.monotonic() + READING_SECONDS
        with _keys():
            while (left := end - time.monotonic()) > 0:
                if not select.select([sys.stdin], [], [], min(left, 1))[0]:
                    continue
                key = os.read(sys.stdin.fileno(), 1)
                if key in b"sS":
                    self.stopped = True
                if key in b"sS\n\r":
                    break
                if key == b" ":
                    end = float("inf")
        print("\x1b[1A\x1b[2K", end="", flush=True)  # the line with the keys is gone again

    def _time(self):
        return f"{self.clock.now():%H:%M}" if self.clock else "     "

    def _line(self, text):
        self._end_of_motion()
        if not self._quiet:
            print(text, flush=True)

    def _end_of_motion(self):
        if self._moving:
            print("\r\x1b[2K", end="", flush=True)
            self._moving = False


@contextlib.contextmanager
def _keys():
    """Keys come one by one, as they are pressed; Ctrl-C stays what it is."""
    before = termios.tcgetattr(sys.stdin)
    try:
        tty.setcbreak(sys.stdin)
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
