"""The examples of a policy, run: a policy that does not do what it says is not accepted."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, get_args
from urllib.parse import parse_qsl, urlencode

from jira_compat.actions.action import Editing
from jira_compat.actions.registry import ACTION_BY_NAME
from jira_compat.decide import decide, first_request
from jira_compat.decision import Answer, Converse, Decision
from jira_compat.model import Finding, Header, Profile, Request, Response
from jira_compat.plan import PlanError, Send, SendAll, Written
from jira_compat.policy.example import Content, Example, Expected, Forwarded, Reply, Step
from jira_compat.policy.index import PolicySet, RunOptions, compile_policies
from jira_compat.policy.schema import Policy, Rule

_PARAMETER = "EXAMPLE-1"


@dataclass(frozen=True, slots=True)
class Failure:
    """An example that does not hold, or one that is missing (then ``example`` is empty)."""

    policy: str
    rule: str
    example: str
    what: str

    def __str__(self) -> str:
        """One line: where, what, remedy."""
        name = f"{self.example!r}: " if self.example else ""
        return f"{self.policy}/{self.rule}: {name}{self.what}"


def failures(policies: Iterable[Policy]) -> Iterator[Failure]:
    """Run every example against all policies together, each in its rule's first profile."""
    policies = tuple(policies)
    active = {profile: _policy_set(policies, profile) for profile in get_args(Profile)}
    for policy in policies:
        for rule in policy.rules:
            failed = _of_rule(active[rule.profiles[0]], rule)
            yield from (Failure(policy.policy, rule.id, name, what) for name, what in failed)


def example_request(rule: Rule, example: Example) -> Request:
    """The request that an example describes."""
    request = example.request
    method = request.method or rule.endpoint.methods[0]
    first = next(iter(rule.endpoint.paths()))
    path = request.path or "/" + "/".join(segment or _PARAMETER for segment in first)
    query = f"?{request.query}" if request.query else ""
    content, headers = _body(request)
    return Request(method, f"{path}{query}".encode(), headers, content)


def _of_rule(rules: PolicySet, rule: Rule) -> Iterator[tuple[str, str]]:
    fired = spared = False
    for example in rule.examples:
        request = example_request(rule, example)
        decision = decide(rules, request)
        if what := _difference(rules, example, request, decision):
            yield example.name, what
        fires = any(_fires(finding) for finding in decision.findings if finding.rule == rule.id)
        fired, spared = fired or fires, spared or not fires
    if not fired:
        yield "", "no example in which the rule fires; add one"
    if not spared:
        yield "", "no example that the rule must leave alone; add one of a request that is none of its business"


def _fires(finding: Finding) -> bool:
    """Return whether the rule did what it is there for: a match is enough unless it edits."""
    return not issubclass(ACTION_BY_NAME[finding.action], Editing) or bool(finding.fields)


def _policy_set(policies: tuple[Policy, ...], profile: Profile) -> PolicySet:
    """All policies as if enforced: what a rule does is one thing, whether it does it yet another."""
    enforced = [
        policy.model_copy(update={"rules": tuple(one.model_copy(update={"mode": "enforce"}) for one in policy.rules)})
        for policy in policies
    ]
    return compile_policies(enforced, RunOptions(profile=profile))


def _difference(rules: PolicySet, example: Example, request: Request, decision: Decision) -> str | None:
    if isinstance(decision, Converse) and decision.start.translation is not None:
        return _conversation_difference(example, decision)
    if example.upstream or example.returns is not None:
        return "nothing is translated; take out 'upstream' and 'returns'"
    return _plain_difference(rules, example, request, decision)


def _plain_difference(rules: PolicySet, example: Example, request: Request, decision: Decision) -> str | None:
    if example.answers is not None:
        return _answer_difference(example.answers, decision)
    if isinstance(decision, Answer):
        return f"it is answered {decision.response.status}; correct the rule, or write 'answers'"
    sent = first_request(rules, decision) if isinstance(decision, Converse) else decision.request
    if example.forwards == "unchanged":
        gone = ", ".join(field for finding in decision.findings for field in finding.fields or ())
        return None if sent is request else f"it is changed ({gone or 'replaced'}); correct the rule"
    assert isinstance(example.forwards, Forwarded)  # noqa: S101 - what the schema leaves
    if sent is None:
        return "nothing is sent at first; write 'answers'"
    return _forward_difference(example.forwards, sent)


