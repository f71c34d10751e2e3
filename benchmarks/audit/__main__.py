"""How fast captures are audited, and how much memory that takes; plain Python against DuckDB doing the same counting.

``python -m benchmarks.audit [--rounds 3] [--lines 1,2,5,10] [--har 100,500]``: lines in millions, HAR in MB. Captures
are generated into a temporary folder (``TMPDIR``; 250 MB a million lines) and are the same each time. DuckDB comes by
``make engines``; without it only plain Python is measured.
"""

import argparse
import os
import platform
import statistics
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from benchmarks.audit.logs import access_log, har
from benchmarks.audit.measure import Measured, measure

FORMS = ("jira", "combined")
PLAIN, DUCK = "plain Python", "DuckDB"
type Runs = dict[str, list[Measured]]


def main() -> None:
    """Measure, and print Markdown tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--lines", type=_numbers, default=[1, 2, 5, 10])
    parser.add_argument("--har", type=_numbers, default=[100, 500])
    wanted = parser.parse_args()
    cores = len(os.sched_getaffinity(0))
    print(f"Python {platform.python_version()}, {platform.machine()}, {cores} cores; medians of {wanted.rounds} runs\n")
    with tempfile.TemporaryDirectory() as name:
        _logs(Path(name), wanted.lines, wanted.rounds)
        _hars(Path(name), wanted.har, wanted.rounds)


def _numbers(text: str) -> list[int]:
    return [int(one) for one in text.split(",") if one]


def _logs(folder: Path, millions: list[int], rounds: int) -> None:
    print("| access log | | lines/s | lines/s and core | seconds | MB of memory |\n|---|---|---:|---:|---:|---:|")
    for form in FORMS:
        for million in millions:
            path, lines = folder / "access.log", million * 1_000_000
            access_log(path, form, lines)
            runs = _compare(path, form, rounds)
            for engine, measured in runs.items():
                seconds, cpu, peak = _medians(measured)
                rates = f"{lines / seconds:,.0f} | {lines / cpu:,.0f}"
                print(
                    f"| {form}, {million} million | {engine} | {rates} | {seconds:.1f} | {peak / 1e6:.0f} |", flush=True
                )


def _hars(folder: Path, megabytes: list[int], rounds: int) -> None:
    print("\n| HAR | MB/s | MB/s and core | seconds | MB of memory |\n|---|---:|---:|---:|---:|")
    for size in megabytes:
        path = folder / "traffic.har"
        har(path, size)
        runs = [measure(_plain(path), folder / "totals.json") for _ in range(rounds)]
        seconds, cpu, peak = _medians(runs)
        print(f"| {size} MB | {size / seconds:.0f} | {size / cpu:.0f} | {seconds:.1f} | {peak / 1e6:.0f} |", flush=True)


def _compare(path: Path, form: str, rounds: int) -> Runs:
    """Runs of both, in turn; they must come to the same."""
    commands = {PLAIN: _plain(path)}
    if find_spec("duckdb") is not None:
        commands[DUCK] = [sys.executable, "-m", "benchmarks.audit.duck", form, str(path)]
    runs: Runs = {engine: [] for engine in commands}
    for _ in range(rounds):
        for engine, command in commands.items():
            runs[engine].append(measure(command, path.with_suffix(".json")))
    if len({measured.output for one in runs.values() for measured in one}) != 1:
        sys.exit(f"benchmarks.audit: {path.name}: the totals differ")
    return runs


def _plain(path: Path) -> list[str]:
    return [sys.executable, "-m", "benchmarks.audit.plain", str(path)]


def _medians(runs: list[Measured]) -> tuple[float, float, float]:
    figures = [(one.seconds, one.cpu, one.peak) for one in runs]
    seconds, cpu, peak = (statistics.median(column) for column in zip(*figures, strict=True))
    return seconds, cpu, peak


if __name__ == "__main__":
    main()
