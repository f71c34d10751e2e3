"""Decisions: a request is forwarded, answered, replaced by a plan, or its body is needed first.

Decisions are values: in mode ``observe`` and offline they have no effect.
"""

from dataclasses import dataclass
from typing import ClassVar

from jira_compat.model import Finding, Reason, Request, Response
from jira_compat.plan import Start

Findings = tuple[Finding, ...]
"""The findings of the rules that matched, the decisive one first."""


@dataclass(frozen=True, slots=True)
class Forward:
    """Forward a request.

    Args:
        request: The request; the very same object where no rule edits.
        findings: What the rules say.
        applied: Whether a rule edited it.
        reason: Why an ``observe`` rule would refuse it.
    """

    request: Request
    findings: Findings = ()
    applied: bool = False
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """Decide again with the body: a rule edits it, and it was not seen."""

    request: Request
    findings: Findings
    applied: ClassVar = False
    reason: ClassVar[None] = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer, so that nothing reaches Jira."""

    response: Response
    findings: Findings
    reason: Reason
    applied: ClassVar = True


@dataclass(frozen=True, slots=True)
class Converse:
    """Send what a plan asks for in the place of the request, and answer what it returns."""

    start: Start
    findings: Findings
    applied: ClassVar = True
    reason: ClassVar[None] = None


Decision = Forward | Hold | Answer | Converse


def rule_of(decision: Converse) -> str:
    """Return the rule whose plan it is, ``POLICY/RULE``."""
    return f"{decision.findings[0].policy}/{decision.findings[0].rule}"


def mark(decision: Decision) -> str:
    """Value of ``X-Jira-Compat`` on the answer to a changed request: the rules that changed it."""
    changed = [finding for finding in decision.findings if finding.mode == "enforce" and finding.fields]
    if isinstance(decision, Converse) and decision.findings[0] not in changed:
        changed.insert(0, decision.findings[0])
    return ", ".join(f"{finding.policy}/{finding.rule}" for finding in changed)
