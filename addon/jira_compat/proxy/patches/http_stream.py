"""mitmproxy's HTTP exchange, with answers given as soon as they are known, and no more held than rules need.

Only ``serve`` uses it. mitmproxy 12 itself answers a
refused request only after its whole body has arrived, and keeps that body in memory.
"""

from mitmproxy import http
from mitmproxy.proxy import commands, layer
from mitmproxy.proxy.events import Event
from mitmproxy.proxy.layers.http import HTTPMode, SendHttp
from mitmproxy.proxy.layers.http._events import (
    ErrorCode,
    RequestData,
    RequestHeaders,
    RequestProtocolError,
    ResponseData,
    ResponseProtocolError,
)
from mitmproxy.proxy.layers.http._hooks import HttpResponseHeadersHook

from jira_compat.proxy.exchange.error_answers import SENT_DIRECTLY, STEP_TOO_LARGE
from jira_compat.proxy.patches.told import Commands, Told


def names_its_site(request: http.Request) -> bool:
    """Whether the target itself names the site, as to a proxy: absolute-form or CONNECT (RFC 9112, section 3.2).

    In HTTP/2 ``:authority`` does, to a proxy as to the site itself (RFC 9113, section 8.3.1).
    """
    return bool(request.authority)


class Stream(Told):
    """One exchange."""

    def check_killed(self, emit_error_hook: bool) -> layer.CommandGenerator[bool]:  # noqa: FBT001 - mitmproxy's
        """After the request's headers were judged: an answer that is known is given."""
        if (yield from super().check_killed(emit_error_hook)):
            return True
        # Without the hook it is asked about an upstream that failed, which is told otherwise.
        is_at_head = emit_error_hook and self.client_state == self.state_wait_for_request_headers
        if not is_at_head or self.flow.response is None:
            return False
        yield from self._answer()
        return True

    def state_wait_for_request_headers(self, event: RequestHeaders) -> Commands:
        """The head of a request; mitmproxy puts the upstream's name into its Host."""
        self.edge.called[event.request] = event.request.host_header
        if self.mode is HTTPMode.regular and not names_its_site(event.request):
            yield from self._turn_away(event.request)
            return
        yield from super().state_wait_for_request_headers(event)

    def _turn_away(self, request: http.Request) -> Commands:
        """Go nowhere: mitmproxy would go wherever Host says, be it to this proxy again and again."""
        self.flow = http.HTTPFlow(self.context.client, self.context.server)
        self.flow.request = request
        told = ResponseProtocolError(self.stream_id, SENT_DIRECTLY, ErrorCode.DESTINATION_UNKNOWN)
        yield SendHttp(told, self.context.client)
        self.client_state = self.state_errored

    def state_consume_request_body(self, event: Event) -> Commands:
        """A body that is held for the rules: not one that is longer than they read."""
        if isinstance(event, RequestData):
            if not self.edge.needs_body(self.flow):
                return
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
        self.edge.connected(self.flow)
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
            if self.edge.step_overflow(self.flow, length):
                yield from self._cut_off(ErrorCode.RESPONSE_TOO_LARGE, STEP_TOO_LARGE)
                return
            if self.edge.response_overflow(self.flow, length):
                held = bytes(self.response_body_buf)
                self.response_body_buf.clear()
                self.flow.response.stream = True
                yield from self.start_response_stream()
                for data in (held, event.data):
                    yield from self.state_stream_response_body(ResponseData(self.stream_id, data))
                return
        yield from super().state_consume_response_body(event)

    def _cut_off(self, code: ErrorCode, message: str) -> Commands:
        """End the exchange at the upstream, which may send without end, and tell the client."""
        self.response_body_buf.clear()
        yield SendHttp(RequestProtocolError(self.stream_id, message, ErrorCode.CANCEL), self.context.server)
        yield from self.handle_protocol_error(ResponseProtocolError(self.stream_id, message, code))

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
