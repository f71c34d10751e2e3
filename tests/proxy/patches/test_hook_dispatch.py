import asyncio

import pytest
from mitmproxy.exceptions import AddonHalt
from mitmproxy.master import Master
from mitmproxy.proxy.layers.http._hooks import HttpRequestHook
from mitmproxy.test import tflow

from jira_compat.proxy.patches.hook_dispatch import HookTable


class Noting:
    """An addon that notes the flows it is told of."""

    def __init__(self, name, seen, failure=None):
        self.name = name
        self._seen = seen
        self._failure = failure

    def request(self, _):
        self._seen.append(self.name)
        if self._failure is not None:
            raise self._failure


class Waiting(Noting):
    async def request(self, _):
        await asyncio.sleep(0)
        self._seen.append(self.name)


class WaitingSometimes(Noting):
    """Returns what is to be awaited the second time only."""

    def request(self, _):
        self._seen.append(self.name)
        return self._later() if len(self._seen) > 1 else None

    async def _later(self):
        await asyncio.sleep(0)
        self._seen.append(f"{self.name} later")


class Deaf:
    """An addon that listens to nothing."""


def dispatch(*addons):
    async def trigger():
        master = Master(None)
        master.addons = HookTable(master)
        master.addons.add(*addons)
        for _ in range(2):  # the second time by the table
            await master.addons.handle_lifecycle(HttpRequestHook(tflow.tflow()))
        await master.done()

    asyncio.run(trigger())


def test_who_listens_to_nothing_is_not_called():
    dispatch(Deaf())


def test_all_who_listen_are_called_in_their_order():
    seen: list[str] = []
    dispatch(Noting("a", seen), Deaf(), Waiting("b", seen), Noting("c", seen))
    assert seen == ["a", "b", "c"] * 2


def test_a_listener_may_wait_once_and_not_another_time():
    seen: list[str] = []
    dispatch(WaitingSometimes("a", seen))
    assert seen == ["a", "a", "a later"]


def test_a_hook_that_waits_is_begun_once_however_often_it_is_asked_for():
    seen: list[str] = ["b"]

    async def ask():
        master = Master(None)
        master.addons = HookTable(master)
        master.addons.add(WaitingSometimes("a", seen))
        hook = HttpRequestHook(tflow.tflow())
        assert not master.addons.call_inline(hook)
        assert not master.addons.call_inline(hook)
        await master.addons.handle_lifecycle(hook)
        await master.done()

    asyncio.run(ask())
    assert seen == ["b", "a", "a later"]


def test_those_behind_one_that_waits_come_after_it_once():
    seen: list[str] = ["b"]
    dispatch(WaitingSometimes("a", seen), Noting("b", seen))
    assert seen == ["b", *["a", "a later", "b"] * 2]


def test_who_halts_keeps_it_from_those_behind():
    seen: list[str] = []
    dispatch(Noting("a", seen, AddonHalt()), Noting("b", seen))
    assert seen == ["a"] * 2


def test_who_fails_is_logged_by_type_and_those_behind_are_called(caplog):
    seen: list[str] = []
    dispatch(Noting("a", seen, ValueError("hunter2")), Noting("b", seen))
    assert seen == ["a", "b"] * 2
    assert [record.getMessage() for record in caplog.records] == ["jira-compat: ValueError in a hook for request"] * 2
    assert "hunter2" not in caplog.text


def test_whatever_else_ends_the_program():
    with pytest.raises(SystemExit):
        dispatch(Noting("a", [], SystemExit(1)))
