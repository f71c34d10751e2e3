"""The inventory: who calls what, how often, since when. Its memory has a bound whatever it is told."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from jira_compat.events import endpoint_template as template
from jira_compat.events import user_agent as agent
from jira_compat.model import Change

MOST_ROWS = 20_000
MOST_ENDPOINTS = 3_000
_MOST_HOURS = 50_000
_MOST_FIELDS = 20
_MOST_STATUSES = 40

Carried = Literal["yes", "no", "unknown"]


class Subject(NamedTuple):
    """What was called: an endpoint that a rule names, or a template of one that none does.

    Args:
        endpoint: The rule's endpoint line, or method and template.
        policy: The policy's id; ``None`` where no rule names the endpoint, as the fields behind it.
        rule: The rule's id.
        change: What Atlassian did to the endpoint.
        action: The rule's action.
    """

    endpoint: str
    policy: str | None = None
    rule: str | None = None
    change: Change | None = None
    action: str | None = None


PAGES = Subject(template.PAGES)
"""All that is no API."""
FURTHER = Subject(template.FURTHER_ENDPOINTS)
"""Endpoints beyond :data:`MOST_ENDPOINTS`."""


class Client(NamedTuple):
    """Who called; what is not known is ``None``."""

    product: str
    version: str = ""
    user: str | None = None
    address: str | None = None


OTHERS = Client(agent.OTHERS.product)
"""Clients beyond :data:`MOST_ROWS`."""


@dataclass(frozen=True, eq=False, slots=True)
class Verdict:
    """What an event says of one call, apart from who made it and when; compared by identity, being a key of many.

    Args:
        subject: What was called.
        carried: Whether it had what the rule takes out; ``None`` where the rule takes nothing out.
        fields: What that was.
        applied: Whether the proxy changed or answered it.
    """

    subject: Subject
    carried: Carried | None = None
    fields: tuple[str, ...] = ()
    applied: bool = False
    ruled: bool = field(init=False)
    """Whether a rule names what was called."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "ruled", self.subject.rule is not None)


@dataclass(frozen=True, slots=True)
class Example:
    """One call, and its place in a capture: ``FILE:LINE`` or ``FILE#ENTRY``."""

    file: str
    mark: str
    number: int
    line: str

    @property
    def place(self) -> str:
        """Where it stands."""
        return f"{self.file}{self.mark}{self.number}" if self.number else self.file


@dataclass(slots=True)
class Calls:
    """How often, when, with what result."""

    count: int = 0
    first: float | None = None
    last: float | None = None
    statuses: dict[int, int] = field(default_factory=dict)
    carried: dict[Carried, int] = field(default_factory=dict)
    fields: tuple[str, ...] = ()
    applied: int = 0
    example: Example | None = None

    def add(self, other: "Calls") -> None:
        """Add others to these; the earlier example stays."""
        self.count += other.count
        self.applied += other.applied
        self.first = _least(self.first, other.first)
        self.last = _most(self.last, other.last)
        self.example = self.example or other.example
        for status, count in other.statuses.items():
            if status in self.statuses or len(self.statuses) < _MOST_STATUSES:
                self.statuses[status] = self.statuses.get(status, 0) + count
        for carried, count in other.carried.items():
            self.carried[carried] = self.carried.get(carried, 0) + count
        if other.fields and other.fields != self.fields:
            self.fields = tuple(dict.fromkeys((*self.fields, *other.fields)))[:_MOST_FIELDS]


