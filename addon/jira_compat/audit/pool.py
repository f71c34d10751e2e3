"""Parts read by several processes; what they find comes back in the order of the parts."""

import multiprocessing
import signal
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event

from jira_compat.audit.files.problems import Problem
from jira_compat.audit.files.progress import Progress
from jira_compat.audit.reader import Part, PartResult, Reader, ReadOptions, empty_result

_AHEAD = 2
"""Parts that may be begun besides those that are read; what was result in them is held until it is their turn."""
_LOOK = 0.2
"""Seconds between two looks at how far it is."""
_ENDED = "the process that read this was ended from outside; look whether there is enough memory, and read it again"


class _StoppedError(Exception):
    """The audit was interrupted."""


_reader: Reader
_read: "Synchronized[int]"
_stop: Event


def results_of_workers(
    planned: Sequence[Part], options: ReadOptions, progress: Progress, cores: int
) -> Iterator[PartResult | None]:
    """What is in each part; if it is interrupted as far as it was read, and ``None`` behind that."""
    spawn = multiprocessing.get_context("spawn")
    read, stop = spawn.Value("q", 0), spawn.Event()
    pool = ProcessPoolExecutor(cores, spawn, _start, (options, read, stop))
    begun: deque[tuple[Part, Future[PartResult]]] = deque()
    waiting = iter(planned)
    try:
        while not stop.is_set() or begun:
            try:
                while not stop.is_set() and len(begun) < cores + _AHEAD and (part := next(waiting, None)) is not None:
                    begun.append((part, _begin(pool, part)))
                if not begun:
                    return
                wait([begun[0][1]], _LOOK)
                progress.at(read.value)
            except KeyboardInterrupt:
                stop.set()
            if begun and begun[0][1].done():
                result = _result(*begun.popleft())
                yield result
                if not result.whole:
                    break
        yield None
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)


def _begin(pool: ProcessPoolExecutor, part: Part) -> Future[PartResult]:
    try:
        with _deaf():
            return pool.submit(_read_part, part)
    except BrokenProcessPool as error:
        failed: Future[PartResult] = Future()
        failed.set_exception(error)
        return failed


def _result(part: Part, future: Future[PartResult]) -> PartResult:
    try:
        return future.result()
    except BrokenProcessPool:
        result = empty_result(part.capture)
        result.problems.append(Problem(part.capture.name, _ENDED))
        return result


@contextmanager
def _deaf() -> Iterator[None]:
    """Ctrl-C goes to all processes of a terminal; those that are started here leave it to this one.

    What is blocked stays so in a new process, and waits in this one until it is not.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _start(options: ReadOptions, read: "Synchronized[int]", stop: Event) -> None:
    global _reader, _read, _stop
    _reader, _read, _stop = Reader(options), read, stop


def _read_part(part: Part) -> PartResult:
    result = empty_result(part.capture)
    try:
        _reader.read(part, result, _tick)
    except _StoppedError:
        result.whole = False
    return result


def _tick(count: int) -> None:
    if _stop.is_set():
        raise _StoppedError
    with _read.get_lock():
        _read.value += count
