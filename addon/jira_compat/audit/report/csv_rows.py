"""The report as CSV (RFC 4180): a line for each client of each rule, and for each endpoint not covered by any rule."""

import csv
import io
import json
from datetime import datetime

from jira_compat.audit.report.document import Endpoint, Report, Use

COLUMNS = (
    "impact",
    "endpoint",
    "product",
    "version",
    "user",
    "address",
    "calls",
    "first",
    "last",
    "statuses",
    "do",
    "change",
    "policy",
    "rule",
    "carried",
    "fields",
    "applied",
    "example",
    "place",
    "source",
)
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # noqa: RUF001 - what spreadsheets take for the beginning of one


def as_csv(report: Report) -> str:
    """All of it, worst first."""
    sources = {rule.mark: rule.source for rule in report.rules}
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    for use in report.uses:
        writer.writerow(_safe(_use(use) | {"source": sources.get(use.mark)}))
    for endpoint in report.endpoints:
        writer.writerow(_safe(_endpoint(endpoint)))
    return text.getvalue()


def _use(use: Use) -> dict[str, object]:
    names = ("impact", "endpoint", "product", "version", "user", "address", "do", "change", "policy", "rule", "applied")
    row = {name: getattr(use, name) for name in names} | _facts(use)
    return row | {"carried": json.dumps(use.carried) if use.carried else "", "fields": " ".join(use.fields)}


def _endpoint(endpoint: Endpoint) -> dict[str, object]:
    return {"impact": "unlisted", "endpoint": endpoint.endpoint, "product": ", ".join(endpoint.products)} | _facts(
        endpoint
    )


def _facts(one: Use | Endpoint) -> dict[str, object]:
    example = one.example
    return {
        "calls": one.calls,
        "first": _time(one.first),
        "last": _time(one.last),
        "statuses": json.dumps(one.statuses) if one.statuses else "",
        "example": "" if example is None else example.line,
        "place": "" if example is None else example.place,
    }


def _time(time: datetime | None) -> str:
    return "" if time is None else time.isoformat()


def _safe(row: dict[str, object]) -> dict[str, object]:
    """No text begins a formula: spreadsheets would run what a client has named itself."""
    return {key: _text(value) if isinstance(value, str) else value for key, value in row.items()}


def _text(value: str) -> str:
    return f"'{value}" if value.lstrip().startswith(_FORMULA) else value
