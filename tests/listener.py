"""What the tests' servers have in common: an address on loopback, and a thread for each connection."""

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Any, Self

from live import PATIENCE


class Listener:
    """A server; a context manager. Connections that come before wait.

    Args:
        port: Where it listens; 0 for a free one.
    """

    def __init__(self, port: int = 0) -> None:
        self._listener = socket.create_server(("127.0.0.1", port), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(PATIENCE)

    def accepted(self, connection: socket.socket, client: Any, /) -> Callable[[], None]:
        """What serves a connection, and closes it; asked for before another one is accepted."""
        raise NotImplementedError

    def _accept(self) -> None:
        while True:
            try:
                connection, client = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self.accepted(connection, client), daemon=True).start()
