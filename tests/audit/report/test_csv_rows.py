import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.report.made import CREATE, PASSWORD, SCRIPT, a_busy_report, a_report, calls
from jira_compat.audit.counting.inventory import Client, Example, Subject
from jira_compat.audit.report.csv_rows import COLUMNS, as_csv


def rows(report):
    return list(csv.DictReader(io.StringIO(as_csv(report), newline="")))


def test_nothing_is_a_heading():
    assert as_csv(a_report()) == ",".join(COLUMNS) + "\r\n"


def test_a_line_says_everything_of_a_client_under_a_rule():
    some = calls(3, until=1, status=201, carried={"yes": 2, "no": 1}, fields=("/password", "?password"), applied=1)
    [row] = rows(a_report((CREATE, SCRIPT, some)))

    assert row.pop("source").startswith("https://confluence.atlassian.com/")
    assert json.loads(row.pop("statuses")) == {"201": 3}
    assert json.loads(row.pop("carried")) == {"yes": 2, "no": 1}
    assert row == {
        "impact": "carries",
        "endpoint": "POST /rest/api/{2|3|latest}/user",
        "product": "python-requests",
        "version": "2.31",
        "user": "svc-build",
        "address": "10.1.2.3",
        "calls": "3",
        "first": "2026-01-01T00:00:00+00:00",
        "last": "2026-01-02T00:00:00+00:00",
        "do": "Leave out /password, ?password.",
        "change": "modified",
        "policy": "user-management",
        "rule": CREATE,
        "fields": "/password ?password",
        "applied": "1",
        "example": "PUT /rest/api/2/user",
        "place": "access.log:7",
    }


def test_every_use_and_every_endpoint_has_a_line():
    report = a_busy_report(300)
    found = rows(report)

    assert len(found) == len(report.uses) + len(report.endpoints)
    assert sum(int(row["calls"]) for row in found) == report.totals.calls
    assert found[-1]["impact"] == "unlisted"


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\r=1", "＝1", "=cmd|'/c calc'!A1"]  # noqa: RUF001 - as above


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_begins_a_formula(text):
    client = Client(text, text, text, text)
    some = calls(1, example=Example(text, ":", 0, text), carried={"yes": 1}, fields=(text,))
    [row] = rows(a_report((Subject(text, text, text, "modified", "remove"), client, some)))

    assert [cell for cell in row.values() if cell.lstrip().startswith(("=", "+", "-", "@", "＝"))] == []  # noqa: RUF001
    assert text.strip() in row["product"]


@given(st.lists(st.text(max_size=9), min_size=4, max_size=4))
def test_a_reader_gets_back_what_clients_are_called(texts):
    report = a_report((PASSWORD, Client(*texts), calls(1)))
    [row], [use] = rows(report), report.uses

    told = [row[name].removeprefix("'") for name in ("product", "version", "user", "address")]
    assert told == [one.removeprefix("'") for one in (use.product, use.version, use.user or "", use.address or "")]
