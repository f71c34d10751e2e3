"""A worker from both ends; several of them: tests/e2e/test_workers.py."""

import asyncio
import os
import signal

from build import shipped_in_force
from jira_compat.proxy.workers.work import End
from live import exchange, request, status
from proxy.workers.alone import NOBODY, working

REFUSED = request("PUT", "/rest/api/2/user/password", "{}")


def test_it_serves_says_how_it_is_and_ends(tmp_path):
    async def tale(worker, port):
        assert not worker.speaks
        served = await worker.served()
        answer = await asyncio.to_thread(exchange, port, REFUSED)
        own = await worker.is_own(NOBODY)
        state = worker.state
        worker.send(End())
        return served, status(answer), own, state, await worker.ended(), await worker.is_own(NOBODY)

    served, code, own, state, how, own_afterwards = working(tmp_path, tale)
    assert (served, code, own, own_afterwards) == ((), 410, False, None)
    assert (state.counts.requests, state.digest, state.unready) == (1, shipped_in_force().digest, None)
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
