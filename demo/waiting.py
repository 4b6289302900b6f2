"""Waiting for events, and how long this machine made everybody wait meanwhile."""

import signal
import sys
import threading
import time

# Far longer than anything takes, so that only what never happens fails, on a starved machine too.
PATIENCE = 90


class Failed(Exception):
    """A step that did not happen; its text says what was expected and what came."""


def wait_for(what, probe, seconds=PATIENCE, every=0.02):
    """The first true value of probe(); Failed if there is none within `seconds`."""
    end = time.monotonic() + seconds
    while True:
        value = probe()
        if value:
            return value
        if time.monotonic() > end:
            raise Failed(f"{what}: not within {seconds} s")
        time.sleep(every)


def exit_with(main):
    """Ends the program with what main() returns; what did not happen is one line, and not where in the program it did
    not."""
    try:
        sys.exit(main())
    except Failed as failed:
        print(f"FAILED: {failed}")
        sys.exit(1)


def end_after(seconds):
    """Raises Failed wherever the main thread is after `seconds`, so that what hung is named; 0: never mind."""
    def over(_signal, _frame):
        raise Failed(f"not through after {seconds} s")

    signal.signal(signal.SIGALRM, over)
    signal.alarm(seconds)


class Stall:
    """Measures, while it is entered, for how long a thread that only wants to wake up was kept waiting: `seconds`."""

    TICK = 0.005

    def __enter__(self):
        self.seconds = 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._done.set()
        self._thread.join()

    def _watch(self):
        before = time.monotonic()
        while not self._done.wait(self.TICK):
            now = time.monotonic()
            self.seconds += max(0.0, now - before - self.TICK)
            before = now
