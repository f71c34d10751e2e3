"""Policies in a worker: not read from files, but given by the process that reads them for all workers."""

from jira_compat.policy.index import PolicySet
from jira_compat.proxy.reload import Judge, Reload
from jira_compat.proxy.settings.options import Settings


class PushedPolicies(Reload):
    """Activates policies that the parent pushes; the parent has checked them, and writes the events.

    Args:
        judge: Activates sets.
        rules: The first.
    """

    def __init__(self, judge: Judge, rules: PolicySet) -> None:
        super().__init__(judge)
        self._rules = rules

    def activate(self, settings: Settings, rules: PolicySet) -> None:
        """Judge by these from the next exchange on."""
        self._judge.judge_by(settings, rules)

    def read(self, _: Settings) -> PolicySet:
        """The rules that were given last."""
        return self._rules

    def take(self, rules: PolicySet) -> None:
        """Activate rules."""
        self._rules = rules
        if self._judge.active is not None:
            self.activate(self._judge.active.settings, rules)

    async def again(self) -> None:
        """There is nothing to read."""

    async def watch(self) -> None:
        """There is nothing to look at."""
