"""A record of received requests, to look into and to wait on."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, repr=False)
class Received:
    """A request that reached the stand-in, as it was on the wire, and what it was answered.

    Its ``repr`` shows neither query nor header fields nor content.

    Args:
        method: As sent; ``""`` if not even that could be read.
        target: Request target as sent.
        headers: Field lines in their order; only white space around values is gone.
        body: Content, decoded from chunks; ``b""`` for more than 1 MB, see ``size`` and ``sha256``.
        size: Octets of content.
        sha256: Hash of the content, in hexadecimal.
        status: Status of the answer; 0 if the request broke off before there could be one.
    """

    method: str
    target: bytes
    headers: tuple[tuple[str, str], ...]
    body: bytes
    size: int
    sha256: str
    status: int

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition(b"?")[0].decode("latin-1")

    def header(self, name: str) -> str | None:
        """The first value of a field, in whatever case its name came; ``None`` if there is no such field."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def __repr__(self) -> str:
        return f"<{self.method} {self.path.partition(';')[0]}, {self.size} octets, answered {self.status}>"


@dataclass(slots=True)
class Record:
    """Requests and connections since the last :meth:`reset`. Safe for threads.

    Args:
        newest: Keep so many requests; ``None`` keeps all.
    """

    newest: int | None = None
    requests: int = field(default=0, init=False)
    connections: int = field(default=0, init=False)
    _kept: deque[Received] = field(init=False)
    _changed: threading.Condition = field(default_factory=threading.Condition, init=False)

    def __post_init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        with self._changed:
            self._kept = deque(maxlen=self.newest)
            self.requests = self.connections = 0

    def add(self, received: Received) -> None:
        """Note a request."""
        with self._changed:
            self._kept.append(received)
            self.requests += 1
            self._changed.notify_all()

    def add_connection(self) -> None:
        """Note a TCP connection."""
        with self._changed:
            self.connections += 1
            self._changed.notify_all()

    @property
    def received(self) -> list[Received]:
        """The requests, oldest first: a copy, later ones do not appear in it."""
        with self._changed:
            return list(self._kept)

    def wait_for(self, condition: int | Callable[[list[Received]], bool], timeout: float) -> list[Received]:
        """Wait until so many requests came, or until a condition on them holds; it is tried after each.

        Raises:
            TimeoutError: It did not happen within ``timeout`` seconds.
        """

        def happened() -> bool:
            return self.requests >= condition if isinstance(condition, int) else condition(list(self._kept))

        with self._changed:
            if not self._changed.wait_for(happened, timeout):
                raise TimeoutError(f"Not within {timeout} s; {self.requests} came, the last: {list(self._kept)[-5:]}")
            return list(self._kept)
