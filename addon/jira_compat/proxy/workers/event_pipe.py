"""The events of all workers, in one stream of whole lines.

Workers write to pipes, and one process writes what comes out of them: so lines of any length stay whole on a
pipe or a full disk, and what a worker had written is not lost with it. Each pipe has a thread, since whoever
reads the stream may let it wait.
"""

import errno
import os
import threading
import time

from jira_compat.events.log import EventLog
from jira_compat.events.vocabulary import Event

_GATHER = 0.002
"""Seconds in which lines gather before the next look: to wake for each costs more than to write it."""


class EventPipe:
    """Writes lines of several threads.

    Args:
        log: Where to.
    """

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._one_at_a_time = threading.Lock()
        self._threads: list[threading.Thread] = []

    @property
    def lost(self) -> int:
        """Events that could not be written."""
        return self._log.lost

    def write(self, event: Event) -> None:
        """Write an event."""
        with self._one_at_a_time:
            self._log.write(event)

    def pipe(self) -> int:
        """Open a pipe and write what comes out of it from now on; its other end is the caller's to close.

        Raises:
            OSError: The system does not allow it.
        """
        reading, writing = os.pipe()
        thread = threading.Thread(target=self._pass_on, args=(reading,), daemon=True)
        try:
            thread.start()
        except RuntimeError:  # there are too many
            os.close(reading)
            os.close(writing)
            raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN)) from None
        self._threads = [one for one in self._threads if one.is_alive()] + [thread]
        return writing

    def close(self, patience: float) -> bool:
        """Write what there is yet; whether all could be written within these seconds for each pipe."""
        for thread in self._threads:
            thread.join(patience)
            if thread.is_alive():
                return False
        self._log.close()
        return True

    def _pass_on(self, pipe: int) -> None:
        rest = b""
        with open(pipe, "rb", buffering=0) as source:
            while chunk := source.read(65536):
                *lines, rest = (rest + chunk).split(b"\n")
                with self._one_at_a_time:
                    for line in lines:
                        self._log.pass_on(line.decode())
                time.sleep(_GATHER)
        if rest:  # its writer was killed amid a line
            self._log.lost += 1
