import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from audit.report.made import CREATE, LOGIN, PASSWORD, SCRIPT, a_busy_report, a_report, calls, of_many_rules
from jira_compat.audit.counting.inventory import Client, Example, Subject
from jira_compat.audit.files.problems import Problem
from jira_compat.audit.report.terminal import MOST_CLIENTS, MOST_RULES, as_table

WIDTH = 100


def lines(report, *, width=WIDTH, styled=False):
    return as_table(report, width=width, styled=styled).splitlines()


def test_nothing_is_said_in_a_few_lines():
    found = lines(a_report(inputs={}))

    assert found[0] == "No calls"
    assert [line for line in found if "→" in line] == []


@pytest.mark.parametrize("clients", [0, 1, 12, 300])
@pytest.mark.parametrize("width", [60, 80, 100])
def test_it_fits(clients, width):
    assert [line for line in lines(a_busy_report(clients), width=width) if cell_len(line) > width] == []


def test_the_worst_comes_first_and_its_advice_before_its_clients():
    found = lines(a_busy_report(12))
    headings = [line.partition("  ")[0] for line in found if re.match(r"[A-Z]{3}", line)]

    assert headings[:4] == ["REMOVED", "SENDS IGNORED FIELDS", "BEHAVES DIFFERENTLY", "SENDS NO IGNORED FIELDS"]
    advice = next(number for number, line in enumerate(found) if "→ Stop calling this;" in line)
    assert any("tool-0 1.0" in line and "user-0" in line for line in found[advice:])


def test_clients_that_must_do_the_same_stand_below_one_advice():
    some = [(PASSWORD, SCRIPT._replace(user=f"user-{number}"), calls(1)) for number in range(3)]
    found = lines(a_report(*some))

    assert sum("→" in line for line in found) == 1
    assert (
        sum(bool(re.match(r"    python-requests 2.31 +user-\d +10.1.2.3 +1  2026-01-01$", line)) for line in found) == 3
    )


def test_who_must_do_nothing_is_counted():
    rows = [(CREATE, SCRIPT, calls(5, carried={"no": 5})), (LOGIN, SCRIPT, calls(7))]
    found = "\n".join(lines(a_report(*rows)))

    assert "1 client must do nothing, with 5 calls" in found
    assert "UNCHANGED  7 calls of 1 endpoint" in found
    assert "→" not in found


def test_many_clients_are_counted():
    some = [(PASSWORD, SCRIPT._replace(user=f"user-{number}"), calls(2)) for number in range(MOST_CLIENTS + 4)]
    found = lines(a_report(*some))

    assert sum("user-" in line for line in found) == MOST_CLIENTS
    assert any("and 4 clients more, with 8 calls" in line for line in found)


def test_many_rules_are_counted():
    found = lines(of_many_rules(MOST_RULES + 3))

    assert sum(line.startswith("REMOVED") for line in found) == MOST_RULES
    assert "and 3 more rules" in found


@settings(max_examples=30)
@given(st.text(alphabet=st.characters(codec=None), min_size=1, max_size=120))
def test_nothing_that_was_captured_moves_the_cursor_or_leaves_the_width(text):
    client = Client(text, text, text, text)
    some = calls(1, example=Example(text, ":", 1, text))
    rule = Subject(text, "p", "r", "removed", "respond")
    report = a_report((rule, client, some), (Subject(text), client, some), problems=[Problem(text, text)])

    for line in lines(report):
        assert line.isprintable()
        assert cell_len(line) <= WIDTH


def test_styles_are_for_terminals_and_change_no_word():
    report = a_busy_report(12)
    plain, styled = lines(report), lines(report, styled=True)

    assert "\x1b[" in "".join(styled)
    assert [re.sub(r"\x1b\[[0-9;]*m", "", line).rstrip() for line in styled] == plain


def test_markup_of_the_terminals_library_is_text():
    assert any("[bold]x[/] 1" in line for line in lines(a_report((PASSWORD, Client("[bold]x[/]", "1"), calls(1)))))
