"""Where events go: one JSON line each to a file or stream, or readable lines on a terminal."""

import errno
import json
import os
import sys
from pathlib import Path
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

from jira_compat.events import Event


class EventLog:
    """Writes events; what cannot be written is counted, and said once on standard error.

    Args:
        destination: A file to append to, or ``-`` for ``stream``. A file that was moved or removed is made anew.
        stream: What ``-`` stands for; readable lines if it is a terminal.

    Raises:
        OSError: The file cannot be opened.
    """

    def __init__(self, destination: str, stream: TextIO | None = None) -> None:
        self.destination = destination
        self.lost = 0
        self._out = _Stream(stream or sys.stdout) if destination == "-" else _File(Path(destination))
        self._is_terminal = self._out.is_terminal()
        self._log = structlog.wrap_logger(
            self._out,
            processors=_console() if self._is_terminal else _json_lines(),
            wrapper_class=structlog.BoundLogger,
            context_class=dict,
        )

    def write(self, event: Event) -> bool:
        """Write one event; whether it was written. Never raises: proxying goes on without its log."""
        try:
            self._log.info(**event)
        except (OSError, ValueError) as error:
            self._lose(error)
            return False
        return True

    def pass_on(self, line: str) -> bool:
        """Write a line that another process's log has made, with the promises of :meth:`write`."""
        if self._is_terminal:
            return self.write({name: value for name, value in json.loads(line).items() if name != "timestamp"})
        try:
            self._out.info(line)
        except (OSError, ValueError) as error:
            self._lose(error)
            return False
        return True

    def close(self) -> None:
        """Close the file; a stream that was given stays open."""
        self._out.close()

    def _lose(self, error: Exception) -> None:
        self.lost += 1
        if self.lost == 1:
            reason = getattr(error, "strerror", None) or type(error).__name__
            _say(f"{self.destination}: events are being lost ({reason}); free the disk or mend the path")


class _Stream:
    """A text stream of somebody else's."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def is_terminal(self) -> bool:
        return self._stream.isatty()

    def info(self, line: str) -> None:
        self._stream.write(f"{line}\n")
        self._stream.flush()

    def close(self) -> None:
        """Every line was flushed."""


class _File:
    """A file that others may append to, move away or remove; each line is one system call."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("ab", buffering=0)
        self._torn = b""

    def is_terminal(self) -> bool:
        return self._file.isatty()

    def info(self, line: str) -> None:
        if self._is_gone():
            opened = self._path.open("ab", buffering=0)
            self._file.close()
            self._file, self._torn = opened, b""
        content = self._torn + f"{line}\n".encode("utf-8", "backslashreplace")
        written = self._file.write(content) or 0
        self._torn = b"\n" if written < len(content) else b""
        if self._torn:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def close(self) -> None:
        self._file.close()

    def _is_gone(self) -> bool:
        try:
            return not os.path.samestat(self._path.stat(), os.fstat(self._file.fileno()))
        except FileNotFoundError:
            return True
        except OSError:
            return False  # cannot be known from here; what is open is still good


def _say(text: str) -> None:
    try:
        sys.stderr.write(f"jira-compat: {text}\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        return


def _version_first(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {"v": event.pop("v"), "timestamp": event.pop("timestamp"), "event": event.pop("event"), **event}


def _json_lines() -> list[Any]:
    """In ASCII: no locale, and no reader who takes U+2028 for the end of a line, is in the way."""
    stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
    return [stamp, _version_first, structlog.processors.JSONRenderer()]


def _visible(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """What came from a client may not steer the terminal."""
    return {key: _escaped(value) if isinstance(value, str) else value for key, value in event.items() if key != "v"}


def _escaped(text: str) -> str:
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)


def _console() -> list[Any]:
    stamp = structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False)
    return [stamp, _visible, structlog.dev.ConsoleRenderer(18, colors="NO_COLOR" not in os.environ, sort_keys=False)]
