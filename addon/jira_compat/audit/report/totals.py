"""The headline of a report: how many calls, of how many clients, meet with what."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from jira_compat.audit.counting.inventory import Calls
from jira_compat.audit.report.advice import impact_of
from jira_compat.audit.report.document import IMPACTS, Figure, Impact, Totals, Use

RANK = {impact: rank for rank, impact in enumerate(IMPACTS)}
"""Impacts by badness; 0 is worst."""

_Who = tuple[str, str, str | None, str | None]


def totals(uses: Iterable[Use], everything: Calls, *, unlisted: int) -> Totals:
    """Add up.

    Args:
        uses: Who calls what rules name.
        everything: All calls that were seen.
        unlisted: How many of them were of endpoints that no rule names.
    """
    calls: Counter[Impact] = Counter()
    clients: dict[Impact, set[_Who]] = {impact: set() for impact in IMPACTS}
    for use in uses:
        for impact, count in _by_impact(use):
            calls[impact] += count
            clients[impact].add((use.product, use.version, use.user, use.address))
    must = clients["removed"] | clients["carries"]
    check = clients["unknown"] | clients["differs"]
    return Totals(
        calls=everything.count,
        first=moment(everything.first),
        last=moment(everything.last),
        must_change=len(must),
        to_check=len(check - must),
        impacts={impact: Figure(calls=calls[impact], clients=len(clients[impact])) for impact in IMPACTS},
        unlisted=unlisted,
        pages=everything.count - unlisted - calls.total(),
    )


def _by_impact(use: Use) -> Iterator[tuple[Impact, int]]:
    """A client's calls by what each meets with, where the use has the worst of it."""
    told = {} if use.impact in {"removed", "unchanged"} else use.carried
    for answer, count in told.items():
        yield impact_of(use.change, {answer: count}), count
    if rest := use.calls - sum(told.values()):
        yield use.impact if not told else impact_of(use.change, {}), rest


def moment(seconds: float | None) -> datetime | None:
    """A time in UTC, to the second."""
    return None if seconds is None else datetime.fromtimestamp(int(seconds), UTC)
