"""Other readings of a path: every API path that some server could see in it.

A reading is made in steps: decode, take out, cut, resolve. A step that servers differ about has several options, the
one that changes most first. All options of a step are tried on all texts that the step before left, as long as there
are not too many: no client sends a path of that kind.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from jira_compat.message.target.differentials import DOUBTS, ORDER, Step
from jira_compat.message.target.escapes import starts, texts
from jira_compat.message.target.letter_case import spellings
from jira_compat.message.target.path import api, forwarded, is_forwarded, resolve, split

_MOST = 128
_LEAST = 4
_WORK = 2**16
"""Bytes that are read in a step, or so; of a long path only a few texts, or it would take a while."""
LONGEST = 100  # segments; no endpoint has as many, and a megabyte of slashes would be a gigabyte of readings
_CONTROLS = re.compile(rb"[\x00-\x1f\x7f]")
_NO_LETTERS = re.compile(r"[^a-z0-9]")

Segments = tuple[str, ...]


class Readings(NamedTuple):
    """The other readings of a path.

    Args:
        clause: What makes it ambiguous; ``None`` if nothing does.
        found: All readings, the plain one among them; ``()`` if none is ambiguous. No reading is ``()``, which no rule
            can match.
        more: The letters of the path, if there may be more readings; see
            :class:`~jira_compat.message.target.target.Target`.
    """

    clause: str | None
    found: tuple[Segments, ...]
    more: str | None = None


def other_readings(path: bytes, plain: Segments) -> Readings:
    """Return what else a path may mean to a server, and why.

    Args:
        path: As it came, without query.
        plain: The API path in its normal form.
    """
    found = dict.fromkeys((plain,))
    clauses: list[str] = []
    whole = True
    # WHATWG URL parsers take control characters out first; what was two halves of an escape is then one.
    for way in dict.fromkeys((path, _CONTROLS.sub(b"", path))):
        decoded = texts(way)
        doubts = [doubt for doubt in (*DOUBTS, ORDER) if doubt.concerns(decoded)]
        clauses += [doubt.clause for doubt in doubts]
        steps = [doubt.options for doubt in doubts if doubt.options and doubt is not ORDER]
        steps.append(ORDER.options if ORDER in doubts else (resolve,))
        read, all_of_them = _apply(steps, starts(way, decoded), max(_LEAST, min(_MOST, _WORK // (len(way) + 1))))
        short = [text for text in read if text.count(b"/") <= LONGEST]
        found |= dict.fromkeys(_readings(short))
        whole = whole and all_of_them and len(short) == len(read)
    found.pop((), None)
    more = None if whole and len(found) <= _MOST else _letters(texts(path).deep)
    if found.keys() <= {plain} and more is None:
        return Readings(None, ())
    return Readings(clauses[0] if clauses else _without_doubt(path), tuple(found)[:_MOST], more)


def _without_doubt(path: bytes) -> str:
    return "it stands below another path" if b"/_/" in path else "its letter case is not Jira's"


def _apply(steps: Iterable[Sequence[Step]], read: Collection[bytes], most: int) -> tuple[Collection[bytes], bool]:
    """Apply all options of all steps to some texts; return the results, and whether they are complete."""
    whole = True
    for options in steps:
        made: dict[bytes, None] = {}
        for text in (option(text) for option in options for text in read):
            made[text] = None
            if len(made) > most:
                whole = False
                break
        read = made
    return read, whole


def _readings(read: Iterable[bytes]) -> Iterator[Segments]:
    for text in read:
        words = split(text)
        yield from map(api, spellings(words))
        if is_forwarded(words):
            yield from map(api, spellings(forwarded(words) or [""]))


def _letters(deep: bytes) -> str:
    return _NO_LETTERS.sub("", deep.decode("utf-8", "ignore").casefold())
