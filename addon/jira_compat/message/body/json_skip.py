"""Where a JSON value ends: strict (RFC 8259), at any depth, without recursion."""

import re

from jira_compat.message.body.json_grammar import COLON, COMMA, SHALLOW, STRING, WS
from jira_compat.message.body.json_scanner import fault

_SHALLOW = re.compile(SHALLOW).match
_CLOSES_AFTER = 2  # in ASCII, } comes two after {, and ] two after [


def _items(item: bytes, closer: bytes) -> re.Pattern[bytes]:
    """Matches items up to a deep one, which it opens, or to the closer."""
    return re.compile(
        rb"(?:" + item + SHALLOW + COMMA + rb")*+" + item
        + rb"(?:" + SHALLOW + WS + rb"(?P<close>" + closer + rb")|(?P<open>[{\[])" + WS + rb")"
    )  # fmt: skip


_OPEN = re.compile(rb"(?P<open>[{\[])" + WS).match
_MEMBERS = _items(STRING + COLON, rb"\}").match
_ELEMENTS = _items(b"", rb"\]").match
_AFTER = re.compile(WS + rb"(?:(?P<comma>,)" + WS + rb"|(?P<close>[}\]]))").match


def skip(text: bytes, at: int) -> int:
    """The end of the value that starts here.

    Raises:
        Unreadable: There is no value here.
    """
    value = _SHALLOW(text, at)
    return value.end() if value else _skip_deep(text, at)


def _skip_deep(text: bytes, at: int) -> int:
    closers = bytearray()
    step = _OPEN(text, at)
    while step:
        mark = step.lastgroup
        if mark == "open":
            closers.append(text[step.start(mark)] + _CLOSES_AFTER)
        elif mark == "close" and text[step.start(mark)] != closers.pop():
            break
        if not closers:
            return step.end()
        if mark == "close":
            step = _AFTER(text, step.end())
        else:
            step = (_MEMBERS if closers[-1] == ord("}") else _ELEMENTS)(text, step.end())
    raise fault(text)
