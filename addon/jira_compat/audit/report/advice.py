"""What a change means to calls, and the one thing that a client must do about it."""

from collections.abc import Iterable, Mapping

from jira_compat.actions.action import Context, Refusing, Removing
from jira_compat.audit.counting.inventory import Carried
from jira_compat.audit.report.document import Impact
from jira_compat.model import Change
from jira_compat.policy.schema import Rule

NOTHING = "Nothing."
_UNLISTED = "Look the rule up where these events were written; the policies here do not have it."


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
    return rule.action.refusal(_context(rule)) if isinstance(rule.action, Refusing) else None


def remedy_of(rule: Rule | None) -> str:
    """What to do about a rule, whoever calls: in a refusal it stands behind the semicolon."""
    if rule is None:
        return _UNLISTED
    return NOTHING if rule.change == "unchanged" else rule.action.remedy(_context(rule))


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
    if isinstance(rule.action, Removing) and impact == "carries":
        return rule.action.remedy_if_found(tuple(fields))
    if isinstance(rule.action, Removing) and impact == "unknown":
        return rule.action.remedy_if_unseen()
    return remedy_of(rule)


def _context(rule: Rule) -> Context:
    return Context(rule.endpoint.text, rule.why)
