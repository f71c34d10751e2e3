import io

import pytest

from jira_compat.audit.files.progress import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def shown(stream):
    """The lines as they stood there one after the other."""
    return [line.strip() for line in stream.getvalue().split("\r") if line.strip()]


def run(stream, clock, total=100_000_000):
    progress = Progress(stream, clock)
    progress.start(total)
    for clock.now in (0.5, 0.9, 1.0, 1.1, 2.0):
        progress.advance(10_000_000)
    progress.end()
    return shown(stream)


def test_nothing_is_said_where_nobody_looks(clock):
    assert run(io.StringIO(), clock) == []


def test_nothing_is_said_within_a_second(clock):
    stream = Terminal()
    progress = Progress(stream, clock)
    progress.start(100)
    clock.now = 0.99
    progress.advance(50)
    progress.end()

    assert stream.getvalue() == ""


def test_rate_and_remaining_time_are_said_from_then_on(clock):
    assert run(Terminal(), clock) == [
        "30 % of 100 MB, 30.0 MB/s, 0:02 left",
        "50 % of 100 MB, 25.0 MB/s, 0:02 left",
    ]


def test_what_has_no_size_has_no_remaining_time(clock):
    assert run(Terminal(), clock, total=0)[0] == "30 MB, 30.0 MB/s"


def test_the_line_is_taken_away_at_the_end(clock):
    stream = Terminal()
    run(stream, clock)

    *_, blank, end = stream.getvalue().split("\r")
    assert (blank.strip(), end) == ("", "")
    assert len(blank) == len("50 % of 100 MB, 25.0 MB/s, 0:02 left")
