"""The event log: one JSON line each to a file or stream, or readable lines on a terminal."""

import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

from jira_compat.events.vocabulary import Event
from jira_compat.events.writers import open_sink, sink_of
from jira_compat.stderr import reason, say


class EventLog:
    """Writes events; lost events are counted, and reported once on standard error.

    Args:
        destination: A file to append to, or ``-`` for ``stream``. A file that was moved or removed is created again.
        stream: What ``-`` stands for; readable lines if it is a terminal.
        complain: Reports the first loss, in a line.

    Raises:
        OSError: The file cannot be opened.
    """

    def __init__(self, destination: str, stream: TextIO | None = None, complain: Callable[[str], object] = say) -> None:
        self.destination = destination
        self.lost = 0
        self._complain = complain
        self._losing = threading.Lock()
        self._out = (
            sink_of(stream or sys.stdout, self._lose)
            if destination == "-"
            else open_sink(Path(destination), self._lose)
        )
        self._is_terminal = self._out.is_terminal()
        self._log = structlog.wrap_logger(
            self._out,
            processors=_console() if self._is_terminal else _json_lines(),
            wrapper_class=structlog.BoundLogger,
            context_class=dict,
        ).bind()

    def write(self, event: Event) -> bool:
        """Write one event; return whether it was taken. Never raises: proxying continues without its log."""
        try:
            self._log.info(**event)
        except Exception as error:  # noqa: BLE001 - the request that it is about was judged, and is none the worse
            self._lose(1, error)
            return False
        return True

    def pass_on(self, line: str) -> bool:
        """Write a line that another process's log has made, with the promises of :meth:`write`."""
        if self._is_terminal:
            return self.write({name: value for name, value in json.loads(line).items() if name != "timestamp"})
        try:
            self._out.info(line)
        except (OSError, ValueError) as error:
            self._lose(1, error)
            return False
        return True

    def close(self) -> None:
        """Close the file; a stream that was given stays open."""
        self._out.close()

    def _lose(self, number: int, error: Exception) -> None:
        """Count what is lost; a pipe's thread does so too."""
        with self._losing:
            is_first, self.lost = not self.lost, self.lost + number
        if is_first:
            self._complain(f"{self.destination}: events are being lost ({reason(error)}); {_remedy(error)}")


def _remedy(error: Exception) -> str:
    if isinstance(error, BlockingIOError | TimeoutError):
        return "let it read faster, or write to a file"
    return "start its reader again" if isinstance(error, BrokenPipeError) else "free the disk or fix the path"


def _version_first(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {"v": event["v"], "timestamp": event["timestamp"], "event": event["event"], **event}


def _json_lines() -> list[Any]:
    """In ASCII: no locale, and no reader who takes U+2028 for the end of a line, is in the way."""
    stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
    return [stamp, _version_first, structlog.processors.JSONRenderer()]


def _visible(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Escape characters with which a client could steer the terminal."""
    return {key: _escaped(value) if isinstance(value, str) else value for key, value in event.items() if key != "v"}


def _escaped(text: str) -> str:
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)


def _console() -> list[Any]:
    stamp = structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False)
    return [stamp, _visible, structlog.dev.ConsoleRenderer(18, colors="NO_COLOR" not in os.environ, sort_keys=False)]
