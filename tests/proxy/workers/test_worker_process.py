"""A worker from both ends; several of them: tests/e2e/test_workers.py."""

import asyncio
import contextlib
import os
import signal
import threading
from pathlib import Path

import pytest

from build import shipped_set
from e2e.processes import children
from jira_compat.events.log import EventLog
from jira_compat.proxy.workers.event_pipe import EventPipe
from jira_compat.proxy.workers.messages import Stop
from jira_compat.proxy.workers.worker_process import WorkerProcess
from live import PATIENCE, exchange, request, status
from proxy.workers.alone import NOBODY, to_do, working

REFUSED = request("PUT", "/rest/api/2/user/password", "{}")


def test_it_serves_says_how_it_is_and_ends(tmp_path):
    async def tale(worker, port):
        assert not worker.speaks
        served = await worker.served()
        answer = await asyncio.to_thread(exchange, port, REFUSED)
        own = await worker.is_own(NOBODY)
        state = worker.state
        worker.send(Stop())
        return served, status(answer), own, state, await worker.ended(), await worker.is_own(NOBODY)

    served, code, own, state, how, own_afterwards = working(tmp_path, tale)
    assert (served, code, own, own_afterwards) == ((), 410, False, None)
    assert (state.counts.requests, state.digest, state.unready) == (1, shipped_set().digest, None)
    assert how == "exit status 0"


def test_what_it_counted_is_known_when_it_is_killed(tmp_path):
    async def tale(worker, port):
        await worker.served()
        await asyncio.to_thread(exchange, port, REFUSED)
        while not worker.state.counts.requests:  # noqa: ASYNC110 - it says so by itself
            await asyncio.sleep(0.01)
        os.kill(worker.pid, signal.SIGKILL)
        return await worker.ended(), worker.state.counts.requests

    assert working(tmp_path, tale) == ("SIGKILL", 1)


def test_one_that_does_not_answer_is_not_waited_for_long(tmp_path):
    async def tale(worker, _):
        await worker.served()
        os.kill(worker.pid, signal.SIGSTOP)
        return await worker.is_own(NOBODY)

    assert working(tmp_path, tale) is None


def test_one_that_cannot_start_says_why(tmp_path):
    async def tale(worker, _):
        return await worker.served()

    (line,) = working(tmp_path, tale, upstream="http://127.0 0.1:9")
    assert line.startswith("Invalid proxy mode specification: reverse:http://127.0 0.1:9")


def test_one_that_ends_without_a_word_has_said_nothing(tmp_path):
    async def tale(worker, _):
        worker.kill()
        return await worker.served()

    assert working(tmp_path, tale) is None


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT])
def test_what_is_for_its_parent_is_not_for_it_from_the_start(number, tmp_path):
    async def tale(worker, _):
        while not worker.speaks:
            os.kill(worker.pid, number)
            await asyncio.sleep(0.001)
        return await worker.served()

    assert working(tmp_path, tale) == ()


def starting(tmp_path, tale):
    """What is left of a coroutine that is given what starts workers: descriptors, threads and processes."""

    async def run():
        with to_do(tmp_path) as (work, _):
            loop = asyncio.get_running_loop()
            before, since = left(), loop.time()
            events = EventPipe(EventLog(str(tmp_path / "events")))
            await tale(lambda: WorkerProcess.start(work, events))
            assert events.close(20)
            while left() != before and loop.time() < since + PATIENCE:  # noqa: ASYNC110 - who was killed takes a moment
                await asyncio.sleep(0.01)
            return before, left()

    def left():
        return len(list(Path("/dev/fd").iterdir())), threading.active_count(), len(children(os.getpid()))

    return asyncio.run(asyncio.wait_for(run(), 60))


async def end(worker):
    worker.kill()
    await worker.ended()


def test_nothing_is_left_of_those_that_have_ended(tmp_path):
    async def tale(start):
        for _ in range(50):
            await end(await start())

    before, after = starting(tmp_path, tale)
    assert after == before


def test_nothing_is_left_of_one_for_whose_events_there_is_no_thread(tmp_path, monkeypatch):
    def refuse(_):
        raise RuntimeError("can't start new thread")

    async def tale(start):
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", refuse)
            with pytest.raises(OSError, match="temporarily unavailable"):
                await start()

    before, after = starting(tmp_path, tale)
    assert after == before


@pytest.mark.parametrize("turns", range(6))
def test_nothing_is_left_of_one_that_is_no_longer_wanted_while_it_starts(turns, tmp_path):
    async def tale(start):
        task = asyncio.create_task(start())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await end(await task)

    before, after = starting(tmp_path, tale)
    assert after == before
