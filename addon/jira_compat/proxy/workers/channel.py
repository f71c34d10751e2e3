"""Whole messages between a worker and the process that started it, over a pair of sockets of their own."""

import asyncio
import pickle
import socket
import struct
from typing import Any, Self

_SIZE = struct.Struct("!Q")


class Channel:
    """One end of it. Messages are any values that can be pickled: both ends are this program."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def over(cls, connected: socket.socket) -> Self:
        """Make a channel of a connected socket."""
        return cls(*await asyncio.open_connection(sock=connected))

    def send(self, message: object) -> None:
        """Send a message, or nothing if the other end is gone: the receiving side learns of that."""
        if not self._writer.is_closing():
            content = pickle.dumps(message)
            self._writer.write(_SIZE.pack(len(content)) + content)

    async def receive(self) -> Any:  # noqa: ANN401 - whatever was sent
        """The next message; ``None`` once the other end is gone, with whatever it had sent by half."""
        try:
            (size,) = _SIZE.unpack(await self._reader.readexactly(_SIZE.size))
            return pickle.loads(await self._reader.readexactly(size))  # noqa: S301 - from ourselves
        except (asyncio.IncompleteReadError, OSError):
            return None

    async def close(self) -> None:
        """Send what is to be sent yet, and close."""
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except OSError:
            return
