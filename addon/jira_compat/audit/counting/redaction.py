"""Redact calls: users as chosen, paths without secrets, all of it cut to a bounded length."""

import re

from jira_compat.audit.counting.inventory import Subject
from jira_compat.events.identity import Identity, identify

LONGEST = 256
"""Characters of a user or an address."""
_LONGEST_LINE = 200
_METHOD = re.compile(r"[A-Z]{1,12}")
_SECRET = re.compile(r"(?<=/)(?=[^/]{0,400}?[0-9])[^/]{20,}+")
"""A segment that is long and has a digit: a key in the address of a webhook, not a word or an issue's key."""


class Redaction:
    """What of calls is reported.

    Args:
        identity: How users are shown. Where they are not, no path is, because paths may name them.
        key: Under which their names are hashed.
    """

    def __init__(self, identity: Identity, key: bytes = b"") -> None:
        self._identity = identity
        self._key = key

    def user(self, name: str | None) -> str | None:
        """The user, or what stands for it."""
        return identify(None if name is None else name[:LONGEST], self._identity, self._key)

    def line(self, subject: Subject, method: str, path: str) -> str:
        """Method and path of a call.

        Args:
            subject: What was called.
            method: As sent.
            path: Without query and path parameters, as :func:`~jira_compat.events.vocabulary.url_path` has it.
        """
        if self._identity != "shown" or not _METHOD.fullmatch(method):
            return subject.endpoint
        line = f"{method} {_SECRET.sub('…', path)}"
        return line if len(line) <= _LONGEST_LINE else f"{line[: _LONGEST_LINE - 1]}…"
