"""Our own event logs: what the proxy saw, and what ``serve --inventory`` counted."""

from collections.abc import Callable, Iterable, Iterator

from jira_compat import events
from jira_compat.agent import agent
from jira_compat.audit.clock import plausible, read_iso
from jira_compat.audit.inventory import Calls, Client, Example, Inventory, Subject, Verdict
from jira_compat.audit.json_lines import Object, objects
from jira_compat.audit.judge import verdict_of
from jira_compat.audit.problem import Skipped
from jira_compat.audit.tally import Identify

_FAILURES = frozenset({"rewrite_failed", "rewrite_skipped"})
_SEEN = "endpoint_seen"
_BIGGEST = 10**15


def read_event_log(
    chunks: Iterable[bytes],
    inventory: Inventory,
    identify: Identify,
    skipped: Skipped,
    seen: Callable[[int], None],
) -> Iterator[int]:
    """Add up the events of a file, and give of how many calls each tells."""
    verdicts: dict[object, Verdict] = {}
    for number, event in objects(chunks, skipped, seen):
        if "event" not in event or not isinstance(event["event"], str):
            skipped.skip(number, "this is no event; mend or remove the line")
        elif event.get("v") != events.VERSION:
            skipped.skip(
                number, f"this event is not of version {events.VERSION}; read it with the jira-compat that wrote it"
            )
        elif event["event"] in _FAILURES:
            inventory.failures[event["event"]] = inventory.failures.get(event["event"], 0) + 1
        elif event["event"] == _SEEN or isinstance(event.get("rule"), str):
            yield _add(event, Example(skipped.file, ":", number, _line(event)), inventory, identify, verdicts)


def _add(
    event: Object, example: Example, inventory: Inventory, identify: Identify, verdicts: dict[object, Verdict]
) -> int:
    read = verdict_of(dict(event))
    if event["event"] == _SEEN:
        read = Verdict(Subject(read.subject.endpoint))
    verdict = verdicts.setdefault((read.subject, read.carried, read.fields, read.applied), read)
    calls = calls_of(event, verdict, example)
    inventory.add(verdict, client_of(event, identify), calls)
    return calls.count


def calls_of(event: Object, verdict: Verdict, example: Example | None) -> Calls:
    """The calls that an event tells of: one, or as many as it has counted."""
    count = _number(event.get("count"), 1)
    last = _time(event.get("last_seen")) or _time(event.get("timestamp"))
    first = _time(event.get("first_seen")) or last
    carried = {} if verdict.carried is None else {verdict.carried: count}
    applied = count if verdict.applied else 0
    return Calls(count, first, last, _statuses(event), carried, verdict.fields, applied, example)


def client_of(event: Object, identify: Identify) -> Client:
    """Who called."""
    product, version = _text(event.get("user_agent.name")), _text(event.get("user_agent.version")) or ""
    if product is None:
        product, version = agent(_text(event.get("user_agent.original")))
    return Client(product, version, identify(_text(event.get("user.name"))), _text(event.get("client.address")))


def _statuses(event: Object) -> dict[int, int]:
    told = event.get("statuses")
    if isinstance(told, dict):
        return {int(status): _number(count, 0) for status, count in told.items() if status.isdecimal()}
    status = _number(event.get("http.response.status_code"), 0)
    return {status: 1} if status else {}


def _line(event: Object) -> str:
    method, path = _text(event.get("http.request.method")), _text(event.get("url.path"))
    return f"{method} {path.partition('?')[0]}" if method and path else _text(event.get("endpoint")) or ""


def _time(value: object) -> float | None:
    if isinstance(value, str):
        return read_iso(value)
    return plausible(float(value)) if isinstance(value, int | float) else None


def _number(value: object, default: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        return default
    return value if 0 <= value < _BIGGEST else default


def _text(value: object) -> str | None:
    return value[:1024] if isinstance(value, str) and value else None
