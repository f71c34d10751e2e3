from datetime import UTC, datetime

import pytest

from audit.report.made import CREATE, IN_QUERY, PASSWORD, SCRIPT, UPDATE, a_report, calls
from jira_compat.audit.report import wording as words
from jira_compat.audit.report.document import IMPACTS, Client
from jira_compat.events.user_agent import UNKNOWN
from live import ROOT

NEW_YEAR = datetime(2026, 1, 1, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (words.number(1234567), "1,234,567"),
        (words.counted(1, "call"), "1 call"),
        (words.counted(0, "address", "addresses"), "0 addresses"),
        (words.counted(2000, "call"), "2,000 calls"),
        (words.day(None), "unknown"),
        (words.minute(None), "unknown"),
        (words.minute(NEW_YEAR), "2026-01-01 12:30"),
        (words.period(NEW_YEAR, NEW_YEAR), "2026-01-01"),
        (words.period(NEW_YEAR, NEW_YEAR.replace(month=2)), "2026-01-01 to 2026-02-01"),
        (words.short("PUT /rest/api/{2|3|latest}/user/password"), "PUT user/password"),
        (words.short("PUT|POST /rest/api/2/user"), "PUT|POST user"),
        (words.short("POST /rest/auth/{1|latest}/session"), "POST auth/{1|latest}/session"),
        (words.short("GET /rest/agile/1.0/board"), "GET agile/1.0/board"),
        (words.statuses({}), ""),
        (words.statuses({204: 7}), "204"),
        (words.statuses({204: 7, 410: 9000}), "410 ×9,000, 204 ×7"),  # noqa: RUF001 - times
        (words.statuses({200: 5, 201: 4, 204: 3, 400: 2}), "200 ×5, 201 ×4, 204 ×3, …"),  # noqa: RUF001 - times
    ],
)
def test_it_is_said_so(said, expected):
    assert said == expected


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, "0"), (999, "999"), (1000, "1.0k"), (9949, "9.9k"), (9950, "10k"), (999_499, "999k"), (3_400_000, "3.4M")],
)
def test_a_compact_number_has_four_characters_at_most(count, expected):
    assert words.compact(count) == expected


@pytest.mark.parametrize("count", [10**power + more for power in range(12) for more in (-1, 0, 1)])
def test_no_compact_number_is_longer(count):
    assert len(words.compact(max(count, 0))) <= 4


@pytest.mark.parametrize(
    ("product", "version", "expected"),
    [("curl", "", "curl"), ("curl", "8.0", "curl 8.0"), (UNKNOWN.product, "", "unknown client")],
)
def test_a_client_has_a_name(product, version, expected):
    assert words.name(Client(product=product, version=version, user=None, address=None)) == expected


def test_rules_of_one_endpoint_are_told_apart():
    one, both = a_report((UPDATE, SCRIPT, calls())), a_report((UPDATE, SCRIPT, calls()), (IN_QUERY, SCRIPT, calls()))

    assert words.rule_names(one)[f"user-management/{UPDATE}"] == "PUT user"
    assert words.rule_names(both)[f"user-management/{UPDATE}"] == f"PUT user ({UPDATE})"


def test_nothing_has_nothing_to_remark():
    assert words.remarks(a_report()) == []
    assert words.headline(a_report()) == ["No calls"]


def test_what_is_not_known_is_said_instead_of_guessed():
    unknown = a_report((CREATE, SCRIPT, calls(3, carried={"unknown": 3})))

    [remark] = words.remarks(unknown)
    assert "Of 3 calls it is unknown whether they send" in remark
    [remark] = words.remarks(a_report((CREATE, SCRIPT, calls(1, carried={"unknown": 1}))))
    assert "Of 1 call it is unknown whether it sends" in remark
    assert "1 client: 3 calls that may send ignored fields" in words.headline(unknown)


def test_a_reader_learns_of_what_is_missing():
    report = a_report(interrupted=True)
    failed = report.model_copy(update={"failures": {"rewrite_failed": 2, "rewrite_skipped": 1}})

    assert len(words.remarks(report)) == 1
    assert "3 exchanges" in words.remarks(failed)[1]


def test_where_no_call_was_read_nobody_knows_what_nobody_called():
    nothing, called = a_report(), a_report((PASSWORD, SCRIPT, calls()))
    assert nothing.rules
    assert words.uncalled(nothing) == []
    assert len(words.uncalled(called)) == len(called.rules) - 1


def test_the_headline_names_the_worst():
    lines = words.headline(a_report((PASSWORD, SCRIPT, calls(3))))

    assert lines[:3] == [
        "3 calls, 2026-01-01",
        "1 client must change, 0 more to review",
        "1 client: 3 calls to removed endpoints",
    ]


@pytest.mark.parametrize(("count", "said"), [(1, "1 call that sends"), (2, "2 calls that send")])
def test_the_headline_counts_what_is_carried(count, said):
    lines = words.headline(a_report((CREATE, SCRIPT, calls(count, carried={"yes": count}))))

    assert f"1 client: {said} ignored fields" in lines


def test_the_docs_say_what_each_impact_means():
    page = (ROOT / "docs" / "audit.md").read_text()

    rows = [f"| `{impact}` | {words.LABELS[impact]} | {meaning} |" for impact, meaning in IMPACTS.items()]
    assert [row for row in rows if row not in page] == []
