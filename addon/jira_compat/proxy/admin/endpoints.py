"""The pages that ``--admin`` serves: is it alive, is it ready, what has it done."""

import os
from collections.abc import Awaitable, Callable, Iterable
from http import HTTPStatus

from jira_compat.proxy.admin.http_server import Page, PageServer, Peer, json_page
from jira_compat.proxy.admin.metrics import Metrics
from jira_compat.proxy.admin.state import State


def health(
    state: Callable[[], State],
    is_welcome: Callable[[Peer], Awaitable[bool]],
    pids: Callable[[], Iterable[int]] = lambda: [os.getpid()],
) -> PageServer:
    """PageServer about a proxy.

    Args:
        state: What it says of itself now.
        is_welcome: Whether the client at that address may have any: not if the proxy itself is that client.
        pids: Its processes.
    """

    def ready() -> Page:
        now = state()
        if now.unready is not None:
            return json_page(HTTPStatus.SERVICE_UNAVAILABLE, ready=False, reason=now.unready)
        return json_page(HTTPStatus.OK, ready=True, policies=now.digest, rules=now.rules)

    pages = {"/healthz": _alive, "/readyz": ready, "/metrics": Metrics(state, pids).page}
    return PageServer(pages, is_welcome)


def _alive() -> Page:
    return json_page(HTTPStatus.OK, alive=True)
