"""Requests per second of ``serve --workers N``, as ratios to one worker in the same round.

``python -m benchmarks.workers [--workers 2] [--rounds 5] [--seconds 5]``: starts everything itself, on
loopback, one proxy at a time, in alternating order. The load generator and the upstream run on the same
machine, so they have their share of its cores. Needs nginx and wrk (Debian: ``apt-get install nginx-light wrk``).
"""

import argparse
import os
import platform
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.throughput.load import NEEDED, PORT, SCENARIOS, UPSTREAM, Scenario, find, load, running, upstream
from benchmarks.throughput.subjects import Subject

CONNECTIONS = 32
MEASURED = [replace(scenario, connections=CONNECTIONS) for scenario in SCENARIOS[:3]]
"""A pass, a strip, a refusal."""


def main() -> None:
    """Measure, and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5)
    wanted = parser.parse_args()
    missing = [f"{tool} (Debian: apt-get install {package})" for tool, package in NEEDED.items() if not find(tool)]
    if missing:
        sys.exit(f"benchmarks.workers: not installed: {', '.join(missing)}")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    print(f"Python {platform.python_version()}, {platform.machine()}, {cores} cores, {CONNECTIONS} connections;")
    print(f"medians of {wanted.rounds} rounds of {wanted.seconds} s, ratios within a round")
    print(f"\n| requests per second | 1 worker | {wanted.workers} workers | ratio |\n|---|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as name, upstream(Path(name)):
        for scenario in MEASURED:
            _print(scenario, _measure(scenario, Path(name), wanted))


def _measure(scenario: Scenario, folder: Path, wanted: argparse.Namespace) -> list[tuple[float, float]]:
    rounds = []
    for turn in range(wanted.rounds):
        rates = {}
        for number in (1, wanted.workers) if turn % 2 == 0 else (wanted.workers, 1):
            with running(_subject(number, folder), folder):
                _wait_for_all(folder)
                load(scenario, folder, 1)
                rates[number] = load(scenario, folder, wanted.seconds).rate
            print(f"  {scenario.name}: {number} workers: {rates[number]:.0f}/s", file=sys.stderr)
        rounds.append((rates[1], rates[wanted.workers]))
    return rounds


def _subject(workers: int, folder: Path) -> Subject:
    words = [sys.executable, "-m", "jira_compat", "serve", "--workers", str(workers)]
    words += ["--listen", f"127.0.0.1:{PORT}", "--upstream", f"http://127.0.0.1:{UPSTREAM}"]
    words += ["--events", str(folder / "events.jsonl"), "--confdir", str(folder / "confdir")]
    return Subject(f"{workers} workers", words)


def _wait_for_all(folder: Path) -> None:
    """The port is open before there is a worker."""
    deadline = time.monotonic() + 60
    while "listening on" not in (folder / "output").read_text():
        if time.monotonic() > deadline:
            sys.exit(f"benchmarks.workers: {(folder / 'output').read_text()}")
        time.sleep(0.05)


def _print(scenario: Scenario, rounds: list[tuple[float, float]]) -> None:
    ratios = sorted(several / single for single, several in rounds)
    ones, severals = (statistics.median(rates) for rates in zip(*rounds, strict=True))
    spread = f"**{statistics.median(ratios):.2f}** ({ratios[0]:.2f} to {ratios[-1]:.2f})"
    print(f"| {scenario.name} | {ones:.0f} | {severals:.0f} | {spread} |", flush=True)


if __name__ == "__main__":
    main()
