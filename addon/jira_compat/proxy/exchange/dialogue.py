"""Drive a plan that sends requests of its own, within bounds."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, Protocol

from jira_compat.jira_error import error_answer
from jira_compat.message.headers import header
from jira_compat.model import Finding, Header, Request, Response
from jira_compat.plan import Note, Plan, PlanError, Recall, Remember, Send, SendAll, Step, StepRefusedError, Written
from jira_compat.proxy.exchange.error_answers import CONTRADICTION
from jira_compat.proxy.exchange.memory import Memory
from jira_compat.proxy.offload import Busy
from jira_compat.proxy.settings.translation import TranslationLimits
from jira_compat.proxy.upstream import LargeAnswerError, UpstreamError, UpstreamTimeoutError

Sender = Callable[[Request, Callable[[int], None]], Awaitable[Response]]
"""Sends a request to the site; calls with the length of each piece of the answer, before it is held."""
LIGHT = 500_000
"""Bytes of responses that are read in 10 ms and less."""
Editor = Callable[[Request], tuple[Request, tuple[Finding, ...]]]


class Apart(Protocol):
    """Does work in a thread."""

    async def __call__[Result](self, work: Callable[[], Result]) -> Result:
        """Do it.

        Raises:
            Busy: Too much else waits.
        """


class Held:
    """The bytes that all plans of a process hold."""

    def __init__(self) -> None:
        self.bytes = 0


class _CrowdedError(Exception):
    """All plans together hold as much as they may."""

    after = b"1"


@dataclass(frozen=True, slots=True)
class _End:
    """The end of a plan, with what it returns."""

    value: Response | None


def _is_heavy(results: tuple[Any, ...]) -> bool:
    """Return whether to read responses may take 10 ms and more; of a coded one, nobody knows before."""
    answers = [result for result in results if isinstance(result, Response)]
    return sum(len(answer.body or b"") for answer in answers) > LIGHT or any(
        header(answer.headers, b"content-encoding") is not None for answer in answers
    )


def _go_on(plan: Plan, result: Any) -> Step | _End:  # noqa: ANN401 - what the step before wants
    try:
        return plan.send(result)
    except StopIteration as end:
        return _End(end.value)


class _CostsTooMuchError(Exception):
    """The call would take more requests, or more bytes, than it may."""


class _BusyError(Exception):
    """The site asks to wait longer than the proxy waits."""

    def __init__(self, after: bytes) -> None:
        super().__init__()
        self.after = after


@dataclass(slots=True)
class Dialogue:
    """The plan of one call.

    Args:
        send: Sends a request.
        edit: Applied to each step.
        headers: Fields of the client's that each step has.
        memory: Keeps what the plan remembers.
        client: Stands for the client in it.
        written: Ids of issues that were written in the last minutes.
        limits: What the call may cost.
        everywhere: What all plans hold.
        apart: Does work that takes long; nobody else waits for it.
        statuses: Of the site's answers, in order.
        notes: Fields for the event.
        cursors: Whether each page that was looked for in memory was there.
        step: The request that was sent last: the end of its path.
        failure: Why the plan could not be carried out, as in ``X-Jira-Compat``.
    """

    send: Sender
    edit: Editor
    headers: tuple[Header, ...]
    memory: Memory
    client: bytes
    written: tuple[int, ...] = ()
    limits: TranslationLimits = field(default_factory=TranslationLimits)
    everywhere: Held = field(default_factory=Held)
    apart: Apart | None = None
    statuses: list[int] = field(default_factory=list)
    notes: dict[str, str | int] = field(default_factory=dict)
    cursors: list[bool] = field(default_factory=list)
    step: str = ""
    failure: str | None = None
    _requests: int = 0
    _held: int = 0

    async def run(self, plan: Plan) -> Response:
        """Run a plan; return the answer to the client. What goes wrong with the site is an answer in Jira's shape."""
        self.failure = "exception"
        try:
            async with asyncio.timeout(self.limits.time):
                answer = await self._run(plan)
            self.failure = None
        except _FAILURES as failure:
            self.failure, answer = _answer(failure, self.limits)
        except asyncio.CancelledError:
            self.failure = "client_left"
            raise
        finally:
            with suppress(ValueError):  # it still runs in its thread, and ends there
                plan.close()
            self.everywhere.bytes -= self._held
        return answer

    async def _run(self, plan: Plan) -> Response:
        result: Any = None
        last: Response | None = None
        while True:
            step = await self._next(plan, result)
            match step:
                case _End(value):
                    answer = last if value is None else value
                    if answer is None:
                        raise PlanError("the plan has no answer")
                    return answer
                case Send(request):
                    result = last = await self._ask(request)
                case SendAll(requests):
                    result = await self._ask_all(requests)
                case Recall(key, is_counted):
                    result = self.memory.recall(self.client, key)
                    self.cursors += [result is not None] * is_counted
                case Remember(key, value):
                    self.memory.remember(self.client, key, value)
                    result = None
                case Written():
                    result = self.written
                case Note(name, value):
                    self.notes[name], result = value, None

    async def _next(self, plan: Plan, result: Any) -> "Step | _End":  # noqa: ANN401 - what the step before wants
        """Go on with the plan: in a thread, if that means to read much."""
        if self.apart is None or not _is_heavy(result if isinstance(result, tuple) else (result,)):
            return _go_on(plan, result)
        try:
            return await self.apart(lambda: _go_on(plan, result))
        except Busy:
            raise _CrowdedError from None

    async def _ask_all(self, requests: tuple[Request, ...]) -> tuple[Response, ...]:
        turn = asyncio.Semaphore(self.limits.parallel)

        async def ask(request: Request) -> Response:
            async with turn:
                return await self._ask(request)

        # Not a TaskGroup: in Python 3.12 it leaves its own task cancelled if a member fails.
        tasks = [asyncio.ensure_future(ask(request)) for request in requests]
        try:
            return tuple(await asyncio.gather(*tasks))
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _ask(self, request: Request) -> Response:
        """Send a step. All are reads, so a connection that failed is tried once more, and a 429 waited for."""
        edited, _ = self.edit(request)
        edited = replace(edited, headers=(*self.headers, (b"Accept", b"application/json"), *edited.headers))
        retries = self.limits.retries
        while True:
            try:
                response = await self._send(edited)
            except UpstreamError as failed:
                if not retries or isinstance(failed, UpstreamTimeoutError | LargeAnswerError):
                    raise
                retries -= 1
                continue
            if response.status != HTTPStatus.TOO_MANY_REQUESTS:
                return response
            after = header(response.headers, b"retry-after") or b""
            if not retries or not after.isdigit() or int(after[:9]) > self.limits.wait:
                raise _BusyError(after if after.isdigit() else b"60")
            retries -= 1
            await asyncio.sleep(int(after))

    async def _send(self, request: Request) -> Response:
        self._requests += 1
        self.step = "/".join(request.target.decode("ascii", "replace").partition("?")[0].split("/")[-2:])
        if self._requests > self.limits.requests:
            raise _CostsTooMuchError
        length = 0

        def hold(more: int) -> None:
            nonlocal length
            length += more
            self._hold(more, length)

        response = await self.send(request, hold)
        self.statuses.append(response.status)
        return response

    def _hold(self, more: int, length: int) -> None:
        """Take note of bytes that are to be held, ``length`` of them of one answer."""
        self._held += more
        self.everywhere.bytes += more
        if length > self.limits.response or self._held > self.limits.call:
            raise LargeAnswerError
        if self.everywhere.bytes > self.limits.memory:
            raise _CrowdedError


