"""The fate of one request and the rules behind it: names and reasons, never a value of the request."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace

from jira_compat.actions.action import Conversing
from jira_compat.actions.registry import ACTION_BY_NAME
from jira_compat.decide import decide, first_request
from jira_compat.decision import Answer, Converse, Decision
from jira_compat.explain.masking import masked_body, masked_target
from jira_compat.explain.steps import Steps, steps
from jira_compat.message.target.target import read_target
from jira_compat.model import Finding, Request, Response
from jira_compat.plan import REQUESTS
from jira_compat.policy.index import Entry, PolicySet


@dataclass(frozen=True, slots=True)
class Message:
    """A request with its values masked."""

    method: str
    target: str
    body: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to the client; ``once`` is a condition on Jira's own response."""

    status: int
    text: str
    once: str | None = None


@dataclass(frozen=True, slots=True)
class Says:
    """A rule that matched, and what it found."""

    policy: str
    rule: str
    endpoint: str
    change: str
    action: str
    mode: str
    fields: tuple[str, ...] | None
    why: str
    source: str
    implied: bool
    unknown: str | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The fate of a request.

    Args:
        request: The request.
        outcome: What happens, in a sentence.
        applied: Whether the request is changed or answered here.
        rules: The rules that matched, the decisive one first.
        forwards: The request that is forwarded; ``None`` if none is.
        steps: The requests of a translation; ``None`` if nothing is translated.
        answers: What the client is answered instead of Jira's answer.
        closest: If no rule matched, one that nearly did.
    """

    request: Message
    outcome: str
    applied: bool
    rules: tuple[Says, ...]
    forwards: Message | None
    steps: Steps | None
    answers: Answered | None
    closest: str | None


def explain(policies: PolicySet, request: Request, *, max_body: int) -> Explanation:
    """Judge a request and say why; arguments as in :func:`jira_compat.decide.decide`."""
    decision = decide(policies, request, max_body=max_body)
    entries = {(entry.policy, entry.rule.id): entry for entry in policies.entries}
    near = None if decision.findings else closest(policies, request)
    sent = _sent(policies, decision, max_body)
    return Explanation(
        request=_message(request),
        outcome=_outcome(decision),
        applied=decision.applied,
        rules=tuple(_says(entries[finding.policy, finding.rule], finding) for finding in decision.findings),
        forwards=None if sent else _forwarded(policies, decision, max_body),
        steps=None if sent is None else replace(sent, answer=None),
        answers=_answer(decision, sent),
        closest=None if near is None else f"{near.mark}: {near.rule.endpoint.text}",
    )


def closest(policies: PolicySet, request: Request) -> Entry | None:
    """The rule whose path shares most last segments with the request's; the same method decides a tie."""
    target = read_target(request.target)
    path = target.segments or tuple(target.path.decode("utf-8", "replace").strip("/").split("/"))
    best = max(policies.entries, key=lambda entry: _closeness(entry, request.method, path), default=None)
    return best if best is not None and _closeness(best, request.method, path)[0] else None


def as_json(explanation: Explanation) -> str:
    """For programs."""
    return json.dumps(asdict(explanation), indent=2, ensure_ascii=False)


def as_text(explanation: Explanation) -> str:
    """For people."""
    blocks = [_lines(explanation.request), [explanation.outcome]]
    blocks += [list(_rule(says)) for says in explanation.rules]
    if explanation.closest:
        blocks.append([f"The closest rule is {explanation.closest}"])
    if explanation.applied and explanation.forwards:
        blocks.append(["Forwarded to Jira:", *(f"  {line}" for line in _lines(explanation.forwards))])
    if explanation.steps:
        blocks.append(list(_steps(explanation.steps)))
    if explanation.answers:
        once = f", {explanation.answers.once}" if explanation.answers.once else ""
        text = [f"  {explanation.answers.text}"] if explanation.answers.text else []
        blocks.append([f"Answered to the client{once}: {explanation.answers.status}", *text])
    return "\n\n".join("\n".join(block) for block in blocks)


