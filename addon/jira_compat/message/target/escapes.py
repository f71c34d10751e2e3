"""One path, decoded as servers decode it: not at all, once, twice, or for as long as that changes it."""

import re
from operator import attrgetter
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from jira_compat.message.target.path import decode, unescape

_DEEPEST = 8  # rounds; no chain of servers makes as many
_PARAMETERS = re.compile(rb";[^/]*+")
_NESTED = re.compile(rb"%(?:25)+")
_PERCENT_U = re.compile(rb"%[Uu]([0-9A-Fa-f]{4})")
_OVERLONG = re.compile(rb"[\xc0\xc1][\x80-\xbf]|\xe0[\x80-\x9f][\x80-\xbf]|\xf0[\x80-\x8f][\x80-\xbf]{2}")


class Texts(NamedTuple):
    """The readings of one path, by decoding.

    Args:
        raw: As it came.
        plain: Decoded once, without what would be a separator, a delimiter, a NUL or another escape.
        once: Decoded once.
        twice: Decoded twice.
        deep: Decoded until nothing is left, ``%uXXXX`` and overlong UTF-8 too.
    """

    raw: bytes
    plain: bytes
    once: bytes
    twice: bytes
    deep: bytes


_DEEPEST_FIRST = (attrgetter("deep"), attrgetter("twice"), attrgetter("once"), attrgetter("plain"))


def texts(path: bytes) -> Texts:
    """Decode a path in every way."""
    if b"%" not in path and path.isascii():
        return Texts(path, path, path, path, path)
    once = unquote_to_bytes(path)
    return Texts(path, decode(unescape(path)), once, unquote_to_bytes(once), _deep(path))


def starts(path: bytes, decoded: Texts) -> tuple[bytes, ...]:
    """All texts that a server may go on from, distinct, the most decoded first.

    Tomcat takes path parameters off before it decodes; a space as it came may have ended the target before.
    """
    ways = [decoded]
    if b";" in path:
        ways.append(texts(_PARAMETERS.sub(b"", path)))
    if b" " in path:
        ways.append(texts(path.partition(b" ")[0]))
    return tuple(dict.fromkeys(text for depth in _DEEPEST_FIRST for text in map(depth, ways)))


def _deep(text: bytes) -> bytes:
    for _ in range(_DEEPEST):
        before, text = text, _decode_anything(text)
        if text == before:
            break
    return text


def _decode_anything(text: bytes) -> bytes:
    """``%25…`` to any depth, ``%uXXXX`` as IIS has it, overlong UTF-8 (which RFC 3629, section 3, forbids)."""
    text = unquote_to_bytes(_NESTED.sub(b"%", text))
    text = _PERCENT_U.sub(lambda found: _utf8(int(found[1], 16)), text)
    return shortest(text)


def shortest(text: bytes) -> bytes:
    """Overlong UTF-8 as it should be: a reader that does not look takes the one for the other."""
    return _OVERLONG.sub(lambda found: _utf8(_code_point(found[0])), text)


def _code_point(overlong: bytes) -> int:
    value = overlong[0] & 1 if len(overlong) == 2 else 0
    for octet in overlong[1:]:
        value = value << 6 | octet & 0x3F
    return value


def _utf8(code_point: int) -> bytes:
    return chr(code_point).encode("utf-8", "ignore")
