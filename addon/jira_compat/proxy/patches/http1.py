"""mitmproxy's HTTP/1 connections, with a limit on heads, without trailers and without interim responses.

Only ``serve`` uses it. mitmproxy 12 holds heads of any size, waits for slow ones for ever, takes the first response
for the final one, and crashes on trailers, printing them.
"""

import re
from collections.abc import Callable
from typing import Any

import h11
from mitmproxy.net.http import http1, url
from mitmproxy.proxy import commands, events
from mitmproxy.proxy.layers.http import _http1 as inside

from jira_compat.jira_error import error_answer
from jira_compat.model import Response
from jira_compat.proxy.exchange import flow as flows
from jira_compat.proxy.exchange.error_answers import malformed_request
from jira_compat.proxy.patches.stream_hooks import Commands

_make_body_reader = inside.make_body_reader
_HEAD_END = re.compile(rb"\n\r?\n")
_INTERIM = re.compile(rb"HTTP/1\.[01] 1(?!01)[0-9]{2}")


def http1_server(max_head: int, head_timeout: float) -> type[inside.Http1Server]:  # noqa: C901 - a class is in it
    """Return the class of clients' connections.

    Args:
        max_head: The most bytes that a request's head may have.
        head_timeout: Seconds within which a head that has begun must be complete.
    """

    class CompatHttp1Server(inside.Http1Server):
        _alarm: commands.RequestWakeup | None = None
        _turn: commands.RequestWakeup | None = None
        """The next request on the connection waits for others' turns."""
        _closed: events.ConnectionClosed | None = None
        """The client closed its connection behind requests that wait."""
        _end: commands.RequestWakeup | None = None
        """When to tell of that."""
        _is_ending = False

        @property
        def backlog(self) -> int:
            """Bytes behind a request that is still being answered, or behind others' turns."""
            return len(self.buf) if self._turn is not None or self.state == self.wait else 0

        def _handle_event(self, event: events.Event) -> Commands:
            """Take a turn; reject a head that is not complete when its time is up."""
            if not isinstance(event, events.Wakeup):
                yield from super()._handle_event(event)
            elif event.command is self._turn:
                self._turn = None
                yield from self.state(events.DataReceived(self.conn, b""))
            elif event.command is self._alarm:
                yield from self._refuse(408, f"its head took more than {head_timeout:g} s", "head_too_slow")
            elif event.command is self._end:
                self._end = None
                if self._closed is not None and self._turn is None:
                    event, self._closed = self._closed, None
                    yield from self.state(event)
            if (
                self._closed is not None and self._turn is None and self._end is None
            ):  # not now: hooks of the last request may be to come
                self._end = commands.RequestWakeup(0)
                yield self._end

        def mark_done(self, *, request: bool = False, response: bool = False) -> Commands:
            """End a message; the next request on the connection waits for its turn."""
            self._is_ending = True
            yield from super().mark_done(request=request, response=response)
            self._is_ending = False

        def read_headers(self, event: events.ConnectionEvent) -> Commands:
            """End a connection whose head is too long; ignore empty lines before one (RFC 9112, section 2.2)."""
            if self._is_ending:
                self._turn = commands.RequestWakeup(0)
                yield self._turn
                return
            if self._turn is not None:
                self._closed = event if isinstance(event, events.ConnectionClosed) else self._closed
                return
            if len(self.buf) > max_head and not _HEAD_END.search(bytes(self.buf), 0, max_head):
                yield from self._refuse(431, f"its head has more than {max_head} bytes", "head_too_large")
                return
            unread = len(self.buf) + 1
            while (
                self.state == self.read_headers and len(self.buf) < unread
            ):  # mitmproxy takes one empty line, and waits
                unread = len(self.buf)
                yield from super().read_headers(event)
            if self.state != self.read_headers or not self.buf:
                self._alarm = None
            elif self._alarm is None:
                self._alarm = commands.RequestWakeup(head_timeout)
                yield self._alarm

        def _refuse(self, status: int, why: str, reason: str) -> Commands:
            self._alarm = None
            self.buf.maybe_extract_at_most(len(self.buf))
            self.state = self.done
            error = error_answer(status, f"The proxy does not take this request: {why}.", f"error/{reason}")
            yield commands.SendData(self.conn, _assembled(error))
            yield commands.CloseConnection(self.conn)

    return CompatHttp1Server


class Urls:
    """mitmproxy's reading of an absolute target, without a check that refuses bytes beyond ASCII in its path.

    In origin-form they pass; clients send them in either.
    """

    parse_authority = staticmethod(url.parse_authority)
    default_port = staticmethod(url.default_port)

    @staticmethod
    def parse(_: bytes) -> None:
        """Check nothing: the authority was checked before."""


class Client(inside.Http1Client):
    """A connection to the upstream."""

    def read_headers(self, event: events.ConnectionEvent) -> Commands:
        """Drop responses before the final one (RFC 9110, section 15.2); 101 is final."""
        while self.request and _INTERIM.match(bytes(self.buf)) and self.buf.maybe_extract_lines():
            pass
        yield from super().read_headers(event)


def error_page(_: int, __: str = "") -> bytes:
    """Return the response to an invalid request; mitmproxy's own words would quote the client."""
    return _assembled(malformed_request())


def _assembled(error: Response) -> bytes:
    response = flows.from_response(error)
    response.headers["connection"] = "close"
    return bytes(http1.assemble_response(response))


def make_body_reader(expected_size: int | None) -> Callable[..., Any]:
    """Return mitmproxy's reader of a body, without trailers, as any recipient may (RFC 9110, section 6.5.1)."""
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
