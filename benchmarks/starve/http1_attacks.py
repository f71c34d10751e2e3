"""Attacks over HTTP/1: each sends something to a port, and counts what it is answered."""

import asyncio
import contextlib
from collections import Counter
from time import monotonic

ENOUGH = 20.0
"""Seconds for answers."""
HOLD = 8.0
"""Seconds that a client holds what it has, without reading or sending."""
PIECE = bytes(1_000_000)
REFUSED = b"PUT /rest/api/2/user/password HTTP/1.1\r\nHost: jira\r\nContent-Length: 2\r\n\r\n{}"

type Answers = Counter[str]


class Behind:
    """Sends behind a request that the upstream answers late."""

    def __init__(self, sent: bytes) -> None:
        self._sent = sent

    async def __call__(self, port: int) -> Answers:
        """Send at most 300 MB."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /slow HTTP/1.1\r\nHost: jira\r\n\r\n")
        sent = await _pour(writer, self._sent, 300_000_000)
        writer.transport.abort()
        del reader
        return Counter({"MB sent": sent // 1_000_000})


async def _pour(writer: asyncio.StreamWriter, piece: bytes, most: int) -> int:
    """Send until nobody takes it for the time of ``HOLD``; return how much."""
    sent, ends = 0, monotonic() + HOLD
    with contextlib.suppress(OSError, TimeoutError):
        while sent < most:
            async with asyncio.timeout(max(0.0, ends - monotonic())):
                writer.write(piece)
                await writer.drain()
            sent += len(piece)
    return sent


class Held:
    """Bodies that a rule must read, all but their last byte, on HTTP/1 connections."""

    def __init__(self, connections: int, size: int) -> None:
        self._connections, self._size = connections, size

    async def __call__(self, port: int) -> Answers:
        """Send them, and hold the connections."""
        answers = await asyncio.gather(*(self._connection(port) for _ in range(self._connections)))
        return sum(answers, Counter[str]())

    async def _connection(self, port: int) -> Answers:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            head = b"POST /rest/api/2/user HTTP/1.1\r\nHost: jira\r\nContent-Type: application/json\r\n"
            writer.write(head + b"Content-Length: %d\r\n\r\n" % (self._size + 1))
            answer = asyncio.ensure_future(reader.read(12))
            sent = await _pour(writer, PIECE[:100_000], self._size)
            done, _ = await asyncio.wait([answer], timeout=2)
            status = answer.result()[9:].decode() or "closed" if done and not answer.exception() else "not answered"
            answer.cancel()
            writer.transport.abort()
        except OSError:
            return Counter({"closed": 1})
        return Counter({"MB sent": round(sent / 1e6), status: 1})


async def unread(port: int) -> Answers:
    """Request 200 MB, and do not read them."""
    _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
    writer.write(b"GET /download/200 HTTP/1.1\r\nHost: jira\r\n\r\n")
    await asyncio.sleep(HOLD)
    writer.transport.abort()
    return Counter()


async def silent(port: int) -> Answers:
    """More connections than the proxy takes, from another address; nothing is sent."""
    opened = []
    for _ in range(60):
        with contextlib.suppress(OSError):
            opened.append(await asyncio.open_connection("127.0.0.1", port, local_addr=("127.0.0.2", 0)))
    reads = [asyncio.ensure_future(reader.read()) for reader, _ in opened]
    done, held = await asyncio.wait(reads, timeout=12)
    for read in held:
        read.cancel()
    await asyncio.gather(*reads, return_exceptions=True)
    return Counter({"closed": len(done), "held": len(held)})


async def pipelined(port: int) -> Answers:
    """Send 4 MB of refused requests, and read the answers."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    count = 4_000_000 // len(REFUSED)
    writer.write(REFUSED * count)
    seen, ends = 0, monotonic() + ENOUGH
    with contextlib.suppress(OSError, TimeoutError):
        while seen < count:
            async with asyncio.timeout(max(0.0, ends - monotonic())):
                piece = await reader.read(1 << 16)
            if not piece:
                break
            seen += piece.count(b"HTTP/1.1 410")
    writer.transport.abort()
    return Counter({"410": seen})


async def links(port: int) -> Answers:
    """Get an answer of 8 MB with 200,000 links, four times."""
    answers: Answers = Counter()
    for _ in range(4):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
        writer.write(b"GET /rest/api/2/links HTTP/1.1\r\nHost: proxy.test\r\nConnection: close\r\n\r\n")
        answer = await reader.read()
        answers[answer[9:12].decode()] += 1
        answers["links rewritten"] += answer.count(b"//proxy.test/")
        writer.close()
    return answers
