"""Sunday: five devices become a household, and the first night falls."""

import datetime
import os
import signal

from day import expect_done, state_of, told
from household import Failed, wait_for
from page import Page
from processes import writable_things

BRIGHT = {"state": "ON", "brightness": 255}
DIMMED = (70, 45, 25, 10, 0)  # percent, a minute apart
SLEEP_RULE = "sleep -> hub"


def things(day):
    day.home.add_things(lamps=("--dimmers", "2", "--heating", "1"))
    day.telling.say("a broker, lamps, a heating, a lock and a doorbell: they know nothing of Ambit")


def create(day):
    day.home.five_devices(
        hub={"bedroom.area": "Bedroom"},
        phone={"calendar.path": str(day.calendar.folder), "http.enabled": True,
               "http.port": 8377 if day.home.isolated else 0},
        watch={"wearable.replay": str(day.heart.path)},
        car={"cabin.enabled": True, "cabin.simulated": True, "cabin.simulated_outside_c": 4})
    day.show(day["hub"], "up", "--name", "hub", "--kind", "hub", "--household", "Home", most=1)
    day.telling.say()
    day.telling.say("(phone, watch, speaker and car join with a code; both screens show the same words)")
    day.home.pair_five()
    # Both talk to the broker: the hub acts, and the speaker stands by.
    day["phone"].ambit("devices", "bridge", "mqtt:home", "hub", "speaker")
    day.show(day["phone"], "devices")


def share_nothing(day):
    """No two daemons share a writable file, memory or socket."""
    devices = day.home.devices.values()
    seen = {}
    for device in devices:
        for thing in writable_things(device.pid()):
            if seen.setdefault(thing, device.name) != device.name:
                raise Failed(f"{device.name} and {seen[thing]} share {thing}")
    if day.home.isolated:
        users = {os.stat(f"/proc/{device.pid()}").st_uid for device in devices}
        networks = {os.readlink(f"/proc/{device.pid()}/ns/net") for device in devices}
        if len(users) != len(devices) or len(networks) != len(devices):
            raise Failed("two daemons share a user or a network namespace")
        day.telling.seen("each has a user and a network of its own")
    else:
        day.telling.say("(not root, or no namespaces: the daemons share this machine's user and network)")
    day.telling.seen(f"{len(seen)} writable files, memories and sockets; none is shared by two daemons")


def page(day):
    day.page = Page(day["phone"])
    if "<!doctype html>" not in day.page.get().lower():
        raise Failed("it serves no page")
    day.telling.say(day.page.url, style="4")
    day.telling.say("Anna's page, of her phone: for a browser on this machine, for as long as the demo runs")
    day.telling.seen(f"it answers, and knows {day.page.devices()} devices")


def command(day):
    phone, things_ = day["phone"], day.home.things
    wait_for("the phone knows the lamps", lambda: phone.sees("kitchen", "bedroom", "bedside"))
    before = len(things_.commands())
    if day.is_broken("stop-lamp"):
        os.kill(things_.lamps.pid, signal.SIGSTOP)
    if day.is_broken("cut-link"):
        day.home.lan.cut("phone")
    expect_done(phone.ask("turn on the kitchen light"))
    day.expect_commands(before, 1)
    wait_for("the independent subscriber sees that it is on",
             lambda: any('"ON"' in payload for _, topic, payload in things_.messages() if "kitchen" in topic))
    day.show(phone, "ask", "turn on the bedroom light")
    day.expect_commands(before, 2)
    day.show(phone, "why", "kitchen light")
    at_hub = wait_for("the hub knows that something was done",
                      lambda: day["hub"].ambit("why", "kitchen light", check=False)[1])
    if "turn on the kitchen light" in at_hub:
        raise Failed("the hub knows the words, which only Anna's devices may read")
    day.telling.say()
    day.telling.seen("the lamps received 2 commands, an independent subscriber saw the states; the words stayed with Anna")


def rule_for_sleep(day):
    phone, watch = day["phone"], day["watch"]
    wait_for("the watch knows how Anna is", lambda: told(watch, "body_state"))
    if told(day["hub"], "body_state"):
        raise Failed("without a rule the hub knows how Anna is")
    day.telling.say("the watch hears every beat of Anna's heart, and nobody else does")
    day.show(phone, "release", "grant", "body-state", "--to", "device:hub", "--name", SLEEP_RULE, "--purpose",
             "a calm bedroom")
    wait_for("the hub is told a word", lambda: told(day["hub"], "body_state"))


def asleep_since(watch):
    """Since when the watch takes its wearer to be asleep; nothing if it does not."""
    return next((datetime.datetime.fromisoformat(fact["time"].replace("Z", "+00:00"))
                 for fact in watch.facts("person:*")
                 if fact["attribute"] == "body_state" and fact["value"].get("state") == "asleep"), None)


def brightness(hub, lamp="bedside"):
    state = state_of(hub, f"demo_{lamp}")
    return state.get("brightness_pct") if state.get("on") else 0


def falls_asleep(day):
    """The bedside lamp, turned on at the wall, follows."""
    hub, watch = day["hub"], day["watch"]
    if day.is_broken("no-watch"):
        watch.kill()
    day.home.things.set("bedside", BRIGHT)
    day.wait_for("the bedside lamp is on", lambda: brightness(hub) == 100)
    before = len(day.commands_to("bedside"))
    day.telling.say("the bedside lamp was turned on at the wall; Anna's heart slows down")
    since = day.pass_until("the watch finds her asleep", lambda: watch.process.poll() is None and asleep_since(watch),
                           "22:50")
    day.telling.happens("watch: asleep")
    for step, percent in enumerate(DIMMED):
        day.pass_to(since + datetime.timedelta(minutes=step, seconds=1))
        day.wait_for(f"the lamp is at {percent} %", lambda wanted=percent: brightness(hub) == wanted)
        day.telling.happens(f"hub: bedside lamp {f'{percent} %' if percent else 'off'}")
    levels = [level.get("brightness", 0) if level["state"] == "ON" else 0 for level in day.commands_to("bedside")[before:]]
    if levels != sorted(levels, reverse=True) or len(levels) != len(DIMMED) or levels[-1] != 0:
        raise Failed(f"the lamp was told {levels}, which is not gently darker and then off")
    for fact in told(hub, "body_state"):
        if set(fact) != {"state"}:
            raise Failed(f"the hub knows more than a word: {fact}")
    for name in ("speaker", "car"):
        if told(day[name], "body_state"):
            raise Failed(f"{name} knows how Anna is, which the rule does not allow")
    day.telling.seen(f"the lamp itself received {len(levels)} commands, each darker; of Anna the hub knows one word")


def first_night(day):
    phone = day["phone"]
    day.show(phone, "ask", "turn on the window lamp")
    day.telling.say()
    falls_asleep(day)
    wait_for("the phone can tell why", lambda: SLEEP_RULE in phone.ambit("why", "bedside lamp", check=False)[1])
    day.show(phone, "why", "bedside lamp")
    wait_for("and why not", lambda: "somebody said otherwise" in phone.ambit("why", "--not", "window lamp", check=False)[1])
    day.show(phone, "why", "--not", "window lamp")
    if brightness(day["hub"], "window") == 0:
        raise Failed("the window lamp, which Anna asked for, is off")
    day.telling.say()
    day.telling.seen("the window lamp stays on: a person's word wins, for an hour")

