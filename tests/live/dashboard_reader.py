"""Reads Home Assistant discovery as Home Assistant's public documentation describes it, strictly: what a dashboard there
would show.  Written for these tests from that documentation; it is not Home Assistant, and says nothing of how it looks.
"""

import json
import re
import sys
import pathlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "demo"))
from household import Failed  # noqa: E402

PREFIX = "homeassistant"
ID = re.compile(r"^[a-zA-Z0-9_-]+$")
COMMON = {"name", "unique_id", "device", "origin", "availability", "availability_mode", "device_class",
          "entity_category", "unit_of_measurement"}
# Passed over there, as any key that it does not know.
OURS = {"ambit_device"}
# component: (keys that it must have, keys that it may have, its state topics)
COMPONENTS = {
    "binary_sensor": ({"state_topic"}, set(), ("state_topic",)),
    "sensor": ({"state_topic"}, set(), ("state_topic",)),
    "button": ({"command_topic"}, set(), ()),
    "climate": ({"modes", "mode_state_topic", "mode_command_topic", "temperature_command_topic"},
                {"temperature_state_topic", "current_temperature_topic", "temperature_unit", "min_temp", "max_temp",
                 "temp_step"},
                ("mode_state_topic", "temperature_state_topic", "current_temperature_topic")),
}
CLASSES = {"binary_sensor": {"connectivity", "problem"}, "sensor": {"battery", "timestamp"}, "button": set(),
           "climate": set()}
NUMBER = re.compile(r"^-?\d+(\.\d+)?$")
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")


def must(fits, what):
    if not fits:
        raise Failed(f"Home Assistant would refuse it: {what}")


class Dashboard:
    """All that the broker keeps, after `messages`: (retained, topic, payload) in order."""

    def __init__(self, messages):
        self.kept = {}
        for _, topic, payload in messages:
            self.kept[topic] = payload
        self.entities = {}
        for topic, payload in self.kept.items():
            if topic.startswith(f"{PREFIX}/") and topic.endswith("/config") and "/ambit_" in topic and payload:
                self._read(topic, payload)

    def _read(self, topic, payload):
        _, component, node, name, _ = topic.split("/")
        must(ID.match(node) and ID.match(name), topic)
        must(component in COMPONENTS, f"{topic}: component {component}")
        config = json.loads(payload)
        needed, allowed, _ = COMPONENTS[component]
        must(needed <= config.keys(), f"{topic}: lacks {needed - config.keys()}")
        unknown = config.keys() - needed - allowed - COMMON - OURS
        must(not unknown, f"{topic}: unknown {unknown}")
        must(config["origin"].get("name"), f"{topic}: an origin has a name")
        must(config["device"].get("identifiers") and config["device"].get("name"), f"{topic}: a device has both")
        kind = config.get("device_class")
        must(kind is None or kind in CLASSES[component], f"{topic}: device_class {kind}")
        must(config.get("entity_category") in (None, "diagnostic"), f"{topic}: entity_category")
        for key, value in config.items():
            if key.endswith("_topic"):
                must(value and not set(value) & set("+#\0"), f"{topic}: {key} {value}")
        unique = config["unique_id"]
        must(unique not in self.entities, f"{topic}: unique_id {unique} is another's")
        self.entities[unique] = {"component": component, **config}

    def available(self, entity):
        return all(self.kept.get(one["topic"]) == one.get("payload_available", "online")
                   for one in entity["availability"])

    def state(self, entity):
        """What would be shown; None for what is not known.  Failed for what would be refused."""
        topics = COMPONENTS[entity["component"]][2]
        said = {key: self.kept.get(entity[key]) for key in topics if key in entity}
        if entity["component"] == "binary_sensor":
            must(said["state_topic"] in ("ON", "OFF", "None", None), f"{entity['name']}: {said}")
            return {"ON": True, "OFF": False}.get(said["state_topic"])
        if entity["component"] == "sensor":
            value = said["state_topic"]
            must(value is None or len(value) <= 255, f"{entity['name']}: longer than a state may be")
            if value in (None, "None", ""):
                return None
            if entity.get("unit_of_measurement"):
                must(NUMBER.match(value), f"{entity['name']}: {value} is no number")
            if entity.get("device_class") == "timestamp":
                must(TIME.match(value), f"{entity['name']}: {value} is no time")
            return value
        if entity["component"] == "climate":
            must(said["mode_state_topic"] in [*entity["modes"], "None", None], f"{entity['name']}: {said}")
            for key in ("temperature_state_topic", "current_temperature_topic"):
                must(said[key] in (None, "None") or NUMBER.match(said[key]), f"{entity['name']}: {said}")
        return said

    def find(self, device, name):
        """The one entity of that name on that device; None if there is none."""
        found = [one for one in self.entities.values() if one["device"]["name"] == device and one["name"] == name]
        must(len(found) < 2, f"two are called {name} of {device}")
        return found[0] if found else None

    def shows(self, device, name):
        """(whether it is available, its state); None if it is not there."""
        entity = self.find(device, name)
        return None if entity is None else (self.available(entity), self.state(entity))
