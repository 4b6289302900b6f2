"""The rest of Monday: what must stay where it is, a hub that dies, a door that asks, and the ledger of the day."""

import json
import struct
import time

from day import expect_done, first_answer
from household import ApiError, Failed, Stall, wait_for
from processes import may_read_memory

CANARY = "canary-5b1f9c"
STANDBY_SECONDS = 1.0
NOT_ANNAS = ("hub", "speaker", "car")


def canary(day):
    """A secret of Anna: on her devices, on nobody else's."""
    home = day.home
    audience = "household" if day.is_broken("swap-label") else "me"
    day.show(home["phone"], "facts", "set", "note", "present", CANARY, "--audience", audience)
    wait_for("Anna's watch has it", lambda: CANARY in json.dumps(home["watch"].facts("note")))
    home.settle("phone")
    for name in NOT_ANNAS:
        if CANARY in json.dumps(home[name].facts()):
            raise Failed(f"{name} can read what only Anna's devices may")
    day.telling.say()
    day.telling.seen("on phone and watch; not on hub, speaker or car")


def standby(day):
    """The hub, which acts for the lamps, dies; the speaker acts, within a second, once."""
    home, phone = day.home, day["phone"]
    begun = time.monotonic()
    acting = first_answer(phone.ask("turn off the kitchen light"))["done_by"]
    usual = time.monotonic() - begun
    if acting != "hub":
        raise Failed(f"the hub should act for the kitchen light, and {acting} did")
    before, passed = len(home.things.commands()), day.observed_commands("kitchen")
    with Stall() as stall:
        home[acting].kill()
        killed = time.monotonic()
        answer = phone.ask("turn on the kitchen light")
        took = time.monotonic() - killed
    expect_done(answer)
    day.telling.happens(f"{acting} is killed; Anna asks for the kitchen light")
    day.expect_commands(before, 1)
    wait_for("the independent subscriber sees the command", lambda: day.observed_commands("kitchen") > passed)
    if day.observed_commands("kitchen") != passed + 1:
        raise Failed("the independent subscriber saw the command more than once")
    figures = (f"{took * 1000:.0f} ms after the kill (with {acting} alive: {usual * 1000:.0f} ms; this machine "
               f"itself stalled {stall.seconds * 1000:.0f} ms meanwhile)")
    # What the machine kept everybody waiting for is not the standby's doing, and is said.
    if took - usual - stall.seconds > STANDBY_SECONDS:
        raise Failed(f"the standby acted {figures}: more than {STANDBY_SECONDS:.0f} s")
    day.telling.seen(f"{first_answer(answer)['done_by']} acted, {figures}")
    day.telling.seen("once: so say the lamp and the independent subscriber")
    home[acting].start()
    wait_for("it is back", lambda: home[acting].links_up() == len(home.devices) - 1)


def door(day):
    """Unlocking it needs a yes on a device of a person, soon."""
    home, speaker, watch = day.home, day["speaker"], day["watch"]
    before = len(home.things.commands())
    day.show(speaker, "ask", "unlock the front door")
    waiting = wait_for("the watch is asked", lambda: watch.api.get("pending")["pending"])[0]["id"]
    day.show(speaker, "confirm", waiting, refused=True)
    day.expect_commands(before, 0)
    day.show(watch, "pending")
    day.show(watch, "confirm", waiting)
    wait_for("the door is unlocked", lambda: len(home.things.commands()) > before)
    day.expect_commands(before, 1)
    day.telling.say()
    day.telling.seen("unlocked, once")
    # Nobody says yes to the next one.
    answer = first_answer(speaker.ask("unlock the front door", timeout_ms=1500))
    if answer["outcome"] != "pending":
        raise Failed(f"it should wait for a yes: {answer}")
    wait_for("the watch is asked again", lambda: watch.api.get("pending")["pending"])
    wait_for("the question expires", lambda: not watch.api.get("pending")["pending"])
    try:
        watch.api.post("confirm", {"id": answer["request_id"], "yes": True})
        raise Failed("a yes that came too late was taken")
    except ApiError:
        pass
    day.expect_commands(before, 1)
    day.telling.seen("asked again, and nobody answered: expired, not done")


def ledger(day):
    phone, watch = day["phone"], day["watch"]
    rows = {device.name: device.api.get("ledger?limit=1000")["rows"] for device in (phone, watch)}
    for device, rule in (("phone", "command"), ("phone", "departure -> car"), ("watch", "sleep -> hub")):
        if not any(row["rule"] == rule for row in rows[device]):
            raise Failed(f"the ledger of {device} has no row of the rule {rule}")
    for device in (phone, watch):
        day.show(device, "ledger", "--today", "--limit", "8")
    for device in day.home.devices.values():
        if not device.api.get("ledger/verify")["intact"]:
            raise Failed(f"the ledger of {device.name} is not intact")
    day.telling.say()
    day.telling.seen("every ledger is intact")


def nowhere_else(day):
    """In no file, log, ledger or, where this may be read, memory of a device that is not to know."""
    needles = {"what the calendar says": [text.encode() for text in day.calendar.canaries.values()],
               "the secret": [CANARY.encode()],
               "the beats": [form for beat in day.heart.some for form in (beat.encode(), struct.pack("<d", float(beat)))]}
    needles["her heart rate"] = [f'"beats_per_min":{digit}'.encode() for digit in (1, 4, 5, 6, 7, 8, 9)]
    allowed = {"what the calendar says": {"phone"}, "the secret": {"phone", "watch"}, "the beats": {"watch"},
               "her heart rate": {"phone", "watch"}}
    for what, where in day.home.search_each(needles).items():
        elsewhere = {(device, place) for device, place in where if device not in allowed[what]}
        if elsewhere:
            raise Failed(f"{what} is where it must not be: {elsewhere}")
        if may_read_memory() and not where:
            raise Failed(f"the search does not even find {what} where it must be, so it proves nothing")
        day.telling.seen(f"{what}: on {' and '.join(sorted(allowed[what]))} alone")

