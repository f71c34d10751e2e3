"""A client's connection whose hooks are called where they arise, and which writes once what is to be written at once.

Only ``serve`` uses it. mitmproxy 12 makes a task for each hook, because
an addon may wait in it: four for each exchange. Ours do not wait. And it sends a head and what follows it apart, each
with a system call of its own. It keeps no more than five connections to an upstream for each of a client's; who waits
for a turn, and is given up meanwhile, would wait for ever.
"""

import asyncio
from collections import deque
from collections.abc import Generator
from typing import ClassVar

from mitmproxy.proxy import commands, events
from mitmproxy.proxy.layer import Layer
from mitmproxy.proxy.mode_servers import ProxyConnectionHandler

from jira_compat.proxy.patches.hook_dispatch import HookTable

Commands = Generator[commands.Command]

_LARGE = 1 << 16
"""Bytes; putting together what is larger costs more than a system call."""


class InlineHooksLayer:
    """In the place of a connection's layer: calls and completes hooks, and puts writes together.

    Args:
        inner: mitmproxy's layer.
        dispatch: Calls hooks.
    """

    def __init__(self, inner: Layer, dispatch: HookTable) -> None:
        self.context = inner.context
        self._inner = inner
        self._dispatch = dispatch

    def handle_event(self, event: events.Event) -> Commands:
        """What the layer wants done upon an event, in its order."""
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

    def _without_hooks(self, event: events.Event) -> Commands:
        waiting = deque((event,))
        while waiting:
            for command in self._inner.handle_event(waiting.popleft()):
                if not isinstance(command, commands.StartHook) or not self._dispatch.call_at_once(command):
                    yield command
                elif command.blocking:
                    waiting.append(events.HookCompleted(command))


class Handler(ProxyConnectionHandler):
    """mitmproxy's connection, with such a layer. ``dispatch`` is set by the seam."""

    dispatch: ClassVar[HookTable]

    @property  # type: ignore[override] # it has all that a layer is asked for; `test_seam.py` holds it to that
    def layer(self) -> InlineHooksLayer:
        """The layer at the top, which is set once for each connection."""
        return self._layer

    @layer.setter
    def layer(self, inner: Layer) -> None:
        self._layer = InlineHooksLayer(inner, self.dispatch)

    async def open_connection(self, command: commands.OpenConnection) -> None:
        """Connect to an upstream, and stay; who is given up while it waits for its turn has failed, too."""
        try:
            await super().open_connection(command)
        except asyncio.CancelledError as cancelled:
            if command.connection.timestamp_start is None and command.connection.error is None:
                command.connection.error = str(cancelled) or "connection cancelled"
                await self.server_event(events.OpenConnectionCompleted(command, command.connection.error))
            raise
