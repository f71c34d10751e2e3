"""What a change means to calls, and the one thing that a client must do about it."""

import json
from collections.abc import Iterable, Mapping

from jira_compat.actions.respond import refusal_text
from jira_compat.audit.counting.inventory import Carried
from jira_compat.audit.report.document import Impact
from jira_compat.message.body.pointers import format_pointer
from jira_compat.model import Change
from jira_compat.policy.schema import Rule

NOTHING = "Nothing."
_UNLISTED = "Look the rule up where these events were written; the policies here do not have it."
_MOST_FIELDS = 4


def impact_of(change: Change | None, carried: Mapping[Carried, int]) -> Impact:
    """The worst that calls meet with."""
    if change in {"removed", "unchanged"}:
        return change
    for answer, impact in _BY_CARRIED.items():
        if carried.get(answer):
            return impact
    return "unknown" if change is None else "differs"


_BY_CARRIED: dict[Carried, Impact] = {"yes": "carries", "unknown": "unknown", "no": "clean"}


def refusal_of(rule: Rule) -> str | None:
    """What a refused client is told."""
    return None if rule.respond is None else refusal_text(rule.respond, rule.endpoint.text, rule.why)


def remedy_of(rule: Rule | None) -> str:
    """What to do about a rule, whoever calls: in a refusal it stands behind the semicolon."""
    if rule is None:
        return _UNLISTED
    if (refusal := refusal_of(rule)) is not None:
        instead = refusal.partition("; ")[2]
        return _sentence(f"Stop calling this; {instead}" if instead else f"Stop calling this: {rule.why}")
    if rule.replace is not None:
        return f"Send {rule.replace.method} with {json.dumps(rule.replace.document)} instead."
    if rule.change == "unchanged":
        return NOTHING
    if rule.keep is not None:
        return f"Send only {_kept(rule)}."
    removed = _removed(rule)
    return f"Leave out {removed}." if removed else f"Check that it copes: {rule.why}"


def advice(rule: Rule | None, impact: Impact, fields: Iterable[str]) -> str:
    """What one client must do.

    Args:
        rule: What its calls are named by; ``None`` if that is not known here.
        impact: What they meet with.
        fields: What they carried.
    """
    if rule is None:
        return _UNLISTED
    if impact == "clean":
        return NOTHING
    if impact == "carries":
        only = f" Only {_kept(rule)} is taken." if rule.keep is not None else ""
        return f"Leave out {_listed(fields)}.{only}"
    if impact == "unknown" and rule.keep is not None:
        return f"Check what it sends; only {_kept(rule)} is taken."
    if impact == "unknown" and (removed := _removed(rule)):
        return f"Check whether it sends {removed}; if so, leave that out."
    return remedy_of(rule)


def _kept(rule: Rule) -> str:
    return _listed(map(format_pointer, rule.keep or ()))


def _removed(rule: Rule) -> str:
    return _listed([*map(format_pointer, rule.remove or ()), *(f"?{name}" for name in rule.remove_query or ())])


def _listed(names: Iterable[str]) -> str:
    names = list(names)
    further = len(names) - _MOST_FIELDS
    return ", ".join(names[:_MOST_FIELDS]) + (f" and {further} more" if further > 0 else "")


def _sentence(text: str) -> str:
    return text + ("" if text.endswith((".", "!", "?")) else ".")
