"""What is wrong with what came of a case; nothing, if it passed."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from bypass import readers, wire
from bypass.corpus import SECRET, Case, Expected
from bypass.recorder import ANSWER
from bypass.secret import holds
from bypass.wire import Malformed, Message

_A_PROXYS_OWN = {
    b"host", b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade",
    b"http2-settings", b"expect", b"content-length",
}  # fmt: skip
"""Fields that a proxy may or must change (RFC 9110, section 7.6.1); the body is compared instead of its length."""

_NOT_UNDERSTOOD = {501, 505}
"""Of the 5xx those that turn away malformed or unknown HTTP (RFC 9112, section 6.1)."""


@dataclass(frozen=True)
class Outcome:
    """What came of a case.

    Args:
        received: What the client got back.
        ended: Whether the proxy closed the connection, or the client gave up waiting.
        upstream: What the upstream got, by connection.
    """

    received: bytes
    ended: bool
    upstream: tuple[bytes, ...]


def judge(case: Case, outcome: Outcome, *, kind: str = "", strict: bool = True) -> list[str]:
    """What is wrong, one line for each thing.

    Args:
        case: What was sent, and what may come of it.
        outcome: What came of it.
        kind: Of the proxy, for what it cannot do.
        strict: Hold it to the shape of refusals and to header fields in order and letter case. Otherwise any
            refusal with a 4xx will do, and a body with the same values.
    """
    wrong = list(_leaks(outcome))
    try:
        answers = wire.read_answers(outcome.received, methods(case))
        forwarded = [message for data in outcome.upstream for message in wire.read_requests(data)]
    except Malformed as malformed:
        return [*wrong, f"not HTTP: {malformed.args[0]!r}"]
    sent = _sent(case)
    for number, alternatives in enumerate(case.expected_of(kind)):
        original = sent[number] if number < len(sent) else None
        tries = [
            _Try(answers, forwarded, original, ended=outcome.ended, kind=kind, strict=strict) for _ in alternatives
        ]
        complaints = [list(one.judge(expected)) for one, expected in zip(tries, alternatives, strict=True)]
        best = min(range(len(tries)), key=lambda at: len(complaints[at]))
        wrong += complaints[best]
        answers, forwarded = tries[best].answers, tries[best].forwarded
    wrong += [f"an answer too many: {answer.start!r}" for answer in answers if answer.status < 400]
    wrong += [f"reached the upstream too: {message.start!r}" for message in forwarded]
    return wrong


def methods(case: Case) -> list[bytes]:
    """The methods of a case's requests, as far as it holds any; answers are read by them."""
    return [message.method for message in _sent(case)] or [case.raw.lstrip(b"\r\n").split(b" ")[0]]


def _leaks(outcome: Outcome) -> Iterator[str]:
    if any(holds(data, SECRET) for data in outcome.upstream):
        yield "the secret reached the upstream"


def _sent(case: Case) -> list[Message]:
    """The requests of a case, up to the first thing that is none."""
    messages = []
    rest = case.raw
    with contextlib.suppress(Malformed):
        while read := wire.read_request(rest):
            message, rest = read
            messages.append(message)
    return messages


class _Try:
    """One expectation held against what is left of answers and of what was forwarded."""

    def __init__(
        self,
        answers: list[Message],
        forwarded: list[Message],
        sent: Message | None,
        *,
        ended: bool,
        kind: str,
        strict: bool,
    ) -> None:
        self.answers = answers.copy()
        self.forwarded = forwarded.copy()
        self._sent = sent
        self._ended = ended
        self._kind = kind
        self._strict = strict

    def judge(self, expected: Expected) -> Iterator[str]:
        answer = self.answers.pop(0) if self.answers else None
        if expected.kind == "forwarded":
            yield from self._judge_forwarded(expected, answer)
        elif expected.kind == "silent":
            return
        elif answer is None:
            if expected.kind == "refused" or not self._ended:
                yield "it was not answered"
        elif self._strict and expected.status not in {None, answer.status}:
            yield f"it was answered {answer.status}, not {expected.status}"
        elif not (400 <= answer.status < 500 or answer.status in _NOT_UNDERSTOOD):
            yield f"it was answered {answer.status}, no 4xx"
        elif self._strict and (expected.kind == "refused" or self._kind == "serve"):
            yield from _out_of_shape(answer, self._sent)

    def _judge_forwarded(self, expected: Expected, answer: Message | None) -> Iterator[str]:
        if answer is None or answer.status != 200 or answer.body not in {ANSWER, b""}:
            yield f"it was answered {answer.start!r}" if answer else "it was not answered"
        if not self.forwarded:
            yield "it did not reach the upstream"
            return
        message = self.forwarded.pop(0)
        assert self._sent is not None, "what is not well-formed cannot be forwarded"
        yield from _differences(dict(expected.forwarded), self._sent, message, strict=self._strict)


