"""mitmproxy's HTTP/1 connections, with a bound on heads, without trailers and without interim answers.

Only ``serve`` uses it. mitmproxy 12 holds heads of any
size, waits for slow ones for ever, takes the first answer for the final one, and crashes on trailers,
printing them.
"""

import re
from collections.abc import Callable, Generator
from typing import Any, ClassVar

import h11
from mitmproxy.net.http import http1
from mitmproxy.proxy import commands, events
from mitmproxy.proxy.layers.http import _http1 as inside

from jira_compat.jira_error import error_answer
from jira_compat.model import Response
from jira_compat.proxy.exchange import flow as mitm
from jira_compat.proxy.exchange.error_answers import malformed_request

Commands = Generator[commands.Command, Any, None]
_make_body_reader = inside.make_body_reader
_HEAD_END = re.compile(rb"\n\r?\n")
_INTERIM = re.compile(rb"HTTP/1\.[01] 1(?!01)[0-9]{2}")


class Server(inside.Http1Server):
    """A client's connection.

    Attributes:
        max_head: The most bytes that a request's head may have.
        head_timeout: Seconds within which a head that has begun must be complete.
    """

    max_head: ClassVar[int] = 65_536
    head_timeout: ClassVar[float] = 30.0
    _alarm: commands.RequestWakeup | None = None

    def _handle_event(self, event: events.Event) -> Commands:
        """Every event: the alarm among them, if the head that it was set for is still not complete."""
        if not isinstance(event, events.Wakeup):
            yield from super()._handle_event(event)
        elif event.command is self._alarm:
            yield from self._refuse(408, f"its head took more than {self.head_timeout:g} s", "head_too_slow")

    def read_headers(self, event: events.ConnectionEvent) -> Commands:
        """A head too long or too slow ends the connection; empty lines before it are ignored (RFC 9112, 2.2)."""
        if len(self.buf) > self.max_head and not _HEAD_END.search(bytes(self.buf), 0, self.max_head):
            yield from self._refuse(431, f"its head has more than {self.max_head} bytes", "head_too_large")
            return
        unread = len(self.buf) + 1
        while self.state == self.read_headers and len(self.buf) < unread:  # mitmproxy takes one empty line, and waits
            unread = len(self.buf)
            yield from super().read_headers(event)
        if self.state != self.read_headers or not self.buf:
            self._alarm = None
        elif self._alarm is None:
            self._alarm = commands.RequestWakeup(self.head_timeout)
            yield self._alarm

    def _refuse(self, status: int, why: str, reason: str) -> Commands:
        self._alarm = None
        self.buf.maybe_extract_at_most(len(self.buf))
        self.state = self.done
        told = error_answer(status, f"The proxy does not take this request: {why}.", f"error/{reason}")
        yield commands.SendData(self.conn, _assembled(told))
        yield commands.CloseConnection(self.conn)


class Client(inside.Http1Client):
    """A connection to the upstream."""

    def read_headers(self, event: events.ConnectionEvent) -> Commands:
        """Answers before the final one (RFC 9110, section 15.2) are dropped; 101 is final."""
        while self.request and _INTERIM.match(bytes(self.buf)) and self.buf.maybe_extract_lines():
            pass
        yield from super().read_headers(event)


def error_page(_: int, __: str = "") -> bytes:
    """An answer to what is no request; mitmproxy's own words quote the client and are not taken."""
    return _assembled(malformed_request())


def _assembled(told: Response) -> bytes:
    response = mitm.from_response(told)
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
