"""The one place where private parts of mitmproxy are replaced, for ``serve`` alone.

mitmproxy has no interface for any of it. ``tests/proxy/patches/test_install.py`` fails when a new mitmproxy no
longer has these parts, or has them in another shape.
"""

import asyncio
import socket
from collections.abc import Callable, Sequence
from typing import Any

from mitmproxy import http as messages
from mitmproxy.master import Master
from mitmproxy.net.http.http1 import read
from mitmproxy.proxy import context, mode_servers, mode_specs
from mitmproxy.proxy.layers import http
from mitmproxy.proxy.layers.http import _http1, _http2

from jira_compat.proxy.patches import fast_paths, http1, http2
from jira_compat.proxy.patches.connection_handler import connection_handler
from jira_compat.proxy.patches.flow_control import settle
from jira_compat.proxy.patches.hook_dispatch import HookTable
from jira_compat.proxy.patches.http_stream import http_stream
from jira_compat.proxy.patches.stream_hooks import StreamHooks
from jira_compat.proxy.patches.upstream_connections import asking_again, forgetting, matching_sound


def install(hooks: StreamHooks, table: HookTable, *, max_head: int, head_timeout: float) -> None:
    """Replace mitmproxy's exchanges and connections in this process.

    Args:
        hooks: Decide what exchanges do.
        table: Calls mitmproxy's hooks.
        max_head: The most bytes that a request's head may have.
        head_timeout: Seconds within which a request's head must be complete.
    """
    mode_servers.ProxyConnectionHandler = connection_handler(table, hooks, head_timeout)  # type: ignore[misc]
    http.HttpStream = http_stream(hooks, table)  # type: ignore[misc]
    http.Http1Server = http1.http1_server(max_head, head_timeout)  # type: ignore[attr-defined]
    http.Http1Client = http1.Client  # type: ignore[attr-defined]
    http.Http2Server = http2.http2_server(hooks)  # type: ignore[attr-defined]
    http.Http2Client = http2.Client  # type: ignore[attr-defined]
    _http2.BufferedH2Connection = http2.WindowedH2Connection  # type: ignore[attr-defined]
    _http1.make_body_reader = http1.make_body_reader  # type: ignore[assignment]
    _http1.make_error_response = http1.error_page  # type: ignore[assignment]
    read.url = http1.Urls  # type: ignore[attr-defined,assignment]
    wanted = http.GetHttpConnection
    wanted.connection_spec_matches = matching_sound(wanted.connection_spec_matches)  # type: ignore[method-assign,assignment]
    http.HttpLayer._handle_event = forgetting(http.HttpLayer._handle_event, settle)  # type: ignore[method-assign] # noqa: SLF001
    http.HttpLayer.register_connection = asking_again(  # type: ignore[method-assign]
        http.HttpLayer.register_connection, hooks.timed_out.__contains__
    )
    fields = messages.Headers
    fields.get, fields.get_all = fast_paths.get, fast_paths.get_all  # type: ignore[method-assign,assignment]
    fields.__getitem__, fields.__contains__ = fast_paths.get_item, fast_paths.contains  # type: ignore[method-assign,assignment]
    context.Context.fork = fast_paths.fork  # type: ignore[assignment,method-assign]
    for message in (messages.RequestData, messages.ResponseData):
        message.__post_init__ = _unchecked  # type: ignore[method-assign]
    mode_specs.ReverseMode.__post_init__ = _without_udp(mode_specs.ReverseMode.__post_init__)  # type: ignore[assignment,method-assign]


def listen_on(sockets: Sequence[socket.socket]) -> None:
    """Have mitmproxy serve sockets that listen already, in place of an address."""

    async def listen(instance: Any, *_: object) -> list[asyncio.Server]:  # noqa: ANN401 - of either mode
        # asyncio accepts up to backlog + 1 connections at a time, and other workers want some.
        return [await asyncio.start_server(instance.handle_stream, sock=each, backlog=1) for each in sockets]

    mode_servers.AsyncioServerInstance.listen = listen  # type: ignore[assignment,method-assign]


def _unchecked(_: messages.MessageData) -> None:
    """Skip mitmproxy's type checks of each part of each message: a tenth of its time, and off under ``python -O``."""


def _without_udp(parse: Callable[[mode_specs.ReverseMode], None]) -> Callable[[mode_specs.ReverseMode], None]:
    """Keep mitmproxy from opening a UDP port for HTTP/3, which it does for https sites even with ``http3=false``."""

    def parse_tcp(mode: mode_specs.ReverseMode) -> None:
        parse(mode)
        mode.transport_protocol = "tcp"

    return parse_tcp


class LeanMaster(Master):
    """mitmproxy's Master without searches for listeners and without log events for addons."""

    addons: HookTable

    def __init__(self) -> None:
        super().__init__(fast_paths.SharedOptions())
        self.addons = HookTable(self)
        self._legacy_log_events.uninstall()  # it formats every record for a hook without listeners
