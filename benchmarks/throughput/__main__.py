"""Requests per second of each proxy, and the slowest in a hundred, as ratios to stock mitmdump in the same round.

``python -m benchmarks.throughput [--rounds 5] [--seconds 5]``: starts everything itself, on loopback, one
proxy at a time, in alternating order. Needs nginx and wrk (Debian: ``apt-get install nginx-light wrk``).
"""

import argparse
import platform
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.throughput.load import (
    NEEDED,
    PORT,
    SCENARIOS,
    UPSTREAM,
    UPSTREAM_TLS,
    Measured,
    Scenario,
    find,
    load,
    running,
    upstream,
)
from benchmarks.throughput.subjects import STOCK, subjects

Rates = dict[str, list[Measured]]


def main() -> None:
    """Measure, and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--only", metavar="TEXT", default="", help="of the scenarios, those with this in their name")
    wanted = parser.parse_args()
    missing = [f"{tool} (Debian: apt-get install {package})" for tool, package in NEEDED.items() if not find(tool)]
    if missing:
        sys.exit(f"benchmarks.throughput: not installed: {', '.join(missing)}")
    chosen = [scenario for scenario in SCENARIOS if wanted.only in scenario.name]
    with tempfile.TemporaryDirectory() as name, upstream(Path(name)):
        rates = {scenario: _measure(scenario, Path(name), wanted.rounds, wanted.seconds) for scenario in chosen}
    _print(rates, wanted)


def _measure(scenario: Scenario, folder: Path, rounds: int, seconds: int) -> Rates:
    site = f"https://127.0.0.1:{UPSTREAM_TLS}" if scenario.tls else f"http://127.0.0.1:{UPSTREAM}"
    rates: Rates = {}
    for number in range(rounds):
        proxies = subjects(site, PORT, folder)
        for subject in proxies if number % 2 == 0 else reversed(proxies):
            with running(subject, folder):
                load(scenario, folder, 1)
                measured = load(scenario, folder, seconds)
            rates.setdefault(subject.name, []).append(measured)
            shown = f"{measured.rate:.0f}/s, 99 % within {measured.p99 * 1000:.1f} ms"
            print(f"  {scenario.name}: {subject.name}: {shown}", file=sys.stderr)
    return rates


def _print(rates: dict[Scenario, Rates], wanted: argparse.Namespace) -> None:
    machine = f"Python {platform.python_version()}, {platform.machine()}"
    print(f"{machine}, medians of {wanted.rounds} rounds of {wanted.seconds} s; ratios within a round")
    _table("requests per second", rates, lambda measured: measured.rate, "{:.0f}")
    _table("99 of 100 within, ms", rates, lambda measured: measured.p99 * 1000, "{:.1f}")


def _table(head: str, rates: dict[Scenario, Rates], value: Callable[[Measured], float], form: str) -> None:
    names = list(next(iter(rates.values())))
    print(f"\n| {head} | {' | '.join(names)} |")
    print(f"|---|{'---:|' * len(names)}")
    for scenario, row in rates.items():
        stock = list(map(value, row[STOCK]))
        cells = []
        for name in names:
            values = list(map(value, row[name]))
            ratios = sorted(value / base for value, base in zip(values, stock, strict=True))
            spread = f"**{statistics.median(ratios):.2f}** ({ratios[0]:.2f} to {ratios[-1]:.2f}), "
            cells.append(("" if name == STOCK else spread) + form.format(statistics.median(values)))
        print(f"| {scenario.name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
