"""The latency of a translated search against today's own: ``python -m benchmarks.translate [--rounds 40]``.

A stand-in for today's Cloud takes 20 ms for each request. Direct and translated pages are asked for in turns, over
connections that stay open, so that a ratio is of one time and one machine.
"""

import argparse
import base64
import json
import platform
import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "addon"))

from jira_compat.demo.proxy import Proxy, running_proxy  # noqa: E402
from jira_compat.standin import StandIn  # noqa: E402

LATENCY = 0.020
ISSUES = 1000
PAGE = 50
LOGIN = {"Authorization": "Basic " + base64.b64encode(b"admin@example.com:admin-token").decode()}
HEADERS = {**LOGIN, "Content-Type": "application/json"}
QUERY = "project = DEMO ORDER BY key"

Call = Callable[[], Any]


@dataclass(frozen=True)
class Scenario:
    """A translated page and the most that it may cost.

    Args:
        name: What is asked for.
        start: Its ``startAt``; ``None`` for a page behind one that was just served.
        requests: The requests to the site that it may cost.
        ratio: The times that it may take as long as the direct call.
    """

    name: str
    start: int | None
    requests: int
    ratio: float | None = None
    times: list[float] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)
    costs: list[int] = field(default_factory=list)


def scenarios() -> list[Scenario]:
    """Return what is measured."""
    return [
        Scenario("the next page, remembered", None, 1, 1.6),
        Scenario("the first page, of up to 5,000 issues", 0, 2),
        Scenario("any page, not remembered", 333, 2),
    ]


def main() -> None:
    """Measure, and print a Markdown table; the exit status is 1 if something costs more than it may."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    rounds = parser.parse_args().rounds
    measured = scenarios()
    with tempfile.TemporaryDirectory() as folder, StandIn("cloud-today") as site:
        site.seed_issues(ISSUES)
        site.faults.latency = LATENCY
        with running_proxy(site.url, Path(folder), profile="cloud") as proxy:
            direct = _measure(site, proxy, measured, rounds)
    print(f"Python {platform.python_version()}, {platform.machine()}; {PAGE} issues a page, {LATENCY * 1000:.0f} ms")
    print(f"\n| medians of {rounds} | milliseconds | ratio to direct | requests to Jira | target |")
    print("|---|---:|---:|---:|---:|")
    print(f"| the same page of search/jql, directly | {statistics.median(direct) * 1000:.1f} | 1 | 1 | |")
    sys.exit(any([not _print(scenario) for scenario in measured]))  # noqa: C419 - each is printed


def _measure(site: StandIn, proxy: Proxy, measured: list[Scenario], rounds: int) -> list[float]:
    direct: list[float] = []
    with closing(_connect(site.url)) as straight, closing(_connect(proxy.url)) as through:
        new = {"jql": QUERY, "maxResults": PAGE, "fields": ["*navigable"]}
        token = _ask(straight, "POST", "/rest/api/2/search/jql", new)["nextPageToken"]
        for number in range(rounds + 1):
            base = _timed(lambda: _ask(straight, "POST", "/rest/api/2/search/jql", new | {"nextPageToken": token}))
            for scenario in measured:
                took, cost = _page(scenario, through, site, number)
                if number:  # the first round opens connections
                    scenario.times.append(took)
                    scenario.ratios.append(took / base)
                    scenario.costs.append(cost)
            direct += [base] * (number > 0)
    return direct


def _page(scenario: Scenario, through: HTTPConnection, site: StandIn, number: int) -> tuple[float, int]:
    def page(start: int, size: int = PAGE) -> Mapping[str, Any]:
        call = {"jql": QUERY, "startAt": start, "maxResults": size}
        return _ask(through, "POST", "/rest/api/2/search", call)

    if scenario.start is None:
        page(0)
    # An offset that no round had before is not remembered.
    start = PAGE if scenario.start is None else scenario.start + number * bool(scenario.start)
    before = len(site.received)
    took = _timed(lambda: page(start))
    return took, len(site.received) - before


def _timed(call: Call) -> float:
    began = perf_counter()
    call()
    return perf_counter() - began


def _connect(url: str) -> HTTPConnection:
    parts = urlsplit(url)
    return HTTPConnection(parts.hostname or "", parts.port, timeout=30)


def _ask(connection: HTTPConnection, method: str, path: str, document: Mapping[str, Any]) -> dict[str, Any]:
    connection.request(method, path, json.dumps(document), HEADERS)
    response = connection.getresponse()
    body = response.read()
    if response.status != 200:
        sys.exit(f"benchmarks.translate: {response.status} {body[:200]!r}")
    found: dict[str, Any] = json.loads(body)
    return found


def _print(scenario: Scenario) -> bool:
    ratio, cost = statistics.median(scenario.ratios), max(scenario.costs)
    low, high = min(scenario.ratios), max(scenario.ratios)
    target = f"≤ {scenario.requests}" + ("" if scenario.ratio is None else f", ratio ≤ {scenario.ratio}")
    print(
        f"| {scenario.name} | {statistics.median(scenario.times) * 1000:.1f} "
        f"| **{ratio:.2f}** ({low:.2f} to {high:.2f}) | {cost} | {target} |"
    )
    return cost <= scenario.requests and (scenario.ratio is None or ratio <= scenario.ratio)


if __name__ == "__main__":
    main()
