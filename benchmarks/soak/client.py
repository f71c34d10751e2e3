"""The clients: they keep their connections, and leave on demand."""

import asyncio
import contextlib
import re
import ssl
from collections.abc import Callable
from time import monotonic
from typing import Self

import h2.config
import h2.connection
import h2.events
from benchmarks.soak.plan import Asked

PATIENCE = 30.0
"""Seconds for an answer."""
_LENGTH = re.compile(rb"(?im)^content-length: *(\d+)")
_CHUNKED = re.compile(rb"(?im)^transfer-encoding: *chunked")

type Wrong = Callable[[Asked, str, float], None]


class Client:
    """Requests one after the other, over a connection that is opened again when it has ended.

    Args:
        port: The proxy's.
        wrong: Is told of answers that are not as they should be, and when they were asked for.
    """

    def __init__(self, port: int, wrong: Wrong) -> None:
        self._port = port
        self._wrong = wrong
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._http2: Http2 | None = None

    async def ask(self, asked: Asked) -> None:
        """Ask, and check the answer."""
        began = monotonic()
        try:
            async with asyncio.timeout(PATIENCE):
                status = await (self._over_http2 if asked.over_http2 else self._over_http1)(asked)
            if status != asked.status:
                self._wrong(asked, f"answered {status}", began)
        except (OSError, EOFError, TimeoutError, ValueError) as error:
            self._wrong(asked, type(error).__name__, began)
            self.close()

    def close(self) -> None:
        """Close the connections."""
        for writer in (self._streams and self._streams[1], self._http2 and self._http2.writer):
            if writer:
                writer.close()
        self._streams = self._http2 = None

    async def _over_http1(self, asked: Asked) -> int:
        if self._streams is None or self._streams[0].at_eof():
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(asked.raw[: asked.leaves])
        await writer.drain()
        if asked.leaves is not None:
            await asyncio.sleep(0.05)
            writer.close()
            self._streams = None
            return 0
        head = await reader.readuntil(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        if status != 204:
            await _body(reader, head)
        if b"connection: close" in head.lower():
            writer.close()
            self._streams = None
        return status

    async def _over_http2(self, asked: Asked) -> int:
        if self._http2 is None or self._http2.has_ended:
            self._http2 = await Http2.connected(self._port)
        assert asked.over_http2 is not None  # noqa: S101 - the caller's condition
        return await self._http2.status(*asked.over_http2, asked.name)


async def _body(reader: asyncio.StreamReader, head: bytes) -> None:
    if _CHUNKED.search(head) is None:
        length = _LENGTH.search(head)
        await reader.readexactly(int(length[1]) if length else 0)
        return
    while size := int(await reader.readuntil(b"\r\n"), 16):
        await reader.readexactly(size + 2)
    await reader.readuntil(b"\r\n")


class Http2:
    """A connection in HTTP/2."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        self.has_ended = False
        self._reader = reader
        self._h2 = h2.connection.H2Connection(h2.config.H2Configuration())

    @classmethod
    async def connected(cls, port: int) -> Self:
        """A new one; it takes any certificate."""
        untrusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        untrusting.check_hostname, untrusting.verify_mode = False, ssl.CERT_NONE
        untrusting.set_alpn_protocols(["h2"])
        made = cls(*await asyncio.open_connection("127.0.0.1", port, ssl=untrusting, server_hostname="localhost"))
        made._h2.initiate_connection()
        return made

    async def status(self, method: str, path: str, body: bytes, name: str) -> int:
        """Return the answer's status, once the answer is complete."""
        stream = self._h2.get_next_available_stream_id()
        head = [(":method", method), (":scheme", "https"), (":authority", "localhost"), (":path", path)]
        fields = [*head, ("x-request-id", name), ("content-type", "application/json")]
        self._h2.send_headers(stream, fields, end_stream=not body)
        if body:
            self._h2.send_data(stream, body, end_stream=True)
        status = 0
        while True:
            self.writer.write(self._h2.data_to_send())
            chunk = await self._reader.read(1 << 16)
            self.has_ended = not chunk
            if not chunk:
                raise EOFError
            for event in self._h2.receive_data(chunk):
                if isinstance(event, h2.events.ResponseReceived):
                    status = int(dict(event.headers)[b":status"])
                elif isinstance(event, h2.events.DataReceived):
                    self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                elif isinstance(event, h2.events.StreamReset | h2.events.ConnectionTerminated):
                    self.has_ended = True
                    raise EOFError  # noqa: TRY004 - the type of the event is what happened
                elif isinstance(event, h2.events.StreamEnded) and event.stream_id == stream:
                    with contextlib.suppress(OSError):
                        self.writer.write(self._h2.data_to_send())
                    return status
