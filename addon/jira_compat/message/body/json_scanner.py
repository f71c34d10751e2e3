"""Scan JSON bytes (RFC 8259): its grammar as regular expressions, where a value ends, where a text goes wrong.

Every repetition is possessive: what has matched is never given back, so a match takes time linear
in what it reads and no memory, whatever the text. Bytes beyond ASCII only occur inside strings,
which makes the expressions fit every encoding that has ASCII in its lower half.
"""

import re
from codecs import BOM_UTF8
from functools import lru_cache

from jira_compat.message.body.errors import Unreadable

WS = rb"[ \t\n\r]*+"
CHARS = rb'(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*+'
STRING = rb'"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})[^"\\\x00-\x1f]*+)*+"'
NUMBER = rb"-?+(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][-+]?+[0-9]++)?+"
WORD = rb"true|false|null"
SCALAR = rb"(?:" + STRING + rb"|" + NUMBER + rb"|" + WORD + rb")"
COLON = WS + rb":" + WS
COMMA = WS + rb"," + WS


def _value(levels: int) -> bytes:
    """A value whose arrays and objects nest at most so deep."""
    if not levels:
        return SCALAR
    inner = _value(levels - 1)
    members = rb"(?:" + STRING + COLON + inner + WS + rb"(?:," + WS + rb'(?=")|(?=\})))*+'
    elements = rb"(?:" + inner + WS + rb"(?:," + WS + rb"(?!\])|(?=\])))*+"
    return rb"(?:" + SCALAR + rb"|\{" + WS + members + rb"\}|\[" + WS + elements + rb"\])"


SHALLOW = _value(2)
"""Nearly every value in a request to Jira, in one match. Deeper ones take a loop."""


@lru_cache(maxsize=256)
def members_but(names: frozenset[str]) -> re.Pattern[bytes]:
    """Matches, from the start of a member on, all members (one or more) before one that may have such a name.

    Stops as well before a name with an escape or beyond ASCII, a deep value, and the last member.
    """
    plain = sorted(re.escape(name.encode()) for name in names if name.isascii())
    other = rb"(?!(?:" + rb"|".join(plain) + rb')")' if plain else b""
    name = rb'"' + other + rb'[^"\\\x00-\x1f\x80-\xff]*+"'
    return re.compile(rb"(?:" + name + COLON + SHALLOW + COMMA + rb")++")


_WS = re.compile(WS)


def past_space(text: bytes, at: int) -> int:
    """Return the end of the white space that starts here."""
    space = _WS.match(text, at)
    return space.end() if space else at


def json_start(text: bytes) -> int:
    """Return the start of the JSON in a text: past a byte order mark and white space."""
    return past_space(text, len(BOM_UTF8) if text.startswith(BOM_UTF8) else 0)


SLICE = 1 << 18
"""Bytes that one match of many values may read: 10 ms. Meanwhile no other thread runs."""
DEEPEST = 1000
"""Levels of arrays and objects. Jackson 2.15 and newer take no more (``StreamReadConstraints``)."""
STEPS = 100_000
"""Steps that reading one text may take: what most members share is one step, an unusual member is one of its own."""


class Budget:
    """The steps that reading one text may still take."""

    __slots__ = ("left",)

    def __init__(self, steps: int = STEPS) -> None:
        self.left = steps

    def spend(self, steps: int = 1) -> None:
        """Take steps.

        Raises:
            Unreadable: So many are not left.
        """
        self.left -= steps
        if self.left < 0:
            raise Unreadable(f"reading its JSON takes more than {STEPS} steps")


_SHALLOW_VALUE = re.compile(SHALLOW).match
_LEVELS = 2  # of a value that is matched at once
_SCALAR_VALUE = re.compile(SCALAR).match
_CLOSES_AFTER = 2  # in ASCII, } comes two after {, and ] two after [


