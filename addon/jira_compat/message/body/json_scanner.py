"""Where a text stops being JSON: read token by token, once that it isn't is known."""

import re

from jira_compat.message.body.errors import Unreadable
from jira_compat.message.body.json_grammar import (
    CHARS,
    COMMA,
    NUMBER,
    SHALLOW,
    STRING,
    WORD,
    json_start,
    members_but,
    past_space,
)

_TOKEN = re.compile(rb"(?P<string>" + STRING + rb")|(?P<scalar>" + NUMBER + rb"|" + WORD + rb")|(?P<mark>[{}\[\]:,])")
_BROKEN_STRING = re.compile(b'"' + CHARS)
_MEMBERS = members_but(frozenset())
_ELEMENTS = re.compile(rb"(?:" + SHALLOW + COMMA + rb")++")

_MOST = 100_000
"""Tokens, a run of sound members or elements being one; they take a tenth of a second."""

_VALUE = "sv{["  # kinds of token: s string, v other scalar, the marks as they are
_FIRST_NAME = "s}"
_NEXT_NAME = "s"


def fault(text: bytes) -> Unreadable:
    """What is wrong with a text that is not JSON (RFC 8259), and at which byte, counted from 0.

    It is looked for in so many tokens only: megabytes of them would keep others waiting for seconds.
    """
    at = json_start(text)
    closers: list[str] = []
    expected = _VALUE
    left = _MOST
    while token := _TOKEN.match(text, at):
        left -= 1
        if not left:
            return Unreadable(f"its JSON is malformed (after byte {at})")
        kind = {"string": "s", "scalar": "v"}.get(token.lastgroup or "") or token[0].decode()
        if kind not in expected:
            break
        expected = _after(kind, expected, closers)
        at = _past_run(text, past_space(text, token.end()), kind, expected)
    if string := _BROKEN_STRING.match(text, at) if token is None else None:
        at = string.end()
    if at == len(text):
        return Unreadable(f"its JSON ends early (byte {at})")
    if not expected:
        return Unreadable(f"something follows its JSON (byte {at})")
    return Unreadable(f"its JSON is malformed (byte {at})")


def _after(kind: str, expected: str, closers: list[str]) -> str:
    """The kinds of token that may follow one, given those it was one of."""
    if kind == "s" and expected in {_FIRST_NAME, _NEXT_NAME}:
        return ":"
    if kind == ":":
        return _VALUE
    if kind == ",":
        return _NEXT_NAME if closers[-1] == "}" else _VALUE
    if kind == "{":
        closers.append("}")
        return _FIRST_NAME
    if kind == "[":
        closers.append("]")
        return _VALUE + "]"
    if kind in {"}", "]"}:
        closers.pop()
    return "," + closers[-1] if closers else ""


def _past_run(text: bytes, at: int, kind: str, expected: str) -> int:
    """Skip what is sound in one step after a comma, or a long list would take a while."""
    if kind != ",":
        return at
    run = (_MEMBERS if expected == _NEXT_NAME else _ELEMENTS).match(text, at)
    return run.end() if run else at
