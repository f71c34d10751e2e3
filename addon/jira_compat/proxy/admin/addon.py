"""The state of one proxy, and the addon that serves it as pages."""

import logging

from mitmproxy import connection
from mitmproxy.addons.proxyserver import Proxyserver

from jira_compat.decision import Answer
from jira_compat.model import Request
from jira_compat.policy.index import Entry
from jira_compat.proxy.addons.drain import Drain
from jira_compat.proxy.addons.timeouts import ConnectionLimit
from jira_compat.proxy.admin.endpoints import health
from jira_compat.proxy.admin.http_server import Peer
from jira_compat.proxy.admin.state import State
from jira_compat.proxy.exchange.exchange import ActivePolicy
from jira_compat.proxy.exchange.hooks import ExchangeHooks
from jira_compat.proxy.settings.client_address import read_address
from jira_compat.proxy.settings.preflight import unheard

logger = logging.getLogger(__name__)

_ANY_SEGMENT = "SELF-CHECK"


class ProxyStatus:
    """The sources of a proxy's state.

    Args:
        traffic: What it is about.
        drain: Knows whether the proxy is ending.
        limit: Knows how many connections were rejected.
        proxyserver: Knows the proxy's own connections.
    """

    def __init__(self, traffic: ExchangeHooks, drain: Drain, limit: ConnectionLimit, proxyserver: Proxyserver) -> None:
        self._traffic = traffic
        self._drain = drain
        self._limit = limit
        self._proxyserver = proxyserver

    def state(self) -> State:
        """All of it, now."""
        active, log = self._traffic.active, self._traffic.log
        return State(
            counts=self._traffic.counts,
            in_flight=self._traffic.in_flight,
            events_lost=log.lost if log is not None else 0,
            turned_away=self._limit.turned_away,
            digest=active.rules.digest if active is not None else None,
            rules=len(active.rules.entries) if active is not None else 0,
            unready="draining" if self._drain.is_draining else unready(active),
        )

    def is_the_proxy(self, peer: Peer) -> bool:
        """Return whether the socket at that address is the proxy's own; its sockets tell, since names can be forged."""
        own = (
            _plain(one.sockname)
            for handler in self._proxyserver.connections.values()
            for one in handler.transports
            if isinstance(one, connection.Server) and one.sockname is not None
        )
        return _plain(peer) in own


class Admin:
    """Health and metrics on a port of their own; listens once the proxy does, until it has ended.

    Args:
        address: Host and port to listen on; port 0 takes a free one.
        about: What the pages say; over the proxy's own connections none is given.
    """

    def __init__(self, address: tuple[str, int], about: ProxyStatus) -> None:
        self._address = address
        self._about = about
        self._pages = health(about.state, self._is_welcome)

    async def running(self) -> None:
        """Listen."""
        try:
            await self._pages.listen(*self._address)
        except OSError as error:
            logger.error("%s", unheard("--admin", self._address, error))  # noqa: TRY400

    def done(self) -> None:
        """End; the proxy has drained by now."""
        self._pages.close()

    @property
    def addresses(self) -> list[Peer]:
        """The addresses of its listeners."""
        return self._pages.addresses

    async def _is_welcome(self, peer: Peer) -> bool:
        """Not who has asked the proxy to connect here."""
        return not self._about.is_the_proxy(peer)


def unready(active: ActivePolicy | None) -> str | None:
    """Return why requests cannot be judged: ``no_policies``, ``self_check``; ``None`` if they can."""
    if active is None or not active.rules.entries:
        return "no_policies"
    entries = active.rules.entries
    refusing = (entry for entry in entries if entry.refusal is not None and entry.mode == "enforce")
    return None if holds(active, next(refusing, entries[0])) else "self_check"


def holds(active: ActivePolicy, entry: Entry) -> bool:
    """Return whether the decision about a request to a rule's endpoint is what the rule says."""
    path = next(iter(entry.rule.endpoint.paths()))
    target = "/" + "/".join(_ANY_SEGMENT if segment is None else segment for segment in path)
    try:
        decision = active.judge(Request(entry.rule.endpoint.methods[0], target.encode()))
    except Exception:  # noqa: BLE001 - whatever it is, requests would fail on it, too
        return False
    if entry.refusal is not None and entry.mode == "enforce" and not isinstance(decision, Answer):
        return False
    return entry.finding(None).action in {one.action for one in decision.findings if one.rule == entry.rule.id}


def _plain(socket: Peer) -> tuple[object, int]:
    """An address and port; one end may call the same connection ``127.0.0.1`` and the other ``::ffff:127.0.0.1``."""
    return read_address(socket[0]), socket[1]
