#!/usr/bin/env python3
"""Strangers at every port of a real daemon: what they cost it, and whether a member gets in all the same.

For each limit of file descriptors a daemon of its own: a crowd (hostile_crowd.py) comes to its mesh port, then to its
pairing port while a code lives, and does what strangers do: holds connections open in silence, stops in the middle of
a handshake, speaks one byte at a time, sends garbage, shows a certificate of its own.  A member connects again and
again, during and after; a new device pairs through the crowd.  Memory is the daemon's own, as the kernel counts it.

Fails when memory grew by 16 MiB or more, when a member did not get in, or when the daemon went on turning afterwards.
"""

import argparse
import contextlib
import json
import math
import os
import pathlib
import resource
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "demo"))
from household import ApiError, Household  # noqa: E402

GROWTH_MAX = 16 * 1024 * 1024
MEMBER_WAITS_MAX = 10.0
MEMBER_PAUSE = 0.05
IDLE_SECONDS = 3
IDLE_CPU_MAX = 0.3
KEY_MAGIC = b"ambitkey\x01"
# An Ed25519 private key in PKCS#8 is this, then the seed (RFC 8410).
PKCS8 = bytes.fromhex("302e020100300506032b657004220420")
MESH_KINDS = "silent,half_open,slow,garbage,certificate"
PAIRING_KINDS = "silent,slow,garbage,framed_garbage"


class Member:
    """A device of the household, played from outside: connects as docs/spec/wire.md section "Transport" says."""

    def __init__(self, folder, seed):
        key, certificate = os.path.join(folder, "member.der"), os.path.join(folder, "member.pem")
        with open(key, "wb") as file:
            file.write(PKCS8 + seed)
        pem = subprocess.run(["openssl", "pkey", "-inform", "DER", "-in", key], check=True, capture_output=True).stdout
        with open(certificate, "wb") as file:
            file.write(pem)
        made = subprocess.run(["openssl", "req", "-x509", "-new", "-key", certificate, "-subj", "/CN=ambit", "-days",
                               "9999"], check=True, capture_output=True).stdout
        with open(certificate, "ab") as file:
            file.write(made)
        self.certificate = certificate
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.tls.check_hostname = False
        self.tls.verify_mode = ssl.CERT_NONE
        self.tls.minimum_version = ssl.TLSVersion.TLSv1_3
        self.tls.load_cert_chain(certificate)

    def connect_once(self, address):
        with socket.create_connection(address, timeout=3) as plain, self.tls.wrap_socket(plain) as link:
            link.sendall(b"GET /ambit/v1 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                         b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
            answer = link.recv(4096)
            if not answer.startswith(b"HTTP/1.1 101"):
                raise ConnectionError(f"no upgrade: {answer[:40]!r}")

    def connect(self, address):
        """Seconds until the link is up, tries that failed included; infinity when it never was."""
        started = time.monotonic()
        while time.monotonic() - started < MEMBER_WAITS_MAX:
            with contextlib.suppress(OSError):
                self.connect_once(address)
                return time.monotonic() - started
        return math.inf


def seed_of(device):
    content = (device.state / device.name / "device.key").read_bytes()
    assert content.startswith(KEY_MAGIC), "another version of device.key"
    return content[len(KEY_MAGIC):][:32]


def memory(daemon, which="VmRSS"):
    with open(f"/proc/{daemon.pid()}/status", encoding="utf-8") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith(which + ":"))


def forget_peak(daemon):
    with open(f"/proc/{daemon.pid()}/clear_refs", "w", encoding="utf-8") as file:
        file.write("5")


def processor_seconds(daemon):
    with open(f"/proc/{daemon.pid()}/stat", encoding="utf-8") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def split(at):
    host, port = at.rsplit(":", 1)
    return host, int(port)


class Crowd:
    def __init__(self, at, kinds, options, certificate):
        host, port = at
        self.process = subprocess.Popen(
            [sys.executable, "-B", str(HERE / "hostile_crowd.py"), host, str(port), "--crowd", str(options.crowd),
             "--seconds", str(options.seconds), "--kinds", kinds, "--certificate", certificate],
            stdout=subprocess.PIPE, text=True)

    def here(self):
        return self.process.poll() is None

    def result(self):
        text = self.process.communicate(timeout=60)[0]
        assert self.process.returncode == 0, "the crowd did not come"
        return json.loads(text)


