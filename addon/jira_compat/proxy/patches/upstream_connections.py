"""Exchanges that wait for a connection to the upstream, and what becomes of others when one has waited too long.

Only ``serve`` uses it. With HTTP/2 several exchanges of a client wait
at a time, and several may wait for one connection; where that is given up, mitmproxy 12 fails all of them.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any

from mitmproxy.connection import Connection
from mitmproxy.http import HTTPFlow
from mitmproxy.proxy import commands
from mitmproxy.proxy.layer import Layer
from mitmproxy.proxy.layers import http

Commands = Generator[commands.Command, Any, None]


def awaited(layers: Sequence[Layer], flow: HTTPFlow) -> Connection | None:
    """The connection that an exchange waits for; ``None`` if it waits for none.

    Args:
        layers: Of its client's connection.
        flow: The exchange.
    """
    for layer in _http(layers):
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


def _http(layers: Sequence[Layer]) -> Iterator[http.HttpLayer]:
    """Those that have exchanges, also within a tunnel, which is an exchange itself."""
    for layer in layers:
        if isinstance(layer, http.HttpLayer):
            yield layer
            for stream in layer.streams.values():
                within = stream.context.layers
                yield from _http(within[within.index(stream) + 1 :])


def _flow(layer: http.HttpLayer, command: http.GetHttpConnection) -> HTTPFlow:
    stream = layer.command_sources[command]
    assert isinstance(stream, http.HttpStream)  # noqa: S101 - nobody else asks for connections
    return stream.flow
