"""Memory of ``serve``: after its start, over many requests, while large bodies pass or are rejected.

``python -m benchmarks.memory [--requests 100000] [--megabytes 1000]``: starts everything itself, on loopback.
Prints a Markdown table; each peak is the highest that the kernel has seen meanwhile. Linux only.
"""

import argparse
import asyncio
import contextlib
import platform
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from benchmarks.soak.client import Client
from benchmarks.soak.plan import passes, refused, requests, stripped
from benchmarks.soak.proxy import Proxy, running

PIECE = bytes(1_000_000)
_SMALL = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
_REFUSED = b"PUT /rest/api/2/user/password HTTP/1.1\r\nHost: jira\r\nContent-Length: %d\r\n%b\r\n"
_UPLOAD = b"POST /rest/api/2/issue/A-1/attachments HTTP/1.1\r\nHost: jira\r\nContent-Length: %d\r\n\r\n"
_DOWNLOAD = b"GET /download/%d HTTP/1.1\r\nHost: jira\r\n\r\n"

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def measure(count: int, megabytes: int, folder: Path) -> None:
    """Do it all, and print the table."""
    server = await asyncio.start_server(_upstream, "127.0.0.1", 0, backlog=256)
    port = server.sockets[0].getsockname()[1]
    async with server, running(f"http://127.0.0.1:{port}", folder, []) as proxy:
        print(f"Python {platform.python_version()}, {platform.machine()}; resident memory in MB")
        print(f"\n| serve | after | peak |\n|---|---:|---:|\n| after its start | {proxy.memory():.0f} | |")
        await _row(f"{count} requests: forwarded, edited, refused", proxy, lambda: _many(proxy, count))
        await _row(f"an upload of {megabytes} MB", proxy, lambda: _send(proxy, _UPLOAD % _length(megabytes), megabytes))
        await _row(f"a download of {megabytes} MB", proxy, lambda: _download(proxy, megabytes))
        half = megabytes // 2
        plain, asks = (_REFUSED % (_length(half), field) for field in (b"", b"Expect: 100-continue\r\n"))
        await _row(f"a refused upload of {half} MB", proxy, lambda: _send(proxy, plain, half, b" 410 "))
        await _row("the same with Expect, sent without waiting", proxy, lambda: _send(proxy, asks, half, b" 410 "))


async def _row(name: str, proxy: Proxy, do: Callable[[], Awaitable[None]]) -> None:
    proxy.forget_peak()
    await do()
    print(f"| {name} | {proxy.memory():.0f} | {proxy.memory('VmHWM'):.0f} |", flush=True)


async def _many(proxy: Proxy, count: int) -> None:
    plan = requests(count, 1, {passes: 2, stripped: 1, refused: 1})
    wrong: list[str] = []

    async def ask() -> None:
        client = Client(proxy.port, lambda asked, fault, _: wrong.append(f"{asked.kind}: {fault}"))
        for asked in plan:
            await client.ask(asked)
        client.close()

    await asyncio.gather(*(ask() for _ in range(16)))
    if wrong:
        sys.exit(f"memory: {len(wrong)} requests went wrong: {wrong[0]}")


async def _send(proxy: Proxy, head: bytes, megabytes: int, answered: bytes = b" 200 ") -> None:
    """Send a head and so much after it, whatever is answered meanwhile."""
    async with _connected(proxy) as (reader, writer):
        writer.write(head)
        with contextlib.suppress(ConnectionError):  # it need not be read to its end
            for _ in range(megabytes):
                writer.write(PIECE)
                await writer.drain()
        with contextlib.suppress(ConnectionError):
            line = await reader.readline()
            if answered not in line:
                sys.exit(f"memory: {head.splitlines()[0].decode()} was answered {line!r}")


async def _download(proxy: Proxy, megabytes: int) -> None:
    async with _connected(proxy) as (reader, writer):
        writer.write(_DOWNLOAD % megabytes)
        await reader.readuntil(b"\r\n\r\n")
        left = _length(megabytes)
        while left:
            left -= len(await reader.read(min(left, len(PIECE))))


@contextlib.asynccontextmanager
async def _connected(proxy: Proxy) -> AsyncIterator[Streams]:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port, limit=len(PIECE))
    try:
        yield reader, writer
    finally:
        writer.close()


async def _upstream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Drop request bodies; send as many bytes as requested."""
    with contextlib.suppress(OSError, asyncio.IncompleteReadError):
        while head := await reader.readuntil(b"\r\n\r\n"):
            left = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
            while left:
                left -= len(await reader.read(min(left, len(PIECE))) or PIECE[:left])
            path = head.split(b" ")[1]
            if not path.startswith(b"/download/"):
                writer.write(_SMALL)
                continue
            megabytes = int(path.rpartition(b"/")[2])
            kind = b"Content-Type: application/octet-stream"
            writer.write(b"HTTP/1.1 200 OK\r\n%b\r\nContent-Length: %d\r\n\r\n" % (kind, _length(megabytes)))
            for _ in range(megabytes):
                writer.write(PIECE)
                await writer.drain()
    writer.close()


def _length(megabytes: int) -> int:
    return megabytes * len(PIECE)


def main() -> None:
    """Measure, and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--megabytes", type=int, default=1000)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(wanted.requests, wanted.megabytes, Path(folder)))


if __name__ == "__main__":
    main()
