"""The page of one device of the demo, at an address of this machine: a browser here can't look into a device's network.

As a program: page.py FD PORT takes connections from the listening socket FD and passes their bytes to PORT of the
network it runs in, unread.
"""

import asyncio
import json
import socket
import subprocess
import sys
import urllib.request

TIMEOUT = 30


class Page:
    """The page of `device`, with a token that sees what its person may see."""

    def __init__(self, device):
        made = json.loads(device.ambit("--json", "token", "add", "the demo's page", "--audience", "person"))
        self._secret = made["secret"]
        port = made["page"].split("/")[2].split(":")[1]
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
            self._relay = subprocess.Popen(
                device.place.as_here([sys.executable, "-B", __file__, str(listener.fileno()), port]),
                pass_fds=[listener.fileno()], stdin=subprocess.DEVNULL, start_new_session=True)
        self.url = f"{self.address}#{made['page'].split('#', 1)[1]}"

    def get(self, path=""):
        """What a browser gets."""
        request = urllib.request.Request(self.address + path, headers={"Authorization": f"Bearer {self._secret}"})
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            return answer.read().decode()

    def devices(self):
        return len(json.loads(self.get("api/v1/devices"))["devices"])

    def stop(self):
        self._relay.terminate()
        self._relay.wait()


async def pass_on(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def serve(listener, port):
    async def visit(reader, writer):
        try:
            there = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return writer.close()
        await asyncio.gather(pass_on(reader, there[1]), pass_on(there[0], writer))

    async with await asyncio.start_server(visit, sock=listener) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2])))