class Attack:
    def __init__(self, home, options, limit):
        self.options, self.limit = options, limit
        self.hub = home.add("hub", "hub").start()
        self.hub.api.post("household/create", {"name": "hub", "kind": "hub", "household_name": "Home"})
        self.at = split(self.hub.api.get("status")["listen"])
        speaker = home.add("speaker", "speaker").start()
        self.hub.pair(speaker, "--shared")
        speaker.stop()
        self.member = Member(tempfile.mkdtemp(dir=home.folder), seed_of(speaker))
        self.stranger = Member(tempfile.mkdtemp(dir=home.folder), os.urandom(32)).certificate
        self.newcomer = home.add("newcomer", "speaker").start()
        resource.prlimit(self.hub.pid(), resource.RLIMIT_NOFILE, (limit, limit))
        self.waits = []

    def connect_while(self, crowd):
        while crowd.here():
            self.waits.append(self.member.connect(self.at))
            self.hub.api.get("status")
            time.sleep(MEMBER_PAUSE)

    def at_mesh_port(self):
        crowd = Crowd(self.at, MESH_KINDS, self.options, self.stranger)
        self.connect_while(crowd)
        return crowd.result()

    def at_pairing_port(self):
        """A code is shown, the crowd comes, and the device the code is for joins through it."""
        crowd, joining, failures = None, None, []

        def join(code):
            wish = {"code": code["code"], "at": code["at"], "name": "newcomer", "accept_verifier": True}
            try:
                list(self.newcomer.api.stream("POST", "household/join", wish))
            except (ApiError, OSError) as failure:
                failures.append(failure)

        for event, data in self.hub.api.stream("POST", "pair", {"owner": {"shared": True}, "accept_verifier": True}):
            if event == "code":
                crowd = Crowd(split(data["at"]), PAIRING_KINDS, self.options, self.stranger)
                time.sleep(self.options.seconds / 2)
                joining = threading.Thread(target=join, args=(data,))
                joining.start()
        joining.join()
        if failures:
            raise failures[0]
        self.connect_while(crowd)
        return crowd.result()

    def run(self):
        for _ in range(20):
            self.waits.append(self.member.connect(self.at))
        forget_peak(self.hub)
        before = memory(self.hub)
        crowds = [self.at_mesh_port()]
        mesh_peak = memory(self.hub, "VmHWM")
        crowds.append(self.at_pairing_port())
        peak = memory(self.hub, "VmHWM")
        self.waits.append(self.member.connect(self.at))
        turned = processor_seconds(self.hub)
        time.sleep(IDLE_SECONDS)
        turned = processor_seconds(self.hub) - turned
        return {"limit": self.limit, "growth": peak - before, "mesh_growth": mesh_peak - before, "crowds": crowds,
                "idle_cpu_s": turned}


def percentile(values, part):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.ceil(part * len(ordered)) - 1)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True, help="where the programs are")
    parser.add_argument("--crowd", type=int, default=10000)
    parser.add_argument("--seconds", type=float, default=20, help="how long the crowd stays at each port")
    parser.add_argument("--limits", type=lambda text: [int(word) for word in text.split(",")], default=[1024, 20000])
    parser.add_argument("--ignore-memory", action="store_true", help="a sanitizer's memory is not the daemon's own")
    options = parser.parse_args()
    growth, waits, failures = {}, [], []
    for limit in options.limits:
        with Household(options.build, isolated=False) as home:
            attack = Attack(home, options, limit)
            result = attack.run()
        print(json.dumps({**result, "member_tries": len(attack.waits),
                          "member_max_ms": round(1000 * max(attack.waits), 1)}), flush=True)
        growth[limit] = result["growth"]
        waits += attack.waits
        if result["growth"] >= GROWTH_MAX and not options.ignore_memory:
            failures.append(f"limit {limit}: memory grew by {result['growth'] / 2**20:.1f} MiB")
        if result["idle_cpu_s"] > IDLE_CPU_MAX:
            failures.append(f"limit {limit}: {result['idle_cpu_s']:.2f} s of work in {IDLE_SECONDS} s of peace")
        if math.inf in attack.waits:
            failures.append(f"limit {limit}: a member did not get in within {MEMBER_WAITS_MAX:.0f} s")
    figures = " ".join(f"growth_mb_{limit}={size / 2**20:.1f}" for limit, size in growth.items())
    print(f"BENCH strangers {figures} member_connect_ms_p99={1000 * percentile(waits, 0.99):.1f}")
    for failure in failures:
        print("FAILED:", failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
