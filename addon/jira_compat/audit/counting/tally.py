"""Calls of a log, counted: the one loop that a year of lines goes through."""

from collections.abc import Callable, Iterable

from jira_compat.audit.counting.addresses import bare_address
from jira_compat.audit.counting.classify import Classifier
from jira_compat.audit.counting.inventory import Calls, Client, Example, Inventory, Verdict
from jira_compat.audit.counting.redaction import LONGEST, Redaction
from jira_compat.audit.counting.request_ids import RequestIds
from jira_compat.audit.counting.timestamps import Clock
from jira_compat.audit.files.problems import Skipped
from jira_compat.events import user_agent as agents
from jira_compat.events.vocabulary import url_path
from jira_compat.model import Request

Row = tuple[bytes, bytes, bytes, bytes, bytes, bytes, bytes, bytes, bytes]
"""One line, in the order of :data:`~jira_compat.audit.readers.log_formats.COLUMNS`; ``b""`` is what it does not say."""

_Key = tuple[Verdict, agents.Agent, bytes, bytes]
_MOST = 5_000
_MOST_COUNTS = 20_000
_MOST_BYTES = 16_000_000
_LONGEST_KEPT = 1000
"""Bytes; of what is longer only the beginning is kept."""
_JUMP = 3600
"""Seconds; lines stand in the order of answers, so a call may stand behind one that began a little later."""
_NOBODY = {"", "-", "anonymous", "null", "unknown", "unix"}
_FORWARDED = (
    "forwarded addresses stand here that are not used; name your balancers with --trusted-proxy to count by clients"
)

Origin = Callable[[str, str], str]
"""The client's address, given the peer's and a list of ``X-Forwarded-For``."""


class _Tally:
    """One client's calls with one verdict."""

    __slots__ = ("count", "first", "last", "method", "number", "target")

    def __init__(self, at: float | None, number: int, method: bytes, target: bytes) -> None:
        self.count = 0
        self.first = self.last = at
        self.number = number
        self.method = method
        self.target = target

    def at(self, time: float | None) -> None:
        """Widen to a time."""
        if time is None:
            return
        if self.first is None or time < self.first:
            self.first = time
        if self.last is None or time > self.last:
            self.last = time


