"""Requests that both of Jira's logs have: Tomcat's ``access_log`` and ``atlassian-jira-http-access.log``."""

import hashlib
from array import array
from collections.abc import Iterable

MOST = 1_000_000
"""Requests whose ids are kept, at some 70 bytes each; those beyond are counted once for each log."""
_DAY = 86_400
_LATE = 3_600
"""Seconds; a request that began before midnight may be answered so long behind it."""


class RequestIds:
    """Keeps the ids of requests of one log, or looks up those of another.

    Args:
        known: Of the log that was read before; ``None`` to keep ids.
    """

    def __init__(self, known: frozenset[int] | set[int] | None = None) -> None:
        self.kept = array("Q")
        self.is_full = False
        self._known = known

    def is_known(self, ident: bytes, method: bytes, at: float | None) -> bool:
        """Whether a request was counted before; if ids are kept, keep this one."""
        day, second = divmod(int(at or 0), _DAY)
        if self._known is not None:
            days = (day, day - 1) if second < _LATE else (day,)
            return any(_key(ident, method, one) in self._known for one in days)
        if len(self.kept) < MOST:
            self.kept.append(_key(ident, method, day))
        else:
            self.is_full = True
        return False


def join(known: set[int], more: Iterable[int]) -> bool:
    """Add ids to others; whether all found room."""
    for key in more:
        if len(known) >= MOST:
            return False
        known.add(key)
    return True


def _key(ident: bytes, method: bytes, day: int) -> int:
    text = b"%b %b %d" % (ident.lstrip(b"io"), method, day)
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest())
