"""When a worker is replaced; the rest is tried with real workers: tests/e2e/test_workers.py."""

from jira_compat.proxy.workers.crew import LONGEST_PAUSE, STEADY, next_pause


def pauses(*lives):
    found: list[float] = []
    for lived in lives:
        found.append(next_pause(found[-1] if found else None, lived))
    return found


def test_the_first_time_at_once():
    assert pauses(0.1) == [0]


def test_then_more_slowly_each_time_up_to_a_bound():
    assert pauses(*[0.1] * 9) == [0, 1, 2, 4, 8, 16, LONGEST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE]


def test_who_has_lived_a_while_is_replaced_at_once():
    assert pauses(0.1, 0.1, 0.1, STEADY, 0.1) == [0, 1, 2, 0, 1]
