"""The upstream: over HTTP/1 it sends what is asked for; over HTTP/2 it takes a body's first window only."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import h2.config
import h2.connection
import h2.events
import h2.exceptions

PIECE = bytes(100_000)
LINKS = 200_000
_SLOW = 30
"""Seconds."""


@contextlib.asynccontextmanager
async def listening(certificate: Path | None) -> AsyncIterator[str]:
    """Listen on loopback; with a certificate over TLS, for HTTP/2 and HTTP/1. Yields the URL."""
    tls = None
    if certificate is not None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
        tls.set_alpn_protocols(["h2", "http/1.1"])
    server = await asyncio.start_server(_serve, "127.0.0.1", 0, backlog=512, ssl=tls)
    scheme = "http" if tls is None else "https"
    try:
        yield f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    tls = writer.get_extra_info("ssl_object")
    serve = _http2 if tls is not None and tls.selected_alpn_protocol() == "h2" else _http1
    with contextlib.suppress(OSError, EOFError, IndexError, asyncio.LimitOverrunError, h2.exceptions.ProtocolError):
        await serve(reader, writer)
    writer.transport.abort()


async def _http1(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while head := await reader.readuntil(b"\r\n\r\n"):
        path = head.split(b" ")[1]
        if path == b"/stuck":
            await asyncio.sleep(_SLOW)
        left = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
        while left:
            left -= len(await reader.read(min(left, len(PIECE))) or PIECE[:left])
        if path == b"/slow":
            await asyncio.sleep(_SLOW)
        if path.startswith(b"/download/"):
            await _download(writer, int(path.rpartition(b"/")[2]) * 1_000_000)
            continue
        port = writer.get_extra_info("sockname")[1]
        body = links(port) if path == b"/rest/api/2/links" else b"{}"
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body))
        writer.write(body)
        await writer.drain()


async def _download(writer: asyncio.StreamWriter, size: int) -> None:
    kind = b"Content-Type: application/octet-stream"
    writer.write(b"HTTP/1.1 200 OK\r\n%b\r\nContent-Length: %d\r\n\r\n" % (kind, size))
    for _ in range(size // len(PIECE)):
        writer.write(PIECE)
        await writer.drain()


def links(port: int) -> bytes:
    """An answer of about 8 MB, most of it links to the site."""
    return b"[%b]" % b",".join([b'{"self":"http://127.0.0.1:%d/r/1"}' % port] * LINKS)


async def _http2(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
    connection.initiate_connection()
    while True:
        writer.write(connection.data_to_send())
        for event in connection.receive_data(await reader.read(1 << 16)):
            if isinstance(event, h2.events.StreamEnded):
                connection.send_headers(event.stream_id, [(":status", "200"), ("content-length", "0")], end_stream=True)
            elif isinstance(event, h2.events.ConnectionTerminated):
                return
        if reader.at_eof():
            return
