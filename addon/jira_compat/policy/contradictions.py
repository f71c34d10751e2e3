"""Rules that cannot stand beside each other, and rules that could never do anything."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from jira_compat.actions.action import Editing
from jira_compat.actions.registry import ACTIONS
from jira_compat.actions.watch import Watch
from jira_compat.model import Profile
from jira_compat.policy.schema import Rule


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A reason why ``rule`` cannot stand; ``key`` is the part of it that is at fault."""

    rule: Rule
    key: str
    what: str


def contradictions(rules: list[Rule]) -> Iterator[Contradiction]:
    """Everything that is wrong within and between rules, in the order of the rules."""
    for rule in rules:
        yield from _within(rule)
    reported: set[tuple[int, int]] = set()
    for one, other in _neighbours(rules):
        if (id(one), id(other)) not in reported:
            reported.add((id(one), id(other)))
            yield from _between(one, other)


def _within(rule: Rule) -> Iterator[Contradiction]:
    if isinstance(rule.action, Editing):
        for key, what in rule.action.flaws():
            yield Contradiction(rule, key, what)


def _neighbours(rules: list[Rule]) -> Iterator[tuple[Rule, Rule]]:
    """Pairs that meet on some method, path and profile."""
    seen: dict[tuple[str, tuple[str | None, ...], Profile], list[Rule]] = {}
    for rule in rules:
        for method, path, profile in itertools.product(rule.endpoint.methods, rule.endpoint.paths(), rule.profiles):
            there = seen.setdefault((method, path, profile), [])
            yield from ((other, rule) for other in there if other is not rule)
            if rule not in there:
                there.append(rule)


def _between(first: Rule, rule: Rule) -> Iterator[Contradiction]:
    if "unchanged" in {first.change, rule.change} and first.change != rule.change:
        what = f"{first.id!r} says that this endpoint is {first.change}; correct one of the two"
        yield Contradiction(rule, "change", what)
        return
    if isinstance(first.action, Watch) or isinstance(rule.action, Watch):
        return
    if not isinstance(first.action, Editing) or not isinstance(rule.action, Editing):
        what = f"{first.id!r} acts on this endpoint too ({first.action.name}), so one could never apply; take one out"
        yield Contradiction(rule, rule.action.name, what)
        return
    upper, lower = sorted((first.action, rule.action), key=lambda action: ACTIONS.index(type(action)))
    keys = rule.action.keys()
    for key, what in lower.clashes(upper, first.id):
        yield Contradiction(rule, key if key in keys else rule.action.name, what)
