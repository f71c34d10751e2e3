"""Progress on standard error: on a terminal alone, from the first second on."""

from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

_FIRST = 1.0
_EACH = 0.2


class Progress:
    """Bytes read, their rate, and the remaining time.

    Args:
        stream: Where to; nothing is written if it is not a terminal.
        clock: Seconds.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float] = monotonic) -> None:
        self._bar = _bar(stream, clock) if stream.isatty() else None
        self._clock = clock
        self._read = 0
        self._due = clock() + _FIRST

    def start(self, total: int) -> None:
        """Begin; ``total`` is the number of bytes to read, as far as it is known."""
        if self._bar is not None:
            self._bar.add_task("", total=total or None)
        self._due = self._clock() + _FIRST

    def advance(self, count: int) -> None:
        """Count more bytes that were read."""
        self.at(self._read + count)

    def at(self, read: int) -> None:
        """Set the number of bytes that were read."""
        self._read = read
        if self._bar is None:
            return
        self._bar.update(self._bar.task_ids[0], completed=read)
        now = self._clock()
        if now >= self._due:
            self._due = now + _EACH
            self._bar.start()
            self._bar.refresh()

    def end(self) -> None:
        """Remove the line."""
        if self._bar is not None and self._bar.live.is_started:
            self._bar.stop()


def _bar(stream: TextIO, clock: Callable[[], float]) -> "Bar":
    from rich import progress  # noqa: PLC0415 - only a terminal needs it
    from rich.console import Console  # noqa: PLC0415

    return progress.Progress(
        progress.TaskProgressColumn(),
        progress.DownloadColumn(),
        progress.TransferSpeedColumn(),
        progress.TimeRemainingColumn(),
        console=Console(file=stream),
        auto_refresh=False,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
        get_time=clock,
    )
