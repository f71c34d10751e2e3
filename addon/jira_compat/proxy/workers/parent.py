"""``serve --workers N``: this process listens, reads policies, writes events and speaks; N that it starts serve."""

import asyncio
import logging
import os
import signal
import sys

from jira_compat.events.log import EventLog
from jira_compat.policy.errors import PolicyError
from jira_compat.policy.index import PolicySet
from jira_compat.proxy.admin.endpoints import health
from jira_compat.proxy.admin.http_server import PageServer
from jira_compat.proxy.diagnostics.log import EVENT_LOG, Log
from jira_compat.proxy.diagnostics.startup import say_served
from jira_compat.proxy.reload import Reload
from jira_compat.proxy.settings.options import OPTIONS, Settings, read_options
from jira_compat.proxy.settings.preflight import ServeConfig, StartError, check_files, unheard, upstream_mode
from jira_compat.proxy.workers.event_pipe import EventPipe
from jira_compat.proxy.workers.sockets import listen
from jira_compat.proxy.workers.supervisor import Supervisor
from jira_compat.stderr import reason

logger = logging.getLogger(__name__)

PATIENCE = 5.0
"""Seconds for the reader of the events to take the last of them."""


async def serve(what: ServeConfig) -> None:
    """Serve with several workers, until SIGTERM or SIGINT.

    Raises:
        StartError: An option was refused, an address cannot be listened on, or a worker cannot start.
    """
    if sys.platform == "win32":
        raise StartError("--workers: Windows cannot hand a listening socket on like that; leave it out, and run one")
    settings = _settings(what)
    with Log(what.diagnostics).hearing() as log:
        log.started()  # what keeps it from starting is raised
        events = _events(what, settings)
        try:
            await _serve(what, settings, events)
        finally:
            if events is not None and not events.close(PATIENCE):
                logger.error("the last events are lost, because they could not be written in time")
                os._exit(1)  # a thread waits for the disk, and could for ever


async def _serve(what: ServeConfig, settings: Settings, events: EventPipe | None) -> None:
    crew = Supervisor(what, events)
    reload = Reload(crew)
    rules = _rules(reload, settings)
    pages = await _pages(what, crew)
    try:
        sockets = listen(*what.listen)
    except OSError as error:
        raise StartError(unheard("--listen", what.listen, error)) from None
    addresses = [one.getsockname() for one in sockets]
    reload.activate(settings, rules)
    looking: set[asyncio.Task[None]] = set()

    def served() -> None:
        say_served(what, settings.run, rules, addresses, None if pages is None else pages.addresses)
        looking.add(asyncio.create_task(reload.watch()))

    _take_signals(crew, reload, looking)
    await crew.serve(sockets, served)
    for task in looking:
        task.cancel()
    if pages is not None:
        pages.close()


def _take_signals(crew: Supervisor, reload: Reload, looking: "set[asyncio.Task[None]]") -> None:
    """To end: the first ends in order, the second at once. SIGHUP: the policies are read again."""
    loop = asyncio.get_running_loop()

    def look() -> None:
        task = asyncio.create_task(reload.again())
        looking.add(task)
        task.add_done_callback(looking.discard)

    loop.add_signal_handler(signal.SIGINT, crew.end)
    loop.add_signal_handler(signal.SIGTERM, crew.end)
    loop.add_signal_handler(signal.SIGHUP, look)


def _settings(what: ServeConfig) -> Settings:
    check_files(what.options)
    if what.upstream is not None:
        upstream_mode(what.upstream)
    options = {"jira_mode": "enforce", **what.options}
    try:
        return read_options({name: options.get(name, default) for name, _, default, *_ in OPTIONS}.__getitem__)
    except ValueError as error:
        raise StartError(str(error)) from None


def _events(what: ServeConfig, settings: Settings) -> EventPipe | None:
    if not settings.events:
        return None
    try:
        return EventPipe(EventLog(settings.events, what.stream or sys.stderr, logging.getLogger(EVENT_LOG).error))
    except OSError as error:
        raise StartError(
            f"jira_events: {settings.events} cannot be opened ({reason(error)}); name another file"
        ) from None


def _rules(reload: Reload, settings: Settings) -> PolicySet:
    try:
        return reload.read(settings)
    except PolicyError as error:
        raise StartError(*error.lines) from None


async def _pages(what: ServeConfig, crew: Supervisor) -> PageServer | None:
    if what.admin is None:
        return None
    pages = health(crew.state, crew.is_welcome, lambda: crew.pids)
    try:
        await pages.listen(*what.admin)
    except OSError as error:
        raise StartError(unheard("--admin", what.admin, error)) from None
    return pages
