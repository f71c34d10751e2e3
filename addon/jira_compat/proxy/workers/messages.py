"""The messages between a worker and the process that started it."""

from dataclasses import dataclass

from jira_compat.policy.index import PolicySet
from jira_compat.proxy.admin.http_server import Peer
from jira_compat.proxy.admin.state import State
from jira_compat.proxy.settings.preflight import ServeConfig


@dataclass(frozen=True, slots=True)
class Start:
    """The first message to a worker.

    Args:
        what: The configuration; a worker listens and reports to its parent alone.
        sockets: File descriptors that listen.
        rules: What to judge by, until other rules are sent.
        key: Under which user names are hashed.
    """

    what: ServeConfig
    sockets: tuple[int, ...]
    rules: PolicySet
    key: str


@dataclass(frozen=True, slots=True)
class Ping:
    """The worker is to say how it is.

    Args:
        number: Of the question.
        peer: It is also to say whether the socket at that address is one of its own.
    """

    number: int
    peer: Peer | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """The worker is to end: in order, or at once."""

    at_once: bool = False


@dataclass(frozen=True, slots=True)
class Started:
    """The worker serves."""


@dataclass(frozen=True, slots=True)
class StartFailed:
    """The worker cannot start; each line is a reason."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a worker, unasked or as an answer.

    Args:
        state: What it says of itself.
        number: Of what it was asked; ``None`` if it was not.
        is_own: Whether the socket is its own.
    """

    state: State
    number: int | None = None
    is_own: bool = False
