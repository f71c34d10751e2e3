"""Header fields looked up by name."""

from collections.abc import Iterable

from jira_compat.model import Header


def header(headers: Iterable[Header], name: bytes) -> bytes | None:
    """The first field of that (lower-case) name."""
    for key, value in headers:
        if key.lower() == name:
            return value
    return None
