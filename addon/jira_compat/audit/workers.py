"""Parts read by several processes; what they find comes back in the order of the parts."""

import multiprocessing
import signal
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from contextlib import suppress
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event

from jira_compat.audit.progress import Progress
from jira_compat.audit.read import Choices, Found, Part, Reader, a_found

_AHEAD = 2
"""Parts for each process that may be begun before what is in front of them is taken."""
_LOOK = 0.2
"""Seconds between two looks at how far it is."""


class _StoppedError(Exception):
    """The audit was interrupted."""


_reader: Reader
_read: "Synchronized[int]"
_stop: Event


def found_by_workers(
    planned: Sequence[Part], choices: Choices, progress: Progress, cores: int
) -> Iterator[Found | None]:
    """What is in each part; ``None`` behind those that were begun when it was interrupted."""
    spawn = multiprocessing.get_context("spawn")
    read, stop = spawn.Value("q", 0), spawn.Event()
    with ProcessPoolExecutor(cores, spawn, _start, (choices, read, stop)) as pool:
        begun: deque[Future[Found]] = deque()
        waiting = iter(planned)
        interrupted = False
        while True:
            try:
                while not interrupted and len(begun) < cores * _AHEAD and (part := next(waiting, None)) is not None:
                    begun.append(pool.submit(_read_part, part))
                if not begun:
                    break
                wait(begun, _LOOK, "FIRST_COMPLETED")
                progress.at(read.value)
                if not begun[0].done():
                    continue
            except KeyboardInterrupt:
                stop.set()
                interrupted = True
                continue
            yield begun.popleft().result()
        if interrupted:
            yield None


def _start(choices: Choices, read: "Synchronized[int]", stop: Event) -> None:
    global _reader, _read, _stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all; the parent decides
    _reader, _read, _stop = Reader(choices), read, stop


def _read_part(part: Part) -> Found:
    found = a_found(part.capture)
    with suppress(_StoppedError):
        _reader.read(part, found, _tick)
    return found


def _tick(count: int) -> None:
    if _stop.is_set():
        raise _StoppedError
    with _read.get_lock():
        _read.value += count