def _conversation_difference(example: Example, decision: Converse) -> str | None:
    """Run a translation against the example's steps; the site's memory is empty."""
    if example.answers is None:
        return "it is translated; write 'answers' and 'upstream'"
    steps = list(example.upstream)
    plan = decision.start.plan("")
    result: Any = None
    last: Response | None = None
    while True:
        try:
            step = plan.send(result)
        except StopIteration as end:
            return _returned_difference(example, steps, last if end.value is None else end.value)
        except PlanError as error:
            return f"{error}; correct 'replies'"
        sent = (step.request,) if isinstance(step, Send) else step.requests if isinstance(step, SendAll) else ()
        replies: list[Response] = []
        for request in sent:
            if not steps:
                return f"it also sends {request.method} {request.target.decode()}; add a step to 'upstream'"
            if what := _step_difference(steps[0].expects, request):
                return what
            last = _reply(steps.pop(0).replies)
            replies.append(last)
        result = () if isinstance(step, Written) else None
        if sent:
            result = replies[0] if isinstance(step, Send) else tuple(replies)


def _step_difference(expected: Expected, request: Request) -> str | None:
    if (request.method, request.target.decode()) != (expected.method, expected.path):
        return f"it sends {request.method} {request.target.decode()} instead of {expected.path}; correct 'expects'"
    if json.loads(request.body or b"null") != json.loads(json.dumps(expected.json_)):
        return f"it sends {(request.body or b'').decode()} to {expected.path}; correct 'expects'"
    return None


def _reply(reply: Reply) -> Response:
    return Response(reply.status, ((b"Content-Type", b"application/json"),), json.dumps(reply.json_).encode())


def _returned_difference(example: Example, left: list[Step], answer: Response | None) -> str | None:
    if left:
        return f"it never sends {left[0].expects.path}; take the step out of 'upstream'"
    status = None if answer is None else answer.status
    if status != example.answers:
        return f"it answers {status}, and {example.answers} was expected; correct one of the two"
    returned = json.loads(answer.body or b"null") if answer is not None else None
    if example.returns is not None and returned != json.loads(json.dumps(example.returns)):
        return f"it returns {json.dumps(returned)}; correct 'returns'"
    return None


def _answer_difference(expected: int, decision: Decision) -> str | None:
    if isinstance(decision, Converse):
        status = decision.start.status
        return None if status == expected else f"it answers {status}; correct one"
    if not isinstance(decision, Answer):
        return f"it is forwarded, and {expected} was expected; correct the rule"
    found = decision.response.status
    return None if found == expected else f"it answers {found}, and {expected} was expected; correct one of the two"


def _forward_difference(expected: Forwarded, request: Request) -> str | None:
    if expected.method is not None and expected.method != request.method:
        return f"the forwarded method is {request.method}, and {expected.method} was expected; correct one"
    query = request.target.partition(b"?")[2].decode()
    if expected.query is not None and expected.query != query:
        return "the forwarded query differs from the expected one; correct one of the two"
    if expected.has_body and not _goes_on(expected, request.body or b""):
        return "the forwarded body differs from the expected one; correct one of the two"
    return None


def _body(content: Content) -> tuple[bytes, tuple[Header, ...]]:
    if not content.has_body:
        return b"", ()
    if content.form is not None:
        return urlencode(content.form).encode(), ((b"Content-Type", b"application/x-www-form-urlencoded"),)
    if content.text is not None:
        return content.text.encode(), ((b"Content-Type", b"text/plain"),)
    return json.dumps(content.json_).encode(), ((b"Content-Type", b"application/json"),)


def _expected(content: Content) -> object:
    if content.form is not None:
        return content.form
    return content.text if content.text is not None else json.loads(json.dumps(content.json_))


def _goes_on(expected: Content, body: bytes) -> bool:
    """Return whether a body says what is expected, read by other means than those that edited it."""
    try:
        return _reading(expected, body) == _expected(expected)
    except ValueError:
        return False


def _reading(like: Content, body: bytes) -> object:
    if like.form is not None:
        return dict(parse_qsl(body.decode(), keep_blank_values=True))
    return body.decode() if like.text is not None else json.loads(body or b"null")
