"""Removes fields from JSON text by their place in it: nothing is decoded and written again.

So what stays, stays byte for byte: order, white space, escapes, numbers that no float holds.
"""

import json
import re

from jira_compat.message.body.errors import Unreadable
from jira_compat.message.body.json_scanner import (
    COLON,
    COMMA,
    SHALLOW,
    SLICE,
    STRING,
    WS,
    Budget,
    fault,
    json_start,
    members_but,
    past_space,
    skip,
)
from jira_compat.message.body.pointers import Node, Selection
from jira_compat.message.body.spans import Removals, Siblings
from jira_compat.message.target.escapes import shortest

_VALUE = rb"(?:(" + SHALLOW + rb")" + WS + rb"([,}\]])" + WS + rb")?+"
# A name (none in an array) and, unless it is deep, the value and the mark that follows it.
_MEMBER = re.compile(rb"(" + STRING + rb")" + COLON + _VALUE).match
_ELEMENT = re.compile(rb"()" + _VALUE).match
_NAMES = re.compile(rb'"([^"]*+)"' + COLON + SHALLOW + COMMA).findall
_RAW = re.compile(r"[\x80-\xff]+")
_MARK = re.compile(WS + rb"([,}\]])" + WS).match
_LONGEST = 10_000
"""Bytes of a name that must be decoded; no name in a policy is as long."""
_NAME_STEP = 16
"""Bytes of such a name for one step."""


def cut_json(text: bytes, codec: str, selection: Selection) -> Removals:
    """Find what a selection takes out of a JSON text.

    Args:
        text: In an encoding with ASCII in its lower half; a UTF-8 byte order mark may come first.
        codec: That encoding, for names beyond ASCII.
        selection: What to take out. Its pointers' depth bounds the recursion, not the text's.

    Raises:
        Unreadable: It is not JSON (RFC 8259), nothing of it can be kept, or reading it costs too much.
    """
    cuts = Removals()
    start = json_start(text)
    reader = _Reader(text, codec, selection, cuts)
    if reader.enters(selection.tree, start):
        end = reader.level(start, selection.tree, "")
    else:
        end = past_space(text, skip(text, start, Budget()))
        if selection.verb == "keep" and not text.startswith(b"null", start):
            raise Unreadable("it is not a JSON object")
    if end != len(text):
        raise fault(text)
    return cuts


class _Reader:
    __slots__ = ("_budget", "_codec", "_cuts", "_keeps", "_text")

    def __init__(self, text: bytes, codec: str, selection: Selection, cuts: Removals) -> None:
        self._text = text
        self._codec = codec
        self._keeps = selection.verb == "keep"
        self._cuts = cuts
        self._budget = Budget()

    def enters(self, node: Node, at: int) -> bool:
        """Return whether pointers go on inside the value that starts here."""
        return self._text.startswith(b"{", at) or (node.enters_arrays and self._text.startswith(b"[", at))

    def level(self, at: int, node: Node, pointer: str, depth: int = 1) -> int:
        """Read the object or array that starts here; return where the text continues after it."""
        text, siblings = self._text, Siblings(self._cuts, pointer)
        is_object = text.startswith(b"{", at)
        closer = b"}" if is_object else b"]"
        others = members_but(node.names).match if is_object else None
        match = _MEMBER if is_object else _ELEMENT
        at = past_space(text, at + 1)
        if text.startswith(closer, at):
            return past_space(text, at + 1)
        index, mark = 0, b","
        while mark == b",":
            self._budget.spend()
            stop = at + SLICE
            if others and (run := others(text, at, stop)):
                self._run(run, siblings)
                at = run.end() if run.end() < stop else past_space(text, stop)
                stop = at + SLICE
            item = match(text, at, stop) or match(text, at)
            if item is None:
                raise fault(text)
            token = self._name(item[1], node) if is_object else str(index)
            child = node.members.get(token) if is_object else node.at.get(index, node.each)
            at, mark = self._item(item, child, token, siblings, depth)
            if at == stop:  # the slice may have ended within white space
                at = past_space(text, at)
            index += 1
        if mark != closer:
            raise fault(text)
        siblings.close(text, b",")
        return at

    def _run(self, run: re.Match[bytes], siblings: Siblings) -> None:
        """Judge members that no pointer names."""
        if self._keeps:
            names = _NAMES(self._text, run.start(), run.end())
            siblings.go(run.start(), [name.decode() for name in dict.fromkeys(names)])
        else:
            siblings.stays(run.start())

    def _item(
        self, item: re.Match[bytes], child: Node | None, token: str, siblings: Siblings, depth: int
    ) -> tuple[int, bytes]:
        """Judge a member or element; returns where the next one starts and the mark before that."""
        text, start = self._text, item.start()
        deep = item[2] is None
        value = past_space(text, item.end()) if deep else item.start(2)
        if child is not None and not child.whole and self.enters(child, value):
            siblings.stays(start)
            return self._mark(self.level(value, child, siblings.below(token), depth + 1))
        end = skip(text, value, self._budget, depth) if deep else item.end(2)
        if (child is not None and child.whole) != self._keeps:
            siblings.goes(start, end, token, spelled=child is not None or not item[1])
        else:
            siblings.stays(start)
        return self._mark(end) if deep else (item.end(), item[3])

    def _mark(self, at: int) -> tuple[int, bytes]:
        mark = _MARK(self._text, at)
        if mark is None:
            raise fault(self._text)
        return mark.end(), mark[1]

    def _name(self, string: bytes, node: Node) -> str:
        if len(string) > _LONGEST:
            raise Unreadable(f"a name in its JSON has more than {_LONGEST} bytes")
        if not string.isascii() or b"\\" in string:
            self._budget.spend(len(string) // _NAME_STEP)
        name = _decoded(string, self._codec)
        # Jackson takes all JSON for UTF-8, whatever it is declared to be, and overlong forms for what they stand for.
        if self._codec != "utf-8" and not string.isascii():
            other = _RAW.sub(_in_utf8, _decoded(string, "latin-1"))
            if "\ufffd" not in other and not node.names.isdisjoint({name, other}):
                raise Unreadable("a name in its JSON is another one in UTF-8")
        return name


def _in_utf8(run: re.Match[str]) -> str:
    return shortest(run[0].encode("latin-1")).decode("utf-8", "replace")


def _decoded(string: bytes, codec: str) -> str:
    if b"\\" in string:
        return str(json.loads(string.decode(codec, "replace")))
    return string[1:-1].decode(codec, "replace")
