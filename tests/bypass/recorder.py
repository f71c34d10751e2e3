"""An upstream that writes down every byte it gets and answers 200 to each request."""

import contextlib
import functools
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bypass import wire
from listener import Listener

ANSWER = b'{"recorded": true}'
_HEAD = b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: %b\r\n\r\n"
_IDLE = 5.0
"""Seconds after which a connection that says nothing is over."""
_LINGER = 1.0
"""Seconds for what may follow the last request."""


@dataclass
class Connection:
    """All that came on one connection."""

    data: bytearray = field(default_factory=bytearray)
    closed: threading.Event = field(default_factory=threading.Event)


class Recorder(Listener):
    """The upstream."""

    def __init__(self) -> None:
        super().__init__()
        self._connections: list[Connection] = []
        self._lock = threading.Lock()

    def take(self, patience: float = 2.0) -> list[bytes]:
        """What came on each connection since the last call; waits until they are over, or patience is."""
        deadline = time.monotonic() + patience
        with self._lock:
            taken, self._connections = self._connections, []
        for connection in taken:
            connection.closed.wait(max(0.0, deadline - time.monotonic()))
        return [bytes(connection.data) for connection in taken if connection.data]

    def accepted(self, client: socket.socket, _: object, /) -> Callable[[], None]:
        connection = Connection()
        with self._lock:
            self._connections.append(connection)
        return functools.partial(self._serve, client, connection)

    def _serve(self, client: socket.socket, connection: Connection) -> None:
        with client, contextlib.suppress(OSError):
            client.settimeout(_IDLE)
            _converse(client, connection)
        connection.closed.set()


def _converse(client: socket.socket, connection: Connection) -> None:
    """Answer request after request, until one is the last; then listen to what still comes."""
    read_to = 0
    while _receive(client, connection):
        while answer := _answer(bytes(connection.data[read_to:])):
            content, length, goes_on = answer
            read_to += length
            client.sendall(content)
            if not goes_on:
                client.shutdown(socket.SHUT_WR)
                client.settimeout(_LINGER)
                while _receive(client, connection):
                    pass
                return


def _receive(client: socket.socket, connection: Connection) -> bool:
    chunk = client.recv(1 << 20)
    connection.data += chunk
    return bool(chunk)


def _answer(data: bytes) -> tuple[bytes, int, bool] | None:
    """The answer to the first request, that request's length, and whether another may follow."""
    try:
        read = wire.read_request(data)
    except wire.Malformed:
        return _HEAD % (b"400 Bad Request", 0, b"close"), len(data), False
    if read is None:
        return None
    message, rest = read
    content = b"" if message.method == b"HEAD" else ANSWER
    goes_on = b"close" not in message.field("connection").lower() and message.start.endswith(b"/1.1")
    head = _HEAD % (b"200 OK", len(ANSWER), b"keep-alive" if goes_on else b"close")
    return head + content, len(data) - len(rest), goes_on
