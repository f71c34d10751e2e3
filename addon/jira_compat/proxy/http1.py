"""mitmproxy's HTTP/1 connections, with a bound on heads and without trailers.

Only ``serve`` uses it; :mod:`jira_compat.proxy.seam` puts it in place. mitmproxy 12 holds heads of any
size, waits for slow ones for ever, and crashes on trailers, printing them.
"""

from collections.abc import Callable, Generator
from time import monotonic
from typing import Any, ClassVar

import h11
from mitmproxy.net.http import http1
from mitmproxy.proxy import commands, events
from mitmproxy.proxy.layers.http import _http1 as inside

from jira_compat.actions.answer import error_answer
from jira_compat.proxy import mitm

Commands = Generator[commands.Command, Any, None]
_make_body_reader = inside.make_body_reader


class Server(inside.Http1Server):
    """A client's connection.

    Attributes:
        max_head: The most bytes that a request's head may have.
        head_timeout: Seconds within which a head that has begun must be complete.
    """

    max_head: ClassVar[int] = 65_536
    head_timeout: ClassVar[float] = 30.0
    _began: float | None = None

    def read_headers(self, event: events.ConnectionEvent) -> Commands:
        """A head that is too long or too slow ends the connection."""
        yield from super().read_headers(event)
        if self.state != self.read_headers or not self.buf:
            self._began = None
            return
        self._began = self._began or monotonic()
        if len(self.buf) > self.max_head:
            yield from self._refuse(431, f"the request's head has more than {self.max_head} bytes", "head_too_large")
        elif monotonic() - self._began > self.head_timeout:
            yield from self._refuse(408, f"the request's head took more than {self.head_timeout:g} s", "head_too_slow")

    def _refuse(self, status: int, why: str, reason: str) -> Commands:
        self.buf.maybe_extract_at_most(len(self.buf))
        self.state = self.done
        yield commands.SendData(self.conn, error_page(status, f"The proxy does not take this request: {why}.", reason))
        yield commands.CloseConnection(self.conn)


def error_page(status: int, text: str = "", reason: str = "malformed_request") -> bytes:
    """An answer to what is no request; ``text`` of mitmproxy's own quotes the client and is not taken."""
    if reason == "malformed_request":
        text = "The proxy cannot read this as an HTTP request. Send one that follows RFC 9112."
    response = mitm.from_response(error_answer(status, text, f"error/{reason}"))
    response.headers["connection"] = "close"
    return bytes(http1.assemble_response(response))


def make_body_reader(expected_size: int | None) -> Callable[..., Any]:
    """Mitmproxy's reader of a body, with trailers dropped, as any recipient may (RFC 9110, section 6.5.1)."""
    reader = _make_body_reader(expected_size)
    if not isinstance(reader, h11._readers.ChunkedReader):  # noqa: SLF001 - mitmproxy's own choice of reader
        return reader
    return _WithoutTrailers(reader)


class _WithoutTrailers:
    def __init__(self, reader: Any) -> None:  # noqa: ANN401 - h11 has no types
        self._reader = reader

    def __call__(self, buffer: Any) -> Any:  # noqa: ANN401 - h11's events
        event = self._reader(buffer)
        return h11.EndOfMessage() if isinstance(event, h11.EndOfMessage) else event

    def read_eof(self) -> Any:  # noqa: ANN401 - h11's events
        return self._reader.read_eof()
