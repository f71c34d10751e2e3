"""mitmproxy's HTTP/2 connections, with windows, in turns, and without floods.

Only ``serve`` uses it. mitmproxy 12 opens windows of 2 GB and holds whatever comes. It handles all frames of a read at
once: requests, resets and control frames by the thousand, while other clients wait.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any, ClassVar

from h2.connection import ConnectionState, H2Connection
from h2.errors import ErrorCodes
from mitmproxy.proxy import commands, events
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layers.http import _http2 as inside
from mitmproxy.proxy.layers.http._http_h2 import BufferedH2Connection

from jira_compat.proxy.patches.stream_hooks import Commands, StreamHooks

STREAM_WINDOW = 1 << 20
"""Bytes of an exchange that a peer may send before they are taken."""
CONNECTION_WINDOW = 1 << 22
"""Bytes of all exchanges of a connection."""
_DEFAULT_WINDOW = 65_535  # RFC 9113, section 6.9.2

PREFACE = 24
"""Bytes before the first frame (RFC 9113, section 3.4)."""
HEAD = 9
"""Bytes of a frame's head (RFC 9113, section 4.1)."""
DATA, HEADERS, RST_STREAM, WINDOW_UPDATE = 0, 1, 3, 8
_END_STREAM = 1
_SMALL = 64  # bytes of a DATA frame

TURN_FRAMES = 256
"""Frames that are handled in one turn of the event loop."""
TURN_REQUESTS = 8
LINGER = 1.0
"""Seconds for which a client that is sent away is still read."""


@dataclass(slots=True)
class Bucket:
    """Tokens of which some are spent, and which come back with time.

    Args:
        most: The tokens at first.
        rate: Tokens that come back in a second.
    """

    most: float
    rate: float
    _left: float = -1.0
    _since: float = 0.0

    def take(self, now: float) -> bool:
        """Take a token; false if none is left."""
        self._left = self.most if self._left < 0 else min(self.most, self._left + self.rate * (now - self._since))
        self._since = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Flood(Exception):  # noqa: N818 - what it is
    """More frames of a kind than any honest client sends."""


class Frames:
    """The bytes that a client sends, by turns; the frames that cost more than they carry are counted."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._rest = PREFACE
        self._resets = Bucket(200, 20)
        self._control = Bucket(500, 50)
        self._small = Bucket(5_000, 500)

    def __len__(self) -> int:
        return len(self._waiting)

    def feed(self, data: bytes) -> None:
        """Take in what was read."""
        self._waiting += data

    def turn(self) -> bytes:
        """Return the bytes of one turn; none if the next frame's head is not complete.

        Raises:
            Flood: There were too many frames of a kind.
        """
        at, frames, requests, now = 0, 0, 0, monotonic()
        end = len(self._waiting)
        while at < end and frames < TURN_FRAMES:
            if self._rest:
                step = min(self._rest, end - at)
                self._rest -= step
                at += step
                continue
            if end - at < HEAD:
                break
            length, kind = int.from_bytes(self._waiting[at : at + 3]), self._waiting[at + 3]
            if kind == HEADERS and (requests := requests + 1) > TURN_REQUESTS:
                break
            self._count(kind, length, self._waiting[at + 4], now)
            frames += 1
            at += HEAD
            self._rest = length
        taken = bytes(self._waiting[:at])
        del self._waiting[:at]
        return taken

    def _count(self, kind: int, length: int, flags: int, now: float) -> None:
        if kind in {HEADERS, WINDOW_UPDATE}:
            return
        if kind == DATA:
            if length >= _SMALL or flags & _END_STREAM:
                return
            bucket = self._small if length else self._control
        else:
            bucket = self._resets if kind == RST_STREAM else self._control
        if not bucket.take(now):
            raise Flood


class WindowedH2Connection(BufferedH2Connection):
    """Windows of a sensible size, which open again when what came through them was taken."""

    are_any: ClassVar = False
    """Whether the process has had any: without them nothing needs to be looked after."""

    def __init__(self, config: Any) -> None:  # noqa: ANN401 - h2's
        super().__init__(config)
        WindowedH2Connection.are_any = True
        self.owed: Counter[int] = Counter()
        """Bytes by which windows are to be opened, by stream."""
        self.local_settings.initial_window_size = STREAM_WINDOW
        self.local_settings.acknowledge()

    def initiate_connection(self) -> None:
        """Send the settings, and open the connection's window."""
        H2Connection.initiate_connection(self)
        self.increment_flow_control_window(CONNECTION_WINDOW - _DEFAULT_WINDOW)

    def acknowledge_received_data(self, acknowledged_size: int, stream_id: int) -> None:
        """Take note of what was received."""
        self.owed[stream_id] += acknowledged_size

    def settle(self, is_held: Callable[[int], bool]) -> bytes:
        """Open the windows of streams of which nothing is held; return what is to be sent."""
        if self.state_machine.state is ConnectionState.CLOSED:
            self.owed.clear()
            return b""
        for stream_id in [each for each in self.owed if not is_held(each)]:
            super().acknowledge_received_data(self.owed.pop(stream_id), stream_id)
        return bytes(self.data_to_send())


