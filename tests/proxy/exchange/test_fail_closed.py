"""What becomes of what we fail on, by itself; in a real proxy it is in tests/fail_closed/test_faults.py."""

import asyncio
import json
from asyncio import CancelledError

import pytest
from mitmproxy import http
from mitmproxy.test import tflow

from jira_compat.events.vocabulary import Event
from jira_compat.model import Exchange, Request
from jira_compat.proxy.exchange.counters import Counts
from jira_compat.proxy.exchange.fail_closed import FailedExchanges, fails_closed

SECRET = "hunter2-7f3a"
FAULTS = [ValueError, RecursionError, MemoryError, CancelledError, KeyError]


class Judge:
    """Has one hook, which raises what it is told to."""

    def __init__(self, error=None):
        self.error = error
        self.asked = 0
        self.events: list[Event] = []
        self.counts = Counts()
        self.failing = FailedExchanges(self.counts, self.events.append)
        self.goes_on = True
        self.left: list[http.HTTPFlow] = []

    def has_failed(self, flow):
        return self.failing.holds(flow)

    def fail(self, flow, error, stage, *, goes_on=True):
        self.failing.take(flow, None, error, stage, goes_on=self.goes_on and goes_on)

    def client_left(self, flow):
        self.left.append(flow)

    @fails_closed
    def request(self, flow):  # noqa: ARG002 - a hook has one
        self.asked += 1
        if self.error is not None:
            raise self.error(SECRET)


class WaitingJudge(Judge):
    """Has an ``async`` hook, which waits before it raises."""

    @fails_closed
    async def request(self, flow):  # noqa: ARG002 - a hook has one
        self.asked += 1
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error(SECRET)


async def waited(judge, flow):
    result = judge.request(flow)
    if result is not None:
        await result


def from_jira():
    return http.Response.make(200, "{}")


def test_a_hook_that_does_not_fail_is_left_alone():
    judge, flow = Judge(), tflow.tflow()
    judge.request(flow)
    judge.request(flow)
    assert (judge.asked, flow.response, judge.events, judge.counts) == (2, None, [], Counts())


@pytest.mark.parametrize("error", FAULTS)
def test_what_was_failed_on_is_answered_502_counted_and_told_by_its_type(error, caplog):
    judge, flow = Judge(error), tflow.tflow()
    judge.request(flow)
    assert flow.response is not None
    assert flow.response.headers["x-jira-compat"] == "error/rewrite_failed"
    [event] = judge.events
    told = (event["event"], event["error"], event["stage"], event["applied"])
    assert told == ("rewrite_failed", error.__name__, "request", True)
    assert event["request_id"] == flow.response.headers["x-request-id"]
    assert judge.counts.failures == {"rewrite_failed": 1}
    assert SECRET not in json.dumps(judge.events) + caplog.text


def test_it_is_failed_on_once_and_keeps_its_answer():
    judge, flow = Judge(ValueError), tflow.tflow()
    judge.request(flow)
    flow.response = from_jira()
    judge.request(flow)
    assert (judge.asked, len(judge.events)) == (1, 1)
    assert flow.response.status_code == 502


def test_open_it_goes_on_unanswered_and_is_failed_on_once_too():
    judge, flow = Judge(ValueError), tflow.tflow()
    judge.failing.is_open = True
    judge.request(flow)
    judge.request(flow)
    assert (judge.asked, flow.response) == (1, None)
    assert [(event["event"], event["applied"]) for event in judge.events] == [("rewrite_skipped", False)]
    assert judge.counts.failures == {"rewrite_skipped": 1}


def test_what_cannot_go_on_is_answered_also_when_open():
    judge, flow = Judge(ValueError), tflow.tflow()
    judge.failing.is_open, judge.goes_on = True, False
    judge.request(flow)
    assert flow.response is not None
    assert flow.response.status_code == 502
    assert [event["event"] for event in judge.events] == ["rewrite_failed"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_the_end_of_the_process_is_not_held_up(error):
    judge, flow = Judge(error), tflow.tflow()
    with pytest.raises(error):
        judge.request(flow)
    assert judge.events == []


def test_an_exchange_that_cannot_be_told_of_is_told_of_without_it():
    class Known:
        facts = Exchange(Request("GET", b"/"), user=None, server=None)
        request_id = "job-17"

    events = []

    def write(event):
        if event.get("http.request.method") == "GET":
            raise ValueError(SECRET)
        events.append(event)

    FailedExchanges(Counts(), write).take(tflow.tflow(), Known(), KeyError(), "request", goes_on=True)  # type: ignore[arg-type]
    [event] = events
    assert (event["request_id"], event["error"]) == ("job-17", "KeyError")


def test_an_async_hook_runs_and_is_left_alone():
    judge, flow = WaitingJudge(), tflow.tflow()
    asyncio.run(waited(judge, flow))
    assert (judge.asked, flow.response, judge.events, judge.left) == (1, None, [], [])


@pytest.mark.parametrize("error", [ValueError, RecursionError, MemoryError, KeyError])
def test_an_async_hook_that_raises_is_answered_502_once(error, caplog):
    judge, flow = WaitingJudge(error), tflow.tflow()
    for _ in range(2):
        asyncio.run(waited(judge, flow))
    assert flow.response is not None
    assert flow.response.headers["x-jira-compat"] == "error/rewrite_failed"
    assert [(event["event"], event["error"]) for event in judge.events] == [("rewrite_failed", error.__name__)]
    assert judge.asked == 1
    assert SECRET not in json.dumps(judge.events) + caplog.text


def test_a_client_that_leaves_an_async_hook_is_no_fault_and_nothing_is_forwarded():
    judge, flow = WaitingJudge(CancelledError), tflow.tflow()
    flow.live = True
    asyncio.run(waited(judge, flow))
    assert (judge.left, judge.events, judge.counts) == ([flow], [], Counts())
    assert flow.response is None
    assert flow.error is not None
    assert flow.error.msg == flow.error.KILLED_MESSAGE


def test_a_task_that_is_to_end_ends():
    judge, flow = WaitingJudge(CancelledError), tflow.tflow()

    async def ending():
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await waited(judge, flow)

    with pytest.raises(CancelledError):
        asyncio.run(ending())
    assert judge.left == [flow]


def test_an_async_hook_whose_fault_cannot_be_answered_cuts_its_client_off(monkeypatch):
    judge, flow = WaitingJudge(ValueError), tflow.tflow()
    monkeypatch.setattr(judge, "fail", None)
    asyncio.run(waited(judge, flow))
    assert flow.error is not None
    assert judge.events == []
