import pytest

from audit.report.made import DELETE, LOGIN, PASSWORD, SCRIPT, a_report, calls, of_many_rules
from jira_compat.audit.counting.inventory import Client
from jira_compat.audit.report.matrix import HOTTEST, MOST_CLIENTS, MOST_RULES, matrix


@pytest.mark.parametrize("rows", [[], [(LOGIN, SCRIPT, calls(3))]], ids=["nothing", "unchanged"])
def test_where_nothing_changed_there_is_no_matrix(rows):
    assert matrix(a_report(*rows)) is None


def test_one_product_under_one_user_is_a_row_from_wherever_it_calls():
    shown = matrix(
        a_report(
            (PASSWORD, SCRIPT, calls(5)),
            (PASSWORD, SCRIPT._replace(address="10.1.2.4"), calls(6)),
            (DELETE, SCRIPT, calls(7)),
            (DELETE, Client("curl", "8.0"), calls(8)),
            (LOGIN, SCRIPT, calls(100)),
        )
    )

    assert shown is not None
    assert [rule.rule for rule in shown.rules] == [PASSWORD, DELETE]
    assert [(row.name, row.who, row.calls) for row in shown.rows] == [
        ("python-requests 2.31", "svc-build, 2 addresses", 18),
        ("curl 8.0", "", 8),
    ]
    assert [[cell and cell.calls for cell in row.cells] for row in shown.rows] == [[11, 7], [None, 8]]


@pytest.mark.parametrize(
    ("client", "who"),
    [
        (SCRIPT, "svc-build, 10.1.2.3"),
        (SCRIPT._replace(user=None), "10.1.2.3"),
        (SCRIPT._replace(address=None), "svc-build"),
    ],
)
def test_a_row_says_who_as_far_as_that_is_known(client, who):
    shown = matrix(a_report((PASSWORD, client, calls(1))))

    assert shown is not None
    assert shown.rows[0].who == who


@pytest.mark.parametrize(("count", "heat"), [(0, 1), (1, 1), (9, 1), (10, 2), (9999, 4), (10_000, 5), (10**9, HOTTEST)])
def test_heat_is_a_step_for_each_digit(count, heat):
    shown = matrix(a_report((PASSWORD, SCRIPT, calls(count)), (PASSWORD, Client("curl"), calls(1))))

    assert shown is not None
    cells = [cell for row in shown.rows if row.name != "curl" for cell in row.cells if cell]
    assert [cell.heat for cell in cells] == [heat]


def test_the_worst_of_many_rules_are_columns():
    shown = matrix(of_many_rules(MOST_RULES + 5))

    assert shown is not None
    assert [len(shown.rules), *(len(row.cells) for row in shown.rows)] == [MOST_RULES, MOST_RULES]


def test_too_many_clients_are_counted():
    rows = [(PASSWORD, Client(f"tool-{number}"), calls(1000 - number)) for number in range(MOST_CLIENTS + 7)]
    shown = matrix(a_report(*rows))

    assert shown is not None
    assert (len(shown.rows), shown.left_out, shown.rows[0].name) == (MOST_CLIENTS, 7, "tool-0")
