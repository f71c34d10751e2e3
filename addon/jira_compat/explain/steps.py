"""The steps of a translation, found by running its plan against a site that is not there."""

import json
from dataclasses import dataclass
from typing import Any

from jira_compat.decide import edit_step
from jira_compat.decision import Converse, mark
from jira_compat.explain.masking import masked_target
from jira_compat.model import Request, Response
from jira_compat.plan import REQUESTS, Send, SendAll, Written
from jira_compat.policy.index import PolicySet


@dataclass(frozen=True, slots=True)
class Sent:
    """Requests of one kind that follow each other.

    Args:
        method: Their method.
        target: Their target.
        members: The names in their JSON.
        times: How many there are.
    """

    method: str
    target: str
    members: tuple[str, ...]
    times: int = 1


@dataclass(frozen=True, slots=True)
class Steps:
    """What a translation sends.

    Args:
        sent: Its requests, in order.
        premise: The condition under which it sends these.
        is_too_much: Whether it needs more requests than one call may cost.
        answer: The answer of a translation that sends nothing.
    """

    sent: tuple[Sent, ...]
    premise: str
    is_too_much: bool = False
    answer: Response | None = None


def steps(policies: PolicySet, decision: Converse, *, max_body: int) -> Steps:
    """Return the requests of a translation; those of a busy site, with nothing remembered."""
    premise, plan = decision.start.premise, decision.start.plan(mark(decision))
    sent: list[Sent] = []
    result: Any = None
    while True:
        try:
            step = plan.send(result)
        except StopIteration as end:
            return Steps(_counted(sent), premise, answer=None if sent else end.value)
        requests = (step.request,) if isinstance(step, Send) else step.requests if isinstance(step, SendAll) else ()
        if len(sent) + len(requests) > REQUESTS:
            return Steps((), premise, is_too_much=True)
        edited = [edit_step(policies, request, max_body=max_body)[0] for request in requests]
        sent += map(_sent, edited)
        answers = tuple(map(decision.start.imagined, edited))
        result = () if isinstance(step, Written) else None
        if answers:
            result = answers[0] if isinstance(step, Send) else answers


def _sent(request: Request) -> Sent:
    return Sent(request.method, masked_target(request), tuple(json.loads(request.body or b"{}")))


def _counted(sent: list[Sent]) -> tuple[Sent, ...]:
    kinds = list(dict.fromkeys(sent))
    return tuple(Sent(kind.method, kind.target, kind.members, sent.count(kind)) for kind in kinds)
