"""The report as Markdown (GitHub's), for an issue or a wiki: captured text stands in code, and cannot leave it."""

import re
from collections.abc import Iterable, Iterator

from jira_compat.audit.report.advice import NOTHING
from jira_compat.audit.report.document import Report, Rule, Use
from jira_compat.audit.report.wording import counted, headline, minute, name, period, remarks, statuses, uncalled

MOST_USES = 100
MOST_RULES = 50
MOST_ENDPOINTS = 50
MOST_PROBLEMS = 30
"""Rows; an issue's text has an end, and the other forms have all."""

_SPECIAL = re.compile(r"[\\`*_\[\]<>|~@#&]")
_PLAIN = re.compile(r"[^`\\]*")
_MARKUP = re.compile(r"[^\w \u0080-\U0010ffff]|_", re.ASCII)


def as_markdown(report: Report) -> str:
    """A document: the headline, what each client must do, the rules, other endpoints, and the inputs."""
    lines = ["# Who still calls what", "", *_list(headline(report)), *_paragraphs(remarks(report))]
    lines += _section("What each client must do", _uses(report))
    lines += _section(
        "What changed", _rules(rule for rule in report.rules if rule.calls and rule.change != "unchanged")
    )
    if left := uncalled(report):
        lines += _section("Not called", [f"- {code(rule.endpoint)}" for rule in left])
    lines += _section("Endpoints not covered by any rule", _endpoints(report))
    lines += _section("What was read", _inputs(report))
    return "\n".join(lines) + "\n"


def _section(title: str, content: Iterable[str]) -> list[str]:
    content = list(content)
    return ["", f"## {title}", "", *content] if content else []


def _paragraphs(texts: Iterable[str]) -> Iterator[str]:
    for one in texts:
        yield from ("", text(one))


def _list(texts: Iterable[str]) -> Iterator[str]:
    for one in texts:
        yield f"- {text(one)}"


def _uses(report: Report) -> Iterator[str]:
    busy = [use for use in report.uses if use.do != NOTHING]
    columns = "client|user|address|endpoint|calls|last seen|answered|what it must do"
    yield from _table(columns, [_use(use) for use in busy[:MOST_USES]])
    yield from _left_out(len(busy) - MOST_USES)


def _use(use: Use) -> list[str]:
    who = [cell(one) if one else "" for one in (name(use), use.user, use.address)]
    facts = [f"{use.calls:,}", minute(use.last) if use.last else "", statuses(use.statuses)]
    return [*who, cell(use.endpoint), *facts, text(use.do)]


def _rules(rules: Iterable[Rule]) -> Iterator[str]:
    rules = list(rules)
    for rule in rules[:MOST_RULES]:
        source = f" [Source](<{rule.source}>)." if rule.source else ""
        calls = f"{counted(rule.calls, 'call')} by {counted(rule.clients, 'client')}, {period(rule.first, rule.last)}"
        said = rule.text or f"{rule.why or ''} {rule.remedy}".strip()
        yield f"- {code(rule.endpoint)}, {rule.change or 'unknown'}: {calls}. {text(said)}{source}"
    yield from _left_out(len(rules) - MOST_RULES)


def _endpoints(report: Report) -> Iterator[str]:
    cells = [
        [cell(one.endpoint), f"{one.calls:,}", ", ".join(map(cell, list(one.products)[:5])), statuses(one.statuses)]
        for one in report.endpoints[:MOST_ENDPOINTS]
    ]
    yield from _table("endpoint|calls|clients|answered", cells)
    yield from _left_out(len(report.endpoints) - MOST_ENDPOINTS)


def _inputs(report: Report) -> Iterator[str]:
    cells = [
        [cell(one.name), one.kind or "unknown", f"{one.calls:,}", f"{one.skipped:,}"]
        for one in report.inputs[:MOST_PROBLEMS]
    ]
    yield from _table("capture|kind|calls|skipped", cells)
    yield from _left_out(len(report.inputs) - MOST_PROBLEMS)
    if report.problems:
        yield ""
        yield from (f"- {code(one.place)}: {text(one.what)}" for one in report.problems[:MOST_PROBLEMS])
        yield from _left_out(len(report.problems) - MOST_PROBLEMS)


def _table(columns: str, rows: Iterable[Iterable[str]]) -> Iterator[str]:
    rows = list(rows)
    if rows:
        yield f"| {columns.replace('|', ' | ')} |"
        yield f"|{'---|' * (columns.count('|') + 1)}"
        yield from (f"| {' | '.join(row)} |" for row in rows)


def _left_out(count: int) -> Iterator[str]:
    if count > 0:
        yield from ("", f"And {count:,} more, which `--format csv` and `json` have.")


def code(captured: str) -> str:
    """Text as code; one that could end the code is written in character references instead."""
    if captured.strip() and _PLAIN.fullmatch(captured):
        return f"`{captured}`" if captured == captured.strip() else f"` {captured} `"
    return f"<code>{_MARKUP.sub(_reference, captured)}</code>"


def cell(captured: str) -> str:
    """The same in a table, where a bar ends a cell, in code too (GitHub Flavored Markdown, section 4.10)."""
    return code(captured).replace("|", "\\|")


def text(prose: str) -> str:
    """Text as it is: no markup, no link, nobody mentioned."""
    return _SPECIAL.sub(_reference, prose)


def _reference(match: re.Match[str]) -> str:
    return f"&#{ord(match[0])};"
