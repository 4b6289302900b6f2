"""Plays a zigbee2mqtt with three real models, and whatever else obeys `<topic>/set`: for tests, on their broker.  It is
no zigbee2mqtt; the models are those of tests/zigbee.
"""

import json
import pathlib
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "demo"))
from household import Failed  # noqa: E402

ZIGBEE = {"LED1837R5": "Reading Lamp", "SLR1d": "Office Radiator", "ZNGZDJ16LM": "Office Blind"}
FIRST = {"Reading Lamp": {"state": "OFF", "brightness": 254}, "Office Blind": {"state": "OPEN", "position": 100},
         "Office Radiator": {"occupied_heating_setpoint": 20, "local_temperature": 18.5, "system_mode": "heat"}}


def zigbee_list():
    models = {}
    for line in (ROOT / "tests/zigbee/models.jsonl").read_text().splitlines():
        model = json.loads(line)
        models[model["model"]] = model
    missing = ZIGBEE.keys() - models.keys()
    if missing:
        raise Failed(f"tests/zigbee/models.jsonl has no {missing}")
    return [{"ieee_address": f"0x{at:016x}", "friendly_name": name, "type": "Router", "definition": models[model]}
            for at, (model, name) in enumerate(ZIGBEE.items(), 1)]


class Obedient:
    """Plays zigbee2mqtt and the two others: does what it is told, and says so."""

    def __init__(self, things):
        self._things, self._done = things, threading.Event()
        self._state = {f"zigbee2mqtt/{name}": dict(state) for name, state in FIRST.items()}
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._done.set()
        self._thread.join()

    def _run(self):
        seen = 0
        while not self._done.is_set():
            messages = self._things.messages()
            for _, topic, payload in messages[seen:]:
                self._obey(topic, payload)
            seen = len(messages)
            time.sleep(0.02)

    def _obey(self, topic, payload):
        if not topic.endswith("/set"):
            return
        about = topic.removesuffix("/set")
        if about.startswith("zigbee2mqtt/"):
            state = self._state.setdefault(about, {})
            asked = json.loads(payload)
            state.update(asked)
            if asked.get("state") in ("OPEN", "CLOSE"):
                state["position"] = 100 if asked["state"] == "OPEN" else 0
            elif "position" in asked:
                state["state"] = "OPEN" if asked["position"] > 0 else "CLOSE"
            payload = json.dumps(state)
        self._things.publish(about, payload)


def list_devices(things):
    """Publishes what zigbee2mqtt keeps on the broker."""
    things.publish("zigbee2mqtt/bridge/devices", json.dumps(zigbee_list()), retain=True)
    things.publish("zigbee2mqtt/bridge/state", json.dumps({"state": "online"}), retain=True)
    for name, state in FIRST.items():
        things.publish(f"zigbee2mqtt/{name}", json.dumps(state), retain=True)
