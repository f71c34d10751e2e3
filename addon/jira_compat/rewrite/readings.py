"""What else servers may read in a path: every plausible API path, at most 32 of them.

A reading is made in steps: decode, take out, cut, resolve. A step that servers differ about has several options, the
one that changes most first. Readings are made by how many steps leave their first option, until there are enough.
"""

import itertools
from collections.abc import Iterator, Sequence

from jira_compat.rewrite.doubts import DOUBTS, ORDER, Step
from jira_compat.rewrite.escapes import starts, texts
from jira_compat.rewrite.letter_case import spellings
from jira_compat.rewrite.path import api, resolve, split

_MOST = 32
_LONGEST = 100  # segments; no endpoint has as many, and a megabyte of slashes would be a gigabyte of readings

Segments = tuple[str, ...]


def other_readings(path: bytes, plain: Segments) -> tuple[str | None, tuple[Segments, ...]]:
    """What else a path may say to a server, and why.

    Args:
        path: As it came, without query.
        plain: The API path in its normal form.

    Returns:
        One clause on what makes it ambiguous, and all readings, ``plain`` among them; ``None`` and ``()`` if
        nothing does. No reading is ``()``, which no rule can match.
    """
    decoded = texts(path)
    doubts = [doubt for doubt in (*DOUBTS, ORDER) if doubt.concerns(decoded)]
    steps = [doubt.options for doubt in doubts if doubt.options and doubt is not ORDER]
    steps.append(ORDER.options if ORDER in doubts else (resolve,))
    readings = dict.fromkeys((plain, *_readings(starts(path, decoded), steps)))
    readings.pop((), None)
    if readings.keys() <= {plain}:
        return None, ()
    clause = doubts[0].clause if doubts else "its letter case is not Jira's"
    return clause, tuple(readings)[:_MOST]


def _readings(decoded: Sequence[bytes], steps: Sequence[Sequence[Step]]) -> Iterator[Segments]:
    for start, *picks in itertools.islice(_picks([len(decoded), *map(len, steps)]), _MOST):
        text = decoded[start]
        for options, pick in zip(steps, picks, strict=True):
            text = options[pick](text)
        if text.count(b"/") <= _LONGEST:
            yield from map(api, spellings(split(text)))


def _picks(lengths: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """An option of each step: the first of all, then all but one step's, then all but two steps'."""
    places = range(len(lengths))
    for others in range(len(lengths) + 1):
        for leaving in itertools.combinations(places, others):
            yield from itertools.product(*(range(1, lengths[at]) if at in leaving else (0,) for at in places))
