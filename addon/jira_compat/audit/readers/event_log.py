"""Our own event logs: what the proxy saw, and what ``serve --inventory`` counted."""

import re
from collections.abc import Callable, Iterable, Iterator

from jira_compat.audit.counting.classify import verdict_of
from jira_compat.audit.counting.inventory import Calls, Client, Example, Inventory, Subject, Verdict
from jira_compat.audit.counting.redaction import LONGEST, Redaction
from jira_compat.audit.counting.timestamps import read_iso
from jira_compat.audit.files.problems import Skipped
from jira_compat.audit.readers.json_lines import Object, objects
from jira_compat.events import vocabulary
from jira_compat.events.user_agent import agent
from jira_compat.events.vocabulary import url_path
from jira_compat.model import Request

_FAILURES = frozenset({"rewrite_failed", "rewrite_skipped"})
_SEEN = "endpoint_seen"
_BIGGEST = 10**15
_STATUS = re.compile(r"[1-9][0-9]{2}")
_OLD = f"this event is not of version {vocabulary.VERSION}; read it with the jira-compat that wrote it"


def read_event_log(
    chunks: Iterable[bytes], inventory: Inventory, redaction: Redaction, skipped: Skipped, seen: Callable[[int], None]
) -> Iterator[int]:
    """Add up the events of a file, and give of how many calls each tells."""
    for block in objects(chunks, skipped, seen):
        for number, event in block:
            name = event.get("event")
            if not isinstance(name, str):
                skipped.skip(number, "this is not an event; correct or remove the line")
            elif event.get("v") != vocabulary.VERSION:
                skipped.skip(number, _OLD)
            elif name in _FAILURES:
                inventory.failures[name] = inventory.failures.get(name, 0) + 1
            elif name == _SEEN or isinstance(event.get("rule"), str):
                yield _add(event, number, inventory, redaction, skipped.file)


def _add(event: Object, number: int, inventory: Inventory, redaction: Redaction, file: str) -> int:
    verdict = verdict_of(dict(event))
    if event["event"] == _SEEN:
        verdict = Verdict(Subject(verdict.subject.endpoint))
    calls, client = calls_of(event, verdict), client_of(event, redaction)
    if inventory.wants_example(verdict.subject, client):
        calls.example = Example(file, ":", number, _line(event, verdict.subject, redaction))
    inventory.add(verdict, client, calls)
    return calls.count


def calls_of(event: Object, verdict: Verdict) -> Calls:
    """The calls that an event tells of: one, or as many as it has counted."""
    count = _number(event.get("count"), 1)
    last = _time(event.get("last_seen")) or _time(event.get("timestamp"))
    first = _time(event.get("first_seen")) or last
    carried = {} if verdict.carried is None else {verdict.carried: count}
    return Calls(count, first, last, _statuses(event), carried, verdict.fields, count if verdict.applied else 0)


def client_of(event: Object, redaction: Redaction) -> Client:
    """Who called."""
    product, version = _text(event.get("user_agent.name")), _text(event.get("user_agent.version")) or ""
    if product is None:
        product, version = agent(_text(event.get("user_agent.original")))
    return Client(product, version, redaction.user(_text(event.get("user.name"))), _text(event.get("client.address")))


def _line(event: Object, subject: Subject, redaction: Redaction) -> str:
    """What was called, as far as the event says."""
    method, path = _text(event.get("http.request.method")), _text(event.get("url.path"))
    if not method or not path:
        return subject.endpoint
    cut = "…" if path.endswith("…") else ""
    return redaction.line(
        subject, method, url_path(Request("", path.removesuffix("…").encode("utf-8", "replace"))) + cut
    )


def _statuses(event: Object) -> dict[int, int]:
    told = event.get("statuses")
    if isinstance(told, dict):
        return {int(status): _number(count, 0) for status, count in told.items() if _STATUS.fullmatch(status)}
    status = _number(event.get("http.response.status_code"), 0)
    return {status: 1} if status else {}


def _time(value: object) -> float | None:
    return read_iso(value) if isinstance(value, str) else None


def _number(value: object, default: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        return default
    return value if 0 <= value < _BIGGEST else default


def _text(value: object) -> str | None:
    return value[:LONGEST] if isinstance(value, str) and value else None
