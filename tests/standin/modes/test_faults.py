import pytest

from jira_compat.standin.modes.faults import Faults


def test_nothing_goes_wrong_unless_wanted():
    faults = Faults()

    assert faults.next_status() is None
    assert faults.page_length(7) == 7
    assert not faults.cannot_fetch("1")


def test_statuses_come_in_their_turn():
    faults = Faults()
    faults.throttle(2, 7, after=1)
    faults.fail(1, 502)

    assert [faults.next_status() for _ in range(5)] == [None, (429, 7), (429, 7), (502, None), None]


@pytest.mark.parametrize(("wanted", "given"), [(0, 0), (3, 3), (9, 7), (-1, 0)])
def test_a_page_length_is_used_once(wanted, given):
    faults = Faults()
    faults.page_lengths.append(wanted)

    assert [faults.page_length(7), faults.page_length(7)] == [given, 7]


def test_an_issue_cannot_be_fetched_so_often():
    faults = Faults()
    faults.unfetchable["1"] = 2

    assert [faults.cannot_fetch("1") for _ in range(3)] == [True, True, False]
