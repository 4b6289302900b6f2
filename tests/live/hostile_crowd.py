#!/usr/bin/env python3
"""A crowd of strangers at one TCP port: run by strangers.py as a process of its own.

  hostile_crowd.py HOST PORT --crowd 10000 --seconds 20 --kinds silent,garbage,...

Each stranger opens a connection, does what its kind does, holds on for as long as it is let, and comes again.  They
come from many addresses of 127.0.0.0/8, so that a limit for each address alone is no defence.  Prints one JSON line:
how many connections were opened and how they ended.
"""

import argparse
import asyncio
import collections
import contextlib
import json
import os
import random
import resource
import ssl
import sys

ADDRESSES = 250
CONNECT_SECONDS = 10
SPARE_DESCRIPTORS = 100


def tls_context(certificate=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    if certificate:
        context.load_cert_chain(certificate)
    return context


def client_hello():
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        tls_context().wrap_bio(incoming, outgoing).do_handshake()
    return outgoing.read()


class Crowd:
    def __init__(self, options):
        self.options = options
        self.hello = client_hello()
        self.tls = tls_context(options.certificate)
        self.opened, self.open, self.open_most = 0, 0, 0
        self.ends = collections.Counter()

    # --- what each kind does once it is connected ----------------------------------------------------------------

    async def silent(self, reader, _writer):
        await reader.read()

    async def half_open(self, reader, writer):
        """Says hello, takes the answer, and never finishes."""
        writer.write(self.hello)
        await reader.read()

    async def slow(self, reader, writer):
        """One byte at a time, for ever."""
        ended = asyncio.ensure_future(reader.read())
        for byte in self.hello:
            writer.write(bytes([byte]))
            if (await asyncio.wait([ended], timeout=0.2))[0]:
                break
        await ended

    async def garbage(self, reader, writer):
        writer.write(random.randbytes(4096))
        await reader.read()

    async def framed_garbage(self, reader, writer):
        """Frames of the pairing port, with nothing of sense in them."""
        writer.write((1024).to_bytes(4, "big") + random.randbytes(1024))
        await reader.read()

    # -------------------------------------------------------------------------------------------------------------

    async def visit(self, index, kind):
        address = f"127.0.{1 + index % ADDRESSES}.1"
        tls = self.tls if kind == "certificate" else None
        async with asyncio.timeout(CONNECT_SECONDS):
            reader, writer = await asyncio.open_connection(
                self.options.host, self.options.port, local_addr=(address, 0), ssl=tls, server_hostname="x" if tls else None)
        self.opened += 1
        self.open += 1
        self.open_most = max(self.open_most, self.open)
        try:
            await (self.silent if tls else getattr(self, kind))(reader, writer)
        finally:
            self.open -= 1
            writer.close()

    async def stranger(self, index):
        kind = self.options.kinds[index % len(self.options.kinds)]
        while True:
            try:
                await self.visit(index, kind)
                self.ends["closed"] += 1
            except (OSError, TimeoutError, ssl.SSLError) as error:
                self.ends[type(error).__name__] += 1
            await asyncio.sleep(self.options.pause)

    async def run(self):
        strangers = [asyncio.ensure_future(self.stranger(index)) for index in range(self.options.crowd)]
        await asyncio.sleep(self.options.seconds)
        for stranger in strangers:
            stranger.cancel()
        await asyncio.gather(*strangers, return_exceptions=True)
        print(json.dumps({"opened": self.opened, "open_most": self.open_most, "ends": dict(self.ends)}))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("--crowd", type=int, default=10000)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--pause", type=float, default=0.5, help="seconds before a stranger comes again")
    parser.add_argument("--kinds", type=lambda text: text.split(","), default=["silent"])
    parser.add_argument("--certificate", help="PEM file with the key and certificate of a stranger")
    options = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if most < options.crowd + SPARE_DESCRIPTORS and os.geteuid() == 0:
        most = options.crowd + SPARE_DESCRIPTORS
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if most < options.crowd + SPARE_DESCRIPTORS:
        sys.exit(f"hostile_crowd: only {most} file descriptors are allowed here")
    asyncio.run(Crowd(options).run())


if __name__ == "__main__":
    main()
