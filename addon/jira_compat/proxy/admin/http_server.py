"""A few pages, made when asked for; one request for each connection, of bounded size and in bounded time.

HTTP/1 is h11's, as mitmproxy's is. Tornado, which is installed too, would need most of its features turned off.
"""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import h11

MAX_HEAD = 8192
"""Bytes of a request's head."""
PATIENCE = 5.0
"""Seconds for a connection, from its first byte to its last."""
MOST = 64
"""Connections at a time."""
_METHODS = (b"GET", b"HEAD")


@dataclass(frozen=True, slots=True)
class Page:
    """An answer."""

    status: int
    body: bytes
    content_type: str = "application/json"


def json_page(status: int, **members: object) -> Page:
    """A page that is a JSON object."""
    return Page(status, json.dumps(members).encode() + b"\n")


Peer = tuple[Any, ...]
"""The address of a socket, as the socket module has it."""


class PageServer:
    """Serves pages by their path.

    Args:
        pages: What makes each page.
        is_welcome: Whether the client at that address may have any.
    """

    def __init__(self, pages: Mapping[str, Callable[[], Page]], is_welcome: Callable[[Peer], Awaitable[bool]]) -> None:
        self._pages = pages
        self._is_welcome = is_welcome
        self._open = 0
        self._server: asyncio.Server | None = None

    async def listen(self, host: str, port: int) -> None:
        """Begin to serve.

        Raises:
            OSError: The address cannot be listened on.
        """
        self._server = await asyncio.start_server(self._serve, host, port, limit=MAX_HEAD)

    @property
    def addresses(self) -> list[Peer]:
        """The addresses of its listeners."""
        return [socket.getsockname() for socket in self._server.sockets] if self._server is not None else []

    def close(self) -> None:
        """Take no more connections."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        try:
            if self._open <= MOST:
                with contextlib.suppress(TimeoutError, OSError):
                    async with asyncio.timeout(PATIENCE):
                        writer.write(await self._answer(reader, writer.get_extra_info("peername")))
                        writer.close()
                        await writer.wait_closed()
        finally:
            self._open -= 1
            writer.transport.abort()

    async def _answer(self, reader: asyncio.StreamReader, peer: Peer) -> bytes:
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)
        try:
            while (event := connection.next_event()) is h11.NEED_DATA:
                connection.receive_data(await reader.read(MAX_HEAD))
        except h11.RemoteProtocolError as error:
            return _written(connection, json_page(error.error_status_hint, error="this request cannot be read"))
        if not isinstance(event, h11.Request) or not await self._is_welcome(peer):
            return b""
        return _written(connection, self._page(event), with_body=event.method != b"HEAD")

    def _page(self, request: h11.Request) -> Page:
        make = self._pages.get(request.target.partition(b"?")[0].decode("ascii", "replace"))
        if make is None:
            return json_page(HTTPStatus.NOT_FOUND, error=f"there are only {', '.join(self._pages)}")
        if request.method not in _METHODS:
            return json_page(HTTPStatus.METHOD_NOT_ALLOWED, error="only GET and HEAD are answered")
        return make()


def _written(connection: h11.Connection, page: Page, *, with_body: bool = True) -> bytes:
    fields = {
        "Content-Type": page.content_type,
        "Content-Length": str(len(page.body)),
        "Cache-Control": "no-store",
        "Connection": "close",
    }
    if page.status == HTTPStatus.METHOD_NOT_ALLOWED:
        fields["Allow"] = "GET, HEAD"
    reason = HTTPStatus(page.status).phrase.encode()
    head = connection.send(h11.Response(status_code=page.status, headers=list(fields.items()), reason=reason))
    return (head or b"") + (page.body if with_body else b"")
