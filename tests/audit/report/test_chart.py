from datetime import timedelta

import pytest

from audit.report.made import CREATE, DELETE, LOGIN, PASSWORD, SCRIPT, a_busy_report, a_report, calls, of_many_rules
from jira_compat.audit.report.chart import FEWEST_BARS, HEIGHT, MOST_BARS, MOST_ROWS, chart


@pytest.mark.parametrize("rows", [[], [(LOGIN, SCRIPT, calls(3))], [(PASSWORD, SCRIPT, calls(0))]], ids=str)
def test_without_calls_of_what_changed_there_is_no_chart(rows):
    assert chart(a_report(*rows)) is None


def of_days(*days, rule=PASSWORD):
    drawn = chart(a_report(*((rule, SCRIPT, calls(count, day)) for day, count in days)))
    assert drawn is not None
    return drawn


@pytest.mark.parametrize(
    ("days", "unit"),
    [
        (0, "1 hour"),
        (2, "1 hour"),
        (3, "2 hours"),
        (14, "6 hours"),
        (59, "1 day"),
        (60, "2 days"),
        (365, "7 days"),
        (3650, "84 days"),
        (27_000, "728 days"),
    ],
)
def test_stretches_grow_with_the_time(days, unit):
    drawn = of_days((0, 1), (days, 2))

    assert drawn.unit == unit
    assert len(drawn.starts) <= MOST_BARS + 1


def test_stretches_are_never_shorter_than_what_was_counted():
    report = a_report((PASSWORD, SCRIPT, calls(1, 0)), (PASSWORD, SCRIPT, calls(1, 2)))
    wide = report.model_copy(update={"bucket_seconds": 86_400})

    drawn = chart(wide)
    assert drawn is not None
    assert drawn.stretch == timedelta(days=1)


def test_a_bar_stands_where_its_calls_were_and_is_as_high():
    [row] = of_days((0, 50), (1, 100), (1.01, 100), (40, 1)).rows

    assert [(bar.place, bar.calls, bar.height) for bar in row.bars] == [
        (0, 50, HEIGHT / 4),
        (1, 200, HEIGHT),
        (40, 1, 1.0),
    ]
    assert row.peak == 200


def test_rows_are_in_the_order_of_the_report_over_the_same_time():
    drawn = chart(
        a_report(
            (DELETE, SCRIPT, calls(9, 10)),
            (LOGIN, SCRIPT, calls(9, 100)),
            (CREATE, SCRIPT, calls(1, 5, carried={"yes": 1}, fields=("/password",))),
            (PASSWORD, SCRIPT, calls(1, 0)),
        )
    )

    assert drawn is not None
    assert [row.rule.rule for row in drawn.rows] == [PASSWORD, CREATE, DELETE]
    assert drawn.starts[-1].isoformat() == "2026-01-11T00:00:00+00:00"


def test_the_worst_of_many_rules_are_drawn():
    drawn = chart(of_many_rules(MOST_ROWS + 5))

    assert drawn is not None
    assert len(drawn.rows) == MOST_ROWS


def test_the_table_has_the_same_figures():
    report = a_busy_report(40)
    drawn = chart(report)

    assert drawn is not None
    table = list(drawn.table())
    assert [start for start, _ in table] == list(drawn.starts)
    for number, row in enumerate(drawn.rows):
        assert sum(counts[number] for _, counts in table) == row.rule.calls


@pytest.mark.parametrize(
    ("days", "ticks"),
    [
        ([(0, 1)], ["2026-01-01 00:00"]),
        ([(0, 1), (2, 1)], ["2026-01-01 00:00", "2026-01-02 00:00", "2026-01-03 01:00"]),
        ([(0, 1), (49, 1)], ["2026-01-01", "2026-01-26", "2026-02-20"]),
    ],
)
def test_ticks_name_the_ends_and_the_middle(days, ticks):
    drawn = of_days(*days)

    assert drawn.ticks() == ticks
    assert drawn.columns == max(len(drawn.starts), FEWEST_BARS)
