"""Faults on demand: late answers, 429 and errors, short pages, expired page tokens, wrong estimates."""

from collections import Counter, deque
from dataclasses import dataclass, field

WEEK = 7 * 86_400.0


@dataclass(slots=True)
class Faults:
    """Misbehaviour on demand; set any field at any time.

    Args:
        latency: Seconds that each request waits for its answer.
        estimate: Factor by which the approximate count is off.
        page_limit: Issues on a page of the new search that asks for more than ids and keys.
        page_lengths: Lengths of the next pages of the new search, each used once; 0 gives an empty page.
        token_lifetime: Seconds that a page token is good for.
        unfetchable: How often the bulk fetch still lists an issue, by id, as an error instead of giving it.
    """

    latency: float = 0.0
    estimate: float = 1.0
    page_limit: int = 100
    page_lengths: deque[int] = field(default_factory=deque)
    token_lifetime: float = WEEK
    unfetchable: Counter[str] = field(default_factory=Counter)
    tokens_expired: int = field(default=0, init=False)
    _statuses: deque[tuple[int, int | None]] = field(default_factory=deque, init=False)

    def throttle(self, calls: int = 1, retry_after: int = 1, *, after: int = 0) -> None:
        """Answer the next calls with 429 and ``Retry-After``.

        Args:
            calls: How many.
            retry_after: Seconds in ``Retry-After``.
            after: Requests that are answered as usual before that.
        """
        self._plan(calls, 429, retry_after, after)

    def fail(self, calls: int = 1, status: int = 503, *, after: int = 0) -> None:
        """Answer the next calls with a status of an error; see :meth:`throttle`."""
        self._plan(calls, status, None, after)

    def expire_tokens(self) -> None:
        """Let every page token given so far expire."""
        self.tokens_expired += 1

    def next_status(self) -> tuple[int, int | None] | None:
        """Status and ``Retry-After`` that the next request gets; ``None`` answers it as usual."""
        status, retry_after = self._statuses.popleft() if self._statuses else (200, None)
        return None if status == 200 else (status, retry_after)

    def page_length(self, most: int) -> int:
        """Return the length of the next page of the new search, unless fewer issues are left."""
        return min(most, max(0, self.page_lengths.popleft())) if self.page_lengths else most

    def cannot_fetch(self, issue_id: str) -> bool:
        """True if the bulk fetch fails for an issue this time."""
        if self.unfetchable[issue_id] <= 0:
            return False
        self.unfetchable[issue_id] -= 1
        return True

    def _plan(self, calls: int, status: int, retry_after: int | None, after: int) -> None:
        self._statuses.extend([(200, None)] * after + [(status, retry_after)] * calls)
