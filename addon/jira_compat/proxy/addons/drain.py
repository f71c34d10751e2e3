"""The end of ``serve``: what is in flight is finished, nothing new is taken."""

import asyncio
import contextlib
from collections.abc import Callable

from mitmproxy.addons.proxyserver import Proxyserver

from jira_compat.proxy.exchange.hooks import ExchangeHooks

_STEP = 0.02


class Drain:
    """Ends connections in order when mitmproxy shuts down.

    Args:
        traffic: Knows what is in flight.
        proxyserver: Knows the connections.
        seconds: The most that is waited for what is in flight.
    """

    def __init__(self, traffic: ExchangeHooks, proxyserver: Proxyserver, seconds: float) -> None:
        self.is_draining = False
        self._traffic = traffic
        self._proxyserver = proxyserver
        self._seconds = seconds
        self._hurry = asyncio.Event()

    def hurry(self) -> None:
        """Wait no longer."""
        self._hurry.set()

    async def done(self) -> None:
        """Stop listening, let exchanges end, then close what is left."""
        self.is_draining = True
        await self._proxyserver.servers.update([])
        await self._until(lambda: not self._traffic.in_flight, self._seconds)
        writers = [io.writer for one in self._proxyserver.connections.values() for io in one.transports.values()]
        for handler in list(self._proxyserver.connections.values()):
            io = handler.transports.get(handler.client)
            if io is not None and io.handler is not None:
                io.handler.cancel("shutting down")
        await self._until(lambda: not self._proxyserver.connections, 1.0)
        flushed = [asyncio.ensure_future(writer.wait_closed()) for writer in writers if writer is not None]
        if flushed and not self._hurry.is_set():
            await asyncio.wait(flushed, timeout=1.0)

    async def _until(self, condition: Callable[[], bool], seconds: float) -> None:
        deadline = asyncio.get_running_loop().time() + seconds
        while not condition() and not self._hurry.is_set() and asyncio.get_running_loop().time() < deadline:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), _STEP)
