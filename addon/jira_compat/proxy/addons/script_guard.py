"""Keeps ``mitmdump -s`` closed while the script is gone.

mitmproxy's tools load a script again when its file changes, and unload it when that fails or the file
is deleted; traffic would then pass unjudged. This addon is not the script's: it is left behind with mitmproxy.
"""

import logging
import uuid

from mitmproxy import http
from mitmproxy.addonmanager import AddonManager

from jira_compat.jira_error import error_answer
from jira_compat.proxy.exchange import flow as flows
from jira_compat.proxy.exchange.exchange import ActivePolicy

logger = logging.getLogger(__name__)

NAME = "jira_compat_sentinel"


class ScriptGuard:
    """Answers 502 to requests that are bound for Jira while the script is gone.

    Args:
        addons: mitmproxy's, among them the one that judges.
        judge: Its name.
    """

    name = NAME

    def __init__(self, addons: AddonManager, judge: str) -> None:
        self.active: ActivePolicy | None = None
        """The last active policy: it says which requests are bound for Jira."""
        self._addons = addons
        self._judge = judge
        self._has_said = False

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """A request begins."""
        if self._addons.get(self._judge) is not None:
            self._has_said = False
        elif flow.response is None and (self.active is None or self.active.is_bound_for_jira(flow)):
            text = (
                "The proxy's rules are not loaded, so nothing is passed on; its log names the reason. Try again later."
            )
            flows.answer(flow, error_answer(502, text, "error/not_loaded"), uuid.uuid4().hex)
            self._say()

    def request(self, flow: http.HTTPFlow) -> None:
        """A request is here as a whole; it may have begun while it was still judged."""
        self.requestheaders(flow)

    def _say(self) -> None:
        if not self._has_said:
            logger.error("jira-compat: the script is not loaded; requests are answered 502 until it is")
        self._has_said = True


def keep_closed(addons: AddonManager, judge: str, active: ActivePolicy | None) -> None:
    """Leave a guard behind, which knows the last active policy."""
    if addons.get(NAME) is None:
        addons.add(ScriptGuard(addons, judge))
    addons.get(NAME).active = active


def take_over(addons: AddonManager) -> None:
    """Remove the guard: the script judges again."""
    if (sentinel := addons.get(NAME)) is not None:
        addons.remove(sentinel)
