"""``jira-compat serve``: the addon on a mitmproxy of its own, with nothing beside it that could undo it."""

import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TextIO

from mitmproxy import exceptions, options
from mitmproxy.addons.core import Core
from mitmproxy.addons.disable_h2c import DisableH2C
from mitmproxy.addons.next_layer import NextLayer
from mitmproxy.addons.proxyserver import Proxyserver
from mitmproxy.addons.tlsconfig import TlsConfig
from mitmproxy.master import Master

from jira_compat.proxy import seam
from jira_compat.proxy.addon import JiraCompat
from jira_compat.proxy.drain import Drain
from jira_compat.proxy.options import SET_TO
from jira_compat.proxy.patience import ConnectionLimit, UpstreamTimeout
from jira_compat.proxy.start import StartError, check_files, reason, upstream_mode, warnings


@dataclass(frozen=True, slots=True)
class Limits:
    """What ``serve`` bears.

    Args:
        upstream_timeout: Seconds from the end of a request to the beginning of its answer.
        idle_timeout: Seconds without a byte in either direction, after which a connection is closed.
        head_timeout: Seconds within which a request's head must be complete.
        max_head: Bytes of a request's head.
        max_connections: Client connections at a time.
        drain_timeout: Seconds that are waited for exchanges in flight when the proxy is ended.
    """

    upstream_timeout: float = 60
    idle_timeout: int = 300
    head_timeout: float = 30
    max_head: int = 65_536
    max_connections: int = 1000
    drain_timeout: float = 30


@dataclass(frozen=True, slots=True)
class Serve:
    """What to serve.

    Args:
        listen: Host and port to listen on; port 0 takes a free one.
        upstream: The site, ``https://HOST[:PORT]``; ``None`` for a forward proxy.
        options: Options of the addon and of mitmproxy, by name.
        stream: Where events go for the file ``-``; standard error if ``None``.
        limits: What is borne.
    """

    listen: tuple[str, int]
    upstream: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    stream: TextIO | None = None
    limits: Limits = Limits()


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
        master = Master(options.Options())
        addon, proxyserver, limits = JiraCompat(what.stream), Proxyserver(), what.limits
        drain = Drain(addon.traffic, proxyserver, limits.drain_timeout)
        addon.traffic.streams = True
        seam.install(addon.traffic, max_head=limits.max_head, head_timeout=limits.head_timeout)
        master.addons.add(Core(), DisableH2C(), proxyserver, NextLayer(), TlsConfig(), drain, addon)
        master.addons.add(ConnectionLimit(limits.max_connections))
        master.addons.add(UpstreamTimeout(addon.traffic, proxyserver, limits.upstream_timeout))
        master.addons.add(_Start(what, addon, proxyserver, log))
        master.options.update(**wanted)
        _on_signals(master, drain)
        await master.run()
    except exceptions.OptionsError as error:
        raise StartError(*str(error).splitlines()) from None
    finally:
        logging.getLogger().removeHandler(log)


def _on_signals(master: Master, drain: Drain) -> None:
    """The first ends in order, the second at once."""

    def end() -> None:
        if master.should_exit.is_set():
            drain.hurry()
        master.shutdown()

    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows; there Ctrl-C is a KeyboardInterrupt
            asyncio.get_running_loop().add_signal_handler(number, end)


def _options(what: Serve) -> dict[str, Any]:
    host, port = what.listen
    mode = "regular" if what.upstream is None else upstream_mode(what.upstream)
    ours = {"mode": [mode], "listen_host": host, "listen_port": port, "http3": False, **SET_TO}
    ours["tcp_timeout"] = what.limits.idle_timeout
    return {**ours, "jira_mode": "enforce", **what.options}


class _Start:
    """Ends the start with what went wrong in it, or with the line that says what is served.

    mitmproxy asks the addon of this name whether the start failed.
    """

    name = "errorcheck"

    def __init__(self, what: Serve, addon: JiraCompat, proxyserver: Proxyserver, log: "_Log") -> None:
        self._what = what
        self._addon = addon
        self._proxyserver = proxyserver
        self._log = log

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
        addresses = self._proxyserver.listen_addrs()
        where = ", ".join(dict.fromkeys(f"{scheme}://{_host(address[0])}:{address[1]}" for address in addresses))
        forward = self._what.upstream is None
        upstream = "wherever clients ask for (forward proxy)" if forward else self._what.upstream
        run = in_force.settings.run
        rules = f"{len(in_force.rules.entries)} rules ({run.mode}, {run.profile})"
        for warning in warnings(self._what.listen[0], self._what.options, forward=forward):
            _say(warning)
        _say(f"listening on {where}, upstream {upstream}, {rules}")
        self._log.release()


def _host(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _say(text: str) -> None:
    with contextlib.suppress(OSError, ValueError):  # who closed standard error does not want to know
        sys.stderr.write(f"{text if text.startswith('jira-compat: ') else f'jira-compat: {text}'}\n")
        sys.stderr.flush()


class _Log(logging.Handler):
    """mitmproxy's warnings and errors, on standard error, without tracebacks, which hold content.

    Errors are held until :meth:`release`: those of the start are told as its reason.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.held: list[str] = []
        self._released = False

    def release(self) -> None:
        """Let errors through."""
        self._released = True

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        text = next(iter(record.getMessage().splitlines()), record.name)
        if record.exc_info and record.exc_info[0] is not None:
            text = f"{text} ({record.exc_info[0].__name__})"
        if record.levelno >= logging.ERROR and not self._released:
            self.held.append(text)
        else:
            _say(text)