def _outcome(decision: Decision) -> str:
    if not decision.findings:
        return "Forwarded unchanged: no rule matches."
    if isinstance(decision, Answer):
        return f"Answered {decision.response.status} by the proxy; nothing reaches Jira."
    if decision.applied:
        deed = _deed(decision, "enforce") or ""
        return f"{deed[:1].upper()}{deed[1:]}."
    would = _would(decision)
    if would is not None:
        return f"Forwarded unchanged: the rule is in observe mode. In enforce mode it would be {would}."
    return "Forwarded unchanged: the rule has nothing to change."


def _would(decision: Decision) -> str | None:
    """Return what an ``observe`` rule would do to a request that is not touched."""
    if decision.reason is not None:
        return "refused" if decision.reason == "rule" else f"refused ({decision.reason})"
    return _deed(decision, "observe")


def _deed(decision: Decision, mode: str) -> str | None:
    """Join the sentences of the rules' actions, each once."""
    fields: dict[str, dict[str, None]] = {}
    for finding in decision.findings:
        action = ACTION_BY_NAME[finding.action]
        if finding.mode == mode and (finding.fields or issubclass(action, Conversing)):
            fields.setdefault(action.outcome, {}).update(dict.fromkeys(finding.fields or ()))
    return " and ".join(outcome.format(", ".join(found)) for outcome, found in fields.items()) or None


def _message(request: Request) -> Message:
    return Message(request.method, masked_target(request), masked_body(request.body or b""))


def _sent(policies: PolicySet, decision: Decision, max_body: int) -> Steps | None:
    if not isinstance(decision, Converse) or decision.start.translation is None:
        return None
    return steps(policies, decision, max_body=max_body)


def _forwarded(policies: PolicySet, decision: Decision, max_body: int) -> Message | None:
    if isinstance(decision, Answer):
        return None
    if not isinstance(decision, Converse):
        return _message(decision.request)
    request = first_request(policies, decision, max_body=max_body)
    if request is None:
        return None
    message = _message(request)
    return message if decision.start.document is None else replace(message, body=decision.start.document)


def _answer(decision: Decision, sent: Steps | None) -> Answered | None:
    if sent is not None:
        return None if sent.answer is None else Answered(sent.answer.status, _text(sent.answer))
    if isinstance(decision, Answer):
        return Answered(decision.response.status, _text(decision.response))
    if isinstance(decision, Converse) and decision.start.status is not None:
        return Answered(decision.start.status, "", decision.start.condition)
    return None


def _text(response: Response) -> str:
    text: str = json.loads(response.body or b"")["errorMessages"][0]
    return text


def _says(entry: Entry, finding: Finding) -> Says:
    rule = entry.rule
    return Says(
        policy=entry.policy,
        rule=rule.id,
        endpoint=rule.endpoint.text,
        change=rule.change,
        action=rule.action.name,
        mode=entry.mode,
        fields=finding.fields,
        why=rule.why,
        source=entry.source,
        implied=rule.implied,
        unknown=rule.unknown,
    )


def _closeness(entry: Entry, method: str, path: tuple[str, ...]) -> tuple[int, bool]:
    return max(_common(path, one) for one in entry.rule.endpoint.paths()), method in entry.rule.endpoint.methods


def _common(path: tuple[str, ...], other: tuple[str | None, ...]) -> int:
    """Count the last segments that are the same."""
    pairs = zip(reversed(path), reversed(other), strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))


def _lines(message: Message) -> list[str]:
    return [f"{message.method} {message.target}", *([message.body] if message.body else [])]


def _steps(sent: Steps) -> Iterator[str]:
    if sent.is_too_much:
        yield f"If {sent.premise}, it takes more than {REQUESTS} requests to Jira, and is answered 400."
    elif sent.sent:
        yield f"Sent to Jira if {sent.premise}, otherwise fewer:"
    for step in sent.sent:
        times = f", {step.times} times" if step.times > 1 else ""
        yield f"  {step.method} {step.target} ({', '.join(step.members)}){times}"


def _rule(says: Says) -> Iterator[str]:
    yield f"{says.policy}/{says.rule}"
    yield f"  endpoint  {says.endpoint}"
    yield f"  change    {says.change}; action {says.action}; mode {says.mode}"
    if says.fields:
        yield f"  found     {', '.join(says.fields)}"
    yield f"  why       {says.why}"
    yield f"  source    {says.source}{', which implies it without saying it' if says.implied else ''}"
    if says.unknown:
        yield f"  unknown   {says.unknown}"