@dataclass(slots=True)
class Inventory:
    """All calls, by subject and client.

    Args:
        rows: Calls of one client to one subject; where no rule names that, of all clients of one product.
        hours: Calls by rule, as ``POLICY/RULE``, and by ``width`` seconds.
        width: Seconds; an hour until that would be too many.
        failures: Exchanges that the proxy failed on, by event name.
        folded: Calls whose client was one too many to be told.
    """

    rows: dict[tuple[Subject, Client], Calls] = field(default_factory=dict)
    hours: dict[tuple[str, int], int] = field(default_factory=dict)
    width: int = 3600
    failures: dict[str, int] = field(default_factory=dict)
    folded: int = 0
    _subjects: set[Subject] = field(default_factory=set)

    def add(self, verdict: Verdict, client: Client, calls: Calls) -> None:
        """Add calls of one client that had one verdict; ``calls.first`` is the hour they count in."""
        self.add_row(verdict.subject, client, calls)
        if verdict.ruled and calls.first is not None:
            self.add_hour(verdict.subject, int(calls.first), calls.count)

    def wants_example(self, subject: Subject, client: Client) -> bool:
        """Whether there is none yet, and would be a row for it."""
        key = subject, _told(subject, client)
        return key not in self.rows and len(self.rows) < MOST_ROWS

    def add_row(self, subject: Subject, client: Client, calls: Calls) -> None:
        """Add calls, without their hours."""
        subject, client = self._bounded(subject, client, calls.count)
        row = self.rows.get((subject, client))
        if row is None:
            row = self.rows[subject, client] = Calls()
        row.add(calls)

    def add_hour(self, subject: Subject, at: int, count: int) -> None:
        """Count calls of a rule at a time; of one that has no row, being one too many, nothing is told."""
        if subject not in self._subjects:
            return
        key = f"{subject.policy or ''}/{subject.rule}", at // self.width
        self.hours[key] = self.hours.get(key, 0) + count
        if len(self.hours) > _MOST_HOURS:
            self._widen()

    def merge(self, other: "Inventory", offsets: dict[str, int]) -> None:
        """Add an inventory of what stands behind this; ``offsets`` are lines of a file that stand before it."""
        for (subject, client), calls in other.rows.items():
            if calls.example is not None and (before := offsets.get(calls.example.file)):
                calls.example = replace(calls.example, number=calls.example.number + before)
            self.add_row(subject, client, calls)
        while self.width < other.width:
            self._widen()
        for (mark, hour), count in other.hours.items():
            key = mark, hour * other.width // self.width
            self.hours[key] = self.hours.get(key, 0) + count
        while len(self.hours) > _MOST_HOURS:
            self._widen()
        for name, count in other.failures.items():
            self.failures[name] = self.failures.get(name, 0) + count
        self.folded += other.folded

    def subjects(self) -> Iterator[tuple[Subject, dict[Client, Calls]]]:
        """The clients of each subject."""
        found: dict[Subject, dict[Client, Calls]] = {}
        for (subject, client), calls in self.rows.items():
            found.setdefault(subject, {})[client] = calls
        yield from found.items()

    def _bounded(self, subject: Subject, client: Client, count: int) -> tuple[Subject, Client]:
        client = _told(subject, client)
        if (subject, client) in self.rows:
            return subject, client
        if subject not in self._subjects:
            if len(self._subjects) >= MOST_ENDPOINTS * (2 if subject.rule else 1):
                subject = FURTHER
            self._subjects.add(subject)
        if len(self.rows) < MOST_ROWS or (subject, client) in self.rows or client == OTHERS:
            return subject, client
        self.folded += count
        return subject, OTHERS

    def _widen(self) -> None:
        """Days instead of hours, then 24 days; what else could be so many is no time of day."""
        wider: dict[tuple[str, int], int] = {}
        for (mark, hour), count in self.hours.items():
            key = mark, hour // 24
            wider[key] = wider.get(key, 0) + count
        self.hours, self.width = wider, self.width * 24


def _told(subject: Subject, client: Client) -> Client:
    """The client; where no rule says anything only its product, or each person's browser would be a row."""
    return client if subject.rule is not None else Client(client.product)


def _least(one: float | None, other: float | None) -> float | None:
    return other if one is None else one if other is None else min(one, other)


def _most(one: float | None, other: float | None) -> float | None:
    return other if one is None else one if other is None else max(one, other)