def _out_of_shape(answer: Message, sent: Message | None) -> Iterator[str]:
    mark = "user-management/" if answer.status == 410 else "error/"
    if not answer.field("x-jira-compat").startswith(mark.encode()):
        yield f"the answer is marked {answer.field('x-jira-compat')!r}"
    if sent is not None and sent.method == b"HEAD":
        if answer.body:
            yield "the answer to HEAD has content"
        return
    try:
        page = json.loads(answer.body)
    except ValueError:
        yield "the answer is not JSON"
        return
    if SECRET.encode() in answer.body:
        yield "the secret is in the answer"
    if page.keys() != {"errorMessages", "errors"} or len(page["errorMessages"]) != 1 or page["errors"] != {}:
        yield "the answer is not in Jira's shape"


def _differences(expected: dict[str, object], sent: Message, got: Message, *, strict: bool) -> Iterator[str]:
    method = str(expected.get("method", sent.method.decode("latin-1"))).encode("latin-1")
    if got.method != method:
        yield f"the method is {got.method!r}, not {method!r}"
    target = str(expected.get("target", sent.target.decode("latin-1"))).encode("latin-1")
    if got.target != target and (strict or got.target != sent.target or not expected):
        yield f"the target is {got.target!r}, not {target!r}"
    hops = _A_PROXYS_OWN | {name.strip().lower() for name in sent.field("connection").split(b",")}
    yield from _field_differences(sent, got, hops, strict=strict)
    yield from _hop_differences(got, hops - _A_PROXYS_OWN)
    try:
        if not _same_body(expected, sent, got, strict=strict):
            yield f"the body is {got.body[:200]!r}"
    except Exception as error:  # noqa: BLE001 - readers raise what they like about what is not theirs
        yield f"the body cannot be read ({type(error).__name__}): {got.body[:200]!r}"
    if got.trailers:
        yield f"trailers: {got.trailers!r}"


def _field_differences(sent: Message, got: Message, hops: set[bytes], *, strict: bool) -> Iterator[str]:
    before = [(name, value) for name, value in sent.fields if name.lower() not in hops]
    after = [(name, value) for name, value in got.fields if name.lower() not in hops]
    if strict and before != after:
        yield f"the header fields are {after}, not {before}"
    elif not strict:
        there = [(name.lower(), value) for name, value in after]
        coding = b"content-encoding"  # a body that comes decoded is as good
        missing = [(n, v) for n, v in before if (n.lower(), v) not in there and n.lower() != coding]
        if missing:
            yield f"header fields are missing: {missing}"


def _hop_differences(got: Message, named: set[bytes]) -> Iterator[str]:
    """What no upstream may get from a proxy that judges requests: what was for one hop, and another's host."""
    yield from (f"a field for one hop went on: {name!r}" for name, _ in got.fields if name.lower() in named)
    hosts = [value for name, value in got.fields if name.lower() == b"host"]
    if len(hosts) > 1 or any(set(host) & set(b"/\\?#@ ") for host in hosts):
        yield f"the upstream got the hosts {hosts}"
    if b"h2c" in got.field("upgrade").lower():
        yield "the upstream was asked for HTTP/2, whose requests nobody would judge"


def _same_body(expected: dict[str, object], sent: Message, got: Message, *, strict: bool) -> bool:
    if "json" in expected:
        wanted, there = readers.read_json(str(expected["json"])), readers.read_json(readers.text(got))
        return bool(wanted == there if strict else readers.loosely(wanted) == readers.loosely(there))
    if "form" in expected:
        return readers.read_form(str(expected["form"])) == readers.read_form(readers.text(got))
    if "parts" in expected:
        return [list(part) for part in readers.read_parts(got)] == expected["parts"]
    if "text" in expected:
        return readers.text(got) == expected["text"]
    return got.body == sent.body or (not strict and readers.content(got) == readers.content(sent))
