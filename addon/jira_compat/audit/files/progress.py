"""How far it is, on standard error, if that is a terminal and it takes longer than a second."""

from collections.abc import Callable
from time import monotonic
from typing import TextIO

_FIRST = 1.0
_EACH = 0.2
_MEGABYTE = 1_000_000


class Progress:
    """Bytes read, their rate, and the remaining time.

    Args:
        stream: Where to; nothing is said if it is no terminal.
        clock: Seconds.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float] = monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._shows = stream.isatty()
        self._total = self._read = 0
        self._began = self._said = clock()
        self._width = 0

    def start(self, total: int) -> None:
        """Begin; ``total`` bytes are to be read, as far as that is known."""
        self._total = total
        self._began = self._clock()

    def advance(self, count: int) -> None:
        """So many bytes more were read."""
        self.at(self._read + count)

    def at(self, read: int) -> None:
        """So many bytes were read."""
        self._read = read
        now = self._clock()
        if not self._shows or now - self._began < _FIRST or now - self._said < _EACH:
            return
        self._said = now
        self._say(self._line(now - self._began))

    def end(self) -> None:
        """Take the line away."""
        if self._width:
            self._say("")
            self._width = 0

    def _line(self, seconds: float) -> str:
        rate = self._read / seconds
        line = f"{self._read / _MEGABYTE:,.0f} MB, {rate / _MEGABYTE:,.1f} MB/s"
        if self._total > self._read > 0:
            remaining = round((self._total - self._read) / rate)
            done = 100 * self._read // self._total
            line = f"{done} % of {self._total / _MEGABYTE:,.0f} MB, {rate / _MEGABYTE:,.1f} MB/s"
            line += f", {remaining // 60}:{remaining % 60:02} left"
        return line

    def _say(self, line: str) -> None:
        self._stream.write(f"\r{line.ljust(self._width)}" + ("\r" if not line else ""))
        self._stream.flush()
        self._width = len(line)
