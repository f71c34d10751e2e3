"""The table of the demonstration."""

import json
from collections.abc import Iterable

from rich import box
from rich.table import Table
from rich.text import Text

from jira_compat.demo.observe import Outcome, Row, wire
from jira_compat.events.vocabulary import url_path
from jira_compat.explain.masking import masked_body
from jira_compat.model import Request
from jira_compat.standin import Received

LONGEST_TEXT = 84
_COLUMNS = {
    "the client's call": 22,
    "what reaches Jira directly": 36,
    "what reaches it through the proxy": 25,
    "what the client is told": 25,
}
"""Names, and what each takes of the width."""
_LONGEST_EVENT = 16


def table(rows: Iterable[Row]) -> Table:
    """Before and after, row by row."""
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False, leading=1, expand=True)
    for name, width in _COLUMNS.items():
        shown.add_column(name, overflow="fold", ratio=width)
    shown.add_column("event", overflow="fold", width=_LONGEST_EVENT)
    for row in rows:
        shown.add_row(_call(row), _reached(row.direct), _through(row), _result(row), _event(row))
    return shown


def _call(row: Row) -> Text:
    kept = Text("") if row.kept else Text("\nNOT AS PROMISED", "bold red")
    return Text(row.call.title).append(f"\n{row.label}" if row.label else "", "dim").append(kept)


def _through(row: Row) -> Text:
    direct, through = row.direct.reached, row.through.reached
    if direct is not None and through is not None and wire(direct) == wire(through):
        return Text("the same", "dim")
    return _reached(row.through)


def _reached(outcome: Outcome) -> Text:
    if outcome.reached is None:
        return Text("nothing", "bold")
    effects = "".join(f"\n→ {name} {effect}" for name, effect in outcome.effects)
    names = _names(outcome.reached.body)
    return Text(_line(outcome.reached)).append(f"\n{names}" if names else "").append(effects, "bold")


def _line(received: Received) -> str:
    """Method and path; the demonstration's queries only say whom a call is about."""
    return f"{received.method} {url_path(Request(received.method, received.target))}"


def _names(body: bytes) -> str:
    """The names in a JSON object; of anything else what may be shown."""
    try:
        document = json.loads(body)
    except ValueError:
        document = None
    return f"{{{', '.join(document)}}}" if isinstance(document, dict) else masked_body(body)


def _result(row: Row) -> Text:
    result = row.through.result
    if result.status is None:
        return Text("success")
    text = result.text if len(result.text) <= LONGEST_TEXT else f"{result.text[:LONGEST_TEXT].rpartition(' ')[0]} …"
    return Text(str(result.status), "bold").append(f" {text}", "not bold")


def _event(row: Row) -> Text:
    event = row.through.event
    fields = "\n".join(event.get("fields") or ())
    return Text(event.get("event", "none")).append(f"\n{fields}" if fields else "", "dim")
