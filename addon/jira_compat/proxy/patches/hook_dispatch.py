"""Hooks called without a search: ``serve`` knows its addons once it has started.

Stock mitmproxy asks every addon for every hook by name, inside a context manager each, and then all of
them again for ``update``: 45 % of its time, measured over its own 31 addons. What a hook raises is logged
by its type, because its text may hold content; ours never raise (:mod:`jira_compat.proxy.exchange.hooks`).
"""

import inspect
import logging
from collections.abc import Callable
from dataclasses import fields
from typing import Any, NamedTuple

from mitmproxy.addonmanager import AddonManager, traverse
from mitmproxy.exceptions import AddonHalt
from mitmproxy.hooks import Hook

logger = logging.getLogger(__name__)


class _Heard(NamedTuple):
    """Who listens to a hook, what it tells them, and whether one of them may wait for something."""

    listeners: tuple[Callable[..., Any], ...]
    arguments: tuple[str, ...]
    waits: bool


class HookTable(AddonManager):
    """mitmproxy's addons, with a table of who listens to what; addons are not added once it is used."""

    def __init__(self, master: Any) -> None:  # noqa: ANN401 - mitmproxy's has no type
        super().__init__(master)
        self._heard: dict[str, _Heard] = {}

    def call_at_once(self, hook: Hook) -> bool:
        """Call who listens; false, and nobody is called, if one of them may wait for something."""
        heard = self._heard.get(hook.name) or self._find(hook)
        if heard.waits:
            return False
        arguments = [getattr(hook, name) for name in heard.arguments]
        for listener in heard.listeners:
            try:
                listener(*arguments)
            except AddonHalt:
                break
            except Exception as error:  # noqa: BLE001 - as mitmproxy does, less the text
                _say_failed(error, hook)
        return True

    async def handle_lifecycle(self, event: Hook) -> None:
        """Call who listens; nobody in ``serve`` listens to ``update``, which stock mitmproxy sends after each."""
        if self.call_at_once(event):
            return
        for listener in self._heard[event.name].listeners:
            try:
                result = listener(*event.args())
                if inspect.isawaitable(result):
                    await result
            except AddonHalt:
                return
            except Exception as error:  # noqa: BLE001 - as mitmproxy does, less the text
                _say_failed(error, event)

    def _find(self, hook: Hook) -> _Heard:
        found = (getattr(addon, hook.name, None) for addon in traverse(self.chain))
        listeners = tuple(one for one in found if callable(one))
        arguments = tuple(field.name for field in fields(hook))  # type: ignore[arg-type] # each hook is a dataclass
        heard = _Heard(listeners, arguments, any(map(inspect.iscoroutinefunction, listeners)))
        self._heard[hook.name] = heard
        return heard


def _say_failed(error: Exception, hook: Hook) -> None:
    logger.error("jira-compat: %s in a hook for %s", type(error).__name__, hook.name)
