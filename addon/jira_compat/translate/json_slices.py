"""Read a JSON document and keep where each part stands, so that parts can be copied unchanged.

The standard library's parser reads each value; nothing is written again, so numbers, order and
unknown members survive. The cost is that of :func:`json.loads`.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

_SPACE = re.compile(r"[ \t\n\r]*")


class Slice(NamedTuple):
    """A value and its text."""

    value: Any
    text: str


def read_object(text: str, lists: frozenset[str] = frozenset()) -> dict[str, Slice]:
    """Read a document that is one object; of members with equal names the last counts, as in :func:`json.loads`.

    Args:
        text: The document.
        lists: Names of members whose ``value`` is a list of :class:`Slice`, one for each element.

    Raises:
        ValueError: The text is not a JSON object, one of ``lists`` is not an array, or it nests too deep.
    """
    try:
        found, end = _object(text, _past_space(text, 0), lists)
    except (StopIteration, IndexError, RecursionError) as error:
        raise ValueError("not a JSON object") from error
    if _past_space(text, end) != len(text):
        raise ValueError("text after the JSON object")
    return found


def without_members(text: str, names: frozenset[str]) -> tuple[str, dict[str, Slice]]:
    """Cut members out of an object's text; return what is left, and the members that were cut.

    Raises:
        ValueError: As :func:`read_object`.
    """
    found = read_object(text)
    cut = {name: found[name] for name in names if name in found}
    if not cut:
        return text, cut
    kept = (f"{json.dumps(name)}:{member.text}" for name, member in found.items() if name not in cut)
    return "{" + ",".join(kept) + "}", cut


def _object(text: str, at: int, lists: frozenset[str]) -> tuple[dict[str, Slice], int]:
    found: dict[str, Slice] = {}
    at = _past_mark(text, at, "{")
    if text[at] == "}":
        return found, at + 1
    while True:
        name, end = _decode(text, at)
        if text[at] != '"':
            raise ValueError("not a JSON object")
        start = _past_mark(text, _past_space(text, end), ":")
        if name in lists:
            value, end = _array(text, start)
        else:
            value, end = _decode(text, start)
        found[name] = Slice(value, text[start:end])
        at = _past_space(text, end)
        if text[at] == "}":
            return found, at + 1
        at = _past_mark(text, at, ",")


def _array(text: str, at: int) -> tuple[list[Slice], int]:
    found: list[Slice] = []
    at = _past_mark(text, at, "[")
    if text[at] == "]":
        return found, at + 1
    while True:
        value, end = _decode(text, at)
        found.append(Slice(value, text[at:end]))
        at = _past_space(text, end)
        if text[at] == "]":
            return found, at + 1
        at = _past_mark(text, at, ",")


def _past_mark(text: str, at: int, mark: str) -> int:
    if text[at] != mark:
        raise ValueError("not a JSON object")
    return _past_space(text, at + 1)


def _past_space(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def _refuse(constant: str) -> Iterator[None]:
    raise ValueError(f"{constant} is not JSON")


_decode = json.JSONDecoder(parse_constant=_refuse).raw_decode
