"""The upstream: it fails on demand, and checks every request that reaches it."""

import asyncio
import contextlib
import re
import socket
import struct
from collections import Counter
from time import monotonic

from benchmarks.soak.plan import Asked

SLOW = 0.2
"""Seconds."""
_ID = re.compile(rb"(?im)^x-request-id: *(\S+)")
_LENGTH = re.compile(rb"(?im)^content-length: *(\d+)")
_CHUNKED = re.compile(rb"(?im)^transfer-encoding: *chunked")
_FAULT = re.compile(rb"(?im)^x-soak: *(\w+)")


class Upstream:
    """Listens on loopback."""

    def __init__(self) -> None:
        self.asked: dict[str, Asked] = {}
        """What may come, by its id."""
        self.wrong: list[str] = []
        """What should not have come."""
        self.got: Counter[str] = Counter()
        self.down: list[tuple[float, float]] = []
        """When it refused connections, by the monotonic clock."""
        self.port = 0
        self._server: asyncio.Server | None = None

    async def listen(self) -> None:
        """Take connections."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, limit=1 << 20, backlog=512)
        self.port = self._server.sockets[0].getsockname()[1]

    async def refuse(self, seconds: float) -> None:
        """Take no new connections for a while."""
        began = monotonic()
        self.close()
        await asyncio.sleep(seconds)
        await self.listen()
        self.down.append((began, monotonic()))

    def close(self) -> None:
        """Take no more."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while await self._one(reader, writer):
                pass
        writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Handle a request; return whether another may follow."""
        head = await reader.readuntil(b"\r\n\r\n")
        self._check_head(head)
        body = await _body(reader, head)
        self._check(head, body)
        fault = _FAULT.search(head)
        if fault is not None and fault[1] == b"slow":
            await asyncio.sleep(SLOW)
        if fault is not None and fault[1] == b"close":
            return False
        answer = self._answer(head)
        if fault is not None and fault[1] == b"reset":
            writer.write(answer[:-10])
            await writer.drain()
            _reset(writer)
            return False
        writer.write(answer)
        await writer.drain()
        return True

    def _check_head(self, head: bytes) -> None:
        asked = self._asked(head)
        if asked is None or asked.forwarded is None:
            self.wrong.append(f"{head.splitlines()[0].decode()} of {asked.kind if asked else 'nobody'}")

    def _check(self, head: bytes, body: bytes) -> None:
        asked = self._asked(head)
        if asked is None or asked.forwarded is None:
            return
        method, target = head.decode("latin-1").split(" ")[:2]
        self.got[asked.name] += 1
        if not asked.forwarded(method, target, body) or self.got[asked.name] > 1:
            self.wrong.append(f"{method} {target} with {len(body)} bytes, time {self.got[asked.name]}, of {asked.kind}")

    def _asked(self, head: bytes) -> Asked | None:
        found = _ID.search(head)
        return None if found is None else self.asked.get(found[1].decode())

    def _answer(self, head: bytes) -> bytes:
        link = b'{"self": "http://127.0.0.1:%d/rest/api/2/issue/1", "active": false}' % self.port
        kind = b"application/json" if not head.startswith(b"PUT /rest/scriptrunner") else b"text/plain"
        return b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n%b" % (kind, len(link), link)


async def _body(reader: asyncio.StreamReader, head: bytes) -> bytes:
    if _CHUNKED.search(head) is None:
        length = _LENGTH.search(head)
        return await reader.readexactly(int(length[1])) if length else b""
    body = b""
    while size := int((await reader.readuntil(b"\r\n")).partition(b";")[0], 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readuntil(b"\r\n")
    return body


def _reset(writer: asyncio.StreamWriter) -> None:
    plain = writer.get_extra_info("socket")
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
