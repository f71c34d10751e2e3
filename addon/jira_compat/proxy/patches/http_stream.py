"""mitmproxy's HTTP exchange, with early answers, bounded bodies, and errors in Jira's shape.

Only ``serve`` uses it. mitmproxy 12 answers a refused request only after its whole body has arrived, and keeps that
body in memory. It reports a failed upstream in HTML, after a ``100 Continue`` not at all, and leaves a client waiting
whose exchange it fails on itself.
"""

from time import monotonic

from mitmproxy import http
from mitmproxy.proxy import commands, layer
from mitmproxy.proxy.commands import StartHook
from mitmproxy.proxy.events import Event, Wakeup
from mitmproxy.proxy.layers.http import DropStream, HTTPMode, HttpStream, SendHttp
from mitmproxy.proxy.layers.http._events import (
    ErrorCode,
    RequestData,
    RequestHeaders,
    RequestProtocolError,
    ResponseData,
    ResponseEndOfMessage,
    ResponseHeaders,
    ResponseProtocolError,
)
from mitmproxy.proxy.layers.http._hooks import HttpErrorHook, HttpRequestHeadersHook, HttpResponseHeadersHook

from jira_compat.proxy.exchange.error_answers import SENT_DIRECTLY, STEP_TOO_LARGE
from jira_compat.proxy.exchange.fail_closed import FAILURES
from jira_compat.proxy.held_bytes import FREE, HOLD, WAIT
from jira_compat.proxy.patches.hook_dispatch import HookTable
from jira_compat.proxy.patches.stream_hooks import Commands, StreamHooks

_LOOK = 0.1
"""Seconds between two looks for room."""


def names_its_site(request: http.Request) -> bool:
    """Return whether the target itself names the site, as to a proxy: absolute-form or CONNECT (RFC 9112, section 3.2).

    In HTTP/2 ``:authority`` does, to a proxy as to the site itself (RFC 9113, section 8.3.1).
    """
    return bool(request.authority)


