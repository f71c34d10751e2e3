"""Hooks called without a search: ``serve`` knows its addons once it has started.

Stock mitmproxy asks every addon for every hook by name, inside a context manager each, and then all of
them again for ``update``: 45 % of its time, measured over its own 31 addons. What a hook raises is logged
by its type, because its text may hold content; ours never raise (:mod:`jira_compat.proxy.traffic`).
"""

import inspect
import logging
from collections.abc import Callable
from typing import Any

from mitmproxy.addonmanager import AddonManager, traverse
from mitmproxy.exceptions import AddonHalt
from mitmproxy.hooks import Hook

logger = logging.getLogger(__name__)


class Dispatch(AddonManager):
    """mitmproxy's addons, with a table of who listens to what; addons are not added once it is used."""

    def __init__(self, master: Any) -> None:  # noqa: ANN401 - mitmproxy's has no type
        super().__init__(master)
        self._listeners: dict[str, tuple[Callable[..., Any], ...]] = {}

    async def handle_lifecycle(self, event: Hook) -> None:
        """Call who listens; nobody in ``serve`` listens to ``update``, which stock mitmproxy sends after each."""
        name = event.name
        listeners = self._listeners.get(name)
        if listeners is None:
            found = (getattr(addon, name, None) for addon in traverse(self.chain))
            listeners = self._listeners[name] = tuple(one for one in found if callable(one))
        for listener in listeners:
            try:
                result = listener(*event.args())
                if result is not None and inspect.isawaitable(result):
                    await result
            except AddonHalt:
                return
            except Exception as error:  # noqa: BLE001 - as mitmproxy does, less the text
                logger.error("jira-compat: %s in a hook for %s", type(error).__name__, name)  # noqa: TRY400
