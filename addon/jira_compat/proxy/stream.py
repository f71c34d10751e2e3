"""mitmproxy's HTTP exchange, with answers given as soon as they are known, and errors in Jira's shape.

Only ``serve`` uses it; :mod:`jira_compat.proxy.seam` puts it in place. mitmproxy 12 itself answers a
refused request only after its whole body has arrived, keeps that body in memory, tells of an upstream
that fails in HTML, and after a ``100 Continue`` not at all.
"""

from collections.abc import Generator
from typing import Any, ClassVar, Protocol
from weakref import WeakKeyDictionary

from mitmproxy import http
from mitmproxy.proxy import commands, layer
from mitmproxy.proxy.events import Event
from mitmproxy.proxy.layers.http import HttpStream, SendHttp
from mitmproxy.proxy.layers.http._events import (
    RequestData,
    RequestHeaders,
    RequestProtocolError,
    ResponseData,
    ResponseEndOfMessage,
    ResponseHeaders,
    ResponseProtocolError,
)
from mitmproxy.proxy.layers.http._hooks import HttpResponseHeadersHook

Commands = Generator[commands.Command, Any, Any]


class Edge(Protocol):
    """What the exchange asks of whoever judges it."""

    called: WeakKeyDictionary[http.Request, str | None]
    """The Host of requests, as the client sent it."""

    def overflow(self, flow: http.HTTPFlow, length: int) -> bool:
        """Whether so long a request body must not be held; answers the flow if it must not go on either."""

    def answer_overflow(self, flow: http.HTTPFlow, length: int) -> bool:
        """Whether so long an answer must not be held."""

    def error_response(self, flow: http.HTTPFlow, status: int, message: str) -> http.Response:
        """The answer to a client whose exchange broke off."""


class Stream(HttpStream):
    """One exchange. ``edge`` is set by the seam."""

    edge: ClassVar[Edge]
    _begun = False
    _told: http.Response | None = None

    def _handle_event(self, event: Event) -> Commands:
        """Every event: error pages on their way to the client are put into Jira's shape."""
        inner = super()._handle_event(event)
        reply = None
        while True:
            try:
                command = inner.send(reply)
            except StopIteration:
                return
            if isinstance(command, SendHttp) and command.connection is self.context.client:
                reply = yield from self._to_client(command)
            else:
                reply = yield command

    def _to_client(self, command: SendHttp) -> Commands:
        event = command.event
        if isinstance(event, ResponseHeaders):
            self._begun = self._begun or event.response.status_code >= 200
        if not isinstance(event, ResponseProtocolError) or not self._is_told(event):
            yield command
            return
        self._begun = True
        response = self._told or self._tell(event)
        if not self._is_multiplexed():
            response.headers["connection"] = "close"
        content = response.raw_content or b""
        yield SendHttp(ResponseHeaders(self.stream_id, response, not content), self.context.client)
        if content:
            yield SendHttp(ResponseData(self.stream_id, content), self.context.client)
        yield SendHttp(ResponseEndOfMessage(self.stream_id), self.context.client)

    def handle_protocol_error(self, event: RequestProtocolError | ResponseProtocolError) -> Commands:
        """An upstream that failed: what the client is told of it stands in the event, too."""
        if isinstance(event, ResponseProtocolError) and self._is_told(event):
            self._told = self._tell(event)
        yield from super().handle_protocol_error(event)

    def _is_told(self, event: ResponseProtocolError) -> bool:
        return not self._begun and event.code.http_status_code() is not None

    def _tell(self, event: ResponseProtocolError) -> http.Response:
        return self.edge.error_response(self.flow, event.code.http_status_code() or 502, event.message)

    def check_killed(self, emit_error_hook: bool) -> layer.CommandGenerator[bool]:  # noqa: FBT001 - mitmproxy's
        """After the request's headers were judged: an answer that is known is given."""
        if (yield from super().check_killed(emit_error_hook)):
            return True
        if self.client_state != self.state_wait_for_request_headers or self.flow.response is None:
            return False
        yield from self._answer()
        return True

    def state_wait_for_request_headers(self, event: RequestHeaders) -> Commands:
        """The head of a request; mitmproxy puts the upstream's name into its Host."""
        self.edge.called[event.request] = event.request.host_header
        yield from super().state_wait_for_request_headers(event)

    def state_consume_request_body(self, event: Event) -> Commands:
        """A body that is held for the rules: not one that is longer than they read."""
        if isinstance(event, RequestData):
            length = len(self.request_body_buf) + len(event.data)
            if self.edge.overflow(self.flow, length):
                yield from self._stop_holding(event)
                return
        yield from super().state_consume_request_body(event)

    def start_request_stream(self) -> Commands:
        """HTTP/2 content without a length is given chunks where the upstream speaks HTTP/1.

        mitmproxy 12 would send it without any framing, to be read as the next request there.
        """
        request = self.flow.request
        ok = yield from self.make_server_connection()
        if not ok:
            self.client_state = self.state_errored
            return
        if self._is_multiplexed() and "content-length" not in request.headers and self.context.server.alpn != b"h2":
            request.headers["transfer-encoding"] = "chunked"
        yield SendHttp(RequestHeaders(self.stream_id, request, end_stream=False), self.context.server)
        self.client_state = self.state_stream_request_body

    def _stop_holding(self, event: RequestData) -> Commands:
        held = bytes(self.request_body_buf)
        self.request_body_buf.clear()
        if self.flow.response is not None:
            yield from self._answer()
            return
        self.flow.request.stream = True
        yield from self.start_request_stream()
        for data in (held, event.data):
            if data and self.client_state == self.state_stream_request_body:
                yield from self.state_stream_request_body(RequestData(self.stream_id, data))

    def state_consume_response_body(self, event: Event) -> Commands:
        """An answer that is held for its links: not one that is too long for that."""
        if isinstance(event, ResponseData) and self.flow.response is not None:
            length = len(self.response_body_buf) + len(event.data)
            if self.edge.answer_overflow(self.flow, length):
                held = bytes(self.response_body_buf)
                self.response_body_buf.clear()
                self.flow.response.stream = True
                yield from self.start_response_stream()
                for data in (held, event.data):
                    yield from self.state_stream_response_body(ResponseData(self.stream_id, data))
                return
        yield from super().state_consume_response_body(event)

    def _answer(self) -> Commands:
        """Answer now; what still comes of the request is read and dropped, for this exchange is over."""
        assert self.flow.response is not None  # noqa: S101 - the callers' condition
        awaits_continue = self.flow.request.headers.get("expect", "").lower() == "100-continue"
        self.client_state = self._state_answered
        yield HttpResponseHeadersHook(self.flow)
        lingers = awaits_continue and not self._is_multiplexed()
        if lingers:
            # Whether such a client still sends its body is its choice (RFC 9110, section 10.1.1), so that what
            # comes next on the connection could be either: nothing more is read from it as a request.
            self.flow.response.headers["connection"] = "close"
        yield from self.send_response()
        yield from self.flow_done()
        if lingers:
            yield commands.CloseTcpConnection(self.context.client, half_close=True)

    def _state_answered(self, _: Event) -> Commands:
        yield from ()

    def _is_multiplexed(self) -> bool:
        return self.flow.request.is_http2 or self.flow.request.is_http3
