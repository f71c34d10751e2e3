"""An HTTP/2 client that may break any rule: it writes frames, and counts what it is answered."""

import asyncio
import contextlib
import ssl
from collections import Counter
from typing import Self

import hpack

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, ACK, END_HEADERS = 1, 1, 4
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_HEAD = 9
_PIECE = 16_384
_FIRST_WINDOW = 65_535
_INITIAL_WINDOW_SIZE = 4


def frame(kind: int, flags: int, stream: int, content: bytes = b"") -> bytes:
    """A frame's bytes."""
    return len(content).to_bytes(3) + bytes((kind, flags)) + stream.to_bytes(4) + content


def head(
    encoder: hpack.Encoder, stream: int, method: str, path: str, *fields: tuple[str, str], flags: int = END_HEADERS
) -> bytes:
    """A frame with a request's head."""
    pseudo = [(":method", method), (":scheme", "https"), (":authority", "localhost"), (":path", path)]
    return frame(HEADERS, flags, stream, encoder.encode([*pseudo, *fields]))


class Http2:
    """A connection over TLS. Nothing is read before ``reads``."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.answers: Counter[str] = Counter()
        self.settled = 0
        """How many streams have been answered, or reset."""
        self._reader, self._writer = reader, writer
        self.encoder, self._decoder = hpack.Encoder(), hpack.Decoder()
        self._windows: Counter[int] = Counter()
        self._initial = _FIRST_WINDOW
        self._sent: Counter[int] = Counter()
        self._changed = asyncio.Condition()
        self._reading: asyncio.Task[None] | None = None
        self.ended = False

    @classmethod
    async def connected(cls, port: int, window: int | None = None) -> Self:
        """A new one; with a window, as the initial one of the streams and the connection."""
        untrusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        untrusting.check_hostname, untrusting.verify_mode = False, ssl.CERT_NONE
        untrusting.set_alpn_protocols(["h2"])
        streams = await asyncio.open_connection("127.0.0.1", port, ssl=untrusting, server_hostname="localhost")
        made = cls(*streams)
        setting = b"" if window is None else _INITIAL_WINDOW_SIZE.to_bytes(2) + window.to_bytes(4)
        made.write(_PREFACE + frame(SETTINGS, 0, 0, setting))
        if window is not None:
            made.write(frame(WINDOW_UPDATE, 0, 0, (window - _FIRST_WINDOW).to_bytes(4)))
        return made

    def write(self, frames: bytes) -> None:
        """Send these bytes."""
        self._writer.write(frames)

    async def drain(self) -> None:
        """Wait until the proxy takes more."""
        await self._writer.drain()

    def headers(self, stream: int, method: str, path: str, *fields: tuple[str, str], flags: int = END_HEADERS) -> bytes:
        """A request's head; ``flags`` with ``END_STREAM`` for one without a body."""
        return head(self.encoder, stream, method, path, *fields, flags=flags)

    async def data(self, stream: int, body: bytes, *, end: bool = True) -> None:
        """Send a body as the windows allow; its last frame ends the stream if ``end``."""
        left = memoryview(body)
        while left:
            async with self._changed:
                await self._changed.wait_for(lambda: self.ended or self._allowed(stream) > 0)
            if self.ended:
                raise ConnectionResetError
            piece = left[: min(_PIECE, self._allowed(stream))]
            left = left[len(piece) :]
            self._sent[0] += len(piece)
            self._sent[stream] += len(piece)
            self.write(frame(DATA, END_STREAM if end and not left else 0, stream, bytes(piece)))
            await self.drain()

    @property
    def sent(self) -> int:
        """Bytes of bodies sent so far."""
        return self._sent[0]

    def _allowed(self, stream: int) -> int:
        connection = _FIRST_WINDOW + self._windows[0] - self._sent[0]
        return min(connection, self._initial + self._windows[stream] - self._sent[stream])

    def reads(self) -> None:
        """Begin to read, and to answer SETTINGS."""
        self._reading = asyncio.ensure_future(self._read())

    async def until(self, streams: int, seconds: float) -> None:
        """Wait until so many streams are settled or the connection has ended, at most so long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: self.ended or self.settled >= streams)

    async def close(self) -> None:
        """Close it."""
        if self._reading is not None:
            self._reading.cancel()
        self._writer.transport.abort()

    async def _read(self) -> None:
        try:
            while True:
                head = await self._reader.readexactly(_HEAD)
                content = await self._reader.readexactly(int.from_bytes(head[:3]))
                async with self._changed:
                    self._take(head[3], head[4], int.from_bytes(head[5:]), content)
                    self._changed.notify_all()
        except (OSError, EOFError):
            self.answers["closed"] += 1
        finally:
            self.ended = True
        async with self._changed:
            self._changed.notify_all()

    def _take(self, kind: int, flags: int, stream: int, content: bytes) -> None:
        if kind == HEADERS:
            self.answers[dict(self._decoder.decode(content, raw=True))[b":status"].decode()] += 1
        elif kind == RST_STREAM:
            self.answers[f"RST_STREAM {int.from_bytes(content)}"] += 1
            self.settled += 1
        elif kind == GOAWAY:
            self.answers[f"GOAWAY {int.from_bytes(content[4:8])}"] += 1
        elif kind == WINDOW_UPDATE:
            self._windows[stream] += int.from_bytes(content)
        elif kind == SETTINGS and not flags & ACK:
            for at in range(0, len(content), 6):
                if int.from_bytes(content[at : at + 2]) == _INITIAL_WINDOW_SIZE:
                    self._initial = int.from_bytes(content[at + 2 : at + 6])
            self.write(frame(SETTINGS, ACK, 0))
        if kind in (HEADERS, DATA) and flags & END_STREAM:
            self.settled += 1
