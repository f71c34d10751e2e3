"""The counts in Prometheus' text format.

Labels come from the policies and from fixed lists, never from what clients send, so their number is bounded.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from typing import get_args

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from jira_compat.actions.translate import KINDS
from jira_compat.model import Reason
from jira_compat.proxy.admin.http_server import Page
from jira_compat.proxy.admin.process_stats import Processes
from jira_compat.proxy.admin.state import State
from jira_compat.proxy.exchange.counters import BOUNDS, Counts
from jira_compat.proxy.exchange.dialogue import REASONS

_FAILURES = ("rewrite_failed", "rewrite_skipped")
_RELOADS = ("ok", "rejected")


class Metrics(Collector):
    """Makes metrics of the counts when they are asked for; counting itself knows nothing of them.

    Args:
        state: What a proxy says of itself now.
        pids: Its processes.
    """

    def __init__(self, state: Callable[[], State], pids: Callable[[], Iterable[int]] = lambda: [os.getpid()]) -> None:
        self._state = state
        self._registry = CollectorRegistry()
        self._registry.register(self)
        self._registry.register(Processes(pids))

    def page(self) -> Page:
        """All of them, as text."""
        return Page(200, generate_latest(self._registry), CONTENT_TYPE_PLAIN_0_0_4)

    def describe(self) -> Iterable[Metric]:
        """Nothing is collected just to learn the names."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics of this moment."""
        state = self._state()
        yield from _of_exchanges(state.counts)
        yield from _of_translations(state.counts)
        yield GaugeMetricFamily("jira_compat_requests_in_flight", "Exchanges in flight.", state.in_flight)
        yield from _of_policies(state)
        yield CounterMetricFamily("jira_compat_events_lost", "Events that could not be written.", state.events_lost)
        turned_away = "Client connections closed because there were too many."
        yield CounterMetricFamily("jira_compat_connections_turned_away", turned_away, state.turned_away)
        floods = "Client connections closed because of a flood of HTTP/2 frames."
        yield CounterMetricFamily("jira_compat_connections_flooded", floods, state.counts.floods)
        if state.workers is not None:
            yield GaugeMetricFamily("jira_compat_workers", "Worker processes that serve.", state.workers)
            replaced = "Worker processes that ended by themselves, or hung, and were replaced."
            yield CounterMetricFamily("jira_compat_workers_replaced", replaced, state.replaced)


def _of_exchanges(counts: Counts) -> Iterator[Metric]:
    yield CounterMetricFamily("jira_compat_requests", "Requests to Jira.", counts.requests)
    text = "Exchanges that matched a rule, applied or only observed; counted for each rule they matched."
    by_rule = CounterMetricFamily("jira_compat_rule_matches", text, labels=("policy", "rule", "change", "action"))
    for labels, count in counts.rules.items():
        by_rule.add_metric(labels, count)
    yield by_rule
    yield _by("jira_compat_refusals", "Requests refused by the proxy.", "reason", get_args(Reason), counts.refusals)
    text = "Exceptions in the proxy: rewrite_failed was answered 502, rewrite_skipped was forwarded unedited."
    yield _by("jira_compat_failures", text, "event", _FAILURES, counts.failures)
    sums = accumulate(counts.decision_times)
    bounds = [*map(str, BOUNDS), "+Inf"]
    text = "Time to decide; a request whose body a rule reads is decided twice."
    buckets = list(zip(bounds, sums, strict=True))
    yield HistogramMetricFamily("jira_compat_decision_seconds", text, buckets, counts.decision_seconds)


def _of_translations(counts: Counts) -> Iterator[Metric]:
    text = "Calls that were translated."
    yield _by("jira_compat_translations", text, "translation", KINDS, counts.translations)
    text = "Responses of Jira to the requests of translated calls."
    yield CounterMetricFamily("jira_compat_translation_steps", text, counts.translation_steps)
    text = "Translated calls that the proxy could not carry out; errors of Jira that it passed on are not among them."
    yield _by("jira_compat_translation_failures", text, "reason", REASONS, counts.translation_failures)
    text = "PageServer of translated calls whose beginning was remembered (hit), or had to be found again (miss)."
    yield _by("jira_compat_translation_cursors", text, "result", ("hit", "miss"), counts.cursors)


def _of_policies(state: State) -> Iterator[Metric]:
    counts = state.counts
    yield _by("jira_compat_reloads", "Changed sets of policies.", "result", _RELOADS, counts.reloads)
    text = "1 if the active policies are those of the files, 0 if the files are rejected."
    yield GaugeMetricFamily("jira_compat_policies_current", text, int(counts.is_current))
    if state.digest is not None:
        yield InfoMetricFamily("jira_compat_policies", "The active policies.", {"digest": state.digest})
        yield GaugeMetricFamily("jira_compat_rules", "Active rules.", state.rules)


def _by[Key: str](name: str, text: str, label: str, known: Iterable[Key], counts: dict[Key, int]) -> Metric:
    """A counter with one label; what is known to be possible is there from the start, so that its first is a rise."""
    family = CounterMetricFamily(name, text, labels=(label,))
    for key in known:
        family.add_metric((key,), counts.get(key, 0))
    return family
