"""A decision seen from outside: what goes where, whatever kind of decision it is."""

from dataclasses import dataclass
from typing import Any

from jira_compat.decide import decide, first_request
from jira_compat.decision import Answer, Converse, Decision, Forward, Hold, mark
from jira_compat.model import Finding, Request, Response
from jira_compat.plan import Send, Start, Written
from jira_compat.policy.index import PolicySet


@dataclass(frozen=True)
class Decided:
    """What becomes of a request: of a plan, the request that it sends first."""

    request: Request
    response: Response | None = None
    findings: tuple[Finding, ...] = ()
    reason: str | None = None
    applied: bool = False
    needs_body: bool = False
    replaced: Start | None = None
    mark: str = ""


def decided(policies: PolicySet, request: Request, **options: Any) -> Decided:
    """Decide, and look at the decision."""
    return look(policies, request, decide(policies, request, **options))


def look(policies: PolicySet, request: Request, decision: Decision) -> Decided:
    """Look at a decision about a request."""
    said = (decision.findings, decision.reason, decision.applied)
    match decision:
        case Forward():
            return Decided(decision.request, None, *said, mark=mark(decision))
        case Hold():
            assert decision.request is request
            return Decided(decision.request, None, *said, needs_body=True, mark=mark(decision))
        case Answer():
            return Decided(request, decision.response, *said, mark=mark(decision))
        case Converse() if decision.start.translation is not None:
            first = _first_of_translation(decision.start)
            if isinstance(first, Response):
                return Decided(request, first, *said, mark=mark(decision))
            return Decided(first, None, *said, mark=mark(decision))
        case Converse():
            sent = first_request(policies, decision)
            assert sent is not None
            return Decided(sent, None, *said, replaced=decision.start, mark=mark(decision))


def _first_of_translation(start: Start) -> Request | Response:
    """What a translation sends first, or answers without asking the site."""
    plan, result = start.plan(""), None
    while True:
        try:
            step = plan.send(result)
        except StopIteration as end:
            answer: Response = end.value
            return answer
        if isinstance(step, Send):
            return step.request
        result = () if isinstance(step, Written) else None


def settle(decision: Decided, response: Response) -> Response | None:
    """What the client of a plan of one step is answered when the site answers this."""
    if decision.replaced is None:
        return None
    plan = decision.replaced.plan(decision.mark)
    next(plan)
    try:
        plan.send(response)
    except StopIteration as end:
        answer: Response | None = end.value
        return answer
    raise AssertionError("the plan asks for more")
