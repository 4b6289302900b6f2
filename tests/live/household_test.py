#!/usr/bin/env python3
"""Three real daemons become a household, share facts, forget a removed member, and come back after a restart."""

import pathlib
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "demo"))
from household import ApiError, Household, wait_for  # noqa: E402
from processes import listening_ports  # noqa: E402


def refused(name, action):
    try:
        action()
    except ApiError as error:
        assert error.name == name, error
        return
    raise AssertionError(f"expected {name}")


def fact(device, subject):
    found = device.facts(subject)
    return found[0]["value"] if found else None


def write(device, subject, value, audience):
    device.api.post("facts", {"subject": subject, "attribute": "x", "value": value, "audience": audience})


def pair_as_people_do(host, newcomer, owner):
    """Nobody says yes unseen: both people compare the words, then the host's says whose device it is."""
    words, joined = [], []

    def join(code):
        wish = {"code": code["code"], "at": code["at"], "name": newcomer.name, "kind": newcomer.kind}
        for event, data in newcomer.api.stream("POST", "household/join", wish):
            if event == "verifier":
                words.append(data["words"])
                newcomer.api.post("pair/answer", {"confirm": True})
            elif event == "joined":
                joined.append(data["device"]["name"])

    joining, asked = None, []
    before = listening_ports(host.pid())
    for event, data in host.api.stream("POST", "pair", {}):
        asked.append(event)
        if event == "code":
            assert listening_ports(host.pid()) - before == {int(data["at"].rsplit(":", 1)[1])}, "where the code leads"
            joining = threading.Thread(target=join, args=(data,))
            joining.start()
        elif event == "verifier":
            words.append(data["words"])
        elif event == "need_confirm":
            refused("NoPairing", lambda: host.api.post("pair/answer", {"owner": owner}))
            host.api.post("pair/answer", {"confirm": True})
        elif event == "need_owner":
            host.api.post("pair/answer", {"owner": owner})
    joining.join()
    wait_for("nothing listens for a code that is gone", lambda: listening_ports(host.pid()) == before)
    assert joined == [newcomer.name], joined
    assert len(words) == 2 and words[0] == words[1], words
    assert asked.index("need_confirm") < asked.index("need_owner") < asked.index("done"), asked


def main(build):
    with Household(build, isolated=False) as home:
        hub, phone, car = (home.add(name, name).start() for name in ("hub", "phone", "car"))

        refused("NoHousehold", lambda: hub.api.get("devices"))
        made = hub.api.post("household/create", {"name": "hub", "kind": "hub", "household_name": "Home"})
        assert len(made["recovery_words"]) == 17, made
        assert "owner" not in made["device"] and made["device"]["admin"], made
        refused("HasHousehold", lambda: hub.api.post("household/create", {"name": "x", "household_name": "y"}))

        pair_as_people_do(hub, phone, {"new_person": {"name": "Anna", "role": "admin"}})
        wait_for("the phone is admin", phone.is_admin)
        phone.pair(car, "--shared")

        for device in (hub, phone, car):
            wait_for(f"{device.name} knows all", lambda d=device: len(d.api.get("devices")["devices"]) == 3)
            wait_for(f"{device.name} reaches all", lambda d=device: d.links_up() == 2)
        owners = {row["name"]: row.get("owner") for row in car.api.get("devices")["devices"]}
        assert owners == {"hub": None, "phone": "Anna", "car": None}, owners

        # A fact of the household is everywhere; one of Anna's stays on her device, one of this device too.
        write(phone, "test:shared", {"n": 1}, "household")
        write(phone, "test:mine", "canary", "me")
        write(phone, "test:here", "canary", "device")
        for device in (hub, car):
            wait_for("the household's fact", lambda d=device: fact(d, "test:shared") == {"n": 1})
            assert fact(device, "test:mine") is None and fact(device, "test:here") is None

        pongs = [event for event, _ in hub.api.stream("POST", "ping", {"device": "phone", "count": 1})]
        assert pongs == ["pong", "summary"], pongs
        assert phone.api.get("ledger/verify")["intact"] is True
        refused("NoSuchThing", lambda: phone.api.post("devices/remove", {"device": "boat"}))
        refused("BadRequest", lambda: phone.api.post("facts", {"subject": "x"}))

        # A killed daemon comes back as what it was.
        hub.kill()
        hub.start()
        assert fact(hub, "test:shared") == {"n": 1}
        wait_for("hub is back", lambda: hub.links_up() == 2)

        phone.api.post("devices/remove", {"device": "car"})
        for device in (hub, phone):
            wait_for("car is gone", lambda d=device: len(d.api.get("devices")["devices"]) == 2)
            wait_for("its links are closed", lambda d=device: d.links_up() == 1)
        wait_for("car has no links", lambda: car.links_up() == 0)
        write(phone, "test:after", 2, "household")
        wait_for("hub goes on", lambda: fact(hub, "test:after") == 2)

        assert phone.stop() == 0, "SIGTERM is an orderly end"
        hub.api.post("down", {})
        wait_for("hub ends by itself", lambda: hub.process.poll() is not None)
        assert hub.stop() == 0
    print("household: ok")


if __name__ == "__main__":
    main(sys.argv[1])
