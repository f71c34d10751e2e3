"""Calls over time by rule, as bars: what a chart draws, in numbers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from jira_compat.audit.report.document import Report, Rule
from jira_compat.audit.report.wording import day, minute

FEWEST_BARS, MOST_BARS = 12, 60
MOST_ROWS = 40
HEIGHT = 24
"""Units of a row of bars; the longest bar is as high."""
_HOURS = (1, 2, 3, 6, 12, 24, 48, 7 * 24, 14 * 24, 28 * 24, 84 * 24, 364 * 24)


@dataclass(frozen=True, slots=True)
class Bar:
    """Calls from ``start`` on; ``place`` counts stretches from the left."""

    place: int
    start: datetime
    calls: int
    height: float


@dataclass(frozen=True, slots=True)
class Row:
    """The bars of one rule; each row has a scale of its own, or the rare would not be seen beside the frequent."""

    rule: Rule
    bars: tuple[Bar, ...]

    @property
    def peak(self) -> int:
        """Most calls in one stretch."""
        return max(bar.calls for bar in self.bars)


@dataclass(frozen=True, slots=True)
class Chart:
    """All rows, over the same time.

    Args:
        rows: One for each rule whose calls have times, in the report's order.
        stretch: What one bar covers.
        starts: Where each stretch begins, also those without calls.
    """

    rows: tuple[Row, ...]
    stretch: timedelta
    starts: tuple[datetime, ...]

    @property
    def unit(self) -> str:
        """``1 day``, ``2 hours``."""
        hours = self.stretch // timedelta(hours=1)
        count, unit = (hours // 24, "day") if hours % 24 == 0 else (hours, "hour")
        return f"1 {unit}" if count == 1 else f"{count} {unit}s"

    @property
    def columns(self) -> int:
        """How many bars a row has room for; few are not drawn as wide as the page."""
        return max(len(self.starts), FEWEST_BARS)

    def ticks(self) -> list[str]:
        """What stands below the chart's left end, middle and right end; only the left if the bars do not fill it."""
        places = [0, self.columns // 2, self.columns] if len(self.starts) >= FEWEST_BARS else [0]
        say = day if self.stretch >= timedelta(days=1) else minute
        return [say(self.starts[0] + self.stretch * place) for place in places]

    def table(self) -> Iterator[tuple[datetime, list[int]]]:
        """The same in figures: each stretch, and the calls of each row in it."""
        counts = [{bar.place: bar.calls for bar in row.bars} for row in self.rows]
        for place, start in enumerate(self.starts):
            yield start, [of_row.get(place, 0) for of_row in counts]


def chart(report: Report) -> Chart | None:
    """The bars of a report's worst rules, but for what is unchanged; ``None`` if no such call has a time."""
    rules = [rule for rule in report.rules if rule.calls and rule.impact != "unchanged"][:MOST_ROWS]
    marks = {rule.mark for rule in rules}
    buckets = [bucket for bucket in report.timeline if bucket.calls and bucket.mark in marks]
    if not buckets:
        return None
    first, last = buckets[0].start, buckets[-1].start
    stretch = _stretch(last - first, timedelta(seconds=report.bucket_seconds))
    if stretch >= timedelta(days=1):
        first = first.replace(hour=0, minute=0, second=0)
    counts: dict[str, dict[int, int]] = {}
    for bucket in buckets:
        of_rule = counts.setdefault(bucket.mark, {})
        place = (bucket.start - first) // stretch
        of_rule[place] = of_rule.get(place, 0) + bucket.calls
    starts = tuple(first + stretch * place for place in range((last - first) // stretch + 1))
    rows = tuple(_row(rule, counts[rule.mark], starts) for rule in rules if rule.mark in counts)
    return Chart(rows, stretch, starts)


def _stretch(span: timedelta, least: timedelta) -> timedelta:
    """The shortest that gives few enough bars and that the report's own stretches fit into."""
    fitting = [timedelta(hours=hours) for hours in _HOURS if timedelta(hours=hours) % least == timedelta()]
    for one in fitting or [least]:
        if span // one + 1 <= MOST_BARS:
            return one
    longest = fitting[-1] if fitting else least
    return longest * (span // (longest * MOST_BARS) + 1)


def _row(rule: Rule, counts: dict[int, int], starts: tuple[datetime, ...]) -> Row:
    peak = max(counts.values())
    bars = [
        Bar(place, starts[place], calls, max(round(HEIGHT * calls / peak, 1), 1.0))
        for place, calls in sorted(counts.items())
    ]
    return Row(rule, tuple(bars))
