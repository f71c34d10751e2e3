"""Requests that no rule names, written down as counts: once a minute, and at the end."""

import asyncio

from jira_compat.events.inventory import RequestInventory
from jira_compat.proxy.exchange.hooks import ExchangeHooks

INTERVAL = 60.0
"""Seconds between two summaries."""


class Inventory:
    """Has traffic counted while that is wanted.

    Args:
        traffic: Counts, and writes events.
    """

    def __init__(self, traffic: ExchangeHooks) -> None:
        self._traffic = traffic

    def want(self, *, wanted: bool) -> None:
        """Begin to count, or end it."""
        if not wanted:
            self.end()
        elif self._traffic.seen is None:
            self._traffic.seen = RequestInventory()

    async def watch(self) -> None:
        """Write the counts, for ever; requests are served between two lines."""
        while True:
            await asyncio.sleep(INTERVAL)
            for _ in range(len(self._traffic.seen or ())):
                self._write_one()
                await asyncio.sleep(0)

    def end(self) -> None:
        """Write what is not written yet, and count no more."""
        while self._traffic.seen:
            self._write_one()
        self._traffic.seen = None

    def _write_one(self) -> None:
        if self._traffic.seen:
            self._traffic.write(self._traffic.seen.take())
