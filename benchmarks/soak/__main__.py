"""Mixed traffic through ``serve``, with reloads, upstreams that fail and clients that leave: is anything lost?

``python -m benchmarks.soak [--requests 100000] [--clients 24] [--seed 1] [-- OPTIONS OF serve]``: starts
everything itself, on loopback. Exit status 0 only if no request was wrongly forwarded, every answer was as
it should be, no event was missing or doubled, memory was flat, and nothing was in flight at the end.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import monotonic

from benchmarks.soak.client import Client
from benchmarks.soak.plan import Asked, requests
from benchmarks.soak.proxy import Proxy, running
from benchmarks.soak.upstream import Upstream
from benchmarks.soak.verdict import Outcome


async def soak(wanted: argparse.Namespace, folder: Path) -> int:
    """Run it, and print what came of it; the exit status."""
    upstream = Upstream()
    await upstream.listen()
    async with running(f"http://127.0.0.1:{upstream.port}", folder, wanted.options) as proxy:
        one = Outcome(upstream, proxy, wanted.clients)
        for_ever = [asyncio.ensure_future(each) for each in (_weigh(one), _change_policies(one), _refuse(one))]
        plan = requests(wanted.requests, wanted.seed)
        await asyncio.gather(*(_client(one, plan) for _ in range(wanted.clients)))
        one.seconds = monotonic() - one.began
        for task in for_ever:
            task.cancel()
        await asyncio.gather(*for_ever, return_exceptions=True)
        one.metrics = await _at_rest(proxy)
        one.memory.append((len(one.asked), proxy.memory()))
    upstream.close()
    faults = list(one.faults())
    for line in (*one.summary(), *(f"WRONG: {fault}" for fault in faults)):
        print(line)
    print(f"soak: {'failed' if faults else 'passed'}")
    return 1 if faults else 0


async def _client(one: Outcome, plan: Iterator[Asked]) -> None:
    """A client asks until there is no more."""
    client = Client(one.proxy.port, lambda asked, what, began: one.wrong.append((asked, what, began, monotonic())))
    for asked in plan:
        one.asked[asked.name] = one.upstream.asked[asked.name] = replace(asked, raw=b"", over_http2=None)
        await client.ask(asked)
    client.close()


async def _change_policies(one: Outcome) -> None:
    while True:
        await asyncio.sleep(1.5)
        one.proxy.change_policies(one.turns)
        one.turns += 1


async def _refuse(one: Outcome) -> None:
    while True:
        await asyncio.sleep(4)
        await one.upstream.refuse(0.2)


async def _weigh(one: Outcome) -> None:
    while True:
        one.memory.append((len(one.asked), one.proxy.memory()))
        await asyncio.sleep(0.5)


async def _at_rest(proxy: Proxy) -> dict[str, float]:
    """The metrics once nothing is in flight, or when that is not to be expected any more."""
    for _ in range(100):
        metrics = await proxy.metrics()
        if not metrics["jira_compat_requests_in_flight"]:
            break
        await asyncio.sleep(0.1)
    return metrics


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--clients", type=int, default=24)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("options", nargs="*", help="further options of serve")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(asyncio.run(soak(wanted, Path(folder))))


if __name__ == "__main__":
    main()
