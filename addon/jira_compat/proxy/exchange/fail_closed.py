"""Answer 502 where a hook raises, and forward nothing: the place of the broad ``except`` around every hook.

mitmproxy would log the exception, with its text, and forward the request as it is.
"""

import functools
import logging
from asyncio import CancelledError, current_task
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Protocol
from weakref import WeakKeyDictionary

from mitmproxy import http

from jira_compat.events import vocabulary
from jira_compat.jira_error import error_answer
from jira_compat.model import Exchange, Request, Response
from jira_compat.proxy.exchange import flow as flows
from jira_compat.proxy.exchange.counters import Counts
from jira_compat.proxy.exchange.exchange import LiveExchange

logger = logging.getLogger(__name__)

FAILURES = (Exception, CancelledError)
"""The faults of a synchronous hook: it awaits nothing, so a cancellation out of it is a fault like any other, and would
leave its client waiting. Whatever else is not an ``Exception`` ends the process."""
_NOTHING_KNOWN = Exchange(Request("", b""))

type Hook[Judge] = Callable[[Judge, http.HTTPFlow], Awaitable[None] | None]


class FailsClosed(Protocol):
    """Has hooks that may fail."""

    def has_failed(self, flow: http.HTTPFlow) -> bool:
        """Return whether a hook failed on the exchange before."""

    def fail(self, flow: http.HTTPFlow, error: BaseException, stage: str, *, goes_on: bool = True) -> None:
        """Answer an exchange on which a hook failed, unless it may and can be forwarded."""

    def client_left(self, flow: http.HTTPFlow) -> None:
        """End an exchange whose client left while a hook waited."""


def fails_closed[Judge: FailsClosed](hook: Hook[Judge]) -> Hook[Judge]:
    """Guard a hook: no exception leaves it, and it does not run for an exchange that a hook failed on before.

    What a hook returns to be awaited is guarded, too. A cancellation there means that the client left: no fault.
    """

    @functools.wraps(hook)
    def guarded(judge: Judge, flow: http.HTTPFlow) -> Awaitable[None] | None:
        try:
            if judge.has_failed(flow):
                return None
            try:
                waiting = hook(judge, flow)
            except FAILURES as error:
                judge.fail(flow, error, hook.__name__)
                return None
        except FAILURES as error:
            _cut_off(flow, error)
            return None
        return None if waiting is None else _guarded(judge, flow, waiting, hook.__name__)

    return guarded


async def _guarded(judge: FailsClosed, flow: http.HTTPFlow, waiting: Awaitable[None], stage: str) -> None:
    try:
        try:
            await waiting
        except CancelledError:
            judge.client_left(flow)
            if _is_cancelled():
                raise
            if flow.killable:  # the client left, and others share its connection: the hook is over, the exchange, too
                flow.kill()
        except Exception as error:  # noqa: BLE001 - the reason for this module
            judge.fail(flow, error, stage)
    except Exception as error:  # noqa: BLE001 - the same
        _cut_off(flow, error)


def _is_cancelled() -> bool:
    """Return whether the task itself is to end, and not only what it waited for."""
    task = current_task()
    return task is not None and task.cancelling() > 0


def _cut_off(flow: http.HTTPFlow, error: BaseException) -> None:
    """Close the connection of a client that cannot even be answered."""
    if flow.killable:
        flow.kill()
    logger.error("jira-compat: %s while failing; the client was cut off", type(error).__name__)


class FailedExchanges:
    """Exchanges that a hook failed on.

    Args:
        counts: Where failures are counted.
        write: Writes an event.
    """

    def __init__(self, counts: Counts, write: Callable[[vocabulary.Event], None]) -> None:
        self.is_open = False
        """True if a request that a hook fails on is forwarded."""
        self._counts = counts
        self._write = write
        self._answers: WeakKeyDictionary[http.HTTPFlow, tuple[Response, str] | None] = WeakKeyDictionary()
        """The answer of each; ``None`` for one that was forwarded, so that it fails once."""

    def holds(self, flow: http.HTTPFlow) -> bool:
        """Return whether it is one of them; put our answer back, which mitmproxy may have replaced."""
        if not self._answers or flow not in self._answers:
            return False
        answer = self._answers[flow]
        if answer is not None:
            flows.answer(flow, *answer)
        return True

    def take(
        self, flow: http.HTTPFlow, exchange: LiveExchange | None, error: BaseException, stage: str, *, goes_on: bool
    ) -> None:
        """Answer an exchange, unless it may be forwarded; count it and write its event.

        Args:
            flow: Its flow.
            exchange: What is known of it.
            error: What was raised; its type is logged, nothing of its text.
            stage: The hook's name.
            goes_on: Whether it can be forwarded at all.
        """
        forwarded = self.is_open and goes_on
        self._counts.failures["rewrite_skipped" if forwarded else "rewrite_failed"] += 1
        request_id = exchange.request_id if exchange is not None else flows.own_request_id(flow)
        self._answers[flow] = None
        if not forwarded:
            text = "The proxy failed on this request and did not pass it on; its event log names the reason."
            answer = self._answers[flow] = error_answer(502, text, "error/rewrite_failed"), request_id
            flows.answer(flow, *answer)
        fate = "forwarded unedited" if forwarded else "answered 502"
        logger.error("jira-compat: %s in %s; the request was %s", type(error).__name__, stage, fate)
        for facts in (exchange.facts if exchange is not None else _NOTHING_KNOWN, _NOTHING_KNOWN):
            with suppress(Exception):  # what failed may be what reads the exchange
                event = vocabulary.failure_event(facts, error, stage, forwarded=forwarded)
                self._write({**event, "request_id": request_id})
                return
