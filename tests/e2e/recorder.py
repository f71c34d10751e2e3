"""An upstream that keeps every byte and answers every request the same."""

import socket
import threading
from typing import Self

from live import PATIENCE, wait_until

ANSWER = (
    b"HTTP/1.1 203 As You Like\r\nserver: Recorder\r\nX-AREQUESTID:  600x1x1\r\nSET-Cookie: a=b; Path=/\r\n"
    b"Set-Cookie: c=d\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n\xff\x00ok\n"
)
SEEN = ANSWER.replace(b":  ", b": ")
"""What of it a client sees: white space around a value is not part of it."""


class Recorder:
    """Takes one connection after the other; each has one request, which ends as its ``Content-Length`` says."""

    def __init__(self) -> None:
        self.requests: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(PATIENCE)
        self._listener.close()

    @property
    def authority(self) -> str:
        """Host and port."""
        host, port = self._listener.getsockname()[:2]
        return f"{host}:{port}"

    def take(self) -> bytes:
        """The request that came, which is forgotten then."""
        wait_until(lambda: self.requests, "a request")
        [got] = self.requests
        self.requests.clear()
        return got

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(PATIENCE)
                if got := _read(connection):
                    self.requests.append(got)
                    connection.sendall(ANSWER)


def _read(connection: socket.socket) -> bytes:
    got = b""
    while chunk := connection.recv(65536):
        got += chunk
        head, gap, content = got.partition(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
        )
        if gap and len(content) >= length:
            break
    return got
