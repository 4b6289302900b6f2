"""Real ambitd processes for live tests, each with a state folder of its own, asked over their unix sockets.

Only the standard library.  Nothing here sleeps for luck: wait_for() polls a condition until a deadline.
"""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time


LOOPBACK = 'mesh.listen = "127.0.0.1:0"\nmesh.mdns = false\n'


class ApiError(Exception):
    def __init__(self, error):
        super().__init__(f"E{error['number']} {error['name']}: {error['text']} ({error.get('detail', '')})")
        self.number = error["number"]
        self.name = error["name"]


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("ambit", timeout=timeout)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def wait_for(what, condition, timeout=15.0):
    """The first true answer of `condition`; an AssertionError that names `what` after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout} s: {what}")
        time.sleep(0.02)


class Daemon:
    def __init__(self, ambitd, root, name, settings="", machine=None):
        self.name = name
        self.folder = os.path.join(root, name)
        self.log = os.path.join(root, name + ".log")
        self.socket = os.path.join(self.folder, "ambit.sock")
        self._ambitd = ambitd
        self._root = root
        self._process = None
        self._machine = machine
        os.mkdir(self.folder, 0o700)
        with open(os.path.join(self.folder, "settings.toml"), "w", encoding="utf-8") as file:
            file.write((machine.settings if machine else LOOPBACK) + settings)

    def start(self):
        with open(self.log, "a", encoding="utf-8") as log:
            command, env = [self._ambitd, "--instance", self.name], {"AMBIT_STATE_DIR": self._root}
            if self._machine:
                command, env = self._machine.inside(command), {**env, **self._machine.env}
            self._process = subprocess.Popen(command, stderr=log, stdout=log, env={**os.environ, **env})
        wait_for(f"{self.name} answers", self._answers)

    def _answers(self):
        if self._process.poll() is not None:
            raise AssertionError(f"{self.name} ended with {self._process.returncode}:\n{self.log_text()}")
        try:
            self.get("status")
            return True
        except OSError:
            return False

    def log_text(self):
        with open(self.log, encoding="utf-8") as file:
            return file.read()

    def stop(self, how=signal.SIGTERM):
        """The exit status."""
        if self._process is None or self._process.poll() is not None:
            return self._process.returncode if self._process else 0
        self._process.send_signal(how)
        try:
            return self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise AssertionError(f"{self.name} did not stop:\n{self.log_text()}") from None

    def _open(self, method, path, body, timeout):
        connection = UnixConnection(self.socket, timeout)
        text = None if body is None else json.dumps(body)
        connection.request(method, "/api/v1/" + path, text, {"Content-Type": "application/json"})
        return connection, connection.getresponse()

    def call(self, method, path, body=None, timeout=15):
        connection, response = self._open(method, path, body, timeout)
        answer = json.loads(response.read())
        connection.close()
        if "error" in answer and response.status != 200:
            raise ApiError(answer["error"])
        return answer

    def get(self, path):
        return self.call("GET", path)

    def post(self, path, body):
        return self.call("POST", path, body)

    def stream(self, method, path, body=None, timeout=30):
        """Yields (event, data); raises ApiError for the event `failed` or an error instead of a stream."""
        connection, response = self._open(method, path, body, timeout)
        try:
            if response.status != 200:
                raise ApiError(json.loads(response.read())["error"])
            event = ""
            for raw in response:
                line = raw.decode().rstrip("\n")
                if line.startswith("event: "):
                    event = line[len("event: "):]
                elif line.startswith("data: "):
                    data = json.loads(line[len("data: "):])
                    if event == "failed":
                        raise ApiError(data["error"])
                    yield event, data
        finally:
            connection.close()


class Household:
    """Several daemons in one temporary folder; a context manager that leaves nothing behind."""

    def __init__(self, ambitd):
        self._ambitd = ambitd
        self.root = tempfile.mkdtemp(prefix="ambit-")
        self.daemons = {}

    def __enter__(self):
        return self

    def __exit__(self, kind, _value, _trace):
        for daemon in self.daemons.values():
            if kind is not None:
                print(f"--- log of {daemon.name}\n{daemon.log_text()}", flush=True)
            try:
                daemon.stop()
            except AssertionError as late:
                print(late, flush=True)
        shutil.rmtree(self.root, ignore_errors=True)

    def start(self, name, settings="", machine=None):
        """`machine` has settings, env and inside(command): see mdns_test.py."""
        daemon = Daemon(self._ambitd, self.root, name, settings, machine)
        self.daemons[name] = daemon
        daemon.start()
        return daemon


def pair(host, new, kind, owner, find=False):
    """Joins `new` through `host`, unattended; the verifiers of both sides must be the same.

    With `find` the new device is not told where the host is."""
    verifiers, failures, joined = [], [], []

    def join(code):
        try:
            wish = {"code": code["code"], "name": new.name, "kind": kind, "accept_verifier": True}
            if not find:
                wish["at"] = code["at"]
            for event, data in new.stream("POST", "household/join", wish):
                if event == "verifier":
                    verifiers.append(data["words"])
                elif event == "joined":
                    joined.append(data)
        except (ApiError, OSError) as failure:
            failures.append(failure)

    thread = None
    done = None
    for event, data in host.stream("POST", "pair", {"owner": owner, "accept_verifier": True}):
        if event == "code":
            thread = threading.Thread(target=join, args=(data,))
            thread.start()
        elif event == "verifier":
            verifiers.append(data["words"])
        elif event == "failed_try":
            raise ApiError(data["error"])
        elif event == "done":
            done = data
    thread.join(15)
    if failures:
        raise failures[0]
    assert done and joined, "the pairing ended without a word"
    assert len(verifiers) == 2 and verifiers[0] == verifiers[1], verifiers
    return joined[0]
