"""The interface between an exchange's stream and the hooks that decide what it does."""

from collections.abc import Generator
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from mitmproxy import http
from mitmproxy.connection import Client
from mitmproxy.proxy import commands

Commands = Generator[commands.Command, Any, Any]
"""The commands that a layer of mitmproxy yields."""


class StreamHooks(Protocol):
    """Decides what the stream of one exchange does."""

    called: WeakKeyDictionary[http.Request, str | None]
    """The Host of requests, as the client sent it."""

    timed_out: WeakKeyDictionary[http.HTTPFlow, float]
    """Exchanges that ended because the upstream took too long, and the seconds that were waited."""

    def client_gone(self, client: Client) -> None:
        """Cancel what a client's requests still wait for: it closed its connection."""

    def left(self, flow: http.HTTPFlow) -> None:
        """Cancel what an exchange still waits for: its client gave it up."""

    def needs_body(self, flow: http.HTTPFlow) -> bool:
        """Return whether the request's own body is forwarded or read."""

    def overflow(self, flow: http.HTTPFlow, length: int) -> bool:
        """Return whether a request body is too long to hold; answer the flow if it must not be forwarded either."""

    def has_room(self, flow: http.HTTPFlow, length: int) -> bool:
        """Return whether a request body of so many bytes may be held."""

    def turn_away(self, flow: http.HTTPFlow, *, at_once: bool) -> bool:
        """End the waiting of a flow whose body has no room; false if it may wait on."""

    def connected(self, flow: http.HTTPFlow) -> None:
        """Take note that the upstream is connected for a streamed body."""

    def response_overflow(self, flow: http.HTTPFlow, length: int) -> bool:
        """Return whether a response is too long to hold for its links."""

    def step_overflow(self, flow: http.HTTPFlow, length: int) -> bool:
        """Return whether a response is too long to hold for a plan."""

    def flooded(self) -> None:
        """Count a client's connection that ended because of a flood of frames."""

    def error_response(self, flow: http.HTTPFlow, status: int, message: str) -> http.Response:
        """Return the response to a client whose exchange broke off."""

    def fail(self, flow: http.HTTPFlow, error: BaseException, stage: str, *, goes_on: bool) -> None:
        """Answer a flow on which an exception was raised, unless it may and can be forwarded."""
