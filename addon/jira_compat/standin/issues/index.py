"""The search index: issues as they are or, for a while after a change, as they were."""

import copy
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from jira_compat.standin.issues.seed import Issue


@dataclass(slots=True)
class Index:
    """Issues as search sees them.

    Args:
        delay: Seconds until search sees a change; ``math.inf`` waits for :meth:`catch_up`.
        clock: Gives the time in seconds.
    """

    delay: float = 0.0
    clock: Callable[[], float] = time.monotonic
    _before: dict[str, tuple[float, Issue | None]] = field(default_factory=dict, init=False)

    def changing(self, issue_id: str, before: Issue | None) -> None:
        """Note that an issue is about to change; ``before`` is ``None`` for a new one."""
        if self.delay > 0:
            self._drop_due()
            self._before.setdefault(issue_id, (self.clock() + self.delay, copy.deepcopy(before)))

    def catch_up(self) -> None:
        """Let search see every change so far."""
        self._before = {}

    def issues(self, current: Mapping[str, Issue], fresh: Collection[str] = ()) -> Iterator[Issue]:
        """The issues that search sees.

        Args:
            current: The issues as they are, by key.
            fresh: Ids of issues that are seen as they are, whatever the delay.
        """
        self._drop_due()
        before = {number: old for number, (_, old) in self._before.items() if number not in fresh}
        if not before:
            yield from current.values()
            return
        for issue in current.values():
            seen = before.pop(issue.id, issue)
            if seen is not None:
                yield seen
        yield from (old for old in before.values() if old is not None)

    def _drop_due(self) -> None:
        now = self.clock()
        self._before = {number: entry for number, entry in self._before.items() if entry[0] > now}
