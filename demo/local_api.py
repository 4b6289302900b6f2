"""The local API of one daemon (docs/spec/local-api.md), as a program of the same user or root speaks it."""

import http.client
import json
import socket


class ApiError(Exception):
    def __init__(self, error):
        super().__init__(f"E{error['number']} {error['name']}: {error['text']} ({error.get('detail', '')})")
        self.number, self.name = error["number"], error["name"]


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("ambit", timeout=timeout)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class LocalApi:
    """Every call raises ApiError for what the daemon refuses, and OSError while it does not answer."""

    def __init__(self, path):
        self._path = str(path)

    def get(self, path):
        return self._call("GET", path)

    def post(self, path, body):
        return self._call("POST", path, body)

    def stream(self, method, path, body=None, timeout=60):
        """Yields (event, data) until the stream ends."""
        connection, response = self._open(method, path, body, timeout)
        try:
            if response.status != 200:
                raise ApiError(json.loads(response.read())["error"])
            event = ""
            for raw in response:
                line = raw.decode().rstrip("\n")
                if line.startswith("event: "):
                    event = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    data = json.loads(line.removeprefix("data: "))
                    if event == "failed":
                        raise ApiError(data["error"])
                    yield event, data
        finally:
            connection.close()

    def _call(self, method, path, body=None, timeout=60):
        connection, response = self._open(method, path, body, timeout)
        try:
            answer = json.loads(response.read())
        finally:
            connection.close()
        if response.status != 200:
            raise ApiError(answer["error"])
        return answer

    def _open(self, method, path, body, timeout):
        connection = _UnixConnection(self._path, timeout)
        text = None if body is None else json.dumps(body)
        connection.request(method, "/api/v1/" + path, text, {"Content-Type": "application/json"})
        return connection, connection.getresponse()
