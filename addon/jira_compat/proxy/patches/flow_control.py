"""What is held because its recipient does not take it; meanwhile no more of it is read.

Only ``serve`` uses it. mitmproxy 12 reads on: it holds what a client sends behind a request that is still being
answered, what an exchange gets that waits, and what an HTTP/2 peer has no window for.
"""

from collections.abc import Callable, Sequence
from functools import partial

from mitmproxy.connection import Connection
from mitmproxy.proxy.layer import Layer
from mitmproxy.proxy.layers.http import HttpLayer, HttpStream
from mitmproxy.proxy.layers.http._http1 import Http1Connection
from mitmproxy.proxy.layers.http._http2 import Http2Client, Http2Connection, Http2Server
from mitmproxy.proxy.layers.tcp import TCPLayer

from jira_compat.proxy.patches.http2 import Settle
from jira_compat.proxy.patches.stream_hooks import Commands
from jira_compat.proxy.patches.upstream_connections import http_layers

LITTLE = 1 << 16
"""Bytes in one direction of an exchange, beyond which an HTTP/2 peer's window stays as it is."""
MOST = 1 << 18
"""Bytes in one direction of an exchange; as many more may have been read and not yet looked at."""


def is_full(layers: Sequence[Layer], connection: Connection) -> bool:
    """Return whether a connection must not be read: what came from it is still here.

    HTTP/2 connections are read on, because they carry what opens the windows of others. They have windows instead.
    """
    return any(_is_full(layer, connection) for layer in http_layers(layers))


def _is_full(layer: HttpLayer, connection: Connection) -> bool:
    if connection is layer.context.client:
        protocol = layer.connections.get(connection)
        if not isinstance(protocol, Http1Connection):
            return getattr(protocol, "backlog", 0) > MOST
        stream = layer.streams.get(protocol.stream_id or 0)
        return getattr(protocol, "backlog", 0) > MOST or (stream is not None and is_request_held(layer, stream, MOST))
    if connection.alpn == b"h2":
        return False
    return any(stream.context.server is connection and is_response_held(layer, stream, MOST) for stream in _all(layer))


def has_asked(layers: Sequence[Layer], client: Connection) -> bool:
    """Return whether a client has begun a request, be it in a tunnel, or has one that is passed on undecrypted."""
    return any(_has_asked(layer, client) for layer in http_layers(layers))


def has_tunnel(layers: Sequence[Layer], client: Connection) -> bool:
    """Return whether a client has asked for a tunnel."""
    return any(_is_connect(layer.connections.get(client)) for layer in http_layers(layers))


def _has_asked(layer: HttpLayer, client: Connection) -> bool:
    protocol = layer.connections.get(client)
    if _is_connect(protocol):
        return any(isinstance(inner, TCPLayer) for stream in _all(layer) for inner in stream.context.layers)
    if isinstance(protocol, Http1Connection):
        return protocol.request is not None or (protocol.stream_id or 0) > 1 or bool(protocol.buf)
    return isinstance(protocol, Http2Connection) and protocol.h2_conn.highest_inbound_stream_id > 0


def _is_connect(protocol: Layer | None) -> bool:
    request = protocol.request if isinstance(protocol, Http1Connection) else None
    return request is not None and request.method == "CONNECT"


def is_request_held(layer: HttpLayer, stream: HttpStream, most: int) -> bool:
    """Return whether more bytes of a request wait for their turn, or for a window of the upstream."""
    if _queued(stream) > most or getattr(stream, "waits_for_room", False):
        return True
    first = layer.connections.get(stream.context.server)
    upstream = first.context.layers[-1] if first is not None else None
    if not isinstance(upstream, Http2Client):
        return False
    ours = upstream.our_stream_id.get(stream.stream_id)
    if ours is None:
        return _size(upstream.stream_queue.get(stream.stream_id, ())) > most
    return _buffered(upstream, ours) > most


def is_response_held(layer: HttpLayer, stream: HttpStream, most: int) -> bool:
    """Return whether more bytes of a response wait for their turn, or for a window of the client."""
    client = layer.connections.get(layer.context.client)
    in_window = _buffered(client, stream.stream_id) if isinstance(client, Http2Server) else 0
    return in_window > most or _queued(stream) > most


def settle(layer: HttpLayer) -> Commands:
    """Open the windows of what was taken."""
    for connection, first in list(layer.connections.items()):
        if connection.alpn == b"h2" and _owes(first.context.layers[-1]):
            held = is_request_held if connection is layer.context.client else is_response_held
            yield from layer.event_to_child(first, Settle(partial(_is_held, layer, held)))


def _owes(protocol: Layer) -> bool:
    return isinstance(protocol, Http2Connection) and bool(getattr(protocol.h2_conn, "owed", None))


def _is_held(layer: HttpLayer, held: Callable[[HttpLayer, HttpStream, int], bool], stream_id: int) -> bool:
    stream = layer.streams.get(stream_id)
    return stream is not None and held(layer, stream, LITTLE)


def _all(layer: HttpLayer) -> Sequence[HttpStream]:
    return tuple(layer.streams.values())


def _buffered(protocol: Http2Connection, stream_id: int) -> int:
    buffers = protocol.h2_conn.stream_buffers.get(stream_id, ())
    return sum(len(piece.data) for piece in buffers)


def _queued(stream: HttpStream) -> int:
    return _size(stream._paused_event_queue)  # noqa: SLF001 - the only place that knows


def _size(events: Sequence[object]) -> int:
    return sum(len(getattr(event, "data", b"")) + 1 for event in events) if events else 0
