"""RFC 8259 as regular expressions over bytes.

Every repetition is possessive: what has matched is never given back, so a match takes time linear
in what it reads and no memory, whatever the text. Bytes beyond ASCII only occur inside strings,
which makes these fit every encoding that has ASCII in its lower half.
"""

import re
from codecs import BOM_UTF8
from functools import lru_cache

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
    """Where the white space that starts here ends."""
    space = _WS.match(text, at)
    return space.end() if space else at


def json_start(text: bytes) -> int:
    """Where the JSON of a text starts: past a byte order mark and white space."""
    return past_space(text, len(BOM_UTF8) if text.startswith(BOM_UTF8) else 0)
