from datetime import UTC, datetime

import pytest

from audit.report.made import CREATE, DELETE, LOGIN, PASSWORD, SCRIPT, a_busy_report, a_report, calls
from jira_compat.audit.counting.inventory import Client
from jira_compat.audit.report.totals import RANK, moment

CURL = Client("curl", "8.0", None, "10.9.9.9")


def test_the_worst_comes_first():
    assert min(RANK, key=lambda impact: RANK[impact]) == "removed"


def test_calls_are_told_by_what_each_meets_with_not_by_the_worst_of_their_client():
    some = calls(10, carried={"yes": 1, "no": 7, "unknown": 2}, fields=("/password",))
    impacts = a_report((CREATE, SCRIPT, some)).totals.impacts

    assert {impact: figure.calls for impact, figure in impacts.items() if figure.calls} == {
        "carries": 1,
        "unknown": 2,
        "clean": 7,
    }


@pytest.mark.parametrize(
    ("rows", "must", "check"),
    [
        ([], 0, 0),
        ([(LOGIN, SCRIPT, calls(5))], 0, 0),
        ([(CREATE, SCRIPT, calls(5, carried={"no": 5}))], 0, 0),
        ([(CREATE, SCRIPT, calls(5, carried={"unknown": 5}))], 0, 1),
        ([(DELETE, SCRIPT, calls(5))], 0, 1),
        ([(PASSWORD, SCRIPT, calls(5))], 1, 0),
        ([(PASSWORD, SCRIPT, calls(5)), (DELETE, SCRIPT, calls(5))], 1, 0),
        ([(PASSWORD, SCRIPT, calls(5)), (DELETE, CURL, calls(5))], 1, 1),
        ([(PASSWORD, SCRIPT, calls(5)), (PASSWORD, CURL, calls(5))], 2, 0),
    ],
)
def test_clients_that_must_change_and_those_to_check(rows, must, check):
    totals = a_report(*rows).totals

    assert (totals.must_change, totals.to_check) == (must, check)


def test_all_calls_are_somewhere():
    totals = a_busy_report(50).totals

    assert totals.calls == sum(one.calls for one in totals.impacts.values()) + totals.unlisted + totals.pages


def test_a_time_is_in_utc_and_to_the_second():
    assert moment(None) is None
    assert moment(1_767_225_600.9) == datetime(2026, 1, 1, tzinfo=UTC)
