"""The log lines of a proxy that has started."""

import logging
from collections.abc import Iterable
from typing import Any

from jira_compat.message.headers import authority
from jira_compat.policy.index import PolicySet, RunOptions
from jira_compat.proxy.settings.preflight import ServeConfig, oversights, warnings

logger = logging.getLogger(__name__)

Addresses = Iterable[tuple[Any, ...]]
"""Of sockets, as the socket module has them."""


def say_served(
    what: ServeConfig, run: RunOptions, rules: PolicySet, addresses: Addresses, admin: Addresses | None
) -> None:
    """Say what is served, and what its operator should know before others find out."""
    forward = what.upstream is None
    for line in (*warnings(what.listen[0], what.options, forward=forward), *oversights(what.options, rules)):
        logger.warning(line)
    if admin is not None:
        logger.info("health and metrics on %s", urls("http", admin))
    where = urls("https" if what.options.get("certs") else "http", addresses)
    upstream = "wherever clients ask for (forward proxy)" if forward else what.upstream
    workers = f", {what.workers} workers" if what.workers > 1 else ""
    active_rules = f"{len(rules.entries)} rules ({run.mode}, {run.profile})"
    logger.info("listening on %s, upstream %s, %s%s", where, upstream, active_rules, workers)


def urls(scheme: str, addresses: Addresses) -> str:
    """Return the URLs of the listeners, each once."""
    return ", ".join(dict.fromkeys(f"{scheme}://{authority(address[0], address[1])}" for address in addresses))
