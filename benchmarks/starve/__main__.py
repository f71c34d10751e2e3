"""Nobody can starve the others: attacks on ``serve``, with an honest client next to each.

``python -m benchmarks.starve [ROW ...]``: starts everything itself, on loopback; a ROW may have wildcards, as
``br-*``. Prints a Markdown table: the honest client's worst wait, the processor time of ``serve`` beyond what the
honest client costs, and its memory. Exit status 0 only if all is within the bounds. Linux only.
"""

import argparse
import asyncio
import contextlib
import fnmatch
import json
import platform
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.soak.proxy import Proxy, running
from benchmarks.starve.certificate import write_certificate
from benchmarks.starve.honest import Honest, honest
from benchmarks.starve.rows import ROWS, Row
from benchmarks.starve.upstream import listening
from benchmarks.starve.usage import Usage, loop

WAIT, PROCESSOR, MEMORY = 1.0, 1.0, 64.0
"""The bounds: seconds, seconds for what is below 1 MB on the wire, and MB."""
LOOP = 0.05
"""Seconds of the fixed loop to which the bounds apply; on a slower machine they grow with it."""
PATIENCE = 45.0
"""Seconds for an attack, and for what it leaves behind."""
_QUIET = 0.4
_BEFORE = 1.5


@dataclass
class Outcome:
    """What was measured."""

    wait: float = 0.0
    processor: float = 0.0
    memory: tuple[float, float] = (0.0, 0.0)
    """MB at the start, and at the most."""
    loop: tuple[float, float] = (LOOP, LOOP)
    """Seconds of the fixed loop, by the clock and of processor."""
    notes: list[str] = field(default_factory=list)

    def beyond(self, row: Row) -> list[str]:
        """The bounds that do not hold."""
        by_clock, by_processor = (max(1.0, seconds / LOOP) for seconds in self.loop)
        bounds = {
            "wait": self.wait < WAIT * by_clock,
            "processor": not row.small or self.processor < PROCESSOR * by_processor,
            "memory": self.memory[1] - self.memory[0] < MEMORY,
            "workers": "workers replaced" not in self.notes,
        }
        return [name for name, holds in bounds.items() if not holds]

    def line(self, name: str, row: Row) -> str:
        """A line of the table."""
        clock, processor = self.wait / self.loop[0], self.processor / self.loop[1]
        start, most = self.memory
        verdict = ", ".join(self.beyond(row)) or "yes"
        figures = f"{self.wait:.2f} | {clock:.1f} | {self.processor:.2f} | {processor:.1f} | {start:.0f} → {most:.0f}"
        return f"| `{name}` | {row.what} | {figures} | {', '.join(self.notes)} | {verdict} |"


async def play(name: str, row: Row, folder: Path) -> Outcome:
    """Play a row."""
    outcome = Outcome(loop=min(loop() for _ in range(3)))
    certificate = write_certificate(folder)
    options = ["--profile", "cloud", "--cert", str(certificate), *row.options]
    async with contextlib.AsyncExitStack() as stack:
        url = await stack.enter_async_context(listening(certificate if row.http2 else None))
        proxy = await stack.enter_async_context(running(url, folder, [*options, *(["--insecure"] * row.http2)]))
        client = await stack.enter_async_context(honest(proxy.port))
        usage = Usage(proxy.pid)
        attacker = await stack.enter_async_context(_attacker(name, proxy))
        each = await _cost_of_honesty(usage, client)
        usage.forget_peak()
        client.forget()
        workers, start, spent, answered = usage.processes(), usage.memory(), usage.processor(), client.answered
        try:
            async with asyncio.timeout(PATIENCE):
                outcome.notes += await _attack(attacker)
                await _quiet(usage)
        except TimeoutError:
            outcome.notes.append(f"not over after {PATIENCE:.0f} s")
        outcome.wait = client.worst
        outcome.processor = max(0.0, usage.processor() - spent - each * (client.answered - answered))
        outcome.memory = start, usage.memory("VmHWM")
        if client.failed:
            outcome.notes.append(f"honest client failed {client.failed} times")
        if usage.processes() != workers:
            outcome.notes.append("workers replaced")
        return outcome


async def _cost_of_honesty(usage: Usage, client: Honest) -> float:
    """Seconds of processor for each request of the honest client."""
    await asyncio.sleep(_BEFORE)  # until connections are open and code is warm
    spent, answered = usage.processor(), client.answered
    await asyncio.sleep(_BEFORE)
    return (usage.processor() - spent) / max(1, client.answered - answered)


@contextlib.asynccontextmanager
async def _attacker(name: str, proxy: Proxy) -> AsyncIterator[asyncio.subprocess.Process]:
    command = [sys.executable, "-m", "benchmarks.starve.attacker", name, str(proxy.port)]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    try:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        if await process.stdout.readline() != b"ready\n":
            sys.exit(f"starve: the attack {name} did not start")
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _attack(attacker: asyncio.subprocess.Process) -> list[str]:
    """Let it attack; return what it was answered."""
    output, _ = await attacker.communicate(b"\n")
    if attacker.returncode:
        return [f"the attack failed: {attacker.returncode}"]
    return [f"{answer}: {count}" for answer, count in sorted(json.loads(output).items())] or ["nothing"]


async def _quiet(usage: Usage) -> None:
    """Wait until the proxy has no more to do than for the honest client."""
    while True:
        spent = usage.processor()
        await asyncio.sleep(_QUIET)
        if usage.processor() - spent < _QUIET * 0.7:
            return


def main() -> None:
    """Play the rows, and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", metavar="ROW", nargs="*", help=f"one of {', '.join(ROWS)}; all without one")
    wanted = parser.parse_args().rows or ["*"]
    for pattern in wanted:
        if not fnmatch.filter(ROWS, pattern):
            parser.error(f"{pattern}: no such row; use one of {', '.join(ROWS)}")
    print(f"Python {platform.python_version()}, {platform.machine()}; a loop is {loop()[0]:.3f} s\n")
    print("| row | attack | worst wait, s | in loops | processor, s | in loops | memory, MB | answers | within |")
    print("|---|---|---:|---:|---:|---:|---:|---|---|", flush=True)
    beyond = 0
    for name, row in ROWS.items():
        if any(fnmatch.fnmatch(name, pattern) for pattern in wanted):
            with tempfile.TemporaryDirectory() as folder:
                outcome = asyncio.run(play(name, row, Path(folder)))
            print(outcome.line(name, row), flush=True)
            beyond += bool(outcome.beyond(row))
    print(f"\nstarve: {f'{beyond} rows are beyond a bound' if beyond else 'all rows are within the bounds'}")
    sys.exit(1 if beyond else 0)


if __name__ == "__main__":
    main()
