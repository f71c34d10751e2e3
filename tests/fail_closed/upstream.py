"""An upstream that does as it is told, and notes every byte that it gets."""

import contextlib
import functools
import re
import socket
import ssl
import struct
from collections.abc import Callable, Sequence

from listener import Listener
from live import PATIENCE, wait_until

OK = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{"ok": true}'

type Script = Callable[["Call"], None]


class Call:
    """A connection from the proxy; a script reads from it and answers on it."""

    def __init__(self, upstream: "Upstream", connection: socket.socket) -> None:
        self.gone = False
        self._upstream = upstream
        self._connection = connection
        self._pending = b""

    def head(self) -> bytes:
        """The next request's head, without waiting for its body; empty when there is none."""
        while b"\r\n\r\n" not in self._pending:
            if not self._receive():
                return b""
        head, _, self._pending = self._pending.partition(b"\r\n\r\n")
        return head + b"\r\n\r\n"

    def body(self, head: bytes) -> bytes:
        """The body, as it is framed; as far as it comes."""
        declared = re.search(rb"(?im)^content-length: *(\d+)", head)
        chunked = re.search(rb"(?im)^transfer-encoding: *chunked", head) is not None
        length = int(declared[1]) if declared else 0
        while not self._pending.endswith(b"0\r\n\r\n") if chunked else len(self._pending) < length:
            if not self._receive():
                break
        length = len(self._pending) if chunked else length
        body, self._pending = self._pending[:length], self._pending[length:]
        return body

    def request(self) -> bytes:
        """A whole request, which is noted; empty when there is none."""
        if head := self.head():
            head += self.body(head)
            self._upstream.requests.append(head)
        return head

    def drop(self, piece: int = 1 << 20) -> int:
        """Take what there is and forget it; how much it was."""
        taken, self._pending = len(self._pending), b""
        return taken or len(self._connection.recv(piece))

    def chunk(self) -> bytes:
        """What comes next; nothing at the end."""
        with contextlib.suppress(OSError):
            return self._connection.recv(1 << 16)
        return b""

    def send(self, content: bytes) -> None:
        self._connection.sendall(content)

    def reset(self) -> None:
        """End the connection with a reset."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._connection.close()

    def wait(self, length: int | None = None) -> None:
        """Until the proxy hangs up, the test is over, or so much came; what comes is noted as a request."""
        while (length is None or len(self._pending) < length) and self._receive():
            pass
        self._upstream.requests.extend([self._pending] if self._pending else [])
        self._pending = b""

    def _receive(self) -> bool:
        with contextlib.suppress(OSError):
            chunk = self._connection.recv(1 << 16)
            self._pending += chunk
            self._upstream.received += chunk
            self.gone = not chunk
            return bool(chunk)
        self.gone = True
        return False


def answers(answer: bytes = OK) -> Script:
    """A script that answers every request so."""

    def script(call: Call) -> None:
        while call.request():
            call.send(answer)

    return script


def then_closes(answer: bytes) -> Script:
    """A script that answers one request, and closes."""

    def script(call: Call) -> None:
        if call.request():
            call.send(answer)

    return script


def silent(call: Call) -> None:
    """Takes a request and says nothing."""
    call.request()
    call.wait()


def resets(call: Call) -> None:
    """Takes a request and resets the connection."""
    call.request()
    call.reset()


class Upstream(Listener):
    """Listens on loopback; each connection follows the script that is set when it comes.

    Args:
        tls: Files with a certificate and its key.
        port: Where it listens; 0 for a free one.
        protocols: What it offers by ALPN.
    """

    def __init__(self, tls: tuple[str, str] | None = None, *, port: int = 0, protocols: Sequence[str] = ()) -> None:
        super().__init__(port)
        self.script: Script = answers()
        self.requests: list[bytes] = []
        """Whole requests, as they came."""
        self.received = b""
        """All that came, whether it was a request or not."""
        self.connections = 0
        self._accepted: list[object] = []
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if tls else None
        if self._tls and tls:
            self._tls.load_cert_chain(*tls)
            if protocols:
                self._tls.set_alpn_protocols(list(protocols))
        self._open: set[socket.socket] = set()

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}" if self._tls else super().url

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        self.hang_up()

    def reset(self) -> None:
        """Answer 200 again, and know of nothing; connections that are open end.

        Those that nobody has accepted yet are counted before, not after: they stand in the queue before one of ours.
        """
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as last:
            wait_until(lambda: last.getsockname() in self._accepted, "the upstream to accept who waits")
        self.hang_up()
        self.script, self.requests, self.received, self.connections = answers(), [], b"", 0
        self._accepted.clear()

    def hang_up(self) -> None:
        """End every connection."""
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        wait_until(lambda: not self._open, "the upstream's connections to end")

    def request(self, number: int = 1) -> bytes:
        """The last of so many requests; waits for it."""
        wait_until(lambda: len(self.requests) >= number, f"request {number} at the upstream")
        assert len(self.requests) == number, self.requests
        return self.requests[-1]

    def accepted(self, connection: socket.socket, client: object, /) -> Callable[[], None]:
        self.connections += 1
        self._open.add(connection)
        self._accepted.append(client)
        return functools.partial(self._serve, connection, self.script)

    def _serve(self, plain: socket.socket, script: Script) -> None:
        connection = plain
        try:
            with contextlib.suppress(OSError):
                connection = self._tls.wrap_socket(plain, server_side=True) if self._tls else plain
                if connection is not plain:
                    self._open.add(connection)
                    self._open.discard(plain)
                script(Call(self, connection))
        finally:
            connection.close()
            self._open -= {plain, connection}
