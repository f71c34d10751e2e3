"""What we fail on is answered 502 and not forwarded: the project's one broad ``except``.

Mitmproxy would log an exception, with its text, and forward the request as it is.
"""

import functools
import logging
from asyncio import CancelledError
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol
from weakref import WeakKeyDictionary

from mitmproxy import http

from jira_compat.events import vocabulary as events
from jira_compat.jira_error import error_answer
from jira_compat.model import Exchange, Request, Response
from jira_compat.proxy.exchange import flow as mitm
from jira_compat.proxy.exchange.counters import Counts
from jira_compat.proxy.exchange.exchange import LiveExchange

logger = logging.getLogger(__name__)

FAILURES = (Exception, CancelledError)
"""What is failed on. Hooks await nothing, so a cancellation out of one is a fault like any other, and would leave
its client waiting. What else is no ``Exception`` ends the process."""
_NOTHING_KNOWN = Exchange(Request("", b""))


class FailsClosed(Protocol):
    """Whoever has hooks that may fail."""

    def has_failed(self, flow: http.HTTPFlow) -> bool:
        """Whether it failed on the exchange before."""

    def fail(self, flow: http.HTTPFlow, error: BaseException, stage: str) -> None:
        """It failed on it now."""


def fails_closed[Judge: FailsClosed](
    hook: Callable[[Judge, http.HTTPFlow], None],
) -> Callable[[Judge, http.HTTPFlow], None]:
    """A hook out of which no exception comes, and which an exchange that was failed on does not enter."""

    @functools.wraps(hook)
    def guarded(judge: Judge, flow: http.HTTPFlow) -> None:
        try:
            if judge.has_failed(flow):
                return
            try:
                hook(judge, flow)
            except FAILURES as error:
                judge.fail(flow, error, hook.__name__)
        except FAILURES as error:
            _cut_off(flow, error)

    return guarded


def _cut_off(flow: http.HTTPFlow, error: BaseException) -> None:
    """Whoever cannot even be answered that we failed."""
    if flow.killable:
        flow.kill()
    logger.error("jira-compat: %s while failing; the client was cut off", type(error).__name__)


class Failing:
    """Exchanges that we failed on.

    Args:
        counts: Where failures are counted.
        write: Writes an event.
    """

    def __init__(self, counts: Counts, write: Callable[[events.Event], None]) -> None:
        self.is_open = False
        """Whether what we fail on is forwarded."""
        self._counts = counts
        self._write = write
        self._answers: WeakKeyDictionary[http.HTTPFlow, tuple[Response, str] | None] = WeakKeyDictionary()
        """What each is answered; ``None`` for one that was forwarded, so that it is failed on once."""

    def holds(self, flow: http.HTTPFlow) -> bool:
        """Whether it is one of them; mitmproxy may have put the upstream's answer in the place of ours since."""
        if not self._answers or flow not in self._answers:
            return False
        answer = self._answers[flow]
        if answer is not None:
            mitm.answer(flow, *answer)
        return True

    def take(
        self, flow: http.HTTPFlow, opened: LiveExchange | None, error: BaseException, stage: str, *, goes_on: bool
    ) -> None:
        """Answer it, unless it may go on; count it and write it down.

        Args:
            flow: Its flow.
            opened: What is known of it.
            error: What was raised; its type is told, nothing of its text.
            stage: Where: the hook's name.
            goes_on: Whether it can be forwarded at all.
        """
        forwarded = self.is_open and goes_on
        self._counts.failures["rewrite_skipped" if forwarded else "rewrite_failed"] += 1
        request_id = opened.request_id if opened is not None else mitm.own_request_id(flow)
        self._answers[flow] = None
        if not forwarded:
            text = "The proxy failed on this request and did not pass it on; its event log names the reason."
            answer = self._answers[flow] = error_answer(502, text, "error/rewrite_failed"), request_id
            mitm.answer(flow, *answer)
        fate = "forwarded unedited" if forwarded else "answered 502"
        logger.error("jira-compat: %s in %s; the request was %s", type(error).__name__, stage, fate)
        for exchange in (opened.facts if opened is not None else _NOTHING_KNOWN, _NOTHING_KNOWN):
            with suppress(Exception):  # what failed may be what reads the exchange
                event = events.failure_event(exchange, error, stage, forwarded=forwarded)
                self._write({**event, "request_id": request_id})
                return
