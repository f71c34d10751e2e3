"""Limits of ``serve``: the time of upstreams to answer, and the number of clients."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from time import monotonic

from mitmproxy import connection, http
from mitmproxy.addons.proxyserver import Proxyserver

from jira_compat.proxy.exchange.hooks import ExchangeHooks
from jira_compat.proxy.patches.upstream_connections import awaited
from jira_compat.proxy.settings.client_address import Network, is_trusted

logger = logging.getLogger(__name__)


class UpstreamTimeout:
    """Ends exchanges whose upstream has not begun to answer in time; :class:`ExchangeHooks` then answers 504.

    Args:
        traffic: Knows which exchanges wait.
        proxyserver: Knows their connections.
        seconds: From the end of the request to the beginning of its answer.
    """

    def __init__(self, traffic: ExchangeHooks, proxyserver: Proxyserver, seconds: float) -> None:
        self._traffic = traffic
        self._proxyserver = proxyserver
        self._seconds = seconds
        self._watch: asyncio.Task[None] | None = None

    def running(self) -> None:
        """Begin to watch."""
        self._watch = asyncio.get_running_loop().create_task(self._end_overdue())

    def done(self) -> None:
        """Watch no more."""
        if self._watch is not None:
            self._watch.cancel()

    async def _end_overdue(self) -> None:
        while True:
            await asyncio.sleep(min(1.0, self._seconds / 4))
            try:
                self._look()
            except Exception as error:  # noqa: BLE001 - the next look may succeed, and without one no timeout works
                logger.error("jira-compat: %s while looking for overdue answers", type(error).__name__)  # noqa: TRY400

    def _look(self) -> None:
        for flow in self._traffic.overdue(monotonic() - self._seconds):
            self._traffic.timed_out[flow] = self._seconds
            self._end(flow)

    def _end(self, flow: http.HTTPFlow) -> None:
        handler = self._proxyserver.connections.get(flow.client_conn.id)
        if handler is None:
            return
        own = flow.server_conn
        upstream = own if own in handler.transports else awaited(handler.layer.context.layers, flow)
        io = None if upstream is None else handler.transports.get(upstream)
        if io is not None and io.handler is not None:
            io.handler.cancel("timeout")


class ConnectionLimit:
    """Closes client connections beyond a number, so that those within it are served.

    Args:
        most: Connections at a time.
        per_address: The same from one address.
        trusted: Returns the balancers, whose addresses stand for many clients.
    """

    def __init__(self, most: int, per_address: int, trusted: Callable[[], tuple[Network, ...]]) -> None:
        self.turned_away = 0
        self._most = most
        self._per_address = per_address
        self._trusted = trusted
        self._now: Counter[str] = Counter()

    def client_connected(self, client: connection.Client) -> None:
        """A client came."""
        address = client.peername[0]
        self._now[address] += 1
        is_one_too_many = self._now[address] > self._per_address and not is_trusted(address, self._trusted())
        if self._now.total() > self._most or is_one_too_many:
            self.turned_away += 1
            client.error = "too many connections"

    def client_disconnected(self, client: connection.Client) -> None:
        """A client went."""
        address = client.peername[0]
        self._now[address] -= 1
        if not self._now[address]:
            del self._now[address]
