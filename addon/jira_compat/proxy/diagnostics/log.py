"""The log of ``serve`` on standard error: what mitmproxy and the proxy itself tell, through structlog."""

import contextlib
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, WrappedLogger

from jira_compat.message.headers import authority
from jira_compat.proxy.diagnostics.redaction import details_of, is_noise, text_of
from jira_compat.proxy.settings.preflight import Diagnostics, Form, Level
from jira_compat.stderr import say, tell

EVENT_LOG = "jira_compat.log"
"""The logger of lost events: the proxy starts and continues without them."""
_LEVELS: dict[Level, int] = {
    "error": logging.ERROR,
    "warning": logging.WARNING,
    "info": logging.INFO,
    "debug": logging.DEBUG,
}


class Log(logging.Handler):
    """Writes one line for each record, without tracebacks, which hold content.

    Errors are held until :meth:`started`: those of the start are reported as its reason.
    """

    def __init__(self, how: Diagnostics) -> None:
        super().__init__()
        self.held: list[str] = []
        self._how = how
        self._has_started = False
        self._write: Callable[[str], None] = say if how.form == "text" else tell
        self.setFormatter(_formatter(how.form))

    @contextlib.contextmanager
    def hearing(self) -> Iterator[Self]:
        """Hear what is logged meanwhile. Records below the level that was asked for are not even made."""
        wanted = levels(self._how.level)
        before = {name: logging.getLogger(name).level for name in wanted}
        _set_levels(wanted)
        logging.getLogger().addHandler(self)
        try:
            yield self
        finally:
            logging.getLogger().removeHandler(self)
            _set_levels(before)

    def started(self) -> None:
        """Let errors through from now on."""
        self._has_started = True

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        if is_noise(record):
            return
        shown = _shown(record)
        if not self._has_started and record.name != EVENT_LOG:
            if record.levelno >= logging.ERROR:
                self.held.append(_readable(vars(shown), shown.msg))
                return
            if not self._how.of_start:
                return
        self._write(self.format(shown))


def levels(level: Level) -> dict[str, int]:
    """The level of each logger.

    The proxy's own ``info`` lines, such as where it listens, are logged by default. Libraries are logged from
    warnings on: below them they speak of what they read. So does mitmproxy at ``debug`` of each frame of HTTP/2.
    """
    asked = _LEVELS[level]
    return {
        "": max(asked, logging.WARNING),
        "jira_compat": asked if level == "error" else min(asked, logging.INFO),
        "mitmproxy": asked,
        "mitmproxy.proxy.layers.http._http_h2": max(asked, logging.INFO),
    }


def _set_levels(wanted: dict[str, int]) -> None:
    for name, level in wanted.items():
        logging.getLogger(name).setLevel(level)


def _shown(record: logging.LogRecord) -> logging.LogRecord:
    """A record of the safe parts of another; the rest is dropped."""
    named = {"name": record.name, "levelno": record.levelno, "levelname": record.levelname}
    return logging.makeLogRecord({**named, "msg": text_of(record), **details_of(record)})


def _formatter(form: Form) -> logging.Formatter:
    extra = structlog.stdlib.ExtraAdder()
    if form == "text":
        return ProcessorFormatter(foreign_pre_chain=[extra], processors=[_as_text])
    stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
    return ProcessorFormatter(
        foreign_pre_chain=[stamp, structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name, extra],
        processors=[ProcessorFormatter.remove_processors_meta, _in_order, structlog.processors.JSONRenderer()],
    )


def _in_order(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    first = {name: event.pop(name) for name in ("timestamp", "level", "logger")}
    return {**first, "message": event.pop("event"), **event, "process.pid": os.getpid()}


def _as_text(_: WrappedLogger, __: str, event: EventDict) -> str:
    return _readable(event, event["event"])


def _readable(details: Mapping[str, Any], text: str) -> str:
    """For people: the text, and in brackets what else is known."""
    known: list[str] = []
    if "exception.type" in details:
        known.append(details["exception.type"])
    if "code.function.name" in details:
        known[-1] += f" in {details['code.function.name']}, line {details['code.line.number']}"
    if "client.address" in details:
        known.append(f"client {authority(details['client.address'], details['client.port'])}")
    return f"{text} ({'; '.join(known)})" if known else text
