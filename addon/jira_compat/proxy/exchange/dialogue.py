"""Drive a plan that sends requests of its own, within bounds."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

from jira_compat.jira_error import error_answer
from jira_compat.message.headers import header
from jira_compat.model import Finding, Header, Request, Response
from jira_compat.plan import REQUESTS, Note, Plan, PlanError, Recall, Remember, Send, SendAll, Written
from jira_compat.proxy.exchange.memory import Memory
from jira_compat.proxy.upstream import LargeAnswerError, UpstreamError, UpstreamTimeoutError

Sender = Callable[[Request, int], Awaitable[Response]]
"""Sends a request to the site and holds at most so many bytes of its answer."""
Editor = Callable[[Request], tuple[Request, tuple[Finding, ...]]]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one call may cost.

    Args:
        requests: Requests to the site.
        together: Those that run at a time.
        answer: Bytes of one answer.
        held: Bytes of all answers.
        seconds: For the whole.
        wait: Seconds that a 429 is waited for.
    """

    requests: int = REQUESTS
    together: int = 4
    answer: int = 50_000_000
    held: int = 100_000_000
    seconds: float = 60.0
    wait: float = 10.0


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
        bounds: What the call may cost.
        statuses: Of the site's answers, in order.
        notes: Fields for the event.
    """

    send: Sender
    edit: Editor
    headers: tuple[Header, ...]
    memory: Memory
    client: bytes
    written: tuple[int, ...] = ()
    bounds: Bounds = Bounds()
    statuses: list[int] = field(default_factory=list)
    notes: dict[str, str | int] = field(default_factory=dict)
    _requests: int = 0
    _held: int = 0

    async def run(self, plan: Plan) -> Response:
        """Run a plan; return the answer to the client. What goes wrong with the site is an answer in Jira's shape."""
        try:
            async with asyncio.timeout(self.bounds.seconds):
                return await self._run(plan)
        except (TimeoutError, UpstreamError, PlanError, _CostsTooMuchError, _BusyError) as failure:
            return _answer(failure, self.bounds)
        finally:
            plan.close()

    async def _run(self, plan: Plan) -> Response:
        result: Any = None
        last: Response | None = None
        while True:
            try:
                step = plan.send(result)
            except StopIteration as end:
                answer: Response | None = end.value if end.value is not None else last
                if answer is None:
                    raise PlanError("the plan has no answer") from None
                return answer
            match step:
                case Send(request):
                    result = last = await self._ask(request)
                case SendAll(requests):
                    result = await self._ask_all(requests)
                case Recall(key):
                    result = self.memory.recall(self.client, key)
                case Remember(key, value):
                    self.memory.remember(self.client, key, value)
                    result = None
                case Written():
                    result = self.written
                case Note(name, value):
                    self.notes[name], result = value, None

    async def _ask_all(self, requests: tuple[Request, ...]) -> tuple[Response, ...]:
        turn = asyncio.Semaphore(self.bounds.together)

        async def ask(request: Request) -> Response:
            async with turn:
                return await self._ask(request)

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(ask(request)) for request in requests]
        except ExceptionGroup as failed:  # the first is as good as any
            raise failed.exceptions[0] from None
        return tuple(task.result() for task in tasks)

    async def _ask(self, request: Request) -> Response:
        """Send a step. All are reads, so a connection that failed is tried once more, and a 429 waited for."""
        edited, _ = self.edit(request)
        edited = replace(edited, headers=(*self.headers, (b"Accept", b"application/json"), *edited.headers))
        retries = 1
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
            if not retries or not after.isdigit() or int(after[:9]) > self.bounds.wait:
                raise _BusyError(after if after.isdigit() else b"60")
            retries -= 1
            await asyncio.sleep(int(after))

    async def _send(self, request: Request) -> Response:
        self._requests += 1
        if self._requests > self.bounds.requests:
            raise _CostsTooMuchError
        response = await self.send(request, self.bounds.answer)
        self.statuses.append(response.status)
        self._held += len(response.body or b"")
        if self._held > self.bounds.held:
            raise LargeAnswerError("its answers are too large together")
        return response


def _answer(failure: Exception, bounds: Bounds) -> Response:
    """Return the answer to a client whose plan could not be carried out."""
    match failure:
        case _BusyError():
            answer = error_answer(
                HTTPStatus.SERVICE_UNAVAILABLE, "Jira asks to wait. Try again later.", "error/upstream_busy"
            )
            return replace(answer, headers=(*answer.headers, (b"Retry-After", failure.after)))
        case _CostsTooMuchError():
            text = f"This call would take more than {bounds.requests} requests to Jira. Ask for less at a time."
            return error_answer(HTTPStatus.BAD_REQUEST, text, "error/too_many_steps")
        case TimeoutError() | UpstreamTimeoutError():
            text = "Jira did not answer in time. Try again, or ask for less."
            return error_answer(HTTPStatus.GATEWAY_TIMEOUT, text, "error/upstream_timeout")
        case LargeAnswerError():
            text = "Jira's answer is too large for the proxy to hold. Ask for fewer issues or fields."
            return error_answer(HTTPStatus.BAD_GATEWAY, text, "error/answer_too_large")
        case UpstreamError():
            text = f"The proxy got no answer from Jira: {failure}."
            return error_answer(HTTPStatus.BAD_GATEWAY, text, "error/upstream_failed")
        case _:
            text = f"Jira's answer is not what its specification allows ({failure})."
            return error_answer(HTTPStatus.BAD_GATEWAY, text, "error/unexpected_answer")
