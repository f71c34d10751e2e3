"""A server that answers every request in the same way."""

import contextlib
import re
import socket
import threading
from dataclasses import dataclass, field
from typing import Self

from live import PATIENCE


@dataclass
class Answering:
    """The server; a context manager.

    Args:
        name: Who it says it is.
        status: Of its answers.
        fields: Further fields of its answers.
    """

    name: str
    status: str = "200 OK"
    fields: tuple[str, ...] = ()
    asked: list[bytes] = field(default_factory=list)
    """The heads of all requests so far."""

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(PATIENCE)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._converse, args=(client,), daemon=True).start()

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
        lines = [f"HTTP/1.1 {self.status}", f"X-Who: {self.name}", "Content-Length: 0", "Connection: close"]
        client.sendall("\r\n".join([*lines, *self.fields, "", ""]).encode())


def who(answer: bytes) -> str:
    """The name of the server that answered; ``""`` if a balancer has answered itself."""
    found = re.search(rb"(?im)^x-who: (\w+)\r$", answer)
    return found[1].decode() if found else ""
