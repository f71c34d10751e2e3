"""What a client is pointed at: a proxy, and the Jira behind it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jira_compat.standin import StandIn
from live import LiveProxy, wait_until

SECRET = "hunter2-7f3a"
"""A password that no output may show."""
LOGIN = "tr0ub4dor-19c4"
"""The password of ``admin``: Jira gets it, and no output shows it."""

HOSTS = ("localhost", "jira.test")
"""What is Jira in forward mode; ``127.0.0.1`` is not."""


@dataclass
class Site:
    """A proxy with a stand-in behind it.

    Args:
        proxy: The proxy.
        jira: The stand-in.
        url: Address that clients are given for Jira.
        authority: Certificate that they have to trust, if that is https.
        forward: Whether clients are told of the proxy, and not to take it for Jira.
    """

    proxy: LiveProxy
    jira: StandIn
    url: str
    authority: Path | None = None
    forward: bool = False
    _before: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.jira.reset()
        self.jira.state.named("admin").password = LOGIN
        self._before = len(self.proxy.events())

    @property
    def host(self) -> str:
        """What the proxy takes for the host of Jira."""
        return (urlsplit(self.url if self.forward else self.jira.url).hostname) or ""

    @property
    def proxies(self) -> dict[str, str] | None:
        """As requests wants to be told of a proxy."""
        return {"http": self.proxy.url, "https": self.proxy.url} if self.forward else None

    @property
    def verify(self) -> str | bool:
        """As requests wants to be told whom to trust."""
        return str(self.authority) if self.authority else True

    def events(self, number: int) -> list[dict[str, Any]]:
        """The events since the test began, when there are so many; there must not be more."""
        wait_until(lambda: len(self.proxy.events()) >= self._before + number, f"event {number}")
        found = self.proxy.events()[self._before :]
        assert len(found) == number, found
        return found

    def event(self) -> dict[str, Any]:
        """The event of the test."""
        return self.events(1)[0]
