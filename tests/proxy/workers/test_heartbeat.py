"""Who is taken to hang, with a real worker; what becomes of it: tests/e2e/test_hanging.py."""

import asyncio
import os
import signal

import pytest

from jira_compat.proxy.workers import heartbeat
from jira_compat.proxy.workers.heartbeat import silence
from proxy.workers.alone import working


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(heartbeat, "BEAT", 0.05)


def test_who_answers_in_between_does_not_hang_and_who_does_not_hangs(tmp_path):
    async def tale(worker, _):
        await worker.served()
        hangs = asyncio.create_task(silence(worker))
        for _ in range(2):
            os.kill(worker.pid, signal.SIGSTOP)
            await asyncio.sleep(35 * heartbeat.BEAT)
            os.kill(worker.pid, signal.SIGCONT)
            answered = worker.answered
            while worker.answered == answered:  # noqa: ASYNC110 - it says so by itself
                await asyncio.sleep(heartbeat.BEAT)
        assert not hangs.done()
        os.kill(worker.pid, signal.SIGSTOP)
        return await hangs

    assert working(tmp_path, tale) == 3


def test_who_starts_has_its_own_time(tmp_path, monkeypatch):
    async def tale(worker, _):
        os.kill(worker.pid, signal.SIGSTOP)
        return await silence(worker), worker.speaks

    monkeypatch.setattr(heartbeat, "START", 20)
    monkeypatch.setattr(heartbeat, "MOST", 10_000)
    assert working(tmp_path, tale) == (1, False)


def test_what_it_says_unasked_is_no_answer(tmp_path):
    async def tale(worker, _):
        started = worker.answered
        await worker.served()
        unasked = worker.speaks, worker.answered == started
        worker.ask()
        while worker.answered == started:  # noqa: ASYNC110 - it says so by itself
            await asyncio.sleep(0.01)
        return unasked

    assert working(tmp_path, tale) == (True, True)
