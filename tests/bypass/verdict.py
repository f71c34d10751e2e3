"""What is wrong with what came of a case; nothing, if it passed."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from bypass import wire
from bypass.corpus import SECRET, Case, Expected
from bypass.equal import differences
from bypass.recorder import ANSWER
from bypass.secret import holds
from bypass.wire import Malformed, Message

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
        elif expected.kind == "mended":
            yield from self._arrived(answer)
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
        message = self.forwarded[0] if self.forwarded else None
        yield from self._arrived(answer)
        if message is not None and self._sent is None:
            yield "what is not well-formed was forwarded"
        elif message is not None and self._sent is not None:
            yield from differences(dict(expected.forwarded), self._sent, message, strict=self._strict)

    def _arrived(self, answer: Message | None) -> Iterator[str]:
        if answer is None or answer.status != 200 or answer.body not in {ANSWER, b""}:
            yield f"it was answered {answer.start!r}" if answer else "it was not answered"
        if self.forwarded:
            self.forwarded.pop(0)
        else:
            yield "it did not reach the upstream"


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
