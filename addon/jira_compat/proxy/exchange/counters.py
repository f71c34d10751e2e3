"""Counters of the proxy: plain numbers, cheap to count, and made into metrics on request."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from jira_compat.decision import Decision
from jira_compat.model import Reason

BOUNDS = (
    *(0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005),
    *(0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 1.0),
)
"""Seconds; upper bounds of the classes of decision times. A decision takes 10 to 150 µs, one on 10 MB some 100 ms."""

RuleLabels = tuple[str, str, str, str]
"""Policy, rule, change, action: bounded by the policies, whatever clients send."""


@dataclass(slots=True)
class Counts:
    """Numbers since the start.

    Args:
        requests: Requests bound for Jira.
        rules: Exchanges that matched a rule, whether it was applied or only observed.
        refusals: Requests that were refused.
        failures: Exceptions in the proxy, by the name of their event.
        reloads: Changed sets of policies, ``ok`` or ``rejected``.
        is_current: Whether the active set is what the files said when they were last read.
        floods: Connections that ended because of a flood of HTTP/2 frames.
        decision_times: How many decisions took up to each of ``BOUNDS``, and, last, longer.
        decision_seconds: Their sum.
        translations: Translated calls, by the name of the translation.
        translation_steps: Requests to Jira that were answered to them.
        translation_failures: Why they ended without what was asked for.
        cursors: PageServer whose beginning was looked for in memory: ``hit`` or ``miss``.
    """

    requests: int = 0
    rules: Counter[RuleLabels] = field(default_factory=Counter)
    refusals: Counter[Reason] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    reloads: Counter[str] = field(default_factory=Counter)
    is_current: bool = True
    floods: int = 0
    decision_times: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    decision_seconds: float = 0.0
    translations: Counter[str] = field(default_factory=Counter)
    translation_steps: int = 0
    translation_failures: Counter[str] = field(default_factory=Counter)
    cursors: Counter[str] = field(default_factory=Counter)

    def decided(self, seconds: float) -> None:
        """Count a decision and its time; a request whose body a rule reads is decided twice."""
        self.decision_times[bisect_left(BOUNDS, seconds)] += 1
        self.decision_seconds += seconds

    def translated(self, name: str, steps: int, failure: str | None, cursors: Iterable[bool]) -> None:
        """Count a translated call.

        Args:
            name: The translation.
            steps: Requests that Jira answered.
            failure: Why it ended without what was asked for.
            cursors: Whether each page that was looked for in memory was there.
        """
        self.translations[name] += 1
        self.translation_steps += steps
        if failure is not None:
            self.translation_failures[failure] += 1
        self.cursors.update("hit" if found else "miss" for found in cursors)

    def ended(self, decision: Decision) -> None:
        """An exchange that was decided so is over."""
        for one in decision.findings:
            self.rules[one.policy, one.rule, one.change, one.action] += 1
        if decision.applied and decision.reason is not None:
            self.refusals[decision.reason] += 1


def total(all_of_them: Iterable[Counts]) -> Counts:
    """The counts of several proxies as those of one."""
    several = tuple(all_of_them)
    return Counts(
        requests=sum(one.requests for one in several),
        rules=sum((one.rules for one in several), Counter()),
        refusals=sum((one.refusals for one in several), Counter()),
        failures=sum((one.failures for one in several), Counter()),
        reloads=sum((one.reloads for one in several), Counter()),
        is_current=all(one.is_current for one in several),
        floods=sum(one.floods for one in several),
        decision_times=[sum(times) for times in zip(*(one.decision_times for one in several), strict=True)]
        or Counts().decision_times,
        decision_seconds=sum(one.decision_seconds for one in several),
        translations=sum((one.translations for one in several), Counter()),
        translation_steps=sum(one.translation_steps for one in several),
        translation_failures=sum((one.translation_failures for one in several), Counter()),
        cursors=sum((one.cursors for one in several), Counter()),
    )
