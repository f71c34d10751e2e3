"""Writers of lines: files that others move away, pipes with slow readers, streams without a descriptor.

No line spoils another, and none waits for a reader while requests wait for it.
"""

import contextlib
import errno
import io
import os
import queue
import select
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TextIO

MOST_WAITING = 10_000
"""Lines that wait for the reader of a pipe; those beyond are lost."""
MOST_BYTES = 16_000_000
"""The most bytes of the waiting lines."""
PATIENCE = 1.0
"""Seconds that the reader of a pipe is given at the end, for what waits for it."""
_NONBLOCK = getattr(os, "O_NONBLOCK", 0)
"""Windows has none, and no named pipes among its files."""
_OPEN = os.O_WRONLY | os.O_APPEND | os.O_CREAT | _NONBLOCK | getattr(os, "O_BINARY", 0)

Lose = Callable[[int, Exception], None]
"""Reports how many lines were lost, and why, if that shows only after :meth:`Sink.info`."""


class Sink(Protocol):
    """Takes lines."""

    def info(self, line: str) -> None:
        """Take a line.

        Raises:
            OSError: It is lost.
            ValueError: The same, because the stream is closed.
        """

    def is_terminal(self) -> bool:
        """Return whether people read it."""

    def close(self) -> None:
        """Take no more; what was opened here is closed."""


def sink_of(stream: TextIO, lose: Lose) -> Sink:
    """A sink to a stream that stays open at the end."""
    try:
        descriptor = stream.fileno()
        stream.flush()
    except (io.UnsupportedOperation, ValueError):
        return Stream(stream)
    return Pipe(descriptor, lose) if _has_reader(descriptor) else File(descriptor)


def open_sink(path: Path, lose: Lose) -> Sink:
    """A sink to a file that is appended to, or to a named pipe.

    Raises:
        OSError: It cannot be opened, or is a pipe without a reader.
    """
    descriptor = _opened(path)
    return Pipe(descriptor, lose, is_ours=True) if _has_reader(descriptor) else File(descriptor, path)


def _opened(path: Path) -> int:
    """A pipe without a reader is an error and not waited for."""
    descriptor = os.open(path, _OPEN, 0o666)
    if _NONBLOCK:
        os.set_blocking(descriptor, True)
    return descriptor


def _has_reader(descriptor: int) -> bool:
    mode = os.fstat(descriptor).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or os.isatty(descriptor)


class Stream:
    """A text stream without a descriptor."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def is_terminal(self) -> bool:
        """Return whether it says so."""
        return self._stream.isatty()

    def info(self, line: str) -> None:
        """Write it."""
        self._stream.write(f"{line}\n")
        self._stream.flush()

    def close(self) -> None:
        """Every line was flushed."""


class File:
    """A file that others may append to, move away or remove; each line is one system call.

    Args:
        descriptor: It is open already.
        path: Where it is created again if it has gone; ``None`` if it was opened elsewhere.
    """

    def __init__(self, descriptor: int, path: Path | None = None) -> None:
        self._path = path
        self._descriptor: int | None = descriptor
        self._identity = os.fstat(descriptor)
        self._torn = b""

    def is_terminal(self) -> bool:
        """Return False: a file is not a terminal."""
        return False

    def info(self, line: str) -> None:
        """Write it; after one that was torn, on a line of its own."""
        if self._descriptor is None:
            raise ValueError("closed")
        if self._path is not None and self._is_gone(self._path):
            opened = _opened(self._path)
            os.close(self._descriptor)
            self._descriptor, self._identity, self._torn = opened, os.fstat(opened), b""
        content = self._torn + _bytes(line)
        written = os.write(self._descriptor, content)
        self._torn = b"\n" if written < len(content) else b""
        if self._torn:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def close(self) -> None:
        """Close it, unless it was opened elsewhere."""
        if self._path is not None and self._descriptor is not None:
            os.close(self._descriptor)
        self._descriptor = None

    def _is_gone(self, path: Path) -> bool:
        try:
            return not os.path.samestat(path.stat(), self._identity)
        except FileNotFoundError:
            return True
        except OSError:
            return False  # cannot be known from here; what is open is still good


class Pipe:
    """A pipe, socket or terminal: its reader may be slow, so a thread waits for it and requests do not.

    Args:
        descriptor: It is open already. On one that does not block a line is written at once, if none waits, and the
            thread has only what was not taken: to wake it costs more than most writes.
        lose: Reports lines that the reader did not get.
        is_ours: Whether it is closed at the end.
    """

    def __init__(self, descriptor: int, lose: Lose, *, is_ours: bool = False) -> None:
        self._descriptor = descriptor
        self._lose = lose
        self._is_ours = is_ours
        self._lines: queue.Queue[bytes | None] = queue.Queue(MOST_WAITING)
        self._counting = threading.Lock()
        self._waiting = 0
        self._is_tried = not _blocks(descriptor)
        self._writer: threading.Thread | None = None
        self._is_closed = self._has_given_up = False

    def is_terminal(self) -> bool:
        """Return whether it is one."""
        return os.isatty(self._descriptor)

    def info(self, line: str) -> None:
        """Let it wait for its turn, if there are not too many."""
        if self._is_closed:
            raise ValueError("closed")
        left = _bytes(line)
        if self._is_tried and not self._lines.unfinished_tasks:
            with contextlib.suppress(BlockingIOError):
                left = left[os.write(self._descriptor, left) :]
            if not left:
                return
        if self._writer is None:
            self._writer = threading.Thread(target=self._write, name="events", daemon=True)
            self._writer.start()
        if self._lines.full() or self._waiting + len(left) > MOST_BYTES:
            raise BlockingIOError(errno.EAGAIN, "its reader is too slow")
        self._count(len(left))
        self._lines.put_nowait(left)

    def close(self) -> None:
        """Give the reader a moment for what waits; what it does not take is lost."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._writer is not None:
            waiting = self._end_writer(self._writer)
            if waiting:
                self._has_given_up = True
                self._lose(waiting, TimeoutError(errno.ETIMEDOUT, "its reader is too slow"))
        if self._is_ours and (self._writer is None or not self._writer.is_alive()):
            os.close(self._descriptor)

    def _end_writer(self, writer: threading.Thread) -> int:
        """End the writer; return the number of lines that it has not written in time."""
        try:
            self._lines.put(None, timeout=PATIENCE)
        except queue.Full:
            return self._lines.unfinished_tasks
        writer.join(PATIENCE)
        return max(0, self._lines.unfinished_tasks - 1)

    def _write(self) -> None:
        while not self._has_given_up and (line := self._lines.get()) is not None:
            try:
                self._write_all(memoryview(line))
            except (OSError, ValueError) as error:
                if not self._has_given_up:
                    self._lose(1, error)
            self._count(-len(line))
            self._lines.task_done()

    def _count(self, added: int) -> None:
        with self._counting:
            self._waiting += added

    def _write_all(self, left: memoryview) -> None:
        while left:
            try:
                left = left[os.write(self._descriptor, left) :]
            except BlockingIOError:  # the creator of the pipe does not wait on it
                select.select([], [self._descriptor], [])


def _blocks(descriptor: int) -> bool:
    try:
        return os.get_blocking(descriptor)
    except (AttributeError, OSError):  # not every descriptor of Windows can be asked
        return True


def _bytes(line: str) -> bytes:
    return f"{line}\n".encode("utf-8", "backslashreplace")
