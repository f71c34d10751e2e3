"""The mitmproxy addon: options in, hooks on to :mod:`jira_compat.proxy.exchange.hooks`."""

import asyncio
import gc
import logging
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TextIO

from mitmproxy import command, ctx, exceptions, http, tls
from mitmproxy.addonmanager import Loader
from mitmproxy.connection import Client
from mitmproxy.proxy.mode_specs import ReverseMode

from jira_compat.events.log import EventLog
from jira_compat.policy.errors import PolicyError
from jira_compat.proxy.addons.inventory import Inventory
from jira_compat.proxy.addons.script_guard import keep_closed, take_over
from jira_compat.proxy.diagnostics.log import EVENT_LOG
from jira_compat.proxy.exchange.hooks import ExchangeHooks
from jira_compat.proxy.reload import Reload
from jira_compat.proxy.settings.options import Settings, add_options, check_neighbours, close_holes, read_options
from jira_compat.proxy.upstream import Upstream, tls_context
from jira_compat.stderr import reason, say

logger = logging.getLogger(__name__)


class JiraCompat:
    """Judges every request that is bound for Jira; runs in mitmdump, mitmweb, mitmproxy and ``serve``.

    Args:
        stream: Where events go for the file ``-``; standard error if ``None``, because mitmproxy owns standard output.
        is_script: Whether mitmproxy's tools load it with ``-s``.
        reloading: Keeps the active policies up to date.
    """

    def __init__(
        self,
        stream: TextIO | None = None,
        *,
        is_script: bool = False,
        reloading: Callable[[ExchangeHooks], Reload] = Reload,
    ) -> None:
        self.traffic = ExchangeHooks()
        self.reloading = reloading(self.traffic)
        self._inventory = Inventory(self.traffic)
        self._stream = stream
        self._is_script = is_script
        self._watches: tuple[asyncio.Task[None], ...] = ()

    def load(self, loader: Loader) -> None:
        """Declare the options."""
        add_options(loader)

    def configure(self, updated: set[str]) -> None:
        """Apply options; the previous ones stay active when the new ones are rejected."""
        try:
            check_neighbours(ctx.options, updated)
            close_holes(ctx.options)  # not first in `running`: mitmproxy listens before
            if any(name.startswith("jira_") for name in updated):
                self._activate(read_options(lambda name: getattr(ctx.options, name)))
        except PolicyError as error:
            self._refuse(error.lines)
        except ValueError as error:
            self._refuse([str(error)])

    def running(self) -> None:
        """Take mitmproxy's own addons over; watch the policies and the clock from now on."""
        names = ("ssl_insecure", "ssl_verify_upstream_trusted_ca")
        self.traffic.upstream = Upstream(tls_context({name: getattr(ctx.options, name) for name in names}))
        if self._is_script:
            take_over(ctx.master.addons)
            keep_what_is_there()
        start = asyncio.get_running_loop().create_task
        self._watches = (start(self.reloading.watch()), start(self._inventory.watch()))

    def done(self) -> None:
        """Write what is not written yet."""
        if self._is_script:
            keep_closed(ctx.master.addons, type(self).__name__.lower(), self.traffic.active)
        for watch in self._watches:
            watch.cancel()
        self.traffic.end()
        self.traffic.offload.close()
        self._inventory.end()
        if self.traffic.log is not None:
            self.traffic.log.close()

    @command.command("jira.reload")
    def reload(self) -> None:
        """Read the policies again; a bad set is rejected and the last good one stays active."""
        if self.traffic.active is None:
            return
        try:
            self.reloading.take(self.reloading.read(self.traffic.active.settings))
        except PolicyError as error:
            raise exceptions.CommandError("\n".join(error.lines)) from None

    @command.command("jira.rules")
    def rules(self) -> Sequence[str]:
        """List the active rules."""
        entries = self.traffic.active.rules.entries if self.traffic.active is not None else ()
        return [f"{entry.mark} {entry.mode} {entry.rule.action.name} {entry.rule.endpoint.text}" for entry in entries]

    def tls_clienthello(self, hello: tls.ClientHelloData) -> None:
        """In forward mode, TLS that is not Jira's by destination or SNI is passed on undecrypted."""
        active, server = self.traffic.active, hello.context.server
        if active is None or isinstance(hello.context.client.proxy_mode, ReverseMode):
            return
        destination = server.address[0] if server.address else None
        if not active.scope.includes((destination, server.sni, hello.client_hello.sni)):
            hello.ignore_connection = True

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """A request begins."""
        self.traffic.requestheaders(flow)

    def request(self, flow: http.HTTPFlow) -> Awaitable[None] | None:
        """A request is here as a whole."""
        return self.traffic.request(flow)

    def client_disconnected(self, client: Client) -> None:
        """Cancel what its requests still wait for."""
        self.traffic.client_gone(client)

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        """An answer begins."""
        self.traffic.responseheaders(flow)

    def response(self, flow: http.HTTPFlow) -> Awaitable[None] | None:
        """An answer is here as a whole."""
        return self.traffic.response(flow)

    def error(self, flow: http.HTTPFlow) -> None:
        """An exchange broke off."""
        self.traffic.error(flow)

    def _refuse(self, lines: Iterable[str]) -> None:
        """Refuse options; what mitmproxy makes of an exception while it loads a script is a traceback.

        An error in its log ends its start as well, and without active rules nothing is forwarded.
        """
        if self._watches or not self._is_script:
            raise exceptions.OptionsError("\n".join(lines)) from None
        for line in lines:
            logger.error("jira-compat: %s", line)

    def _activate(self, settings: Settings) -> None:
        rules = self.reloading.read(settings)
        self._inventory.want(wanted=settings.inventory)
        if self.traffic.active is None or settings.events != self.traffic.active.settings.events:
            self._open_log(settings.events)
        self.reloading.activate(settings, rules)

    def _open_log(self, destination: str | None) -> None:
        try:
            complain = say if self._is_script else logging.getLogger(EVENT_LOG).error
            opened = EventLog(destination, self._stream or sys.stderr, complain) if destination else None
        except OSError as error:
            why = reason(error)
            raise ValueError(f"jira_events: {destination} cannot be opened ({why}); name another file") from None
        if self.traffic.log is not None:
            self.traffic.log.close()
        self.traffic.log = opened


def keep_what_is_there() -> None:
    """Leave out of collections what lives now; what is garbage goes first."""
    gc.collect()
    gc.freeze()