class _Items:
    """The items of an object or an array, in steps.

    Args:
        item: What stands before a value.
        closer: The mark at the end.
        value: Values that are matched at once; others are opened.
    """

    def __init__(self, item: bytes, closer: bytes, value: bytes) -> None:
        run = rb"(?:" + item + value + COMMA + rb")*+"
        opens = rb"(?P<open>[{\[])" + WS
        self._step = re.compile(run + item + rb"(?:" + value + WS + rb"(?P<close>" + closer + rb")|" + opens + rb")")
        self._run = re.compile(run)
        ends = rb"(?:(?P<close>" + closer + rb")|(?P<comma>,)" + WS + rb")"
        self._single = re.compile(item + rb"(?:" + SCALAR + WS + ends + rb"|" + opens + rb")")

    def step(self, text: bytes, at: int) -> re.Match[bytes] | None:
        """Match items up to a deep one, which is opened, or up to the closer; or a part of them and one more."""
        step = self._step.match(text, at, at + SLICE)
        if step is not None:
            return step
        run = self._run.match(text, at, at + SLICE)
        return self._single.match(text, past_space(text, run.end() if run else at))


_OPEN = re.compile(rb"(?P<open>[{\[])" + WS).match
_AFTER = re.compile(WS + rb"(?:(?P<comma>,)" + WS + rb"|(?P<close>[}\]]))").match
_CLOSERS = {ord("}"): (STRING + COLON, rb"\}"), ord("]"): (b"", rb"\]")}
_USUAL = {closer: _Items(item, mark, SHALLOW) for closer, (item, mark) in _CLOSERS.items()}
_DEEP = {closer: _Items(item, mark, SCALAR) for closer, (item, mark) in _CLOSERS.items()}
"""Where the bound on levels is near: each level is opened, and counted."""


def skip(text: bytes, at: int, budget: Budget, depth: int = 0) -> int:
    """The end of the value that starts here.

    Args:
        text: The text.
        at: Where the value starts.
        budget: What it may take.
        depth: The levels around the value.

    Raises:
        Unreadable: There is no value here, it nests too deep, or it takes too many steps.
    """
    value = _SHALLOW_VALUE(text, at, at + SLICE)
    if value and value.end() < at + SLICE:  # a number could go on there
        return value.end()
    if text.startswith((b"{", b"["), at):
        return _skip_deep(text, at, budget, depth)
    value = _SCALAR_VALUE(text, at)
    if value is None:
        raise fault(text)
    return value.end()


def _skip_deep(text: bytes, at: int, budget: Budget, depth: int) -> int:
    closers = bytearray()
    step = _OPEN(text, at)
    while step:
        budget.spend()
        mark, at = step.lastgroup, step.end()
        if mark == "open":
            closers.append(text[step.start(mark)] + _CLOSES_AFTER)
            if depth + len(closers) > DEEPEST:
                raise Unreadable(f"its JSON nests deeper than {DEEPEST} levels")
            at = past_space(text, at)
            if text.startswith(closers[-1:], at):  # nothing but white space in it, and more of that than a slice has
                step = _AFTER(text, at)
                continue
        elif mark == "close" and text[step.start(mark)] != closers.pop():
            break
        if not closers:
            return at
        if mark == "close":
            step = _AFTER(text, at)
        else:
            items = _USUAL if depth + len(closers) <= DEEPEST - _LEVELS else _DEEP
            step = items[closers[-1]].step(text, past_space(text, at))
    raise fault(text)


_TOKEN = re.compile(rb"(?P<string>" + STRING + rb")|(?P<scalar>" + NUMBER + rb"|" + WORD + rb")|(?P<mark>[{}\[\]:,])")
_BROKEN_STRING = re.compile(b'"' + CHARS)
_MEMBERS = members_but(frozenset())
_ELEMENTS = re.compile(rb"(?:" + SHALLOW + COMMA + rb")++")

_MOST = 20_000
"""Tokens, a run of sound members or elements being one; they take 20 ms."""

_VALUE = "sv{["  # kinds of token: s string, v other scalar, the marks as they are
_FIRST_NAME = "s}"
_NEXT_NAME = "s"


def fault(text: bytes) -> Unreadable:
    """Describe why a text is not JSON (RFC 8259), and at which byte, counted from 0.

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
    run = (_MEMBERS if expected == _NEXT_NAME else _ELEMENTS).match(text, at, at + SLICE)
    return past_space(text, run.end()) if run else at
