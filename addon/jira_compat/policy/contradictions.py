"""Rules that cannot stand beside each other, and rules that could never do anything."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from jira_compat.message.body.pointers import Pointer, format_pointer
from jira_compat.model import Profile
from jira_compat.policy.schema import Rule


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Why ``rule`` cannot stand; ``key`` is the part of it that is at fault."""

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
    key = "keep" if rule.keep else "remove"
    for one, other in itertools.combinations(rule.keep or rule.remove or (), 2):
        if _covers(one, other) or _covers(other, one):
            inner, outer = (other, one) if _covers(one, other) else (one, other)
            what = f"{format_pointer(inner)!r} is within {format_pointer(outer)!r} already; take one out"
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
    actions = {first.action, rule.action}
    alone = actions & {"respond", "replace"}
    if alone and "none" not in actions:
        what = f"{first.id!r} acts on this endpoint too ({first.action}), so one could never apply; take one out"
        yield Contradiction(rule, rule.action, what)
    elif actions == {"keep"}:
        what = f"{first.id!r} keeps other fields of this endpoint; make it one rule"
        yield Contradiction(rule, "keep", what)
    elif actions == {"keep", "remove"}:
        yield from _keep_and_remove(first, rule)
    elif actions == {"remove"}:
        yield from _remove_twice(first, rule)


def _keep_and_remove(first: Rule, rule: Rule) -> Iterator[Contradiction]:
    kept = first.keep or rule.keep or ()
    for pointer in first.remove or rule.remove or ():
        if any(_covers(pointer, keep) for keep in kept):
            what = f"{first.id!r} and this rule keep and remove {format_pointer(pointer)!r}; take one out"
            yield Contradiction(rule, rule.action, what)
        elif not any(_covers(keep, pointer) for keep in kept):
            what = f"{format_pointer(pointer)!r} is dropped by 'keep' already, so 'remove' never finds it; take it out"
            yield Contradiction(rule, rule.action, what)


def _remove_twice(first: Rule, rule: Rule) -> Iterator[Contradiction]:
    for pointer in rule.remove or ():
        if any(_covers(other, pointer) or _covers(pointer, other) for other in first.remove or ()):
            what = f"{first.id!r} removes {format_pointer(pointer)!r} too, or what is around it; take one out"
            yield Contradiction(rule, "remove", what)
    for name in sorted({*(rule.remove_query or ())} & {*(first.remove_query or ())}):
        yield Contradiction(rule, "remove_query", f"{first.id!r} removes {name!r} from the query too; take one out")


def _covers(outer: Pointer, inner: Pointer) -> bool:
    """Whether what ``inner`` names lies in what ``outer`` names; ``*`` is any element of an array."""
    return len(outer) <= len(inner) and all(
        one == other or (one == "*" and other.isdecimal()) for one, other in zip(outer, inner, strict=False)
    )
