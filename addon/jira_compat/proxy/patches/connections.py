"""Which connections to the upstream mitmproxy remembers: not those that failed, and not those that are over.

Only ``serve`` uses it. mitmproxy 12 answers every further
request of a client's connection with a failure to connect that it once had, and keeps all connections to
the upstream in memory until the client's ends, which with HTTP/2, where each request has its own, it may not.
"""

from collections.abc import Callable, Generator
from typing import Any
from weakref import WeakKeyDictionary

from mitmproxy.connection import Connection, Server
from mitmproxy.proxy import commands, events
from mitmproxy.proxy.layers import http

Commands = Generator[commands.Command, Any, None]

_over: WeakKeyDictionary[http.HttpLayer, set[Connection]] = WeakKeyDictionary()
"""Connections of which nothing more is heard, and that an exchange may still name."""


def matching_sound(matches: Callable[[Any, Connection], bool]) -> Callable[[Any, Connection], bool]:
    """Whether a connection will do: not if it failed."""

    def matches_sound(wanted: http.GetHttpConnection, one: Connection) -> bool:
        return not one.error and matches(wanted, one)

    return matches_sound


def forgetting(handle: Callable[[http.HttpLayer, events.Event], Commands]) -> Callable[..., Commands]:
    """Every event of a layer; what is over after it is forgotten."""

    def handle_event(layer: http.HttpLayer, event: events.Event) -> Commands:
        yield from handle(layer, event)
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
