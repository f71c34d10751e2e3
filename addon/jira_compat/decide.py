"""The only brain: what becomes of a request. Pure; live traffic and captures are judged alike."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus

from jira_compat.actions.edit import edit
from jira_compat.actions.replace import Replace, confirm
from jira_compat.actions.replace import replace as replace_request
from jira_compat.jira_error import error_answer
from jira_compat.message.body.edit import TooLarge, Unreadable
from jira_compat.message.target.method import method_readings
from jira_compat.message.target.target import Target, read_target
from jira_compat.model import Finding, Reason, Request, Response
from jira_compat.policy.index import Entries, Entry, PolicySet

MAX_BODY = 10_000_000
"""Bytes; the most that a body which a rule must read may have, encoded or decoded."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a request. A value: in mode ``observe`` and offline nobody acts on it.

    Args:
        request: What goes on to Jira; the very same object where no rule edits.
        response: The answer that is given instead, if any.
        findings: What each rule that matched says, the decisive one first.
        reason: Why the request is refused, or would be if its rule did more than observe.
        applied: Whether the request is changed or answered; never by an ``observe`` rule.
        needs_body: A rule edits the body, which was not seen: decide again with it.
        replaced: What the upstream's answer must confirm before ``replaced.status`` is answered.
    """

    request: Request
    response: Response | None = None
    findings: tuple[Finding, ...] = ()
    reason: Reason | None = None
    applied: bool = False
    needs_body: bool = False
    replaced: Replace | None = None

    @property
    def mark(self) -> str:
        """Value of ``X-Jira-Compat`` on the answer to a changed request: the rules that changed it."""
        changed = (one for one in self.findings if one.mode == "enforce" and (one.fields or one.action == "replace"))
        return ", ".join(f"{one.policy}/{one.rule}" for one in changed)


def decide(policies: PolicySet, request: Request, *, max_body: int = MAX_BODY) -> Decision:
    """Judge one request.

    Args:
        policies: The rules in force.
        request: The request; with ``body=None`` rules that edit bodies say ``needs_body``, and their
            findings leave ``fields`` unknown.
        max_body: The most bytes a body that a rule must read may have.
    """
    target = read_target(request.target)
    if target.ambiguous is not None and not _agree(policies, target):
        return _ambiguous(policies, request, target, target.ambiguous)
    if not target.segments:
        return Decision(request)
    methods = policies.at(target.segments)
    if not methods:
        return Decision(request)
    sent, *others = _methods(request)
    entries = methods.get(sent, ())
    hidden = tuple(dict.fromkeys([e for one in others for e in methods.get(one, ()) if e not in entries]))
    if not entries and not hidden:
        return Decision(request)
    decision = _by_mode(request, (*entries, *hidden), lambda some: _judge(request, target, some, hidden, max_body))
    return decision if decision.replaced is None else _edit_replaced(decision, target, methods)


def settle(decision: Decision, response: Response) -> Response | None:
    """What a replaced request's client is answered; ``None`` for the upstream's answer as it is."""
    return None if decision.replaced is None else confirm(decision.replaced, response, decision.mark)


def _by_mode(request: Request, entries: Entries, judge: Callable[[Entries], Decision]) -> Decision:
    """Judge what is enforced and what is only observed apart: the second is a finding, never a deed."""
    observed = tuple([entry for entry in entries if entry.mode == "observe"])
    if not observed:
        return judge(entries)
    done = judge(tuple(entry for entry in entries if entry.mode == "enforce"))
    would = judge(observed)
    if done.response is not None or done.replaced is not None or (done.applied and not would.needs_body):
        return replace(done, findings=(*done.findings, *would.findings))
    if done.needs_body or would.needs_body:
        return Decision(request, None, (*done.findings, *would.findings), needs_body=True)
    return Decision(request, None, (*would.findings, *done.findings), would.reason)


def _judge(request: Request, target: Target, entries: Entries, hidden: Entries, max_body: int) -> Decision:
    for entry in entries:
        if entry.refusal is not None:
            return Decision(request, entry.refusal, _findings(entries, first=entry), "rule", applied=True)
    for entry in entries:
        if entry.rule.replace is not None:
            if entry in hidden:
                why = "its method override asks for something else than its method"
                return _refusal(request, "ambiguous_target", why, _findings(entries, first=entry))
            return _replace(request, target, entry, entries)
    return _edit(request, target, entries, max_body)


def _replace(request: Request, target: Target, entry: Entry, entries: Entries) -> Decision:
    assert entry.rule.replace is not None  # noqa: S101 - the caller's condition, for mypy
    replaced = replace_request(_normalised(request, target), entry.rule.replace)
    return Decision(replaced, None, _findings(entries, first=entry), applied=True, replaced=entry.rule.replace)


def _edit_replaced(decision: Decision, target: Target, methods: Mapping[str, Entries]) -> Decision:
    """Judge what you forward: what is sent instead is edited as it would be if a client had sent it."""
    entries = tuple(entry for entry in methods.get(decision.request.method, ()) if entry.mode == "enforce")
    edited = _edit(decision.request, target, entries, len(decision.request.body or b""))
    findings = tuple(finding for finding in edited.findings if finding.fields)
    return replace(decision, request=edited.request, findings=(*decision.findings, *findings))


def _edit(request: Request, target: Target, entries: Entries, max_body: int) -> Decision:
    """Every edit applies; one that cannot be made refuses the request."""
    reads_body = any(entry.reads_body for entry in entries)
    if reads_body and _length(request) > max_body:
        return _refusal(request, "too_large", f"it has more than {max_body} bytes", _findings(entries))
    if reads_body and request.body is None:
        return Decision(request, None, _findings(entries), needs_body=True)
    edited = request
    findings = []
    for entry in entries:
        spec = entry.rule.edit
        try:
            edited, gone = (edited, ()) if spec is None else edit(edited, spec, limit=max_body)
        except Unreadable as unreadable:
            reason: Reason = "too_large" if isinstance(unreadable, TooLarge) else "unreadable_body"
            return _refusal(request, reason, str(unreadable), _findings(entries, first=entry))
        findings.append(entry.finding(gone))
    findings.sort(key=lambda finding: not finding.fields)
    if edited is request:
        return Decision(request, None, tuple(findings))
    return Decision(_normalised(edited, target), None, tuple(findings), applied=True)


def _methods(request: Request) -> tuple[str, ...]:
    query = request.target.partition(b"?")[2]
    if query:
        query = query.replace(b"#", b"&")  # what is a fragment to one goes on to another
    return method_readings(request.method, request.headers, query)


def _length(request: Request) -> int:
    """The length of the body, as far as it is known."""
    if request.body is not None:
        return len(request.body)
    declared = next((value for name, value in request.headers if name.lower() == b"content-length"), b"")
    return int(declared[:_LONGEST_NUMBER]) if declared.isdigit() else 0


def _normalised(request: Request, target: Target) -> Request:
    """Judge what you forward: a request that is changed goes on under the path that was judged."""
    mark = request.target.find(b"?")
    query = b"" if mark < 0 else request.target[mark:].partition(b"#")[0]
    return Request(request.method, target.path + query, request.headers, request.body)


def _agree(policies: PolicySet, target: Target) -> bool:
    """Whether every reading is the same to the rules, as where only a parameter differs."""
    here = policies.at(target.segments)
    return target.more is None and all(policies.at(reading) == here for reading in target.readings)


def _ambiguous(policies: PolicySet, request: Request, target: Target, why: str) -> Decision:
    """Refused only if some reading of it hits a rule for something modified or removed."""
    entries = tuple(dict.fromkeys(_hits(policies, request, target)))
    return _by_mode(
        request,
        entries,
        lambda some: _refusal(request, "ambiguous_target", why, _findings(some)) if some else Decision(request),
    )


def _hits(policies: PolicySet, request: Request, target: Target) -> Iterator[Entry]:
    read = [policies.at(reading) for reading in target.readings]
    if target.more is not None:
        read.append(policies.spelled(target.more))
    for methods in filter(None, read):
        for method in _methods(request):
            yield from (entry for entry in methods.get(method, ()) if entry.rule.change != "unchanged")


_SUBJECT: dict[Reason, str] = {
    "ambiguous_target": "The request target could be read in two ways: {}. Send the plain path.",
    "unreadable_body": "The body must be checked before it may go on to Jira, and cannot be read: {}. Mend the body.",
    "too_large": "The body must be checked before it may go on to Jira, and is too large for that: {}. Send less.",
}


_STATUS: dict[Reason, HTTPStatus] = {"too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE}
_LONGEST_NUMBER = 20


def _refusal(request: Request, reason: Reason, why: str, findings: tuple[Finding, ...]) -> Decision:
    status = _STATUS.get(reason, HTTPStatus.BAD_REQUEST)
    response = error_answer(status, _SUBJECT[reason].format(why), f"error/{reason}")
    return Decision(request, response, findings, reason, applied=True)


def _findings(entries: Entries, first: Entry | None = None) -> tuple[Finding, ...]:
    """Findings where no body was looked at."""
    others = [entry for entry in entries if entry is not first]
    ordered = others if first is None else [first, *others]
    return tuple([entry.finding(None if entry.reads_body else ()) for entry in ordered])
