"""Where lines go; what becomes of events that cannot be written is in tests/events/test_log.py."""

import contextlib
import io
import os
from pathlib import Path

import pytest

from jira_compat.events import writers as sink
from jira_compat.events.writers import File, Pipe, Stream, open_sink, sink_of
from live import wait_until

LONG = "x" * 300_000
"""More than a pipe holds."""


class Losses:
    """What is told of lost lines."""

    def __init__(self):
        self.told: list[tuple[int, str]] = []

    def __call__(self, number, error):
        self.told.append((number, type(error).__name__))


@pytest.fixture
def lose():
    return Losses()


@pytest.fixture
def pipe(lose, monkeypatch):
    """A pipe's two ends, the one that is written to as a sink; of three lines that may wait."""
    monkeypatch.setattr(sink, "MOST_WAITING", 3)
    monkeypatch.setattr(sink, "PATIENCE", 0.2)
    reader, writer = os.pipe()
    with open(reader, "rb", buffering=0) as shown, contextlib.ExitStack() as stack:  # noqa: PTH123 - it has no path
        made = Pipe(writer, lose)
        stack.callback(os.close, writer)
        stack.callback(made.close)
        yield shown, made


def read(shown, lines):
    """So many lines, which must be all there are."""
    content = b""
    while content.count(b"\n") < lines:
        piece = shown.read(1 << 16)
        assert piece, content
        content += piece
    return content.decode().splitlines()


def fill(shown, made):
    """Let the writer wait for its reader, and lines for the writer."""
    made.info(LONG)
    wait_until(lambda: not made._lines.qsize(), "the writer to begin")
    for line in "abc":
        made.info(line)


def test_lines_come_in_their_order(pipe):
    shown, made = pipe
    for line in ("one", "two", "\ud800"):
        made.info(line)
        assert read(shown, 1) == [line.encode("utf-8", "backslashreplace").decode()]


def test_nobody_waits_for_a_slow_reader_and_what_is_too_much_is_lost(pipe, lose):
    shown, made = pipe
    fill(shown, made)
    for _ in range(2):
        with pytest.raises(BlockingIOError):
            made.info("d")
    assert read(shown, 4) == [LONG, "a", "b", "c"]
    made.info("e")
    assert read(shown, 1) == ["e"]
    assert lose.told == []


def test_nor_does_more_wait_than_memory_has_room_for(pipe, monkeypatch):
    shown, made = pipe
    monkeypatch.setattr(sink, "MOST_BYTES", len(LONG) + 6)
    for _ in range(2):
        made.info(LONG)
        wait_until(lambda: not made._lines.qsize(), "the writer to begin")
        with pytest.raises(BlockingIOError):
            made.info("0123456789")
        made.info("01")
        assert read(shown, 2) == [LONG, "01"]
        wait_until(lambda: not made._lines.unfinished_tasks, "the writer to be done")


def test_a_reader_that_has_gone_loses_every_line(pipe, lose):
    shown, made = pipe
    shown.close()
    made.info("a")
    made.info("b")
    wait_until(lambda: len(lose.told) == 2, "the losses")
    assert lose.told == [(1, "BrokenPipeError")] * 2


def test_a_reader_that_goes_in_the_middle_loses_what_waits(pipe, lose):
    shown, made = pipe
    fill(shown, made)
    shown.close()
    wait_until(lambda: len(lose.told) == 4, "the losses")


def test_at_the_end_what_waits_is_written(pipe, lose):
    shown, made = pipe
    for line in "abc":
        made.info(line)
    made.close()
    made.close()
    assert read(shown, 3) == ["a", "b", "c"]
    assert lose.told == []
    with pytest.raises(ValueError):
        made.info("d")


def test_at_the_end_a_reader_that_does_not_read_loses_what_waits(pipe, lose):
    shown, made = pipe
    fill(shown, made)
    made.close()
    assert lose.told == [(4, "TimeoutError")]
    shown.close()
    made._writer.join(5)
    assert not made._writer.is_alive()
    assert len(lose.told) == 1


def test_a_pipe_that_does_not_wait_loses_nothing(pipe, lose):
    shown, made = pipe
    os.set_blocking(made._descriptor, False)
    fill(shown, made)
    assert read(shown, 4) == [LONG, "a", "b", "c"]
    assert lose.told == []


@pytest.fixture
def eager(pipe, lose):
    """The same with a writer's end that does not block, as a worker has it."""
    shown, made = pipe
    os.set_blocking(made._descriptor, False)
    again = Pipe(made._descriptor, lose)
    yield shown, again
    again.close()


def test_where_the_writer_does_not_block_a_line_is_there_at_once(eager):
    shown, made = eager
    os.set_blocking(shown.fileno(), False)
    for line in ("one", "two"):
        made.info(line)
        assert shown.read(100) == f"{line}\n".encode()
    assert made._writer is None


def test_what_it_does_not_take_waits_and_nothing_overtakes_it(eager, lose):
    shown, made = eager
    made.info("first")
    fill(shown, made)
    with pytest.raises(BlockingIOError):
        made.info("d")
    assert read(shown, 5) == ["first", LONG, "a", "b", "c"]
    wait_until(lambda: not made._lines.unfinished_tasks, "the writer to be done")
    made.info("last")
    assert read(shown, 1) == ["last"]
    assert lose.told == []


def test_there_too_a_reader_that_has_gone_is_told_of(eager):
    shown, made = eager
    shown.close()
    with pytest.raises(BrokenPipeError):
        made.info("a")


def test_a_named_pipe_has_a_reader_or_is_refused(tmp_path, lose):
    path = tmp_path / "events"
    os.mkfifo(path)
    with pytest.raises(OSError):
        open_sink(path, lose)
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb", buffering=0) as shown:  # noqa: PTH123 - as above
        made = open_sink(path, lose)
        assert isinstance(made, Pipe)
        os.set_blocking(shown.fileno(), True)
        made.info("a")
        assert read(shown, 1) == ["a"]
        made.close()
        assert shown.read() == b""


@pytest.mark.parametrize("is_file", [True, False])
def test_a_stream_is_written_to_by_what_it_is(tmp_path, lose, is_file):
    with Path(tmp_path / "lines").open("w") if is_file else io.StringIO() as stream:
        stream.write("before\n")
        made = sink_of(stream, lose)
        assert isinstance(made, File if is_file else Stream)
        made.info("a")
        made.close()
        assert not stream.closed
        text = (tmp_path / "lines").read_text() if isinstance(stream, io.TextIOWrapper) else stream.getvalue()
    assert text == "before\na\n"


def test_a_file_is_made_anew_where_it_was_moved_away(tmp_path, lose):
    made = open_sink(tmp_path / "lines", lose)
    made.info("a")
    (tmp_path / "lines").rename(tmp_path / "old")
    made.info("b")
    made.close()
    assert [(tmp_path / name).read_text() for name in ("old", "lines")] == ["a\n", "b\n"]
    with pytest.raises(ValueError):
        made.info("c")
