"""The report on a terminal: rule by rule, worst first, with the one thing each client must do."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from jira_compat.audit.report.advice import NOTHING
from jira_compat.audit.report.document import Impact, Report, Rule, Use
from jira_compat.audit.report.wording import LABELS, counted, headline, name, period, remarks, short, statuses, uncalled

WIDTH = 100
MOST_CLIENTS = 15
"""Of a rule; the other forms have all."""
MOST_RULES = 40
MOST_ENDPOINTS = 15
MOST_PROBLEMS = 20

STYLES: dict[Impact, str] = {
    "removed": "bold red",
    "carries": "bold yellow",
    "unknown": "yellow",
    "differs": "yellow",
    "clean": "green",
    "unchanged": "green",
}


def as_table(report: Report, *, styled: bool, width: int) -> str:
    """Lines of at most ``width`` columns.

    Args:
        report: What to show.
        styled: Whether with colours and bold text.
        width: Columns; fewer than 60 are taken for 60.
    """
    console = Console(width=max(width, 60), force_terminal=styled, color_system="standard" if styled else None)
    with console.capture() as captured:
        for part in _parts(report):
            console.print(part)
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def _parts(report: Report) -> Iterator[RenderableType]:
    first, *others = headline(report)
    yield Text(first, "bold")
    yield from (Text(line) for line in others)
    for remark in remarks(report):
        yield Text(remark, "yellow")
    uses = {mark: tuple(some) for mark, some in groupby(sorted(report.uses, key=_mark), _mark)}
    changed = [rule for rule in report.rules if rule.calls and rule.impact != "unchanged"]
    for rule in changed[:MOST_RULES]:
        yield _rule(rule, uses.get(rule.mark, ()))
    if len(changed) > MOST_RULES:
        yield Text(f"\nand {counted(len(changed) - MOST_RULES, 'more rule')}", "bold")
    yield from _harmless(report)
    yield from _endpoints(report)
    yield from _inputs(report)


def _mark(use: Use) -> str:
    return use.mark


def _rule(rule: Rule, uses: Sequence[Use]) -> RenderableType:
    heading = Text.assemble("\n", (f"{LABELS[rule.impact].upper()}  ", STYLES[rule.impact]), (rule.endpoint, "bold"))
    facts = f"{counted(rule.calls, 'call')} by {counted(rule.clients, 'client')}"
    answered = f"; answered {statuses(rule.statuses)}" if rule.statuses else ""
    why = "" if rule.why is None or rule.why in rule.remedy else f"\n{rule.why}"
    parts: list[RenderableType] = [heading, _indented(Text(f"{facts}{answered}{why}", "dim"))]
    idle = [use for use in uses if use.do == NOTHING]
    busy = [use for use in uses if use.do != NOTHING]
    for do, some in _by_advice(busy[:MOST_CLIENTS]):
        parts += [_indented(Text.assemble(("→ ", STYLES[rule.impact]), (do, "bold"))), _indented(_clients(some), 4)]
    parts += _more(busy[MOST_CLIENTS:], "and {} more, with {}")
    parts += _more(idle, "{} must do nothing, with {}")
    example = next((use.example for use in uses if use.example), None)
    if example is not None:
        parts.append(_indented(Text(f"such as {example.line} at {example.place}", "dim"), 4))
    return Group(*parts)


def _by_advice(uses: Iterable[Use]) -> Iterable[tuple[str, list[Use]]]:
    groups: dict[str, list[Use]] = {}
    for use in uses:
        groups.setdefault(use.do, []).append(use)
    return groups.items()


def _more(uses: Sequence[Use], words: str) -> list[RenderableType]:
    if not uses:
        return []
    calls = sum(use.calls for use in uses)
    return [_indented(Text(words.format(counted(len(uses), "client"), counted(calls, "call"))), 4)]


def _clients(uses: Iterable[Use]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    for width in (25, 15, 15):
        table.add_column(width=width, overflow="fold")
    table.add_column(width=9, justify="right", overflow="fold")
    table.add_column(overflow="fold")
    for use in uses:
        who = Text(name(use)), Text(use.user or "-"), Text(use.address or "-")
        table.add_row(*who, f"{use.calls:,}", Text(period(use.first, use.last), "dim"))
    return table


def _harmless(report: Report) -> Iterator[RenderableType]:
    unchanged = [rule for rule in report.rules if rule.calls and rule.impact == "unchanged"]
    if unchanged:
        calls, rules = sum(rule.calls for rule in unchanged), counted(len(unchanged), "endpoint")
        yield Text.assemble("\n", ("UNCHANGED  ", STYLES["unchanged"]), f"{counted(calls, 'call')} of {rules}")
    if left := uncalled(report):
        names = ", ".join(sorted({short(rule.endpoint) for rule in left}))
        yield Text.assemble("\n", ("NOT CALLED  ", "bold"), (names, "dim"))


def _endpoints(report: Report) -> Iterator[RenderableType]:
    if not report.endpoints:
        return
    yield Text("\nENDPOINTS NOT COVERED BY ANY RULE", "bold")
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(ratio=5, overflow="fold")
    table.add_column(width=9, justify="right", overflow="fold")
    table.add_column(ratio=3, overflow="fold")
    for one in report.endpoints[:MOST_ENDPOINTS]:
        products = list(one.products)
        others = f" and {len(products) - 3} more" if len(products) > 3 else ""
        table.add_row(Text(one.endpoint), f"{one.calls:,}", Text(", ".join(products[:3]) + others, "dim"))
    yield _indented(table)
    if (more := len(report.endpoints) - MOST_ENDPOINTS) > 0:
        yield _indented(Text(f"and {counted(more, 'more endpoint')}"))


def _inputs(report: Report) -> Iterator[RenderableType]:
    if report.inputs:
        read = ", ".join(f"{one.name} ({one.kind or 'unknown'})" for one in report.inputs[:5])
        more = f" and {len(report.inputs) - 5:,} more" if len(report.inputs) > 5 else ""
        skipped = sum(one.skipped for one in report.inputs)
        unread = f"; {counted(skipped, 'line or entry', 'lines or entries')} skipped" if skipped else ""
        yield Text.assemble("\n", ("READ  ", "bold"), (read + more + unread, "dim"))
    for problem in report.problems[:MOST_PROBLEMS]:
        yield _indented(Text(f"{problem.place}: {problem.what}", "yellow" if problem.unread else "dim"))
    if (more_problems := len(report.problems) - MOST_PROBLEMS) > 0:
        yield _indented(Text(f"and {counted(more_problems, 'more problem')}"))


def _indented(part: RenderableType, columns: int = 2) -> Padding:
    return Padding(part, (0, 0, 0, columns))
