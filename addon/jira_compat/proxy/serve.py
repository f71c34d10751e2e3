"""``jira-compat serve``: the addon on a mitmproxy of its own, with nothing beside it that could undo it."""

import asyncio
import contextlib
import logging
import math
import signal
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TextIO

from mitmproxy import exceptions
from mitmproxy.addons.core import Core
from mitmproxy.addons.disable_h2c import DisableH2C
from mitmproxy.addons.next_layer import NextLayer
from mitmproxy.addons.proxyserver import Proxyserver
from mitmproxy.addons.tlsconfig import TlsConfig
from mitmproxy.master import Master
from mitmproxy.utils import asyncio_utils

from jira_compat.proxy import seam
from jira_compat.proxy.addon import JiraCompat
from jira_compat.proxy.admin import Admin
from jira_compat.proxy.drain import Drain
from jira_compat.proxy.limits import Limits
from jira_compat.proxy.options import SET_TO
from jira_compat.proxy.patience import ConnectionLimit, UpstreamTimeout
from jira_compat.proxy.start import StartError, check_files, reason, upstream_mode, warnings
from jira_compat.sink import say


@dataclass(frozen=True, slots=True)
class Serve:
    """What to serve.

    Args:
        listen: Host and port to listen on; port 0 takes a free one.
        upstream: The site, ``https://HOST[:PORT]``; ``None`` for a forward proxy.
        options: Options of the addon and of mitmproxy, by name.
        stream: Where events go for the file ``-``; standard error if ``None``.
        limits: What is borne.
        admin: Host and port for health and metrics; ``None`` for neither.
    """

    listen: tuple[str, int]
    upstream: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    stream: TextIO | None = None
    limits: Limits = field(default_factory=Limits)
    admin: tuple[str, int] | None = None


async def serve(what: Serve) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises:
        StartError: An option was refused, or the address cannot be listened on.
    """
    wanted = _options(what)
    check_files(wanted)
    log = _Log()
    logging.getLogger().addHandler(log)
    try:
        master = seam.lean_master()
        addon, proxyserver, limits = JiraCompat(what.stream), Proxyserver(), what.limits
        connections = ConnectionLimit(limits.max_connections)
        drain = Drain(addon.traffic, proxyserver, limits.drain_timeout)
        addon.traffic.streams = True
        seam.install(addon.traffic, max_head=limits.max_head, head_timeout=limits.head_timeout)
        master.addons.add(Core(), DisableH2C(), proxyserver, NextLayer(), TlsConfig(), drain, addon)
        master.addons.add(connections)
        master.addons.add(UpstreamTimeout(addon.traffic, proxyserver, limits.upstream_timeout))
        admin = None if what.admin is None else Admin(what.admin, addon.traffic, drain, connections, proxyserver)
        if admin is not None:
            master.addons.add(admin)
        master.addons.add(_Start(what, addon, proxyserver, log, admin))
        master.options.update(**wanted)
        _on_signals(master, drain, addon)
        await master.run()
    except exceptions.OptionsError as error:
        raise StartError(*str(error).splitlines()) from None
    finally:
        logging.getLogger().removeHandler(log)


def _on_signals(master: Master, drain: Drain, addon: JiraCompat) -> None:
    """To end: the first ends in order, the second at once. SIGHUP: the policies are read again."""
    loop = asyncio.get_running_loop()

    def end() -> None:
        if master.should_exit.is_set():
            drain.hurry()
        master.shutdown()

    def reload() -> None:
        asyncio_utils.create_task(addon.reloading.again(), name="reload", keep_ref=True)

    with contextlib.suppress(NotImplementedError):  # Windows; there Ctrl-C is a KeyboardInterrupt
        loop.add_signal_handler(signal.SIGINT, end)
        loop.add_signal_handler(signal.SIGTERM, end)
        loop.add_signal_handler(signal.SIGHUP, reload)


def _options(what: Serve) -> dict[str, Any]:
    host, port = what.listen
    mode = "regular" if what.upstream is None else upstream_mode(what.upstream)
    ours = {"mode": [mode], "listen_host": host, "listen_port": port, "http3": False, **SET_TO}
    ours["tcp_timeout"] = math.ceil(what.limits.idle_timeout)
    return {**ours, "jira_mode": "enforce", **what.options}


class _Start:
    """Ends the start with what went wrong in it, or with the line that says what is served.

    mitmproxy asks the addon of this name whether the start failed.
    """

    name = "errorcheck"

    def __init__(
        self, what: Serve, addon: JiraCompat, proxyserver: Proxyserver, log: "_Log", admin: Admin | None
    ) -> None:
        self._what = what
        self._addon = addon
        self._proxyserver = proxyserver
        self._log = log
        self._admin = admin

    async def shutdown_if_errored(self) -> None:
        """Stop if anything went wrong so far.

        Raises:
            StartError: It did.
        """
        failed = [server.last_exception for server in self._proxyserver.servers]
        host, port = self._what.listen
        lines = [
            f"--listen: {_host(host)}:{port} cannot be listened on ({reason(error)}); choose another address"
            for error in failed
            if isinstance(error, OSError)
        ]
        if lines or self._log.held:
            raise StartError(*(lines or self._log.held))

    def finish(self) -> None:
        """Say what is served."""
        in_force = self._addon.traffic.in_force
        assert in_force is not None  # noqa: S101 - options were accepted
        scheme = "https" if self._what.options.get("certs") else "http"
        where = _urls(scheme, self._proxyserver.listen_addrs())
        forward = self._what.upstream is None
        upstream = "wherever clients ask for (forward proxy)" if forward else self._what.upstream
        run = in_force.settings.run
        rules = f"{len(in_force.rules.entries)} rules ({run.mode}, {run.profile})"
        for warning in warnings(self._what.listen[0], self._what.options, forward=forward):
            say(warning)
        if self._admin is not None:
            say(f"health and metrics on {_urls('http', self._admin.addresses)}")
        say(f"listening on {where}, upstream {upstream}, {rules}")
        self._log.release()


def _urls(scheme: str, addresses: Iterable[tuple[Any, ...]]) -> str:
    return ", ".join(dict.fromkeys(f"{scheme}://{_host(address[0])}:{address[1]}" for address in addresses))


def _host(address: str) -> str:
    return f"[{address}]" if ":" in address else address


class _Log(logging.Handler):
    """mitmproxy's warnings and errors and our own messages, on standard error, without tracebacks, which hold content.

    Errors are held until :meth:`release`: those of the start are told as its reason.
    """

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.held: list[str] = []
        self._released = False

    def release(self) -> None:
        """Let errors through."""
        self._released = True

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        if record.levelno < logging.WARNING and not record.name.startswith("jira_compat."):
            return
        text = next(iter(record.getMessage().splitlines()), record.name)
        if record.exc_info and record.exc_info[0] is not None:
            text = f"{text} ({record.exc_info[0].__name__})"
        if record.levelno >= logging.ERROR and not self._released:
            self.held.append(text)
        else:
            say(text)
