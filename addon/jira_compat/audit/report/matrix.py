"""Clients by rules: who calls which."""

import math
from dataclasses import dataclass

from jira_compat.audit.report.document import Report, Rule, Use
from jira_compat.audit.report.wording import counted, name

MOST_CLIENTS = 60
MOST_RULES = 40
HOTTEST = 5
"""Steps of shading: each is some ten times the calls of the one before."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Calls of one client under one rule; ``heat`` from 1 to :data:`HOTTEST`."""

    use: Use
    calls: int
    heat: int


@dataclass(frozen=True, slots=True)
class Row:
    """A client; one product under one user is one, from however many addresses.

    Args:
        name: Product and version.
        who: User and address, or how many addresses.
        cells: In the order of the matrix's rules; ``None`` where it does not call.
        calls: All of them.
    """

    name: str
    who: str
    cells: tuple[Cell | None, ...]
    calls: int


@dataclass(frozen=True, slots=True)
class Matrix:
    """Who calls what is not as it was, worst first.

    Args:
        rules: The columns, at most :data:`MOST_RULES`.
        rows: At most :data:`MOST_CLIENTS`.
        left_out: Clients beyond those.
    """

    rules: tuple[Rule, ...]
    rows: tuple[Row, ...]
    left_out: int


def matrix(report: Report) -> Matrix | None:
    """The matrix of a report; ``None`` if nobody calls anything that is not as it was."""
    rules = tuple(rule for rule in report.rules if rule.calls and rule.impact != "unchanged")[:MOST_RULES]
    place = {rule.mark: number for number, rule in enumerate(rules)}
    clients: dict[tuple[str, str | None], list[Use]] = {}
    for use in report.uses:
        if use.mark in place:
            clients.setdefault((name(use), use.user), []).append(use)
    rows = [_row(uses, place) for uses in list(clients.values())[:MOST_CLIENTS]]
    return Matrix(rules, tuple(rows), max(0, len(clients) - MOST_CLIENTS)) if rules else None


def _row(uses: list[Use], place: dict[str, int]) -> Row:
    by_rule: dict[int, list[Use]] = {}
    for use in uses:
        by_rule.setdefault(place[use.mark], []).append(use)
    cells = tuple(_cell(by_rule[number]) if number in by_rule else None for number in range(len(place)))
    return Row(name(uses[0]), _who(uses), cells, sum(use.calls for use in uses))


def _cell(uses: list[Use]) -> Cell:
    """Its use is the worst: uses come worst first."""
    calls = sum(use.calls for use in uses)
    return Cell(uses[0], calls, min(int(math.log10(max(calls, 1))) + 1, HOTTEST))


def _who(uses: list[Use]) -> str:
    addresses = sorted({use.address for use in uses if use.address is not None})
    where = addresses[0] if len(addresses) == 1 else counted(len(addresses), "address", "addresses")
    return ", ".join(filter(None, (uses[0].user, where if addresses else None)))
