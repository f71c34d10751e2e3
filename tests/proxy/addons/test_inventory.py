"""When counts are written down; through a real process: tests/e2e/test_inventory.py."""

import asyncio
import contextlib
import json

import pytest

from build import a_request, shipped_set
from jira_compat.events.log import EventLog
from jira_compat.model import Exchange
from jira_compat.proxy.addons import inventory
from jira_compat.proxy.addons.inventory import Inventory
from jira_compat.proxy.exchange.hooks import ExchangeHooks
from live import PATIENCE


class Log(EventLog):
    """Says when it has written a line."""

    written: asyncio.Semaphore

    def write(self, event):
        was_written = super().write(event)
        self.written.release()
        return was_written


class Counted:
    """An inventory, and what it wrote."""

    def __init__(self, folder):
        self.file = folder / "events.jsonl"
        self.traffic = ExchangeHooks()
        self.traffic.log = self.log = Log(str(self.file))
        self.log.written = asyncio.Semaphore(0)
        self.inventory = Inventory(self.traffic)
        self.inventory.want(wanted=True)

    def call(self, word):
        seen = self.traffic.seen
        assert seen is not None
        seen.add(Exchange(a_request(f"GET /rest/api/2/{word}"), started=0.0), 200, shipped_set())

    def written(self):
        lines = [json.loads(line) for line in self.file.read_text().splitlines()]
        return {line["endpoint"].rpartition("/")[2]: line["count"] for line in lines}


@pytest.fixture
def counted(tmp_path):
    made = Counted(tmp_path)
    yield made
    made.log.close()


def test_where_it_is_not_wanted_nothing_is_counted():
    traffic = ExchangeHooks()
    Inventory(traffic).want(wanted=False)
    assert traffic.seen is None


def test_at_the_end_the_rest_is_written_once(counted):
    counted.call("field")
    counted.call("status")
    counted.call("field")
    counted.inventory.end()
    counted.inventory.end()
    assert counted.written() == {"field": 2, "status": 1}
    assert len(counted.file.read_text().splitlines()) == 2


def test_who_wants_it_no_more_gets_what_was_counted(counted):
    counted.call("field")
    counted.inventory.want(wanted=True)
    assert counted.written() == {}
    counted.inventory.want(wanted=False)
    assert counted.written() == {"field": 1}
    assert counted.traffic.seen is None


async def watch_until_written(counted, number):
    """Watch until so many lines are written."""
    watching = asyncio.create_task(counted.inventory.watch())
    async with asyncio.timeout(PATIENCE):
        for _ in range(number):
            await counted.log.written.acquire()
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching


def test_each_interval_what_was_counted_is_written(counted, monkeypatch):
    monkeypatch.setattr(inventory, "INTERVAL", 0.01)
    counted.call("field")
    counted.call("status")
    asyncio.run(watch_until_written(counted, 2))
    assert counted.written() == {"field": 1, "status": 1}
    assert len(counted.traffic.seen) == 0


def test_who_is_interrupted_between_two_lines_loses_none(counted, monkeypatch):
    monkeypatch.setattr(inventory, "INTERVAL", 0.0)
    words = ("field", "status", "priority", "project")
    for word in words:
        counted.call(word)
    asyncio.run(watch_until_written(counted, 1))
    assert 0 < len(counted.traffic.seen) < 4
    counted.inventory.end()
    assert counted.written() == dict.fromkeys(words, 1)
