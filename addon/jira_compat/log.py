"""Where events go: one JSON line each to a file or stream, or readable lines on a terminal."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger


class EventLog:
    """Writes events; what cannot be written is counted, and said once on standard error.

    Args:
        destination: A file to append to, or ``-`` for ``stream``.
        stream: What ``-`` stands for; readable lines if it is a terminal.
    """

    def __init__(self, destination: str, stream: TextIO | None = None) -> None:
        self.destination = destination
        self.lost = 0
        self._file: TextIO = _open(destination, stream or sys.stdout)
        self._log = structlog.wrap_logger(
            structlog.WriteLogger(self._file),
            processors=_console() if self._file.isatty() else _json_lines(),
            wrapper_class=structlog.BoundLogger,
            context_class=dict,
        )

    def write(self, event: Mapping[str, Any]) -> bool:
        """Write one event; whether it was written. Never raises: proxying goes on without its log."""
        try:
            self._log.info(**event)
        except (OSError, ValueError) as error:
            self.lost += 1
            if self.lost == 1:
                reason = getattr(error, "strerror", None) or type(error).__name__
                _say(f"{self.destination}: events are being lost ({reason}); free the disk or mend the path")
            return False
        return True

    def close(self) -> None:
        """Flush and close the file; a stream that was given stays open."""
        try:
            if self.destination == "-":
                self._file.flush()
            else:
                self._file.close()
        except (OSError, ValueError):
            self.lost += 1


def _open(destination: str, stream: TextIO) -> TextIO:
    if destination == "-":
        return stream
    return Path(destination).open("a", encoding="utf-8", errors="backslashreplace")


def _say(text: str) -> None:
    try:
        sys.stderr.write(f"jira-compat: {text}\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        return


def _version_first(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {"v": event.pop("v"), "timestamp": event.pop("timestamp"), "event": event.pop("event"), **event}


def _json_lines() -> list[Any]:
    stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
    return [stamp, _version_first, structlog.processors.JSONRenderer(ensure_ascii=False)]


def _console() -> list[Any]:
    stamp = structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False)
    return [stamp, structlog.dev.ConsoleRenderer(colors=True, pad_event_to=18)]
