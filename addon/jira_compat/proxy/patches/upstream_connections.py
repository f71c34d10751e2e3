"""Connections to the upstream: which mitmproxy remembers, and which exchanges wait for one.

Only ``serve`` uses it. mitmproxy 12 answers every further request of a client's connection with a failure to
connect that it once had. It keeps all connections to the upstream in memory until the client's ends, which with
HTTP/2, where each request has its own, it may not. With HTTP/2 several exchanges may wait for one connection;
where one of them times out, mitmproxy fails all of them.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from mitmproxy.connection import Connection, Server
from mitmproxy.http import HTTPFlow
from mitmproxy.proxy import events
from mitmproxy.proxy.layer import Layer
from mitmproxy.proxy.layers import http

from jira_compat.proxy.patches.http2 import WindowedH2Connection
from jira_compat.proxy.patches.stream_hooks import Commands


def awaited(layers: Sequence[Layer], flow: HTTPFlow) -> Connection | None:
    """The connection that an exchange waits for; ``None`` if it waits for none.

    Args:
        layers: Of its client's connection.
        flow: The exchange.
    """
    for layer in http_layers(layers):
        for connection, waiting in layer.waiting_for_establishment.items():
            if any(_flow(layer, one) is flow for one in waiting):
                return connection
    return None


def asking_again(
    register: Callable[[http.HttpLayer, http.RegisterHttpConnection], Commands], is_late: Callable[[HTTPFlow], bool]
) -> Callable[..., Commands]:
    """A connection is there, or has failed: if some had waited too long for it, the others ask for another."""

    def register_connection(layer: http.HttpLayer, command: http.RegisterHttpConnection) -> Commands:
        waiting = layer.waiting_for_establishment[command.connection]
        late = [one for one in waiting if is_late(_flow(layer, one))] if command.err else []
        others = [one for one in waiting if not is_late(_flow(layer, one))] if late else []
        if late:
            layer.waiting_for_establishment[command.connection] = late
        yield from register(layer, command)
        for one in others:
            yield from layer.get_connection(one)

    return register_connection


def http_layers(layers: Sequence[Layer]) -> Iterator[http.HttpLayer]:
    """Yield the layers that have exchanges, also within a tunnel, which is an exchange itself."""
    for layer in layers:
        if isinstance(layer, http.HttpLayer):
            yield layer
            for stream in layer.streams.values():
                within = stream.context.layers
                if within[-1] is not stream:
                    yield from http_layers(within[within.index(stream) + 1 :])


def _flow(layer: http.HttpLayer, command: http.GetHttpConnection) -> HTTPFlow:
    stream = layer.command_sources[command]
    assert isinstance(stream, http.HttpStream)  # noqa: S101 - only streams ask for connections
    return stream.flow


_over: WeakKeyDictionary[http.HttpLayer, set[Connection]] = WeakKeyDictionary()
"""Connections of which nothing more is heard, and that an exchange may still name."""


def matching_sound(matches: Callable[[Any, Connection], bool]) -> Callable[[Any, Connection], bool]:
    """Return whether a connection will do: not if it failed."""

    def matches_sound(wanted: http.GetHttpConnection, one: Connection) -> bool:
        return not one.error and matches(wanted, one)

    return matches_sound


def forgetting(
    handle: Callable[[http.HttpLayer, events.Event], Commands], settle: Callable[[http.HttpLayer], Commands]
) -> Callable[..., Commands]:
    """Every event of a layer; after it windows are opened, and what is over is forgotten."""

    def handle_event(layer: http.HttpLayer, event: events.Event) -> Commands:
        yield from handle(layer, event)
        if WindowedH2Connection.are_any:
            yield from settle(layer)
        if isinstance(event, events.ConnectionClosed) and isinstance(event.connection, Server):
            _forget(layer, event.connection)

    return handle_event


def _forget(layer: http.HttpLayer, closed: Server) -> None:
    over = _over.setdefault(layer, set())
    over.add(closed)
    named = {stream.context.server for stream in layer.streams.values()}
    for one in over - named:
        layer.connections.pop(one, None)
    over &= named
