"""A client that sends what it is told, piece by piece, and reads one answer after the other."""

import json
import re
import socket
import ssl
from dataclasses import dataclass
from typing import Self

from live import PATIENCE


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it was read; ``raw`` is its head."""

    status: int
    raw: bytes
    body: bytes

    def field(self, name: str) -> str | None:
        """The value of the first field of that name."""
        found = re.search(rf"(?im)^{name}: *(.*?)\r$".encode(), self.raw)
        return found[1].decode() if found else None

    @property
    def mark(self) -> str | None:
        return self.field("X-Jira-Compat")

    @property
    def told(self) -> str:
        """The sentence of an error in Jira's shape; fails if it has another."""
        assert self.field("Content-Type") == "application/json;charset=UTF-8", self.raw
        document = json.loads(self.body)
        assert document.keys() == {"errorMessages", "errors"}
        [sentence] = document["errorMessages"]
        assert document["errors"] == {}
        assert isinstance(sentence, str)
        return sentence


class Client:
    """A connection to a proxy; a context manager."""

    def __init__(self, port: int, *, tls: ssl.SSLContext | None = None, name: str = "localhost") -> None:
        plain = socket.create_connection(("127.0.0.1", port), PATIENCE)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = tls.wrap_socket(plain, server_hostname=name) if tls else plain
        self._pending = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, content: bytes) -> Self:
        self._socket.sendall(content)
        return self

    def end(self) -> Self:
        """Say that nothing follows."""
        self._socket.shutdown(socket.SHUT_WR)
        return self

    def answer(self, method: str = "GET") -> Answer:
        """The next answer, interim ones too; fails if the connection ends before."""
        while b"\r\n\r\n" not in self._pending:
            assert self._receive(), f"no answer, but {self._pending!r} and the end"
        head, _, self._pending = self._pending.partition(b"\r\n\r\n")
        head += b"\r\n\r\n"
        status = int(head.split(b" ", 2)[1])
        without = method in {"HEAD", "CONNECT"} or status in {204, 304} or status < 200
        return Answer(status, head, b"" if without else self._body(head))

    def piece(self) -> bytes:
        """What has come, or comes next; nothing at the end."""
        if not self._pending:
            self._receive()
        piece, self._pending = self._pending, b""
        return piece

    def rest(self) -> bytes:
        """All that comes until the connection ends."""
        while self._receive():
            pass
        return self._pending

    def quiet(self, seconds: float = 0.2) -> bool:
        """Whether nothing comes for a while, the end neither."""
        self._socket.settimeout(seconds)
        try:
            return not self._pending and not self._socket.recv(1, socket.MSG_PEEK) and False
        except TimeoutError:
            return True
        finally:
            self._socket.settimeout(PATIENCE)

    def _body(self, head: bytes) -> bytes:
        declared = re.search(rb"(?im)^content-length: *(\d+)", head)
        if declared is None and re.search(rb"(?im)^transfer-encoding: *chunked", head) is None:
            body, self._pending = self.rest(), b""
            return body
        return self._chunks() if declared is None else self._take(int(declared[1]))

    def _chunks(self) -> bytes:
        body = b""
        while True:
            while b"\r\n" not in self._pending:
                assert self._receive(), "cut off in a chunk"
            size, _, self._pending = self._pending.partition(b"\r\n")
            piece = self._take(int(size, 16) + 2)[:-2]
            if not piece:
                return body
            body += piece

    def _take(self, length: int) -> bytes:
        while len(self._pending) < length:
            assert self._receive(), f"cut off after {len(self._pending)} of {length} bytes"
        taken, self._pending = self._pending[:length], self._pending[length:]
        return taken

    def _receive(self) -> bool:
        try:
            chunk = self._socket.recv(1 << 16)
        except ConnectionResetError:
            return False
        self._pending += chunk
        return bool(chunk)


def ask(port: int, raw: bytes, method: str = "GET") -> Answer:
    """One request on a connection of its own."""
    with Client(port) as client:
        return client.send(raw).answer(method)