_FAILURES = (TimeoutError, UpstreamError, PlanError, StepRefusedError, _CostsTooMuchError, _BusyError, _CrowdedError)
_ANSWERS: tuple[tuple[type[Exception], HTTPStatus, str, str], ...] = (
    (_BusyError, HTTPStatus.SERVICE_UNAVAILABLE, "upstream_busy", "Jira asks to wait. Try again later."),
    (
        _CrowdedError,
        HTTPStatus.SERVICE_UNAVAILABLE,
        "busy",
        "The proxy holds as much of Jira's answers as it may. Try again.",
    ),
    (
        _CostsTooMuchError,
        HTTPStatus.BAD_REQUEST,
        "too_many_steps",
        "This call would take more than {requests} requests to Jira. Ask for less at a time.",
    ),
    (
        UpstreamTimeoutError,
        HTTPStatus.GATEWAY_TIMEOUT,
        "upstream_timeout",
        "Jira did not answer in time. Try again, or ask for less.",
    ),
    (
        LargeAnswerError,
        HTTPStatus.BAD_GATEWAY,
        "answer_too_large",
        "Jira's answer is too large for the proxy to hold. Ask for fewer issues or fields.",
    ),
    (UpstreamError, HTTPStatus.BAD_GATEWAY, "upstream_failed", "The proxy got no answer from Jira: {failure}."),
    (StepRefusedError, HTTPStatus.BAD_GATEWAY, "step_refused", CONTRADICTION),
    (
        PlanError,
        HTTPStatus.BAD_GATEWAY,
        "unexpected_answer",
        "Jira's answer is not what its specification allows ({failure}).",
    ),
)
"""The answer to each failure, the first that fits: status, reason and text."""
REASONS = (*(reason for _, _, reason, _ in _ANSWERS), "client_left", "exception")
"""Why plans end without what was asked for; all but the last two stand in ``X-Jira-Compat``, after ``error/``."""


def _answer(failure: Exception, limits: TranslationLimits) -> tuple[str, Response]:
    """Return the reason why a plan could not be carried out, and the answer to its client."""
    if isinstance(failure, TimeoutError):
        failure = UpstreamTimeoutError()
    _, status, reason, text = next(answer for answer in _ANSWERS if isinstance(failure, answer[0]))
    answer = error_answer(status, text.format(failure=failure, requests=limits.requests), f"error/{reason}")
    if isinstance(failure, _BusyError | _CrowdedError):
        answer = replace(answer, headers=(*answer.headers, (b"Retry-After", failure.after)))
    return reason, answer
