import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from audit.report.made import PASSWORD, SCRIPT, a_busy_report, a_report, calls
from jira_compat.audit.report.document import LONGEST, Client, Report, as_json, json_schema, shown


@pytest.mark.parametrize(
    "text", ["", "GET /rest/api/2/user", "Jürgen", "日本語", "{2|3|latest}", "a\\b"]
)  # no-op cases
def test_printable_text_is_shown_as_it_is(text):
    assert shown(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\nb", "a\\nb"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x9b31m", "\\x9b31m"),
        ("\u202egpj.exe", "\\u202egpj.exe"),
        ("\ud800", "\\ud800"),
        ("\u2028", "\\u2028"),
        ("a" * (LONGEST + 1), "a" * (LONGEST - 1) + "…"),
    ],
    ids=ascii,
)
def test_text_that_could_do_something_is_shown_as_what_it_is(text, expected):
    assert shown(text) == expected


@given(st.text(alphabet=st.characters(codec=None), max_size=LONGEST + 9))
def test_whatever_a_client_is_called_is_one_printable_line(text):
    name = Client(product=text, version="", user=None, address=None).product

    assert name.isprintable()
    assert len(name) <= 10 * LONGEST
    name.encode()


def test_what_is_no_text_is_left_to_its_type():
    with pytest.raises(ValidationError):
        Client.model_validate({"product": 1, "version": "", "user": None, "address": None})


@pytest.mark.parametrize("report", [a_report(), a_busy_report()], ids=["empty", "busy"])
def test_json_can_be_read_back(report):
    assert Report.model_validate_json(as_json(report)) == report


def test_json_says_times_in_utc_and_statuses_by_number():
    use = json.loads(as_json(a_report((PASSWORD, SCRIPT, calls(2, status=204)))))["uses"][0]

    assert (use["first"], use["statuses"]) == ("2026-01-01T00:00:00Z", {"204": 2})


def test_the_schema_has_no_room_for_what_it_does_not_name():
    schema = json_schema()

    parts = [schema, *schema["$defs"].values()]
    assert all(part["additionalProperties"] is False for part in parts)
    assert schema["properties"]["v"]["const"] == 1
