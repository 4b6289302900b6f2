#!/usr/bin/env python3
"""Three real daemons become a household, share facts, forget a removed member, and come back after a restart."""

import signal
import sys

from household import ApiError, Household, pair, wait_for


def refused(name, action):
    try:
        action()
    except ApiError as error:
        assert error.name == name, error
        return
    raise AssertionError(f"expected {name}")


def fact(daemon, subject):
    found = daemon.get(f"facts?subject={subject}")["facts"]
    return found[0]["value"] if found else None


def links_up(daemon):
    return daemon.get("status")["links"]["up"]


def main(ambitd):
    with Household(ambitd) as home:
        hub, phone, car = home.start("hub"), home.start("phone"), home.start("car")

        refused("NoHousehold", lambda: hub.get("devices"))
        made = hub.post("household/create", {"name": "hub", "kind": "hub", "household_name": "Home"})
        assert len(made["recovery_words"]) == 17, made
        assert "owner" not in made["device"] and made["device"]["admin"], made
        refused("HasHousehold", lambda: hub.post("household/create", {"name": "x", "household_name": "y"}))

        pair(hub, phone, "phone", {"new_person": {"name": "Anna", "role": "admin"}})
        pair(phone if not hub.get("status")["device"]["admin"] else hub, car, "car", {"shared": True})

        for daemon in (hub, phone, car):
            wait_for(f"{daemon.name} knows all", lambda d=daemon: len(d.get("devices")["devices"]) == 3)
            wait_for(f"{daemon.name} reaches all", lambda d=daemon: links_up(d) == 2)
        owners = {row["name"]: row.get("owner") for row in car.get("devices")["devices"]}
        assert owners == {"hub": None, "phone": "Anna", "car": None}, owners

        # A fact of the household is everywhere; one of Anna's stays on her device, one of this device too.
        phone.post("facts", {"subject": "test:shared", "attribute": "x", "value": {"n": 1}, "audience": "household"})
        phone.post("facts", {"subject": "test:mine", "attribute": "x", "value": "canary", "audience": "me"})
        phone.post("facts", {"subject": "test:here", "attribute": "x", "value": "canary", "audience": "device"})
        for daemon in (hub, car):
            wait_for("the household's fact", lambda d=daemon: fact(d, "test:shared") == {"n": 1})
            assert fact(daemon, "test:mine") is None and fact(daemon, "test:here") is None

        pongs = [event for event, _ in hub.stream("POST", "ping", {"device": "phone", "count": 1})]
        assert pongs == ["pong", "summary"], pongs
        assert phone.get("ledger/verify")["intact"] is True
        refused("NoSuchThing", lambda: phone.post("devices/remove", {"device": "boat"}))
        refused("BadRequest", lambda: phone.post("facts", {"subject": "x"}))

        # A killed daemon comes back as what it was.
        hub.stop(signal.SIGKILL)
        hub.start()
        assert fact(hub, "test:shared") == {"n": 1}
        wait_for("hub is back", lambda: links_up(hub) == 2)

        phone.post("devices/remove", {"device": "car"})
        for daemon in (hub, phone):
            wait_for("car is gone", lambda d=daemon: len(d.get("devices")["devices"]) == 2)
            wait_for("its links are closed", lambda d=daemon: links_up(d) == 1)
        wait_for("car has no links", lambda: links_up(car) == 0)
        phone.post("facts", {"subject": "test:after", "attribute": "x", "value": 2, "audience": "household"})
        wait_for("hub goes on", lambda: fact(hub, "test:after") == 2)

        assert phone.stop() == 0, "SIGTERM is an orderly end"
        hub.post("down", {})
        wait_for("hub ends by itself", lambda: hub._process.poll() is not None)
        assert hub.stop() == 0
    print("household: ok")


if __name__ == "__main__":
    main(sys.argv[1])
