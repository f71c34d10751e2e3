"""``jira-compat serve``: the addon on a mitmproxy of its own, with nothing beside it that could undo it."""

import asyncio
import contextlib
import math
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from mitmproxy import exceptions
from mitmproxy.addons.core import Core
from mitmproxy.addons.disable_h2c import DisableH2C
from mitmproxy.addons.next_layer import NextLayer
from mitmproxy.addons.proxyserver import Proxyserver
from mitmproxy.addons.tlsconfig import TlsConfig
from mitmproxy.master import Master
from mitmproxy.utils import asyncio_utils

from jira_compat.proxy.addons.compat import JiraCompat, keep_what_is_there
from jira_compat.proxy.addons.drain import Drain
from jira_compat.proxy.addons.timeouts import ConnectionLimit, UpstreamTimeout
from jira_compat.proxy.admin.addon import Admin, ProxyStatus
from jira_compat.proxy.diagnostics.log import Log
from jira_compat.proxy.diagnostics.startup import say_served
from jira_compat.proxy.held_bytes import HeldBytes
from jira_compat.proxy.patches import install
from jira_compat.proxy.settings.options import SET_TO
from jira_compat.proxy.settings.preflight import CONFDIR, ServeConfig, StartError, check_files, unheard, upstream_mode


@dataclass(frozen=True, slots=True)
class ProxyParts:
    """The parts of a proxy, for its host."""

    master: Master
    addon: JiraCompat
    proxyserver: Proxyserver
    drain: Drain
    about: ProxyStatus


class Host(Protocol):
    """The host of a proxy: its operator, or the process that has several."""

    def addon(self) -> JiraCompat:
        """The addon that judges."""

    def companions(self, parts: ProxyParts) -> Sequence[object]:
        """Further addons, called last."""

    def take_signals(self, parts: ProxyParts) -> None:
        """Install the signal handlers."""

    def served(self, parts: ProxyParts) -> None:
        """Take note that the proxy serves."""


async def serve(what: ServeConfig, keeper: Host | None = None) -> None:
    """Serve until a signal ends it.

    Args:
        what: What to serve.
        keeper: Who looks after it; an operator, with SIGTERM, SIGINT and SIGHUP, if ``None``.

    Raises:
        StartError: An option was refused, or the address cannot be listened on.
    """
    keeper = keeper or _Operator(what)
    wanted = _options(what)
    check_files(wanted)
    try:
        with Log(what.diagnostics).hearing() as log:
            await _run(what, keeper, wanted, log)
    except exceptions.OptionsError as error:
        raise StartError(*str(error).splitlines()) from None


async def _run(what: ServeConfig, keeper: Host, wanted: Mapping[str, Any], log: Log) -> None:
    """Put the proxy together, and run it to its end."""
    master = install.LeanMaster()
    addon, proxyserver, limits = keeper.addon(), Proxyserver(), what.limits
    connections = ConnectionLimit(limits.max_connections, limits.max_connections_per_address, addon.traffic.trusted)
    drain = Drain(addon.traffic, proxyserver, limits.drain_timeout)
    parts = ProxyParts(master, addon, proxyserver, drain, ProxyStatus(addon.traffic, drain, connections, proxyserver))
    addon.traffic.is_watched = False
    addon.traffic.bodies = HeldBytes(limits.max_held)
    install.install(addon.traffic, master.addons, max_head=limits.max_head, head_timeout=limits.head_timeout)
    master.addons.add(Core(), DisableH2C(), proxyserver, NextLayer(), _Certificates(), drain, addon)
    master.addons.add(connections)
    master.addons.add(UpstreamTimeout(addon.traffic, proxyserver, limits.upstream_timeout))
    master.addons.add(*keeper.companions(parts), _Start(what, parts, log, keeper))
    master.options.update(**wanted)
    keeper.take_signals(parts)
    await master.run()


def _options(what: ServeConfig) -> dict[str, Any]:
    host, port = what.listen
    mode = "regular" if what.upstream is None else upstream_mode(what.upstream)
    ours = {"mode": [mode], "listen_host": host, "listen_port": port, "http3": False, "confdir": CONFDIR, **SET_TO}
    ours["tcp_timeout"] = math.ceil(what.limits.idle_timeout)
    return {**ours, "jira_mode": "enforce", **what.options}


class _Certificates(TlsConfig):
    """mitmproxy's certificates, read once.

    mitmproxy 12 reads them again when it runs, in case that ``confdir`` is not set, and warns of them again.
    """

    name = "tlsconfig"

    def running(self) -> None:
        """Do nothing: ``confdir`` is always set."""


class _Operator:
    """Looks after a proxy that is all there is, by signals and on standard error."""

    def __init__(self, what: ServeConfig) -> None:
        self._what = what
        self._admin: Admin | None = None

    def addon(self) -> JiraCompat:
        """The addon as it is."""
        return JiraCompat(self._what.stream)

    def companions(self, parts: ProxyParts) -> Sequence[object]:
        """Health and metrics, if they are wanted."""
        self._admin = None if self._what.admin is None else Admin(self._what.admin, parts.about)
        return [] if self._admin is None else [self._admin]

    def take_signals(self, parts: ProxyParts) -> None:
        """To end: the first ends in order, the second at once. SIGHUP: the policies are read again."""
        loop = asyncio.get_running_loop()

        def end() -> None:
            if parts.master.should_exit.is_set():
                parts.drain.hurry()
            parts.master.shutdown()

        def reload() -> None:
            asyncio_utils.create_task(parts.addon.reloading.again(), name="reload", keep_ref=True)

        with contextlib.suppress(NotImplementedError):  # Windows; there Ctrl-C is a KeyboardInterrupt
            loop.add_signal_handler(signal.SIGINT, end)
            loop.add_signal_handler(signal.SIGTERM, end)
            loop.add_signal_handler(signal.SIGHUP, reload)

    def served(self, parts: ProxyParts) -> None:
        """Say what is served."""
        active = parts.addon.traffic.active
        assert active is not None  # noqa: S101 - options were accepted
        addresses = parts.proxyserver.listen_addrs()
        admin = None if self._admin is None else self._admin.addresses
        say_served(self._what, active.settings.run, active.rules, addresses, admin)


class _Start:
    """Ends the start with what went wrong in it, or tells that the proxy serves.

    mitmproxy asks the addon of this name whether the start failed.
    """

    name = "errorcheck"

    def __init__(self, what: ServeConfig, parts: ProxyParts, log: Log, keeper: Host) -> None:
        self._what = what
        self._parts = parts
        self._log = log
        self._keeper = keeper

    async def shutdown_if_errored(self) -> None:
        """Stop if anything went wrong so far.

        Raises:
            StartError: It did.
        """
        failed = [server.last_exception for server in self._parts.proxyserver.servers]
        lines = [unheard("--listen", self._what.listen, error) for error in failed if isinstance(error, OSError)]
        if lines or self._log.held:
            raise StartError(*(lines or self._log.held))

    def finish(self) -> None:
        """Report that the proxy serves."""
        keep_what_is_there()
        self._keeper.served(self._parts)
        self._log.started()