def http_stream(hooks: StreamHooks, table: HookTable) -> type[HttpStream]:  # noqa: C901 - a class is in it
    """Return the class of exchanges.

    Args:
        hooks: Decide what an exchange does.
        table: Calls mitmproxy's hooks.
    """

    class CompatHttpStream(HttpStream):
        """One exchange."""

        _begun = False
        _waiting: commands.RequestWakeup | None = None
        """The next look for room for the request's body."""
        _until = 0.0
        _end: commands.RequestWakeup | None = None
        """When the request's body must be complete that has room."""
        _error: http.Response | None = None
        """The response to a client whose exchange broke off, if it is written already."""

        def _handle_event(self, event: Event) -> Commands:
            """Put error pages on their way to the client into Jira's shape; look for room."""
            inner = self._wake(event) if isinstance(event, Wakeup) else super()._handle_event(event)
            reply = None
            while True:
                try:
                    command = inner.send(reply)
                except StopIteration:
                    return
                except FAILURES as error:  # mitmproxy would print it, and leave the client waiting
                    yield from self._break_off(error)
                    return
                if isinstance(command, SendHttp):
                    reply = yield from self._to_client(command)
                elif not isinstance(command, StartHook):
                    reply = yield command
                elif self._call_inline(command):
                    reply = None
                else:
                    reply = yield from self._wait(command)

        def _call_inline(self, hook: StartHook) -> bool:
            """Call a hook where it arises: the way up to the connection and back is longer than most hooks.

            Not the hook at a request's head, which ends an exchange that is refused: of many that arrive at once, each
            would begin within the one before. And no hook of an inner layer, such as WebSocket's.
            """
            is_own = hook.blocking is True and not isinstance(hook, HttpRequestHeadersHook)
            return is_own and table.call_inline(hook)

        def _wait(self, hook: StartHook) -> Commands:
            """Wait for a hook; tell it of a client that leaves meanwhile: mitmproxy keeps that event for later."""
            if isinstance(hook, HttpRequestHeadersHook):  # never waits, and every exchange has it
                return (yield hook)
            self.handle_event = self._while_waiting  # type: ignore[method-assign] # no other exchange pays for it
            try:
                return (yield hook)
            finally:
                del self.handle_event

        def _while_waiting(self, event: Event) -> Commands:
            if isinstance(event, RequestProtocolError):
                hooks.left(self.flow)
            yield from HttpStream.handle_event(self, event)

        def _to_client(self, command: SendHttp) -> Commands:
            event = command.event
            if command.connection is not self.context.client:
                yield command
                return
            if isinstance(event, ResponseHeaders):
                self._begun = self._begun or event.response.status_code >= 200
            if not isinstance(event, ResponseProtocolError) or not self._is_reported(event):
                yield command
                return
            self._begun = True
            response = self._error or self._error_response(event)
            if not self._is_multiplexed():
                response.headers["connection"] = "close"
            content = response.raw_content or b""
            yield SendHttp(ResponseHeaders(self.stream_id, response, not content), self.context.client)
            if content:
                yield SendHttp(ResponseData(self.stream_id, content), self.context.client)
            yield SendHttp(ResponseEndOfMessage(self.stream_id), self.context.client)

        def _break_off(self, error: BaseException) -> Commands:
            hooks.fail(self.flow, error, "exchange", goes_on=False)
            self._error = self.flow.response
            self.client_state = self.server_state = self.state_errored
            self.flow.live = False
            failed = ResponseProtocolError(self.stream_id, "", ErrorCode.GENERIC_SERVER_ERROR)
            yield from self._to_client(SendHttp(failed, self.context.client))
            yield DropStream(self.stream_id)

        def handle_protocol_error(self, event: RequestProtocolError | ResponseProtocolError) -> Commands:
            """Report a failed upstream; the event has the same response as the client."""
            if isinstance(event, ResponseProtocolError) and self._is_reported(event):
                self._error = self._error_response(event)
            yield from super().handle_protocol_error(event)
            self._forget_bodies()

        def flow_done(self) -> Commands:
            """End the exchange."""
            yield from super().flow_done()
            self._forget_bodies()

        def _forget_bodies(self) -> None:
            """Free what was held: a stream that is over lives on until its cycle of references is collected."""
            self.request_body_buf.clear()
            self.response_body_buf.clear()

        def check_invalid(self, request: bool) -> layer.CommandGenerator[bool]:  # noqa: FBT001 - mitmproxy's
            """Report a response that is not valid."""
            inner = super().check_invalid(request)
            reply = None
            while True:
                try:
                    command = inner.send(reply)
                except StopIteration as end:
                    return bool(end.value)
                if isinstance(command, HttpErrorHook) and not request:
                    self._error = hooks.error_response(self.flow, 502, "")
                reply = yield command

        def _is_reported(self, event: ResponseProtocolError) -> bool:
            return not self._begun and event.code.http_status_code() is not None

        def _error_response(self, event: ResponseProtocolError) -> http.Response:
            return hooks.error_response(self.flow, event.code.http_status_code() or 502, event.message)

        def _is_multiplexed(self) -> bool:
            return self.flow.request.is_http2 or self.flow.request.is_http3

        def check_killed(self, emit_error_hook: bool) -> layer.CommandGenerator[bool]:  # noqa: FBT001 - mitmproxy's
            """Answer at the request's head where the answer is known."""
            if (yield from super().check_killed(emit_error_hook)):
                return True
            # Without the hook it is asked about a failed upstream, which is reported elsewhere.
            is_at_head = emit_error_hook and self.client_state == self.state_wait_for_request_headers
            if not is_at_head or self.flow.response is None:
                return False
            yield from self._answer()
            return True

        def state_wait_for_request_headers(self, event: RequestHeaders) -> Commands:
            """Keep the Host that the client sent; mitmproxy puts the upstream's name in its place."""
            hooks.called[event.request] = event.request.host_header
            if self.mode is HTTPMode.regular and not names_its_site(event.request):
                yield from self._reject(event.request)
                return
            yield from super().state_wait_for_request_headers(event)

        def _reject(self, request: http.Request) -> Commands:
            """Reject a request that names no site: mitmproxy would connect to its Host, which may be this proxy."""
            self.flow = http.HTTPFlow(self.context.client, self.context.server)
            self.flow.request = request
            rejected = ResponseProtocolError(self.stream_id, SENT_DIRECTLY, ErrorCode.DESTINATION_UNKNOWN)
            yield SendHttp(rejected, self.context.client)
            self.client_state = self.state_errored

        def state_consume_request_body(self, event: Event) -> Commands:
            """Hold a request body for the rules, unless it is longer than they read."""
            if isinstance(event, RequestData):
                if not hooks.needs_body(self.flow):
                    return
                length = len(self.request_body_buf) + len(event.data)
                if hooks.overflow(self.flow, length):
                    yield from self._stop_holding(event)
                    return
                yield from super().state_consume_request_body(event)
                if self._waiting is None and not hooks.has_room(self.flow, length):
                    self._until = monotonic() + WAIT
                    yield from self._wait_for_room()
                if self._waiting is None and self._end is None and length > FREE:
                    self._end = commands.RequestWakeup(HOLD)
                    yield self._end
                return
            yield from super().state_consume_request_body(event)

        @property
        def waits_for_room(self) -> bool:
            """True while no more is read of the request's body."""
            return self._waiting is not None and self.client_state == self.state_consume_request_body

        def _wake(self, event: Wakeup) -> Commands:
            if event.command is not self._end:
                yield from self._wait_for_room()
            elif self.client_state == self.state_consume_request_body and hooks.turn_away(self.flow, at_once=False):
                yield from self._stop_holding(RequestData(self.stream_id, b""))

        def _wait_for_room(self) -> Commands:
            """Look again in a while, for as long as a body may wait."""
            self._waiting = None
            length = len(self.request_body_buf)
            if self.client_state != self.state_consume_request_body or hooks.has_room(self.flow, length):
                return
            if hooks.turn_away(self.flow, at_once=monotonic() < self._until):
                yield from self._stop_holding(RequestData(self.stream_id, b""))
            else:
                self._waiting = commands.RequestWakeup(_LOOK)
                yield self._waiting

        def start_request_stream(self) -> Commands:
            """Send HTTP/2 content without a length in chunks where the upstream speaks HTTP/1.

            mitmproxy 12 would send it without any framing, to be read as the next request there.
            """
            request = self.flow.request
            ok = yield from self.make_server_connection()
            if not ok:
                self.client_state = self.state_errored
                return
            hooks.connected(self.flow)
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
            """Hold a response for its links or for a plan, unless it is too long for that."""
            if isinstance(event, ResponseData) and self.flow.response is not None:
                length = len(self.response_body_buf) + len(event.data)
                if hooks.step_overflow(self.flow, length):
                    yield from self._cut_off(ErrorCode.RESPONSE_TOO_LARGE, STEP_TOO_LARGE)
                    return
                if hooks.response_overflow(self.flow, length):
                    held = bytes(self.response_body_buf)
                    self.response_body_buf.clear()
                    self.flow.response.stream = True
                    yield from self.start_response_stream()
                    for data in (held, event.data):
                        yield from self.state_stream_response_body(ResponseData(self.stream_id, data))
                    return
            yield from super().state_consume_response_body(event)

        def _cut_off(self, code: ErrorCode, message: str) -> Commands:
            """End the exchange at the upstream, which may send without end, and report that to the client."""
            self.response_body_buf.clear()
            yield SendHttp(RequestProtocolError(self.stream_id, message, ErrorCode.CANCEL), self.context.server)
            yield from self.handle_protocol_error(ResponseProtocolError(self.stream_id, message, code))

        def _answer(self) -> Commands:
            """Answer now; the rest of the request is read and dropped."""
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

    return CompatHttpStream
