"""How a report says numbers, times and impacts; the same in every form that people read."""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from jira_compat.audit.report.document import Client, Impact, Report, Rule, Totals
from jira_compat.events.user_agent import UNKNOWN

LABELS: dict[Impact, str] = {
    "removed": "removed",
    "carries": "sends ignored fields",
    "unknown": "may send ignored fields",
    "differs": "behaves differently",
    "clean": "sends no ignored fields",
    "unchanged": "unchanged",
}
_MOST_STATUSES = 3
_API = re.compile(r"/rest/(?:api/(?:\{2\|3\|latest\}|[^/]+)/)?")


def number(count: int) -> str:
    """``1,234,567``."""
    return f"{count:,}"


def counted(count: int, one: str, many: str = "") -> str:
    """``1 call``, ``2 calls``."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def day(time: datetime | None) -> str:
    """``2026-11-23``, or that it is unknown."""
    return "unknown" if time is None else f"{time:%Y-%m-%d}"


def minute(time: datetime | None) -> str:
    """``2026-11-23 14:05``, in UTC."""
    return "unknown" if time is None else f"{time:%Y-%m-%d %H:%M}"


def period(first: datetime | None, last: datetime | None) -> str:
    """From when to when, by days."""
    return day(first) if day(first) == day(last) else f"{day(first)} to {day(last)}"


def name(client: Client) -> str:
    """Product and version."""
    product = "unknown client" if client.product == UNKNOWN.product else client.product
    return f"{product} {client.version}".rstrip()


def short(endpoint: str) -> str:
    """``PUT user/password``: an endpoint without what most begin with."""
    return _API.sub("", endpoint, count=1)


def rule_names(report: Report) -> dict[str, str]:
    """What each rule is called: its endpoint, and its id where that is not the only one's."""
    rules_of = Counter(rule.endpoint for rule in report.rules if rule.calls)
    ids = {rule.mark: f" ({rule.rule})" if rules_of[rule.endpoint] > 1 else "" for rule in report.rules}
    return {rule.mark: short(rule.endpoint) + ids[rule.mark] for rule in report.rules}


def uncalled(report: Report) -> list[Rule]:
    """The rules that nobody called: none if no call was read at all, since that says nothing of anybody."""
    return [rule for rule in report.rules if not rule.calls] if report.totals.calls else []


def compact(count: int) -> str:
    """``950``, ``12k``, ``3.4M``: at most four characters."""
    for unit, size in (("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if count >= size * 0.9995:  # or it would be 1000 of the smaller unit
            scaled = count / size
            return f"{scaled:.1f}{unit}" if scaled < 9.95 else f"{scaled:.0f}{unit}"
    return str(count)


def statuses(some: Mapping[int, int]) -> str:
    """The statuses, most frequent first, with how often where there are several."""
    ranked = sorted(some.items(), key=lambda item: (-item[1], item[0]))
    if len(ranked) == 1:
        return str(ranked[0][0])
    shown = [f"{status} ×{count:,}" for status, count in ranked[:_MOST_STATUSES]]  # noqa: RUF001 - times
    return ", ".join([*shown, "…"] if len(ranked) > _MOST_STATUSES else shown)


def bodies_unseen(totals: Totals) -> str | None:
    """What is not known, and why."""
    unknown = totals.impacts["unknown"].calls
    if not unknown:
        return None
    calls = counted(unknown, "call")
    whether, whose = ("it sends", "its body was") if unknown == 1 else ("they send", "their bodies were")
    return f"Of {calls} it is unknown whether {whether} ignored fields: {whose} not recorded; logs have none."


def remarks(report: Report) -> list[str]:
    """What a reader must know of how complete this is."""
    lines = ["The audit was interrupted. The report covers what was read until then."] if report.interrupted else []
    failed = sum(report.failures.values())
    if failed:
        lines.append(f"The proxy failed on {counted(failed, 'exchange')}; they are not counted here.")
    unseen = bodies_unseen(report.totals)
    return [*lines, unseen] if unseen else lines


def headline(report: Report) -> list[str]:
    """What there is to know, in a few lines, worst first."""
    totals = report.totals
    lines = [f"{counted(totals.calls, 'call')}, {period(totals.first, totals.last)}" if totals.calls else "No calls"]
    if totals.must_change or totals.to_check:
        clients = f"{counted(totals.must_change, 'client')} must change, {totals.to_check:,} more to review"
        lines.append(clients)
    elif totals.calls:
        lines.append("No client must change")
    for impact, (what, many) in _CALLS.items():
        figure = totals.impacts[impact]
        if figure.calls:
            lines.append(
                f"{counted(figure.clients, 'client')}: {counted(figure.calls, f'call {what}', f'calls {many}')}"
            )
    if totals.unlisted:
        endpoints = counted(len(report.endpoints), "endpoint")
        lines.append(f"{counted(totals.unlisted, 'call')} to {endpoints} not covered by any rule")
    return lines


_CALLS: dict[Impact, tuple[str, str]] = {
    "removed": ("to removed endpoints",) * 2,
    "carries": ("that sends ignored fields", "that send ignored fields"),
    "unknown": ("that may send ignored fields",) * 2,
    "differs": ("to endpoints that behave differently",) * 2,
}
"""What calls of an impact are: one, and several."""
