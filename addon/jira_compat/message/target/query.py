"""The query string as Jira's servlet container reads it: pairs between ``&``, ``=`` between name and value."""

from collections.abc import Set as AbstractSet
from urllib.parse import unquote_to_bytes


def remove_names(query: bytes, names: AbstractSet[str]) -> tuple[bytes, tuple[str, ...]]:
    """Drop every pair that has one of these names; every other byte stays.

    A name is decoded once, as in application/x-www-form-urlencoded, and compared with its case. ``;`` does not
    separate: HTML 4 suggested it, Tomcat does not take it for one.

    Returns:
        What is left, and the names that were there, distinct, in order. If there were none, the very same object.
    """
    pairs = [(pair, _name(pair)) for pair in query.split(b"&")]
    found = tuple(dict.fromkeys(name for _, name in pairs if name in names))
    if not found:
        return query, ()
    return b"&".join(pair for pair, name in pairs if name not in names), found


def values_of(query: bytes, name: str) -> tuple[str, ...]:
    """The values of every pair that has this name, decoded as its name is."""
    return tuple(_decoded(pair.partition(b"=")[2]) for pair in query.split(b"&") if _name(pair) == name)


def _name(pair: bytes) -> str:
    return _decoded(pair.partition(b"=")[0])


def _decoded(text: bytes) -> str:
    return unquote_to_bytes(text.replace(b"+", b" ")).decode("utf-8", "replace")
