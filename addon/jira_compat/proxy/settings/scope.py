"""The scope of a forward proxy: the traffic that is bound for Jira."""

import re
from collections.abc import Iterable

DEFAULT_HOSTS = ("*.atlassian.net", "*.jira.com", "api.atlassian.com")
_PORT = re.compile(r":[0-9]*$")


class Scope:
    """The hosts that are Jira in forward mode.

    Args:
        patterns: Host names with ``*`` for any text; letter case, port and a trailing dot do not matter.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        self.patterns = tuple(patterns)
        parts = (".*".join(map(re.escape, _plain(pattern).split("*"))) for pattern in self.patterns)
        self._match = re.compile("|".join(parts), re.DOTALL).fullmatch

    def includes(self, names: Iterable[str | None]) -> bool:
        """Return whether any of the names by which a request calls its destination is Jira's.

        One is enough, so that none of them can be used to look like something else.
        """
        return any(name is not None and self._match(_plain(name)) is not None for name in names)


def _plain(name: str) -> str:
    name = name.strip().lower()
    return (name if name.endswith("]") else _PORT.sub("", name)).rstrip(".")
