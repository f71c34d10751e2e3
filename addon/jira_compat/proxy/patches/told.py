"""mitmproxy's HTTP exchange, with errors told in Jira's shape, and none that leaves the client waiting.

Only ``serve`` uses it. mitmproxy 12 itself tells of an upstream that fails in HTML, after a ``100 Continue``
not at all, and leaves a client waiting whose exchange it fails on itself.
"""

from collections.abc import Generator
from typing import Any, ClassVar, Protocol
from weakref import WeakKeyDictionary

from mitmproxy import http
from mitmproxy.proxy import commands, layer
from mitmproxy.proxy.commands import StartHook
from mitmproxy.proxy.events import Event
from mitmproxy.proxy.layers.http import DropStream, HttpStream, SendHttp
from mitmproxy.proxy.layers.http._events import (
    ErrorCode,
    RequestProtocolError,
    ResponseData,
    ResponseEndOfMessage,
    ResponseHeaders,
    ResponseProtocolError,
)
from mitmproxy.proxy.layers.http._hooks import HttpErrorHook, HttpRequestHeadersHook

from jira_compat.proxy.exchange.fail_closed import FAILURES
from jira_compat.proxy.patches.hook_dispatch import HookTable

Commands = Generator[commands.Command, Any, Any]


class Edge(Protocol):
    """What the exchange asks of whoever judges it."""

    called: WeakKeyDictionary[http.Request, str | None]
    """The Host of requests, as the client sent it."""

    timed_out: WeakKeyDictionary[http.HTTPFlow, float]
    """Exchanges that are over because the upstream took too long."""

    def needs_body(self, flow: http.HTTPFlow) -> bool:
        """Whether the request's own body goes on, or is looked at."""

    def overflow(self, flow: http.HTTPFlow, length: int) -> bool:
        """Whether so long a request body must not be held; answers the flow if it must not go on either."""

    def connected(self, flow: http.HTTPFlow) -> None:
        """The upstream is there for a body that is streamed to it."""

    def response_overflow(self, flow: http.HTTPFlow, length: int) -> bool:
        """Whether so long a response must not be held for its links."""

    def step_overflow(self, flow: http.HTTPFlow, length: int) -> bool:
        """Whether so long a response must not be held for a plan."""

    def error_response(self, flow: http.HTTPFlow, status: int, message: str) -> http.Response:
        """The answer to a client whose exchange broke off."""

    def fail(self, flow: http.HTTPFlow, error: BaseException, stage: str, *, goes_on: bool) -> None:
        """An exception was raised; answers the flow, unless it may and can go on."""


class Told(HttpStream):
    """One exchange. ``edge`` and ``dispatch`` are set by the seam."""

    edge: ClassVar[Edge]
    dispatch: ClassVar[HookTable]
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
            except FAILURES as error:  # mitmproxy would print it, and leave the client waiting
                yield from self._break_off(error)
                return
            if isinstance(command, SendHttp):
                reply = yield from self._to_client(command)
            elif isinstance(command, StartHook) and self._is_called(command):
                reply = None
            else:
                reply = yield command

    def _is_called(self, hook: StartHook) -> bool:
        """Call a hook here, where it arises: the way up to the connection and back is longer than most hooks.

        Not the one at a request's head, which is the end of an exchange that is refused: of many such that were sent
        at once, each would begin within the one before. And none of a layer within, such as WebSocket's, which waits
        for its end there.
        """
        is_own = hook.blocking is True and not isinstance(hook, HttpRequestHeadersHook)
        return is_own and self.dispatch.call_at_once(hook)

    def _to_client(self, command: SendHttp) -> Commands:
        event = command.event
        if command.connection is not self.context.client:
            yield command
            return
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

    def _break_off(self, error: BaseException) -> Commands:
        self.edge.fail(self.flow, error, "exchange", goes_on=False)
        self._told = self.flow.response
        self.client_state = self.server_state = self.state_errored
        self.flow.live = False
        failed = ResponseProtocolError(self.stream_id, "", ErrorCode.GENERIC_SERVER_ERROR)
        yield from self._to_client(SendHttp(failed, self.context.client))
        yield DropStream(self.stream_id)

    def handle_protocol_error(self, event: RequestProtocolError | ResponseProtocolError) -> Commands:
        """An upstream that failed: what the client is told of it stands in the event, too."""
        if isinstance(event, ResponseProtocolError) and self._is_told(event):
            self._told = self._tell(event)
        yield from super().handle_protocol_error(event)

    def check_invalid(self, request: bool) -> layer.CommandGenerator[bool]:  # noqa: FBT001 - mitmproxy's
        """An answer that is not valid: the same."""
        inner = super().check_invalid(request)
        reply = None
        while True:
            try:
                command = inner.send(reply)
            except StopIteration as end:
                return bool(end.value)
            if isinstance(command, HttpErrorHook) and not request:
                self._told = self.edge.error_response(self.flow, 502, "")
            reply = yield command

    def _is_told(self, event: ResponseProtocolError) -> bool:
        return not self._begun and event.code.http_status_code() is not None

    def _tell(self, event: ResponseProtocolError) -> http.Response:
        return self.edge.error_response(self.flow, event.code.http_status_code() or 502, event.message)

    def _is_multiplexed(self) -> bool:
        return self.flow.request.is_http2 or self.flow.request.is_http3
