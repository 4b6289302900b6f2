#!/usr/bin/env python3
"""Home Assistant's side of Wyoming, as docs/spec/wyoming.md says it behaves, against a real daemon with real lamps.

The peer here is this file's own: a connection for each sentence, data behind the line.  Standard library only.
"""

import json
import pathlib
import shutil
import socket
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "demo"))
from household import Household, wait_for  # noqa: E402

SKIPPED = 77


class Wyoming:
    """One connection."""

    def __init__(self, port, patience=20):
        self.socket = socket.create_connection(("127.0.0.1", port), patience)
        self.file = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def send(self, kind, data=None, payload=b""):
        body = json.dumps(data or {}).encode()
        header = {"type": kind, "version": "1.9.0", "data_length": len(body)}
        if payload:
            header["payload_length"] = len(payload)
        self.socket.sendall(json.dumps(header).encode() + b"\n" + body + payload)

    def receive(self):
        line = self.file.readline()
        if not line:
            return None, {}
        header = json.loads(line)
        data = header.get("data") or {}
        if header.get("data_length"):
            data.update(json.loads(self.file.read(header["data_length"])))
        self.file.read(header.get("payload_length") or 0)
        return header["type"], data


def ask(port, text):
    with Wyoming(port) as peer:
        peer.send("transcript", {"text": text, "language": "en", "context": {"conversation_id": "1"}})
        return peer.receive()


def describes_itself(port):
    """Everything that the reference client requires of a program and a model."""
    with Wyoming(port) as peer:
        peer.send("describe")
        kind, info = peer.receive()
    assert kind == "info", kind
    for part in ("asr", "tts", "handle", "intent", "wake", "mic", "snd"):
        assert isinstance(info[part], list), part
    assert not info["intent"], "an intent service would win over ours"
    (program,) = info["handle"]
    (model,) = program["models"]
    for artifact in (program, model):
        assert {"name", "attribution", "installed", "description", "version"} <= artifact.keys(), artifact
        assert {"name", "url"} <= artifact["attribution"].keys()
        assert artifact["installed"] is True
    assert model["languages"] == ["en"], model
    assert program["supports_home_control"] is True


def carries_out(port, hub, things):
    before = len(things.commands())
    kind, data = ask(port, "turn on the kitchen light")
    assert (kind, data["text"]) == ("handled", "Kitchen Light on"), (kind, data)
    assert len(things.commands()) == before + 1, "the lamp heard it once"
    kind, data = ask(port, "is the kitchen light on")
    assert kind == "handled" and "on" in data["text"], data
    kind, data = ask(port, "colourless green ideas sleep furiously")
    assert kind == "not-handled" and data["text"], (kind, data)
    rows = hub.api.get("ledger?to=wyoming")["rows"]
    assert rows and rows[-1]["outcome"] == "cleared" and rows[-1]["label"] == "household", rows


def several_on_one_connection(port):
    with Wyoming(port) as peer:
        peer.send("ping", {"text": "here"})
        assert peer.receive() == ("pong", {"text": "here"})
        peer.send("audio-chunk", {"rate": 16000, "width": 2, "channels": 1}, b"\0" * 3200)
        peer.send("transcript", {"text": "turn off the kitchen light"})
        assert peer.receive()[0] == "handled"
        peer.send("describe")
        assert peer.receive()[0] == "info"


def bad_company(port):
    """Each is told or cut, and the next is served all the same."""
    for bytes_ in (b"GET / HTTP/1.1\r\n\r\n", b"[]\n", b'{"type":"transcript","data_length":99999999}\n',
                   b'{"type":"x","data_length":4}\nnope', b"\xff\xfe\n", b"x" * 20000):
        with Wyoming(port) as peer:
            peer.socket.sendall(bytes_)
            assert peer.receive()[0] == "error", bytes_[:40]
            assert peer.receive()[0] is None, "and then it is cut"
    kind, _ = ask(port, "x" * 5000)
    assert kind == "not-handled", kind
    waiting = [Wyoming(port) for _ in range(40)]
    time.sleep(0.2)
    for peer in waiting:
        peer.__exit__()
    wait_for("it serves again", lambda: ask(port, "turn on the kitchen light")[0] == "handled")


def main():
    if not shutil.which("mosquitto") and not pathlib.Path("/usr/sbin/mosquitto").exists():
        print("MISSING: no mosquitto here, the Wyoming test did not run: ./dev setup")
        return SKIPPED
    with Household(sys.argv[1], isolated=False) as household:
        things = household.add_things(observed=False)
        hub = household.add("hub", "hub", {**things.settings(), "wyoming.enabled": True, "wyoming.port": 0}).start()
        hub.ambit("up", "--name", "hub", "--kind", "hub", "--household", "Home")
        wait_for("the kitchen light can act", lambda: hub.sees("kitchen"))
        items = {item["key"]: item for item in hub.api.get("doctor")["items"]}
        port = int(items["wyoming"]["text"].rsplit(" ", 1)[1])
        describes_itself(port)
        carries_out(port, hub, things)
        several_on_one_connection(port)
        bad_company(port)
    print("Wyoming: describe, sentences, several on one connection, bad company: ok")
    return 0


if __name__ == "__main__":
    sys.exit(main())
