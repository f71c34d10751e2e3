import pytest
from hypothesis import given
from hypothesis import strategies as st

from jira_compat.audit.counting.timestamps import FIRST, LAST, Clock, plausible, read_iso

AT = 1_760_104_536  # 2025-10-10T13:55:36Z


@pytest.mark.parametrize(
    ("stamp", "seconds"),
    [
        ("10/Oct/2025:13:55:36 +0000", AT),
        ("10/Oct/2025:13:55:36 -0700", AT + 7 * 3600),
        ("10/Oct/2025:13:55:36 +0530", AT - 19800),
        ("10/Oct/2025:13:55:36", AT),
        ("10/Oct/2025:13:55:36.789", AT),
        ("2025-10-10T13:55:36Z", AT),
        ("2025-10-10T13:55:36+02:00", AT - 7200),
        ("2025-10-10 13:55:36,500", AT + 0.5),
        ("1760104536", AT),
        ("1760104536.25", AT + 0.25),
        ("1760104536000", AT),
        ("1760104536000000", AT),
        ("1760104536000000000", AT),
        ("", None),
        ("-", None),
        ("yesterday", None),
        ("31/Feb/2025:13:55:36 +0000", None),
        ("10/Foo/2025:13:55:36 +0000", None),
        ("10/Oct/2025:13:55:3x +0000", None),
        ("01/Jan/1970:00:00:00 +0000", None),
        ("1999-10-10T13:55:36Z", None),
        ("2101-10-10T13:55:36Z", None),
        ("42", None),
    ],
)
def test_times_are_read(stamp, seconds):
    clock = Clock()

    assert clock.read(stamp.encode()) == seconds
    assert clock.read(stamp.encode()) == seconds


def test_a_minute_that_came_up_before_has_its_own_seconds():
    clock = Clock()

    seen = [clock.read(b"10/Oct/2025:13:55:%02d +0000" % second) for second in (0, 36, 59)]

    assert seen == [AT - 36, AT, AT + 23]


@given(st.binary(max_size=40))
def test_no_bytes_make_it_raise(stamp):
    seconds = Clock().read(stamp)

    assert seconds is None or FIRST <= seconds < LAST


@given(st.text(max_size=40))
def test_no_text_makes_it_raise(text):
    seconds = read_iso(text)

    assert seconds is None or FIRST <= seconds < LAST


@pytest.mark.parametrize(
    ("seconds", "is_one"), [(FIRST, True), (LAST, False), (FIRST - 1, False), (float("nan"), False)]
)
def test_a_time_when_there_was_no_jira_is_none(seconds, is_one):
    assert (plausible(seconds) is not None) is is_one
