"""What ``--admin`` serves: is it alive, is it ready, what has it done."""

import ipaddress
import logging
from http import HTTPStatus

from mitmproxy import connection
from mitmproxy.addons.proxyserver import Proxyserver

from jira_compat.model import Request
from jira_compat.policy.index import Entry
from jira_compat.proxy.drain import Drain
from jira_compat.proxy.metrics import Metrics
from jira_compat.proxy.opened import InForce
from jira_compat.proxy.pages import Page, Pages, Peer, json_page
from jira_compat.proxy.patience import ConnectionLimit
from jira_compat.proxy.start import reason
from jira_compat.proxy.traffic import Traffic

logger = logging.getLogger(__name__)

_ANY_SEGMENT = "SELF-CHECK"


class Admin:
    """Health and metrics on a port of their own; listens once the proxy does, until it has ended.

    Args:
        address: Host and port to listen on; port 0 takes a free one.
        traffic: What it is about.
        drain: Knows whether the proxy is ending.
        limit: Knows who was turned away.
        proxyserver: Knows the proxy's own connections, over which no page is given.
    """

    def __init__(
        self,
        address: tuple[str, int],
        traffic: Traffic,
        drain: Drain,
        limit: ConnectionLimit,
        proxyserver: Proxyserver,
    ) -> None:
        self._address = address
        self._traffic = traffic
        self._drain = drain
        self._proxyserver = proxyserver
        metrics = Metrics(traffic, limit)
        pages = {"/healthz": _alive, "/readyz": self._ready, "/metrics": metrics.page}
        self._pages = Pages(pages, lambda peer: not self._is_the_proxy(peer))

    async def running(self) -> None:
        """Listen."""
        try:
            await self._pages.listen(*self._address)
        except OSError as error:
            host, port = self._address
            logger.error("--admin: %s:%d cannot be listened on (%s); choose another address", host, port, reason(error))  # noqa: TRY400

    def done(self) -> None:
        """End; the proxy has drained by now."""
        self._pages.close()

    @property
    def addresses(self) -> list[Peer]:
        """Where it listens."""
        return self._pages.addresses

    def _ready(self) -> Page:
        in_force = self._traffic.in_force
        why = "draining" if self._drain.is_draining else unready(in_force)
        if why is not None or in_force is None:
            return json_page(HTTPStatus.SERVICE_UNAVAILABLE, ready=False, reason=why)
        rules = in_force.rules
        return json_page(HTTPStatus.OK, ready=True, policies=rules.digest, rules=len(rules.entries))

    def _is_the_proxy(self, peer: Peer) -> bool:
        """Whether somebody has asked the proxy to connect here; by its sockets, since names can be made to fit."""
        own = (
            _plain(one.sockname)
            for handler in self._proxyserver.connections.values()
            for one in handler.transports
            if isinstance(one, connection.Server) and one.sockname is not None
        )
        return _plain(peer) in own


def unready(in_force: InForce | None) -> str | None:
    """Why requests cannot be judged: ``no_policies``, ``self_check``; ``None`` if they can."""
    if in_force is None or not in_force.rules.entries:
        return "no_policies"
    entries = in_force.rules.entries
    refusing = (entry for entry in entries if entry.rule.respond is not None and entry.mode == "enforce")
    return None if holds(in_force, next(refusing, entries[0])) else "self_check"


def holds(in_force: InForce, entry: Entry) -> bool:
    """Whether the decision about a request to a rule's endpoint is what the rule says."""
    path = next(iter(entry.rule.endpoint.paths()))
    target = "/" + "/".join(_ANY_SEGMENT if segment is None else segment for segment in path)
    try:
        decision = in_force.judge(Request(entry.rule.endpoint.methods[0], target.encode()))
    except Exception:  # noqa: BLE001 - whatever it is, requests would fail on it, too
        return False
    if entry.rule.respond is not None and entry.mode == "enforce" and decision.response is None:
        return False
    return entry.finding(None).action in {one.action for one in decision.findings if one.rule == entry.rule.id}


def _plain(socket: Peer) -> tuple[object, int]:
    """An address and port; one end may call the same connection ``127.0.0.1`` and the other ``::ffff:127.0.0.1``."""
    address = ipaddress.ip_address(socket[0])
    return getattr(address, "ipv4_mapped", None) or address, socket[1]


def _alive() -> Page:
    return json_page(HTTPStatus.OK, alive=True)
