import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from audit.report.made import CREATE, LOGIN, PASSWORD, SCRIPT, a_busy_report, a_report, calls, of_many_rules
from jira_compat.audit.counting.inventory import Client, Example, Subject
from jira_compat.audit.files.problems import Problem
from jira_compat.audit.report.markdown import MOST_RULES, MOST_USES, as_markdown, cell, code, text

COMMONMARK = MarkdownIt("commonmark").enable("table")


def html(markdown):
    return COMMONMARK.render(markdown)


def table(markdown, heading):
    """The cells of the table below a heading, as a reader sees them."""
    part = html(markdown).partition(f"<h2>{heading}</h2>")[2].partition("<h2>")[0]
    lines = re.findall(r"<tr>(.*?)</tr>", part, re.DOTALL)
    return [[seen(one) for one in re.findall(r"<t[dh]>(.*?)</t[dh]>", line, re.DOTALL)] for line in lines]


def seen(fragment):
    return unescape(re.sub(r"<[^>]*>", "", fragment))


PLAIN = ["PUT /rest/api/2/user", "python-requests 2.31", "a_b_c", "{2|3|latest}", "*", "<b>", "[a](b)", "&amp;", "@all"]
ODD = ["`", "``a`", "a\\", "a\\|b", "\\`|`", " a ", "", " ", "|", "<script>", "https://example.com", "&#124;", "~~a~~"]


@pytest.mark.parametrize("captured", [*PLAIN, *ODD], ids=repr)
def test_code_is_seen_as_it_was_captured(captured):
    assert seen(html(f"x {code(captured)} x")).strip("\n") == f"x {captured} x"


def test_no_backslash_stands_before_a_bar_because_readers_differ_about_those():
    assert "\\" not in cell("a\\b").replace("\\|", "")
    assert "\\\\" not in cell("a\\|b")


@pytest.mark.parametrize("prose", [*PLAIN, *ODD, "![a](b)", "**a**", "<https://example.com>"], ids=repr)
def test_prose_is_seen_as_it_is(prose):
    rendered = html(f"x {text(prose)} x").strip()

    assert re.findall(r"<[^>]*>", rendered) == ["<p>", "</p>"]
    assert seen(rendered) == f"x {prose} x"


@pytest.mark.parametrize("captured", [*PLAIN, *ODD], ids=repr)
def test_so_is_a_cell_and_it_stays_one(captured):
    [_, row] = table(f"## H\n\n| a | b |\n|---|---|\n| {cell(captured)} | end |\n", "H")

    assert row == [captured, "end"]


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"])))
def test_whatever_was_captured_stays_in_its_cell(captured):
    [_, row] = table(f"## H\n\n| a | b |\n|---|---|\n| {cell(captured)} | end |\n", "H")

    assert row == [captured, "end"]


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1))
def test_prose_is_no_markup(prose):
    rendered = html(f"- x {text(prose)}").strip()

    assert re.findall(r"<[^>]*>", rendered) == ["<ul>", "<li>", "</li>", "</ul>"]
    assert seen(rendered).strip() == f"x {prose}"


def test_nothing_is_a_document_too():
    assert table(as_markdown(a_report(inputs={})), "What each client must do") == []


def test_each_client_that_must_do_something_has_a_line():
    rows = [(PASSWORD, SCRIPT, calls(2000)), (CREATE, SCRIPT, calls(3, carried={"no": 3})), (LOGIN, SCRIPT, calls(4))]
    [head, row] = table(as_markdown(a_report(*rows)), "What each client must do")

    assert len(head) == len(row)
    assert row[:7] == [
        "python-requests 2.31",
        "svc-build",
        "10.1.2.3",
        "PUT /rest/api/{2|3|latest}/user/password",
        "2,000",
        "2026-01-01 00:00",
        "200",
    ]
    assert row[7].startswith("Stop calling this; ")


HOSTILE = "|<img src=x onerror=alert(1)>`\\\n## x"


def test_hostile_names_stay_where_they_belong():
    client = Client(HOSTILE, "", HOSTILE, HOSTILE)
    some = calls(1, example=Example(HOSTILE, ":", 1, HOSTILE))
    rule = Subject(HOSTILE, HOSTILE, HOSTILE, "removed", "respond")
    markdown = as_markdown(
        a_report((rule, client, some), (Subject(HOSTILE), client, some), problems=[Problem(HOSTILE, HOSTILE)])
    )

    shown = HOSTILE.replace("\n", "\\n")
    assert "<img" not in html(markdown)
    assert table(markdown, "What each client must do")[1][:4] == [shown] * 4
    assert table(markdown, "Endpoints not covered by any rule")[1][0] == shown
    assert html(markdown).count("<h2>") == markdown.count("\n## ")


def test_what_is_left_out_is_counted():
    report = a_busy_report(MOST_USES * 3)
    rows = table(as_markdown(report), "What each client must do")

    assert len(rows) == MOST_USES + 1
    busy = sum(use.do != "Nothing." for use in report.uses)
    assert f"And {busy - MOST_USES:,} more" in as_markdown(report)


def test_so_are_rules():
    part = as_markdown(of_many_rules(MOST_RULES + 3)).partition("## What changed")[2].partition("\n## ")[0]

    assert part.count("\n- ") == MOST_RULES
    assert "And 3 more" in part
