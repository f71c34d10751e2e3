"""A client's connection that calls hooks inline and joins small writes.

Only ``serve`` uses it. mitmproxy 12 makes a task for each hook, because an addon may wait in it: four for each
exchange. It sends a head and what follows it apart, each with a system call of its own. It keeps at most five
connections to an upstream for each of a client's; an exchange that is cancelled while it waits for its turn would
wait for ever.
"""

import asyncio
from collections import deque
from contextvars import ContextVar
from functools import partial

from mitmproxy.connection import Connection
from mitmproxy.proxy import commands, events
from mitmproxy.proxy.layer import Layer
from mitmproxy.proxy.mode_servers import ProxyConnectionHandler

from jira_compat.proxy.patches.flow_control import has_asked, has_tunnel, is_full
from jira_compat.proxy.patches.hook_dispatch import HookTable
from jira_compat.proxy.patches.stream_hooks import Commands, StreamHooks

_LARGE = 1 << 16
"""Bytes; joining larger writes costs more than a system call."""

_read: ContextVar[Connection] = ContextVar("the connection that the current task reads")


class InlineHooksLayer:
    """Stands in for a connection's layer: calls and completes hooks, and joins writes.

    Args:
        inner: mitmproxy's layer.
        table: Calls hooks.
        hooks: Learn of a client that closes its connection.
    """

    def __init__(self, inner: Layer, table: HookTable, hooks: StreamHooks | None = None) -> None:
        self.context = inner.context
        self._hooks = hooks
        self._inner = inner
        self._table = table
        self._room: asyncio.Event | None = None

    async def room(self) -> None:
        """Wait until an event has been handled: after each there may be room for what was not read."""
        self._room = self._room or asyncio.Event()
        self._room.clear()
        await self._room.wait()

    def handle_event(self, event: events.Event) -> Commands:
        """Yield the layer's commands in their order."""
        if isinstance(event, events.ConnectionClosed) and event.connection is self.context.client and self._hooks:
            self._hooks.client_gone(self.context.client)
        held: commands.SendData | None = None
        for command in self._without_hooks(event):
            if not isinstance(command, commands.SendData):
                if held is not None:
                    yield held
                    held = None
                yield command
            elif held is None:
                held = command
            elif held.connection is command.connection and len(held.data) + len(command.data) < _LARGE:
                held = commands.SendData(held.connection, held.data + command.data)
            else:
                yield held
                held = command
        if held is not None:
            yield held
        if self._room is not None:
            self._room.set()

    def _without_hooks(self, event: events.Event) -> Commands:
        waiting = deque((event,))
        while waiting:
            for command in self._inner.handle_event(waiting.popleft()):
                if not isinstance(command, commands.StartHook) or not self._table.call_inline(command):
                    yield command
                elif command.blocking:
                    waiting.append(events.HookCompleted(command))


def connection_handler(table: HookTable, hooks: StreamHooks, head_timeout: float) -> type[ProxyConnectionHandler]:  # noqa: C901 - a class is in it
    """Return the class of connections.

    Args:
        table: Calls their hooks.
        hooks: Decide what exchanges do.
        head_timeout: Seconds within which a client must have begun a request.
    """

    class Handler(ProxyConnectionHandler):
        @property  # type: ignore[override] # it has all that a layer is asked for; `test_install.py` holds it to that
        def layer(self) -> InlineHooksLayer:
            """The layer at the top, which is set once for each connection."""
            return self._layer

        @layer.setter
        def layer(self, inner: Layer) -> None:
            self._layer = InlineHooksLayer(inner, table, hooks)

        async def handle_client(self) -> None:
            """Serve a client; close its connection if it is silent at first, or never ends its TLS handshake."""
            self._alarm = asyncio.get_running_loop().call_later(head_timeout, self._close_if_silent)
            try:
                await super().handle_client()
            finally:
                self._alarm.cancel()

        def _close_if_silent(self, *, is_second: bool = False) -> None:
            """Close the connection of a client that has not begun a request; a tunnel has as long again for that."""
            io, layers = self.transports.get(self.client), self.layer.context.layers
            if io is None or io.handler is None or has_asked(layers, self.client):
                return
            if has_tunnel(layers, self.client) and not is_second:
                later = partial(self._close_if_silent, is_second=True)
                self._alarm = asyncio.get_running_loop().call_later(head_timeout, later)
            else:
                io.handler.cancel("timeout")

        async def handle_connection(self, connection: Connection) -> None:
            """Read a connection to its end."""
            _read.set(connection)
            await super().handle_connection(connection)

        async def drain_writers(self) -> None:
            """Wait until what was read was taken; it is called after each read."""
            await super().drain_writers()
            while is_full(self.layer.context.layers, _read.get()):
                await self.layer.room()

        async def open_connection(self, command: commands.OpenConnection) -> None:
            """Connect to an upstream; a connection that is cancelled before its turn has failed."""
            try:
                await super().open_connection(command)
            except asyncio.CancelledError as cancelled:
                if command.connection.timestamp_start is None and command.connection.error is None:
                    command.connection.error = str(cancelled) or "connection cancelled"
                    await self.server_event(events.OpenConnectionCompleted(command, command.connection.error))
                raise

    return Handler
