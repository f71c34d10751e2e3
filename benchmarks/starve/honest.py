"""The honest client: small requests, a few each second, and how long it waits for the answers."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from time import monotonic

EVERY = 0.02
"""Seconds between an answer and the next request."""
_GET = b"GET /rest/api/2/myself HTTP/1.1\r\nHost: jira\r\n\r\n"
_BODY = b'{"name":"fred","password":"secret"}'
_HEAD = b"POST /rest/api/2/user HTTP/1.1\r\nHost: jira\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
_POST = _HEAD % len(_BODY) + _BODY

type Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Honest:
    """What it has seen."""

    def __init__(self, port: int) -> None:
        self.answered = 0
        self.failed = 0
        """Requests that were not answered with 200, and were sent again."""
        self._port = port
        self._waits: dict[object, float] = {}
        self._worst = 0.0

    def forget(self) -> None:
        """Reset the worst wait."""
        self._worst, self.failed = 0.0, 0

    @property
    def worst(self) -> float:
        """Seconds of the longest wait; a request that is in flight counts."""
        now = monotonic()
        return max(self._worst, *(now - began for began in self._waits.values()), 0.0)

    async def send(self, raw: bytes, *, fresh: bool) -> None:
        """Send this over and over again; ``fresh``: each time on a new connection."""
        streams: Streams | None = None
        mine = object()
        while True:
            began = self._waits[mine] = monotonic()
            while (used := await self._answer(raw, streams)) is None:
                streams = None
                self.failed += 1
                await asyncio.sleep(EVERY)
            streams = used
            if fresh:
                streams[1].close()
                streams = None
            del self._waits[mine]
            self._worst = max(self._worst, monotonic() - began)
            self.answered += 1
            await asyncio.sleep(EVERY)

    async def _answer(self, raw: bytes, streams: Streams | None) -> Streams | None:
        """Send and read the answer; give the connection, or ``None`` if that failed."""
        try:
            reader, writer = streams or await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            return None
        try:
            writer.write(raw)
            head = await reader.readuntil(b"\r\n\r\n")
            length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length or 0))
        except (OSError, EOFError):
            writer.close()
            return None
        if head[9:12] == b"200":
            return reader, writer
        writer.close()
        return None


@contextlib.asynccontextmanager
async def honest(port: int) -> AsyncIterator[Honest]:
    """Run one."""
    client = Honest(port)
    tasks = [asyncio.ensure_future(client.send(raw, fresh=fresh)) for raw, fresh in _SENT]
    try:
        yield client
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


_SENT = ((_GET, True), (_GET, False), (_POST, False))
