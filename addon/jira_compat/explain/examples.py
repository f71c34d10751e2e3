"""The examples of a policy, run: a policy that does not do what it says is not accepted."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import get_args
from urllib.parse import parse_qsl, urlencode

from jira_compat.actions.action import Editing
from jira_compat.actions.registry import ACTION_BY_NAME
from jira_compat.decide import decide, first_request
from jira_compat.decision import Answer, Converse, Decision
from jira_compat.model import Finding, Header, Profile, Request
from jira_compat.policy.example import Content, Example, Forwarded
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
        return f"the method that goes on is {request.method}, and {expected.method} was expected; correct one"
    query = request.target.partition(b"?")[2].decode()
    if expected.query is not None and expected.query != query:
        return "the query that goes on is another than expected; correct one of the two"
    if expected.has_body and not _goes_on(expected, request.body or b""):
        return "the body that goes on is another than expected; correct one of the two"
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
