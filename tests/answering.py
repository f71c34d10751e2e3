"""A server that answers every request in the same way."""

import contextlib
import functools
import re
import socket
from collections.abc import Callable

from listener import Listener
from live import PATIENCE


class Answering(Listener):
    """The server; ``asked`` are the heads of all requests so far.

    Args:
        name: Who it says it is.
        status: Of its answers.
        fields: Further fields of its answers.
    """

    def __init__(self, name: str, status: str = "200 OK", fields: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.asked: list[bytes] = []
        lines = [f"HTTP/1.1 {status}", f"X-Who: {name}", "Content-Length: 0", "Connection: close"]
        self._told = "\r\n".join([*lines, *fields, "", ""]).encode()

    def accepted(self, client: socket.socket, _: object, /) -> Callable[[], None]:
        return functools.partial(self._converse, client)

    def _converse(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            client.settimeout(PATIENCE)
            self._answer(client)

    def _answer(self, client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            chunk = client.recv(1 << 16)
            if not chunk:
                return
            head += chunk
        self.asked.append(head)
        client.sendall(self._told)


def who(answer: bytes) -> str:
    """The name of the server that answered; ``""`` if a balancer has answered itself."""
    found = re.search(rb"(?im)^x-who: (\w+)\r$", answer)
    return found[1].decode() if found else ""
