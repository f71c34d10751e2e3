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
    """Run the soak, print the outcome, and return the exit status."""
    upstream = Upstream()
    await upstream.listen()
    async with running(f"http://127.0.0.1:{upstream.port}", folder, wanted.options) as proxy:
        outcome = Outcome(upstream, proxy, wanted.clients)
        for_ever = [
            asyncio.ensure_future(each) for each in (_weigh(outcome), _change_policies(outcome), _refuse(outcome))
        ]
        plan = requests(wanted.requests, wanted.seed)
        await asyncio.gather(*(_client(outcome, plan) for _ in range(wanted.clients)))
        outcome.seconds = monotonic() - outcome.began
        for task in for_ever:
            task.cancel()
        await asyncio.gather(*for_ever, return_exceptions=True)
        outcome.metrics = await _at_rest(proxy)
        outcome.memory.append((len(outcome.asked), proxy.memory()))
    upstream.close()
    faults = list(outcome.faults())
    for line in (*outcome.summary(), *(f"WRONG: {fault}" for fault in faults)):
        print(line)
    print(f"soak: {'failed' if faults else 'passed'}")
    return 1 if faults else 0


async def _client(outcome: Outcome, plan: Iterator[Asked]) -> None:
    """Send requests until none is left."""
    client = Client(
        outcome.proxy.port, lambda asked, fault, began: outcome.wrong.append((asked, fault, began, monotonic()))
    )
    for asked in plan:
        outcome.asked[asked.name] = outcome.upstream.asked[asked.name] = replace(asked, raw=b"", over_http2=None)
        await client.ask(asked)
    client.close()


async def _change_policies(outcome: Outcome) -> None:
    while True:
        await asyncio.sleep(1.5)
        outcome.proxy.change_policies(outcome.turns)
        outcome.turns += 1


async def _refuse(outcome: Outcome) -> None:
    while True:
        await asyncio.sleep(4)
        await outcome.upstream.refuse(0.2)


async def _weigh(outcome: Outcome) -> None:
    while True:
        outcome.memory.append((len(outcome.asked), outcome.proxy.memory()))
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
