"""The verdict: all faults, and the summary."""

import platform
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import monotonic

from benchmarks.soak.plan import SECRET, Asked
from benchmarks.soak.proxy import Proxy
from benchmarks.soak.upstream import Upstream

FLAT = 10.0
"""MB by which memory may grow from the second tenth of the requests to the last."""
_NONE = ("jira_compat_requests_in_flight", "jira_compat_failures_total", "jira_compat_events_lost_total")
_SHOWN = 5


@dataclass
class Outcome:
    """The outcome so far."""

    upstream: Upstream
    proxy: Proxy
    clients: int
    began: float = field(default_factory=monotonic)
    seconds: float = 0.0
    turns: int = 0
    """How often the policies were changed."""
    asked: dict[str, Asked] = field(default_factory=dict)
    memory: list[tuple[int, float]] = field(default_factory=list)
    """How many were sent, and MB."""
    wrong: list[tuple[Asked, str, float, float]] = field(default_factory=list)
    """What was not answered as it should be, and from when to when it was asked, by the monotonic clock."""
    metrics: dict[str, float] = field(default_factory=dict)
    """At the end."""

    def faults(self) -> Iterator[str]:
        """Yield the faults, a line each."""
        answers = [
            f"{asked.kind} {asked.name}: {fault}"
            for asked, fault, *when in self.wrong
            if not self._excused(asked, fault, when)
        ]
        yield from _some("wrongly forwarded", self.upstream.wrong)
        yield from _some("wrongly answered", answers)
        yield from self._of_events()
        for name in _NONE:
            if self.metrics[name]:
                yield f"{name} is {self.metrics[name]:g}"
        if self.metrics["jira_compat_requests_total"] != len(self.asked):
            yield f"jira_compat_requests_total is {self.metrics['jira_compat_requests_total']:g}"
        if self.growth > FLAT:
            yield f"memory grew by {self.growth:.1f} MB"
        if SECRET in "".join(self.proxy.said):
            yield "a secret stands in what the proxy said"

    def _of_events(self) -> Iterator[str]:
        events, _ = self.proxy.events()
        different = [
            f"{asked.kind} {name}: {found}, not {asked.event}"
            for name, asked in self.asked.items()
            if (found := events.get(name, [])) != ([asked.event] if asked.event else [])
        ]
        yield from _some("requests with other events", different)
        yield from _some("events of nobody", sorted(events.keys() - self.asked.keys()))

    def _excused(self, asked: Asked, fault: str, when: list[float]) -> bool:
        """True for a 502 while the upstream refuses connections."""
        began, ended = when
        is_down = any(began < until and ended > since for since, until in self.upstream.down)
        return asked.forwarded is not None and fault == "answered 502" and is_down

    @property
    def growth(self) -> float:
        """MB, from the mean of the second tenth to the mean of the last."""
        tenths = ([mb for sent, mb in self.memory if low <= sent / len(self.asked) <= low + 0.1] for low in (0.1, 0.9))
        first, last = tenths
        return sum(last) / len(last) - sum(first) / len(first) if first and last else 0.0

    @property
    def slope(self) -> float:
        """KB for each 1000 requests, over the second half (least squares)."""
        half = [(sent / 1000, mb * 1000) for sent, mb in self.memory if sent >= len(self.asked) / 2]
        x, y = (sum(column) / len(half) for column in zip(*half, strict=True))
        spread = sum((sent - x) ** 2 for sent, _ in half)
        return sum((sent - x) * (kb - y) for sent, kb in half) / spread if spread else 0.0

    def summary(self) -> Iterator[str]:
        """Yield the summary: traffic and figures."""
        megabytes = [mb for _, mb in self.memory]
        events, others = self.proxy.events()
        loaded, rejected = others["policies_loaded"], others["policies_rejected"]
        rate = f"{len(self.asked)} requests in {self.seconds:.0f} s, {len(self.asked) / self.seconds:.0f}/s"
        yield f"Python {platform.python_version()}, {platform.machine()}, {self.clients} clients, {rate}"
        kinds = Counter(asked.kind for asked in self.asked.values())
        yield ", ".join(f"{kind} {number}" for kind, number in kinds.most_common())
        down, answered = len(self.upstream.down), len(self.wrong)
        yield f"upstream: got {self.upstream.got.total()}; refused connections {down} times, so for {answered} calls"
        yield f"policies: changed {self.turns} times, loaded {loaded}, rejected {rejected}"
        yield f"events: {sum(map(len, events.values()))}, lost {self.metrics['jira_compat_events_lost_total']:g}"
        first, last = megabytes[0], megabytes[-1]
        yield f"memory: {first:.1f} MB at the start, {last:.1f} at the end, {max(megabytes):.1f} at most;"
        yield f"        {self.growth:+.1f} MB from the second tenth of the requests to the last,"
        yield f"        {self.slope:+.1f} KB for each 1000 requests in the second half"
        failures, in_flight = self.metrics["jira_compat_failures_total"], self.metrics["jira_compat_requests_in_flight"]
        yield f"failures: {failures:g}; in flight at the end: {in_flight:g}"


def _some(kind: str, cases: list[str]) -> Iterator[str]:
    if cases:
        yield f"{len(cases)} {kind}: {'; '.join(cases[:_SHOWN])}"
