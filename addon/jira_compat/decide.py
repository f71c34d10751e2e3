"""The only brain: what becomes of a request. Pure; live traffic and captures are judged alike."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from http import HTTPStatus

from jira_compat.decision import Answer, Converse, Decision, Findings, Forward, Hold
from jira_compat.jira_error import error_answer
from jira_compat.message.body.edit import TooLarge, Unreadable
from jira_compat.message.headers import declared_length
from jira_compat.message.target.method import method_readings
from jira_compat.message.target.target import Target, read_target
from jira_compat.model import Reason, Request
from jira_compat.plan import Send, StepRefusedError
from jira_compat.policy.index import Entries, Entry, PolicySet

MAX_BODY = 10_000_000
"""Bytes; the most that a body which a rule must read may have, encoded or decoded."""


def decide(
    policies: PolicySet, request: Request, *, max_body: int = MAX_BODY, target: Target | None = None
) -> Decision:
    """Judge one request.

    Args:
        policies: The active rules.
        request: The request; with ``body=None`` rules that edit bodies make it :class:`Hold`, and their
            findings leave ``fields`` unknown.
        max_body: The most bytes a body that a rule must read may have.
        target: The request's target, if it has been read.
    """
    if target is None:
        target = read_target(request.target)
    if target.ambiguous is not None and not _agree(policies, target):
        return _ambiguous(policies, request, target, target.ambiguous)
    if not target.segments:
        return Forward(request)
    methods = policies.at(target.segments)
    if not methods:
        return Forward(request)
    sent, *others = _methods(request)
    entries = methods.get(sent, ())
    hidden = tuple(dict.fromkeys([e for one in others for e in methods.get(one, ()) if e not in entries]))
    if not entries and not hidden:
        return Forward(request)
    decision = _by_mode(request, (*entries, *hidden), lambda some: _judge(request, target, some, hidden, max_body))
    return _with_first_step(policies, decision, max_body) if isinstance(decision, Converse) else decision


def edit_step(
    policies: PolicySet, request: Request, *, max_body: int = MAX_BODY, of: str | None = None
) -> tuple[Request, Findings]:
    """Edit what a plan sends as it would be if a client had sent it.

    A step is never held. A step that cannot be edited is sent as the plan made it.

    Args:
        policies: The active rules.
        request: The step.
        max_body: The most bytes a body that a rule must read may have.
        of: ``POLICY/RULE`` of the plan; ``None`` to edit alone.

    Raises:
        StepRefusedError: A rule would refuse, replace or translate it.
    """
    target = read_target(request.target)
    entries = policies.at(target.segments).get(request.method, ()) if target.segments else ()
    enforced = tuple([entry for entry in entries if entry.mode == "enforce"])
    if of is not None:
        _check_step(request, target, tuple([entry for entry in enforced if entry.mark != of]), of)
    edited = _edit(request, target, enforced, max(max_body, len(request.body or b"")))
    if not isinstance(edited, Forward):
        return request, ()
    return edited.request, tuple([finding for finding in edited.findings if finding.fields])


def _check_step(request: Request, target: Target, entries: Entries, of: str) -> None:
    for entry in entries:
        conversing = entry.conversing
        if entry.refusal is not None or (conversing is not None and conversing.start(request, limit=MAX_BODY)):
            path = "/".join(target.segments)
            raise StepRefusedError(f"{entry.mark} applies to {request.method} /{path}, a step of {of}")


def first_request(policies: PolicySet, decision: Converse, *, max_body: int = MAX_BODY) -> Request | None:
    """Return the first request of a plan, edited; ``None`` if the plan asks for something else before."""
    step = next(decision.start.plan(""), None)
    return edit_step(policies, step.request, max_body=max_body)[0] if isinstance(step, Send) else None


def _with_first_step(policies: PolicySet, decision: Converse, max_body: int) -> Converse:
    """Find out what the first step of a plan loses: it is known already, offline too."""
    step = next(decision.start.plan(""), None)
    if not isinstance(step, Send):
        return decision
    _, findings = edit_step(policies, step.request, max_body=max_body)
    return replace(decision, findings=(*decision.findings, *findings))


def turn_away(decision: Hold) -> Answer | Forward:
    """Decide about a request whose body is here and cannot be read soon enough: 503, unless rules only observe it."""
    if all(finding.mode == "observe" for finding in decision.findings):
        return Forward(decision.request, decision.findings)
    refusal = _refusal("busy", "too many others are being checked", decision.findings)
    response = replace(refusal.response, headers=(*refusal.response.headers, _RETRY_AFTER))
    return replace(refusal, response=response)


def _by_mode(request: Request, entries: Entries, judge: Callable[[Entries], Decision]) -> Decision:
    """Judge what is enforced and what is only observed apart: the second is a finding, never a deed."""
    observed = tuple([entry for entry in entries if entry.mode == "observe"])
    if not observed:
        return judge(entries)
    done = judge(tuple(entry for entry in entries if entry.mode == "enforce"))
    would = judge(observed)
    findings = (*done.findings, *would.findings)
    if isinstance(done, Answer | Converse) or (done.applied and not isinstance(would, Hold)):
        return replace(done, findings=findings)
    if isinstance(done, Hold) or isinstance(would, Hold):
        return Hold(request, findings)
    return Forward(request, (*would.findings, *done.findings), reason=would.reason)


def _judge(request: Request, target: Target, entries: Entries, hidden: Entries, max_body: int) -> Decision:
    for entry in entries:
        if entry.refusal is not None:
            return Answer(entry.refusal, _findings(entries, first=entry), "rule")
    for entry in entries:
        if entry.conversing is not None:
            findings = _findings(entries, first=entry)
            if entry in hidden:
                why = "its method override asks for something else than its method"
                return _refusal("ambiguous_target", why, findings)
            conversed = _converse(request, target, entry, findings, max_body)
            if conversed is not None:
                return conversed
            entries = tuple([other for other in entries if other is not entry])
    return _edit(request, target, entries, max_body)


def _converse(request: Request, target: Target, entry: Entry, findings: Findings, max_body: int) -> Decision | None:
    """Start a plan, as soon as the body is here that it reads; ``None`` if the rule leaves the request alone."""
    conversing = entry.conversing
    if conversing is None:
        return None
    if entry.mode == "enforce" and request.body is None and conversing.needs_body(request):
        if _length(request) > max_body:
            return _refusal("too_large", f"it has more than {max_body} bytes", findings)
        return Hold(request, findings)
    start = conversing.start(_normalised(request, target), limit=max_body)
    return None if start is None else Converse(start, findings)


def _edit(request: Request, target: Target, entries: Entries, max_body: int) -> Decision:
    """Every edit applies; one that cannot be made refuses the request."""
    reads_body = any(entry.reads_body for entry in entries)
    if reads_body and _length(request) > max_body:
        return _refusal("too_large", f"it has more than {max_body} bytes", _findings(entries))
    if reads_body and request.body is None:
        return Hold(request, _findings(entries))
    edited = request
    findings = []
    for entry in entries:
        gone: tuple[str, ...] = ()
        try:
            if entry.editing is not None:
                edited, gone = entry.editing.edit(edited, limit=max_body)
        except Unreadable as unreadable:
            reason: Reason = "too_large" if isinstance(unreadable, TooLarge) else "unreadable_body"
            return _refusal(reason, str(unreadable), _findings(entries, first=entry))
        findings.append(entry.finding(gone))
    findings.sort(key=lambda finding: not finding.fields)
    if edited is request:
        return Forward(request, tuple(findings))
    return Forward(_normalised(edited, target), tuple(findings), applied=True)


def _methods(request: Request) -> tuple[str, ...]:
    query = request.target.partition(b"?")[2]
    if query:
        query = query.replace(b"#", b"&")  # what one server reads as a fragment, another reads as part of the query
    return method_readings(request.method, request.headers, query)


def _length(request: Request) -> int:
    """The length of the body, as far as it is known."""
    if request.body is not None:
        return len(request.body)
    return declared_length(request.headers)


def _normalised(request: Request, target: Target) -> Request:
    """Judge what you forward: a request that is changed is forwarded under the path that was judged."""
    mark = request.target.find(b"?")
    query = b"" if mark < 0 else request.target[mark:].partition(b"#")[0]
    return Request(request.method, target.path + query, request.headers, request.body)


def _agree(policies: PolicySet, target: Target) -> bool:
    """Return whether every reading is the same to the rules, as where only a parameter differs."""
    here = policies.at(target.segments)
    return target.more is None and all(policies.at(reading) == here for reading in target.readings)


def _ambiguous(policies: PolicySet, request: Request, target: Target, why: str) -> Decision:
    """Refused only if some reading of it hits a rule for something modified or removed."""
    entries = tuple(dict.fromkeys(_hits(policies, request, target)))
    return _by_mode(
        request,
        entries,
        lambda some: _refusal("ambiguous_target", why, _findings(some)) if some else Forward(request),
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
    "unreadable_body": "The body must be checked before it is forwarded, and cannot be read: {}. Correct the body.",
    "too_large": "The body must be checked before it is forwarded, and is too large for that: {}. Send less.",
    "busy": "The body must be checked before it is forwarded, and {}. Try again.",
}


_STATUS: dict[Reason, HTTPStatus] = {
    "too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "busy": HTTPStatus.SERVICE_UNAVAILABLE,
}
_RETRY_AFTER = (b"Retry-After", b"5")


def _refusal(reason: Reason, why: str, findings: Findings) -> Answer:
    status = _STATUS.get(reason, HTTPStatus.BAD_REQUEST)
    response = error_answer(status, _SUBJECT[reason].format(why), f"error/{reason}")
    return Answer(response, findings, reason)


def _findings(entries: Entries, first: Entry | None = None) -> Findings:
    """Findings where no body was looked at."""
    others = [entry for entry in entries if entry is not first]
    ordered = others if first is None else [first, *others]
    return tuple([entry.finding(None if entry.reads_body else ()) for entry in ordered])
