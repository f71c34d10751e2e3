"""Captures that may have the same requests: both logs of Jira, and those of a balancer before it."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from jira_compat.audit.counting.inventory import Inventory
from jira_compat.audit.files.captures import Capture, open_capture
from jira_compat.audit.files.decompress import unpack
from jira_compat.audit.files.problems import OtherLogError, Problem, UnreadableError
from jira_compat.audit.readers.detect import Kind, head_of, kind_of
from jira_compat.audit.readers.log_formats import FORMATS_OF

_BALANCERS = frozenset({"combined", "haproxy", "json"})
_MOST = 3
_MOST_CALLERS = 10_000


@dataclass(slots=True)
class Span:
    """When a capture's calls were, and who called which rule."""

    first: float | None = None
    last: float | None = None
    callers: set[tuple[str, str]] = field(default_factory=set)

    def add(self, inventory: Inventory) -> None:
        """Widen to the calls of a part."""
        for (subject, client), calls in inventory.rows.items():
            if calls.first is not None and calls.last is not None:
                self.first = calls.first if self.first is None else min(self.first, calls.first)
                self.last = calls.last if self.last is None else max(self.last, calls.last)
            if subject.rule is not None and len(self.callers) < _MOST_CALLERS:
                self.callers.add((subject.rule, client.product))

    def meets(self, other: "Span") -> bool:
        """Whether the same calls may stand in both."""
        if self.first is None or self.last is None or other.first is None or other.last is None:
            return False
        return self.first <= other.last and other.first <= self.last and not self.callers.isdisjoint(other.callers)


def overlaps(spans: Sequence[tuple[str, Kind | None, Span]]) -> Iterator[Problem]:
    """Remarks on logs of balancers that have the time and the callers of a log of Jira's."""
    jira = [(name, span) for name, kind, span in spans if kind == "jira"]
    remarks = 0
    for name, kind, span in spans:
        if kind not in _BALANCERS or remarks == _MOST:
            continue
        other = next((other for other, theirs in jira if span.meets(theirs)), None)
        if other is not None:
            remarks += 1
            what = f"has calls of the same time and tools as {other}; if it is of a balancer before that Jira"
            yield Problem(name, f"{what}, they are counted twice: audit one of the two", unread=False)


def split_twins(captures: Collection[Capture]) -> tuple[list[Capture], list[Capture]]:
    """Captures, and those among them that are ``atlassian-jira-http-access.log`` where ``access_log`` is there, too."""
    own = {capture.name: _is_own(capture) for capture in captures} if len(captures) > 1 else {}
    if {True, False} <= set(own.values()):
        return [one for one in captures if not own[one.name]], [one for one in captures if own[one.name]]
    return [*captures], []


def _is_own(capture: Capture) -> bool | None:
    """Whether a log is Jira's own, and not Tomcat's; ``None`` if it is neither."""
    if capture.path is None or capture.size == 0:
        return None
    try:
        with open_capture(capture) as stream:
            head, _ = head_of(unpack(stream, lambda _: None))
        if kind_of(head) != "jira":
            return None
    except (OSError, UnreadableError, OtherLogError):
        return None  # the reader says what is wrong
    rows = (row for line in head.splitlines() for form in FORMATS_OF["jira"] if (row := form.row(line)) is not None)
    row = next(rows, None)
    return row is not None and row[1].startswith((b"i", b"o"))