class Tally:
    """Counts lines, and hands what it counted to an inventory.

    Args:
        classifier: Says what rules say of a line.
        inventory: Where calls go.
        redaction: What of a call may be reported.
        skipped: Of the log; gets lines whose time is odd.
        origin: Which of several addresses is the client's; ``None`` for the peer, or the first of a list.
        requests: Of Jira's other log, or where ids of requests are kept for it.
    """

    def __init__(  # noqa: PLR0913 - a tally knows all that a call is judged by
        self,
        classifier: Classifier,
        inventory: Inventory,
        redaction: Redaction,
        skipped: Skipped,
        *,
        origin: Origin | None = None,
        requests: RequestIds | None = None,
    ) -> None:
        self.calls = self.no_request = 0
        self._classifier = classifier
        self._inventory = inventory
        self._redaction = redaction
        self._skipped = skipped
        self._origin = origin
        self._requests = requests
        self._origins: dict[tuple[bytes, bytes], bytes] = {}
        self._clock = Clock()
        self._names: dict[bytes, agents.Agent] = {}
        self._rows: dict[_Key, _Tally] = {}
        self._statuses: dict[tuple[_Key, bytes], int] = {}
        self._hours: dict[tuple[Verdict, int], int] = {}
        self._before: tuple[bytes, float | None] = (b"", None)
        self._size = 0

    def count(self, rows: Iterable[Row], numbers: Iterable[int]) -> None:  # noqa: C901 - the loop of a year of lines
        """Count lines; ``numbers`` are theirs."""
        classify, counted, statuses, hours = self._classifier.classify_line, self._rows, self._statuses, self._hours
        names, (stamp_before, at) = self._names, self._before
        requests = self._requests
        for number, (client, ident, user, stamp, method, target, status, name, forwarded) in zip(
            numbers, rows, strict=False
        ):
            if not method:
                self.no_request += 1
                continue
            if status == b"-":  # Jira's line on a request that came; another one follows when it is answered
                continue
            if stamp != stamp_before:
                at = self._time(stamp, at, number)
                stamp_before = stamp
            if requests is not None and ident and requests.is_known(ident, method, at):
                self._skipped.twice += 1
                continue
            verdict = classify(method, target)
            if forwarded and verdict.ruled:
                client = self._client_of(client, forwarded)  # noqa: PLW2901 - the same client, looked at closer
            who = names.get(name) or self._agent(name)
            key = (verdict, who, user, client) if verdict.ruled else (verdict, who, b"", b"")
            tally = counted.get(key)
            if tally is None:
                tally = self._begin(key, _Tally(at, number, method, target[:_LONGEST_KEPT]))
            tally.count += 1
            if at is not tally.last:
                tally.at(at)
            answered = (key, status)
            statuses[answered] = statuses.get(answered, 0) + 1
            if verdict.ruled and at is not None:
                hour = (verdict, int(at) // 3600)
                hours[hour] = hours.get(hour, 0) + 1
        self._before = stamp_before, at
        if len(statuses) + len(hours) > _MOST_COUNTS:
            self.flush()

    def flush(self) -> None:
        """Hand over what was counted since."""
        statuses: dict[_Key, dict[int, int]] = {}
        for (key, status), count in self._statuses.items():
            if status.isdigit():
                statuses.setdefault(key, {})[int(status)] = count
        for key, tally in self._rows.items():
            verdict, who, user, address = key
            client = self._client(who, user, address)
            calls = self._calls(verdict, tally, statuses.get(key, {}))
            if self._inventory.wants_example(verdict.subject, client):
                path = url_path(Request("", tally.target))
                line = self._redaction.line(verdict.subject, _text(tally.method), path)
                calls.example = Example(self._skipped.file, ":", tally.number, line)
            self.calls += calls.count
            self._inventory.add_row(verdict.subject, client, calls)
        for (verdict, hour), count in self._hours.items():
            self._inventory.add_hour(verdict.subject, hour * 3600, count)
        self._rows.clear()
        self._statuses.clear()
        self._hours.clear()
        self._size = 0

    def _begin(self, key: _Key, tally: _Tally) -> _Tally:
        *_, user, address = key
        self._size += len(user) + len(address)
        if len(self._rows) >= _MOST or self._size > _MOST_BYTES:
            self.flush()
        self._rows[key] = tally
        return tally

    def _time(self, stamp: bytes, before: float | None, number: int) -> float | None:
        at = self._clock.read(stamp)
        if at is None:
            self._skipped.remark(number, "no time between 2002 and 2100 stands here; the call is counted without one")
        elif before is not None and at < before - _JUMP:
            back = f"the clock goes back by {(before - at) / 3600:.1f} h here"
            self._skipped.remark(number, f"{back}; the first and last calls follow the times as they are")
        return at

    def _calls(self, verdict: Verdict, tally: _Tally, statuses: dict[int, int]) -> Calls:
        carried = {} if verdict.carried is None else {verdict.carried: tally.count}
        return Calls(tally.count, tally.first, tally.last, statuses, carried, verdict.fields)

    def _client(self, who: agents.Agent, user: bytes, address: bytes) -> Client:
        name = _text(user).strip('"')
        first, *others = map(str.strip, _text(address).split(","))
        if others and self._origin is not None:
            first = self._origin(others[-1], ",".join((first, *others[:-1])))
        known = None if name in _NOBODY else self._redaction.user(name)
        place = bare_address(first)
        return Client(who.product, who.version, known, None if place in _NOBODY else place[:LONGEST])

    def _client_of(self, client: bytes, forwarded: bytes) -> bytes:
        """The client of a line that has forwarded addresses besides."""
        if self._origin is None:
            if forwarded != b"-" and client not in forwarded.replace(b" ", b"").split(b","):
                self._skipped.note(_FORWARDED)
            return client
        key = client, forwarded
        found = self._origins.get(key)
        if found is None:
            if len(self._origins) >= _MOST:
                self._origins.clear()
            found = self._origin(bare_address(_text(client)), _text(forwarded)).encode()
            if len(forwarded) <= _LONGEST_KEPT:
                self._origins[key] = found
        return found

    def _agent(self, name: bytes) -> agents.Agent:
        if len(self._names) >= _MOST:
            self._names.clear()
        who = agents.agent(_text(name))
        if len(name) <= _LONGEST_KEPT:
            self._names[name] = who
        return who


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
