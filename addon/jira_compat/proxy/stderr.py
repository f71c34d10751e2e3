"""What ``serve`` says on standard error."""

import logging
from collections.abc import Iterable
from typing import Any

from jira_compat.policy.index import PolicySet, RunOptions
from jira_compat.proxy.start import Serve, printed, warnings
from jira_compat.sink import say

Addresses = Iterable[tuple[Any, ...]]
"""Of sockets, as the socket module has them."""


def say_served(what: Serve, run: RunOptions, rules: PolicySet, addresses: Addresses, admin: Addresses | None) -> None:
    """Say what is served, and what its operator should know before others find out."""
    forward = what.upstream is None
    for warning in warnings(what.listen[0], what.options, forward=forward):
        say(warning)
    if admin is not None:
        say(f"health and metrics on {urls('http', admin)}")
    where = urls("https" if what.options.get("certs") else "http", addresses)
    upstream = "wherever clients ask for (forward proxy)" if forward else what.upstream
    workers = f", {what.workers} workers" if what.workers > 1 else ""
    say(f"listening on {where}, upstream {upstream}, {len(rules.entries)} rules ({run.mode}, {run.profile}){workers}")


def urls(scheme: str, addresses: Addresses) -> str:
    """Where that is for a client, each once."""
    return ", ".join(dict.fromkeys(f"{scheme}://{printed((address[0], address[1]))}" for address in addresses))


class Log(logging.Handler):
    """mitmproxy's warnings and errors and our own messages, on standard error, without tracebacks, which hold content.

    Errors are held until :meth:`release`: those of the start are told as its reason.
    """

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.held: list[str] = []
        self._released = False

    def release(self) -> None:
        """Let errors through."""
        self._released = True

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        if record.levelno < logging.WARNING and not record.name.startswith("jira_compat."):
            return
        text = next(iter(record.getMessage().splitlines()), record.name)
        if record.exc_info and record.exc_info[0] is not None:
            text = f"{text} ({record.exc_info[0].__name__})"
        if record.levelno >= logging.ERROR and not self._released:
            self.held.append(text)
        else:
            say(text)