@dataclass
class Settle(events.Event):
    """Open windows.

    Args:
        is_held: Whether bytes of a stream, by the client's number for it, are still held.
    """

    is_held: Callable[[int], bool]


def http2_server(hooks: StreamHooks) -> type[inside.Http2Server]:  # noqa: C901 - a class is in it
    """Return the class of clients' connections."""

    class CompatHttp2Server(inside.Http2Server):
        _turn: commands.RequestWakeup | None = None

        def __init__(self, context: Context) -> None:
            super().__init__(context)
            self._frames = Frames()

        @property
        def backlog(self) -> int:
            """Bytes that wait for their turn."""
            return len(self._frames)

        def _handle_event(self, event: events.Event) -> Commands:
            """Handle frames by turns."""
            if isinstance(event, events.DataReceived):
                self._frames.feed(event.data)
                if self._turn is None:
                    yield from self._take_turn()
            elif isinstance(event, events.Wakeup) and event.command is self._turn:
                self._turn = None
                yield from self._take_turn()
            elif isinstance(event, Settle):
                yield from _settled(self, event.is_held)
            else:
                yield from super()._handle_event(event)

        def _take_turn(self) -> Commands:
            try:
                data = self._frames.turn()
            except Flood:
                hooks.flooded()
                yield from self._go_away()
                return
            if data:
                yield from super()._handle_event(events.DataReceived(self.conn, data))
                if len(self._frames) >= HEAD:
                    self._turn = commands.RequestWakeup(0)
                    yield self._turn

        def _go_away(self) -> Commands:
            """Say why the connection ends, and close it in a while: at once, what is not read would take that back."""
            self._frames = Frames()
            self.h2_conn.close_connection(ErrorCodes.ENHANCE_YOUR_CALM, b"too many frames that ask for nothing")
            yield commands.SendData(self.conn, self.h2_conn.data_to_send())
            for command in self.close_connection("too many frames that ask for nothing"):
                if not isinstance(command, commands.CloseConnection):
                    yield command
            self._handle_event = self._linger  # type: ignore[method-assign]
            yield commands.RequestWakeup(LINGER)

        def _linger(self, event: events.Event) -> Commands:
            """Drop what still comes."""
            if isinstance(event, events.Wakeup | events.ConnectionClosed):
                yield commands.CloseConnection(self.conn)

    return CompatHttp2Server


class Client(inside.Http2Client):
    """A connection to the upstream."""

    def _handle_event(self, event: events.Event) -> Commands:
        """Open windows, too."""
        if isinstance(event, Settle):
            theirs = self.their_stream_id
            yield from _settled(self, lambda ours: event.is_held(theirs.get(ours, 0)))
        else:
            yield from super()._handle_event(event)


def _settled(connection: inside.Http2Connection, is_held: Callable[[int], bool]) -> Commands:
    windows = connection.h2_conn
    if isinstance(windows, WindowedH2Connection) and (data := windows.settle(is_held)):
        yield commands.SendData(connection.conn, data)
