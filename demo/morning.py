"""Monday until Anna leaves: the calendar and the car, the light, and a question that is refused."""

import datetime

from clock import minutes
from day import state_of, told, why
from evening import brightness
from household import Failed, wait_for

DEPARTURE_RULE = "departure -> car"
COMFORT_C, NEAR_C = 21, 0.5
SECONDS_BEFORE = 2
CABIN = "cabin:simulated"


def time_in(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone()


def planned(device):
    """(when the car will start, when Anna leaves), as `device` tells it; nothing if it knows of no plan."""
    chain = why(device, "--not", "cabin")["chain"]
    starts = [entry["until"] for entry in chain if entry["what"] == "it is not time yet" and "until" in entry]
    leaves = [entry["leaves"] for entry in chain if "leaves" in entry]
    return (time_in(starts[0]), time_in(leaves[0])) if starts and leaves else None


def planned_for(device, leaves):
    plan = planned(device)
    return plan if plan and abs((plan[1] - leaves).total_seconds()) < 2 else None


def appointment(day):
    phone, car, hub = day["phone"], day["car"], day["hub"]
    day.calendar.leave_at(leaves := day.clock.next("08:10"))
    wait_for("the phone knows when to leave",
             lambda: any(departure["leaves_ms"] == leaves.timestamp() * 1000 for departure in told(phone, "departure")))
    day.telling.say("a new appointment at 08:40 in Anna's calendar, which only her phone reads: 30 minutes away")
    if told(car, "departure"):
        raise Failed("without a rule the car knows when Anna leaves")
    if not day.is_broken("no-rule"):
        day.show(phone, "release", "grant", "departure", "--to", "device:car", "--name", DEPARTURE_RULE, "--purpose",
                 "a warm car")
    value = day.wait_for("the car is told when Anna leaves", lambda: told(car, "departure"))[0]
    if set(value) != {"leaves", "comfort_c"} or told(hub, "departure"):
        raise Failed(f"more went out than the rule says: {value}, {told(hub, 'departure')}")
    day.wait_for("the phone learns what the car will do", lambda: planned_for(phone, leaves))
    day.show(phone, "why", "--not", "cabin is warm")
    day.telling.say()
    day.telling.seen("the car knows a time and a temperature and nothing else; the hub knows nothing of it")


def gets_up(day):
    hub, phone = day["hub"], day["phone"]
    day.pass_until("the hub is told that Anna is up",
                   lambda: any(word["state"] in ("active", "exertion") for word in told(hub, "body_state")), "07:00")
    wait_for("the lamp comes on, a little", lambda: brightness(hub) == 10)
    day.telling.happens("hub: bedside lamp 10 %, a night light, for Anna is up")
    done = wait_for("both know it", lambda: (
        at_hub := why(hub, "bedside lamp").get("request_id")) and why(phone, "bedside lamp").get("request_id") == at_hub
        and at_hub)
    day.telling.say("she wants it dark:")
    day.show(phone, "undo", done)
    wait_for("the lamp is off", lambda: brightness(hub) == 0)
    day.telling.say()
    day.telling.seen("taken back: the lamp is off again")


def moves(day):
    car, phone = day["car"], day["phone"]
    before = wait_for("the car has a plan", lambda: planned(car))[0]
    day.calendar.leave_at(leaves := day.clock.next("08:30"))
    after = wait_for("the car plans anew", lambda: planned_for(car, leaves))[0]
    wait_for("and the phone knows", lambda: planned_for(phone, leaves))
    if not minutes(15) < after - before < minutes(25):
        raise Failed(f"20 minutes later should move the start by about as much, and it moved from {before} to {after}")
    day.telling.happens(f"the appointment moves by 20 minutes, and the car's plan with it: {before:%H:%M} -> {after:%H:%M}")


def heart_rate(day):
    day.show(day["phone"], "ask", "what is the heart rate")
    day.show(day["speaker"], "ask", "what is the heart rate", refused=True)
    refused = day["watch"].api.get("ledger?refused=true")["rows"]
    if not any("heart_rate" in row["what"] and row["to"] == "speaker" for row in refused):
        raise Failed(f"the watch's ledger has no refusal of the heart rate: {refused}")
    day.show(day["watch"], "ledger", "--refused")


def is_on(car):
    return state_of(car, CABIN).get("on", False)


def car_starts(day):
    car = day["car"]
    for seconds in (90, SECONDS_BEFORE):  # what the car learns meanwhile may move it a little
        starts, _ = wait_for("the car has a plan", lambda: planned(car))
        day.pass_to(starts - datetime.timedelta(seconds=seconds))
    if is_on(car):
        raise Failed(f"the car started before its time, {starts:%H:%M}")
    day.wait_for("the car warms its cabin", lambda: is_on(car))
    day.telling.happens(f"car: warms the cabin from {state_of(car, CABIN)['cabin_c']} °C, as planned for {starts:%H:%M}")


def leaves_warm(day):
    car, phone = day["car"], day["phone"]
    day.pass_to("08:30", pace=300)
    cabin = day.wait_for("the car knows how warm it is", lambda: state_of(car, CABIN))["cabin_c"]
    if abs(cabin - COMFORT_C) > NEAR_C:
        raise Failed(f"at departure it is {cabin} °C in the car, not {COMFORT_C}")
    wait_for("the phone can tell why",
             lambda: DEPARTURE_RULE in phone.ambit("why", "cabin is warm", check=False)[1])
    day.show(phone, "why", "cabin is warm")
    day.telling.say()
    day.telling.seen(f"at departure it is {cabin} °C in the car (wished for: {COMFORT_C})")

