"""The steps that a plan may ask for.

A plan is a generator: it yields steps and receives their results. It does no I/O, sees no credential
and keeps no state, so that tests and examples can script it.
"""

from collections.abc import Generator, Hashable
from dataclasses import dataclass
from typing import Any, Protocol

from jira_compat.model import Request, Response

REQUESTS = 40
"""Requests that one call may cost, unless an option says otherwise."""


@dataclass(frozen=True, slots=True)
class Send:
    """Send a request to the site; its result is the :class:`Response`."""

    request: Request


@dataclass(frozen=True, slots=True)
class SendAll:
    """Send requests that do not depend on each other; the result is a tuple of responses in their order."""

    requests: tuple[Request, ...]


@dataclass(frozen=True, slots=True)
class Recall:
    """Look up what :class:`Remember` stored for the same client; ``None`` if it is not there.

    What is remembered is a cache and never a truth: a plan must reach the same answer without it.
    """

    key: Hashable
    is_counted: bool = True
    """Whether metrics count it as a hit or a miss."""


@dataclass(frozen=True, slots=True)
class Remember:
    """Store a frozen value for the same client; the result is ``None``."""

    key: Hashable
    value: Hashable


@dataclass(frozen=True, slots=True)
class Written:
    """Ask for the ids of issues that the proxy saw written in the last minutes: a sorted tuple of at most fifty."""


@dataclass(frozen=True, slots=True)
class Note:
    """Add a field to the event of the exchange; the result is ``None``."""

    field: str
    value: str | int


Step = Send | SendAll | Recall | Remember | Written | Note
Plan = Generator[Step, Any, Response | None]
"""Returns what the client is answered; ``None`` for the last response as it is."""


class Start(Protocol):
    """Starts a plan: a frozen value, so that decisions can be compared."""

    @property
    def status(self) -> int | None:
        """The status of the answer if all goes as planned; ``None`` if that depends on the site."""

    @property
    def condition(self) -> str:
        """The condition for that, in a clause."""

    @property
    def document(self) -> str | None:
        """The body of the first step, if it has no value of the client's in it."""

    @property
    def translation(self) -> str | None:
        """The name of the translation; ``None`` for a plan of one request, which is sent as the exchange's own."""

    @property
    def premise(self) -> str:
        """The condition under which a translation sends what :meth:`imagined` leads to, in a clause."""

    def imagined(self, request: Request) -> Response:
        """Answer a step of a translation as a site might, for people who ask what is sent."""

    def plan(self, mark: str) -> Plan:
        """Begin again; ``mark`` goes into ``X-Jira-Compat`` of what the plan returns."""


class StepRefusedError(Exception):
    """A rule would refuse, replace or translate a step; the text names both."""


class PlanError(Exception):
    """An upstream response that its specification does not allow; the text names the step and quotes no content."""
