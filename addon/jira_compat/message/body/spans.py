"""Spans of bytes to remove from a text, and the pointers that report them."""

import re
from collections.abc import Iterable

from jira_compat.message.body.pointers import escape

_HARMLESS = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
_MOST = 50


def _shown(name: str, *, spelled: bool) -> str:
    """A reference token fit for an event.

    Names come from the client, and could be anything, a password too. One that the policy does not
    spell is shown only if it looks like a name.
    """
    if _HARMLESS.fullmatch(name):
        return name
    return escape(name) if spelled else "…"


class Removals:
    """Collects what goes, in document order."""

    __slots__ = ("_removed", "spans")

    def __init__(self) -> None:
        self.spans: list[tuple[int, int]] = []
        self._removed: dict[str, None] = {}

    def tell(self, pointer: str, token: str, *, spelled: bool) -> None:
        """List what goes, once; after the fiftieth no more are listed."""
        if len(self._removed) < _MOST:
            self._removed[f"{pointer}/{_shown(token, spelled=spelled)}"] = None

    @property
    def removed(self) -> tuple[str, ...]:
        """The pointers; empty only if nothing goes."""
        return tuple(self._removed)

    def apply(self, text: bytes) -> bytes:
        """The text without the spans."""
        kept, at = [], 0
        for start, end in self.spans:
            kept.append(text[at:start])
            at = end
        kept.append(text[at:])
        return b"".join(kept)


class Siblings:
    """The items of one level, between separators; with each that goes, goes one separator.

    ``{"a": 1, "b": 2, "c": 3}`` loses ``"b": 2, `` or ``, "c": 3``: from the item to the next that
    stays, or, at the end, from the separator before.
    """

    __slots__ = ("_cuts", "_end", "_pointer", "_start", "_stayed")

    def __init__(self, cuts: Removals, pointer: str = "") -> None:
        self._cuts = cuts
        self._pointer = pointer
        self._start = self._end = -1
        self._stayed = False

    def below(self, token: str) -> str:
        """The pointer to an item whose token the policy spells."""
        return f"{self._pointer}/{escape(token)}"

    def stays(self, start: int) -> None:
        """The item that starts here stays."""
        if self._start >= 0:
            self._cuts.spans.append((self._start, start))
            self._start = -1
        self._stayed = True

    def goes(self, start: int, end: int, token: str, *, spelled: bool) -> None:
        """The item between these goes; ``spelled``: its token is not the client's."""
        if self._start < 0:
            self._start = start
        self._end = end
        self._cuts.tell(self._pointer, token, spelled=spelled)

    def go(self, start: int, names: Iterable[str]) -> None:
        """Remove the items from here to the next reported one; their names are the client's."""
        if self._start < 0:
            self._start = start
        for name in names:
            self._cuts.tell(self._pointer, name, spelled=False)

    def close(self, text: bytes, separator: bytes) -> None:
        """No more items."""
        if self._start >= 0:
            start = text.rindex(separator, 0, self._start) if self._stayed else self._start
            self._cuts.spans.append((start, self._end))
