"""The catalogue: every rule in a table, in JSON or in Markdown."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from jira_compat.model import Profile
from jira_compat.policy.schema import Policy, Rule


def in_profile(policies: Iterable[Policy], profile: Profile | None) -> Iterator[tuple[Policy, tuple[Rule, ...]]]:
    """The policies with their rules of one profile (``None``: of any), without those that have none."""
    for policy in policies:
        rules = tuple(rule for rule in policy.rules if profile is None or profile in rule.profiles)
        if rules:
            yield policy, rules


def as_json(policies: Iterable[Policy], profile: Profile | None = None) -> str:
    """A list of rules for programs."""
    rules = [_row(policy, rule) for policy, some in in_profile(policies, profile) for rule in some]
    return json.dumps(rules, indent=2, ensure_ascii=False)


def as_text(policies: Iterable[Policy], profile: Profile | None, width: int) -> str:
    """A table for each policy, at most ``width`` columns wide; with styles if standard output is a terminal."""
    console = Console()
    console.width = min(console.width, width) if console.is_terminal else width
    with console.capture() as captured:
        for policy, some in in_profile(policies, profile):
            heading = Text(policy.policy, "bold").append(f": {policy.title}\n{policy.source}", "not bold")
            console.print(heading, soft_wrap=True)
            console.print(_table(policy, some))
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def _table(policy: Policy, rules: Iterable[Rule]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, leading=1)
    table.add_column("endpoint", no_wrap=True, overflow="fold")
    table.add_column("change", no_wrap=True)
    table.add_column("what the proxy does", min_width=24)
    for rule in rules:
        name = Text(rule.endpoint.text).append(f"\n  {rule.id}", "dim")
        table.add_row(name, rule.change, Text("\n".join((rule.action.does().replace("`", ""), *_marks(policy, rule)))))
    return table


def as_markdown(policies: Iterable[Policy], profile: Profile | None = None) -> str:
    """A document: a section and a table for each policy."""
    lines = ["# The rules", "", "Written by `jira-compat rules --format markdown`; change the policy files instead."]
    for policy, rules in in_profile(policies, profile):
        lines += ["", f"## {policy.title}", "", f"Policy `{policy.policy}`. Source: <{policy.source}>", ""]
        lines += ["| endpoint | change | what the proxy does | why |", "|---|---|---|---|"]
        lines += [f"| {' | '.join(_escaped(cell) for cell in _cells(policy, rule))} |" for rule in rules]
    return "\n".join(lines)


def _cells(policy: Policy, rule: Rule) -> tuple[str, str, str, str]:
    elsewhere = [f"[Source](<{rule.source}>)"] if rule.source not in {None, policy.source} else []
    unknown = [f"*Not known: {_text(rule.unknown)}*"] if rule.unknown else []
    return (
        f"`{rule.endpoint.text}`<br>{rule.id}",
        rule.change,
        "<br>".join([rule.action.does(), *(f"*{mark}*" for mark in _marks(policy, rule))]),
        "<br>".join([_text(rule.why), *elsewhere, *unknown]),
    )


def _marks(policy: Policy, rule: Rule) -> list[str]:
    marks = [f"profile {rule.profiles[0]} only"] if len(rule.profiles) == 1 else []
    marks += ["observes only"] if (rule.mode or policy.mode) == "observe" else []
    return marks + (["implied, not in the source"] if rule.implied else [])


def _row(policy: Policy, rule: Rule) -> dict[str, Any]:
    return {
        "policy": policy.policy,
        "rule": rule.id,
        "endpoint": rule.endpoint.text,
        "change": rule.change,
        "action": rule.action.name,
        "does": rule.action.does().replace("`", ""),
        "mode": rule.mode or policy.mode or "enforce",
        "profiles": list(rule.profiles),
        "why": rule.why,
        "source": rule.source or policy.source,
        "implied": rule.implied,
        "unknown": rule.unknown,
    }


def _text(text: str) -> str:
    """Escape markup in a text."""
    return re.sub(r"([\\`*_<\[])", r"\\\1", text)


def _escaped(cell: str) -> str:
    """A bar ends a cell, in code too (GitHub Flavored Markdown, section 4.10)."""
    return cell.replace("|", "\\|").replace("\n", " ")
