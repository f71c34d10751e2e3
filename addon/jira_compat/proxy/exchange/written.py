"""Remember which issues clients wrote in the last minutes: search finds them late unless it is told of them.

Jira Cloud's search lags behind writes; it takes up to fifty ids that it must not lag behind (``reconcileIssues``).
"""

import json
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from time import monotonic

SECONDS = 300.0
"""How long a write counts."""
MOST = 50
"""Ids that search takes."""
_KEPT = 1000
"""Writes, and keys of issues, that are remembered."""
_LONGEST = 1_000_000
"""Bytes of a response in which ids are looked for."""
WRITES = frozenset({"POST", "PUT"})


class RecentWrites:
    """The ids of issues that were written last, apart for each site."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._writes: OrderedDict[tuple[str, int], float] = OrderedDict()
        self._ids: OrderedDict[tuple[str, str], int] = OrderedDict()

    def recent(self, site: str) -> tuple[int, ...]:
        """Return the ids of a site, sorted, at most fifty: the newest."""
        since = self._clock() - SECONDS
        found = [number for (where, number), at in self._writes.items() if where == site and at >= since]
        return tuple(sorted(found[-MOST:]))

    def note(self, site: str, method: str, segments: Sequence[str], status: int, body: bytes | None) -> None:
        """Take note of a request that may have written issues.

        Args:
            site: Its site.
            method: Its method.
            segments: Its API path.
            status: The answer's status.
            body: The answer's body, if it is known; that of a new issue names its id and key.
        """
        if method not in WRITES or not 200 <= status < 300 or tuple(segments[3:4]) != ("issue",):
            return
        for number in self._named(site, segments[4:]) if segments[4:] not in ((), ("bulk",)) else _created(body):
            self._keep(self._writes, (site, number), self._clock())
        for number, key in _keys(body):
            self._keep(self._ids, (site, key), number)

    def _named(self, site: str, below: Sequence[str]) -> Iterable[int]:
        """Return the id of the issue in a path; that of a key is known only if the issue was created here."""
        name = below[0]
        if name.isdecimal():
            return [int(name[:18])]
        known = self._ids.get((site, name.upper()))
        return [] if known is None else [known]

    @staticmethod
    def _keep[Key, Value](kept: OrderedDict[Key, Value], key: Key, value: Value) -> None:
        kept.pop(key, None)
        kept[key] = value
        if len(kept) > _KEPT:
            kept.popitem(last=False)


def _created(body: bytes | None) -> list[int]:
    return [number for number, _ in _keys(body)]


def _keys(body: bytes | None) -> list[tuple[int, str]]:
    """Return ids and keys out of the answer to POST issue, or to POST issue/bulk."""
    if not body or len(body) > _LONGEST:
        return []
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return []
    issues = document.get("issues", [document]) if isinstance(document, dict) else []
    return [
        (int(issue["id"]), issue["key"].upper())
        for issue in issues
        if isinstance(issue, dict)
        and isinstance(issue.get("id"), str)
        and issue["id"].isdecimal()
        and len(issue["id"]) <= 18
        and isinstance(issue.get("key"), str)
    ]
