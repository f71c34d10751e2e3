import io
import re

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
def clock(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    return Clock()


def lines(stream):
    """The lines as they stood there one after the other."""
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stream.getvalue())
    return list(dict.fromkeys(" ".join(line.split()) for line in re.split(r"[\r\n]", text) if line.strip()))


def run(stream, clock, total=100_000_000):
    progress = Progress(stream, clock)
    progress.start(total)
    for clock.now in (0.5, 0.9, 1.0, 1.1, 2.0):
        progress.advance(10_000_000)
    progress.end()
    return lines(stream)


def test_nothing_is_written_where_nobody_looks(clock):
    stream = io.StringIO()

    assert run(stream, clock) == []
    assert stream.getvalue() == ""


def test_nothing_is_written_within_a_second(clock):
    stream = Terminal()
    progress = Progress(stream, clock)
    progress.start(100)
    clock.now = 0.99
    progress.advance(50)
    progress.end()

    assert stream.getvalue() == ""


def test_rate_and_remaining_time_are_written_from_then_on(clock):
    first, second = run(Terminal(), clock)

    assert re.fullmatch(r"30% 30\.0/100\.0 MB [0-9.]+ MB/s 0:00:0[0-9]", first)
    assert re.fullmatch(r"50% 50\.0/100\.0 MB [0-9.]+ MB/s 0:00:0[0-9]", second)


def test_what_has_no_size_has_no_remaining_time(clock):
    assert re.fullmatch(r"30\.0/\? MB [0-9.]+ MB/s", run(Terminal(), clock, total=0)[0])


def test_the_line_is_removed_at_the_end(clock):
    stream = Terminal()
    run(stream, clock)

    assert stream.getvalue().endswith("\x1b[1A\x1b[2K")
