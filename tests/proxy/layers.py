"""mitmproxy's HTTP layer with our exchange in it, driven event by event; hooks are :class:`ExchangeHooks`'s own."""

from mitmproxy import connection, options
from mitmproxy.proxy import commands, context, events
from mitmproxy.proxy.layers import http
from mitmproxy.proxy.mode_specs import ProxyMode

from jira_compat.proxy.exchange.exchange import ActivePolicy
from jira_compat.proxy.exchange.hooks import ExchangeHooks
from jira_compat.proxy.patches.http_stream import http_stream
from jira_compat.proxy.settings.options import OPTIONS, read_options
from jira_compat.proxy.settings.policies import load_rules
from jira_compat.proxy.settings.scope import Scope


class Layer:
    """A client's connection to a reverse proxy: what is said to the client, and what the upstream is asked."""

    def __init__(self, monkeypatch, alpn=None, **changed):
        settings = read_options({**{name: default for name, _, default, _, _ in OPTIONS}, **changed}.__getitem__)
        self.traffic = ExchangeHooks()
        self.traffic.is_watched = False
        self.traffic.activate(ActivePolicy(settings, load_rules(settings), Scope(settings.hosts)))
        monkeypatch.setattr(http, "HttpStream", http_stream(self.traffic, self))  # type: ignore[arg-type]
        opts = options.Options()
        for name, kind, value in [("store_streamed_bodies", bool, False), ("keep_host_header", bool, False)]:
            opts.add_option(name, kind, value, "")
        for name in ("stream_large_bodies", "body_size_limit"):
            opts.add_option(name, str | None, None, "")
        opts.add_option("validate_inbound_headers", bool, True, "")
        self.client = connection.Client(
            peername=("127.0.0.1", 1),
            sockname=("127.0.0.1", 2),
            timestamp_start=0.0,
            state=connection.ConnectionState.OPEN,
        )
        self.client.alpn = alpn
        self.client.proxy_mode = ProxyMode.parse("reverse:http://jira.example.com")
        place = context.Context(self.client, opts)
        place.server.address = ("jira.example.com", 80)
        self.server = place.server
        self.layer = http.HttpLayer(place, http.HTTPMode.transparent)
        self.told, self.asked, self.hooks, self.risen, self.is_closed = b"", b"", [], [], False
        self.wants_upstream = None
        self.waits = False
        """Whether somebody who listens to a hook may wait for something."""
        self._drive(events.Start())

    def says(self, data):
        """The client sends something."""
        self._drive(events.DataReceived(self.client, data))
        return self

    def upstream(self, error=None):
        """The connection to the upstream is made, or is not."""
        assert self.wants_upstream is not None
        self.server = self.wants_upstream.connection
        if error is None:
            self.server.state = connection.ConnectionState.OPEN
        self._drive(events.OpenConnectionCompleted(self.wants_upstream, error))
        return self

    def answers(self, data):
        """The upstream sends something."""
        self._drive(events.DataReceived(self.server, data))
        return self

    def call_inline(self, hook):
        """As :class:`HookTable` does."""
        if not self.waits:
            self._call(hook)
        return not self.waits

    def _call(self, hook):
        self.hooks.append(hook.name)
        getattr(self.traffic, hook.name)(*hook.args())

    def _drive(self, event):
        pending = [event]
        while pending:
            for command in self.layer.handle_event(pending.pop(0)):
                if isinstance(command, commands.StartHook):
                    self.risen.append(command.name)
                    self._call(command)
                    if command.blocking:
                        pending.append(events.HookCompleted(command))
                elif isinstance(command, commands.SendData):
                    if command.connection is self.client:
                        self.told += command.data
                    else:
                        self.asked += command.data
                elif isinstance(command, commands.OpenConnection):
                    self.wants_upstream = command
                elif isinstance(command, commands.CloseConnection) and command.connection is self.client:
                    self.is_closed = True
