"""Hooks called without a search: ``serve`` knows its addons once it has started.

Stock mitmproxy asks every addon for every hook by name, inside a context manager each, and then all of
them again for ``update``: 45 % of its time, measured over its own 31 addons. An exception out of a hook is logged
by its type, because its text may hold content; ours never raise (:mod:`jira_compat.proxy.exchange.hooks`).
"""

import inspect
import logging
from collections.abc import Awaitable, Callable
from dataclasses import fields
from typing import Any, NamedTuple

from mitmproxy.addonmanager import AddonManager, traverse
from mitmproxy.exceptions import AddonHalt
from mitmproxy.hooks import Hook

logger = logging.getLogger(__name__)

Listener = Callable[..., Awaitable[None] | None]


class _Listeners(NamedTuple):
    """The listeners of a hook, and the names of their arguments."""

    listeners: tuple[Listener, ...]
    arguments: tuple[str, ...]


class HookTable(AddonManager):
    """mitmproxy's addons, with a table of the listeners of each hook; addons are not added once it is used.

    A listener that waits returns an awaitable. Most do not, so a hook is called inline first; what is left of one whose
    listener waits is done by :meth:`handle_lifecycle`, in a task.
    """

    def __init__(self, master: Any) -> None:  # noqa: ANN401 - mitmproxy's has no type
        super().__init__(master)
        self._table: dict[str, _Listeners] = {}
        self._begun: dict[int, tuple[Hook, Awaitable[None], tuple[Listener, ...]]] = {}
        """The awaitable of a hook that was called inline, and the listeners behind, by the hook's identity."""

    def call_inline(self, hook: Hook) -> bool:
        """Call the listeners of a hook; false if one waits, so that :meth:`handle_lifecycle` must go on.

        A hook passes several layers on its way up, and each may ask: it is called by the first one alone.
        """
        if id(hook) in self._begun:
            return False
        found = self._table.get(hook.name) or self._find(hook)
        if not found.listeners:
            return True
        arguments = [getattr(hook, name) for name in found.arguments]
        for number, listener in enumerate(found.listeners, 1):
            try:
                waiting = listener(*arguments)
            except AddonHalt:
                break
            except Exception as error:  # noqa: BLE001 - as mitmproxy does, less the text
                _report(error, hook)
            else:
                if waiting is not None:
                    self._begun[id(hook)] = hook, waiting, found.listeners[number:]
                    return False
        return True

    async def handle_lifecycle(self, event: Hook) -> None:
        """Call the listeners, or go on where an inline call stopped; ``update``, which has none here, is not called."""
        if id(event) not in self._begun and self.call_inline(event):
            return
        _, waiting, others = self._begun.pop(id(event))
        try:
            await waiting
            for listener in others:
                result = listener(*event.args())
                if inspect.isawaitable(result):
                    await result
        except AddonHalt:
            return
        except Exception as error:  # noqa: BLE001 - as mitmproxy does, less the text
            _report(error, event)

    def _find(self, hook: Hook) -> _Listeners:
        found = (getattr(addon, hook.name, None) for addon in traverse(self.chain))
        listeners = tuple(listener for listener in found if callable(listener))
        arguments = tuple(field.name for field in fields(hook))  # type: ignore[arg-type] # each hook is a dataclass
        self._table[hook.name] = _Listeners(listeners, arguments)
        return self._table[hook.name]


def _report(error: Exception, hook: Hook) -> None:
    logger.error("jira-compat: %s in a hook for %s", type(error).__name__, hook.name)
