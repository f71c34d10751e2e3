"""The endpoint line of a rule: ``GET|POST /rest/api/{2|3|latest}/user/{key}``."""

import itertools
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from jira_compat.message.target.letter_case import miscased

METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")
_LITERAL = re.compile(r"[A-Za-z0-9._~-]+")
_PARAMETER = re.compile(r"\{[a-z][A-Za-z0-9_]*\}")
_CHOICE = re.compile(r"\{[A-Za-z0-9._-]+(?:\|[A-Za-z0-9._-]+)+\}")
_VERSION_SPELLINGS = {"1": ("1.0", "1.0.alpha1"), "2": ("2.0", "2.0.alpha1"), "3": ("3.0",)}
"""Jira's REST modules also answer under these; real clients send ``2.0`` and ``2.0.alpha1``."""
_VERSION_POSITION = 2
_MOST_PATHS = 1000

Segment = tuple[str, ...] | None
"""The literals a path segment may be; ``None`` for a parameter, which stands for any one segment."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A parsed endpoint line.

    Args:
        text: The line as written: the label in events and reports.
        methods: Request methods; HEAD follows GET (RFC 9110, section 9.3.2).
        segments: The path below the site, beginning with ``rest``.
    """

    text: str
    methods: tuple[str, ...]
    segments: tuple[Segment, ...]

    def paths(self) -> Iterator[tuple[str | None, ...]]:
        """Every path the line stands for, version spellings included; ``None`` is a parameter."""
        choices = [_spellings(place, segment) for place, segment in enumerate(self.segments)]
        return itertools.product(*choices)


def parse_endpoint(text: str) -> Endpoint:
    """Read an endpoint line.

    Raises:
        ValueError: One clause that names the culprit, and the remedy behind a semicolon.
    """
    words = text.split(" ")
    if len(words) != 2:
        raise ValueError(f"{text!r} is not a method and a path; write it like 'PUT /rest/api/{{2|3|latest}}/user'")
    methods, path = words
    endpoint = Endpoint(text, _methods(methods), _segments(path))
    number = math.prod(len(segment or ("",)) for segment in endpoint.segments)
    if number > _MOST_PATHS:
        raise ValueError(f"this stands for {number} paths; write several rules, or '{{name}}' for any one segment")
    if any(miscased([segment or "any" for segment in each]) for each in endpoint.paths()):
        raise ValueError(
            f"{path!r} is not in Jira's letter case, so every request for it would be in doubt; "
            "write module, version and resource in lower case, or a resource like 'serverInfo'"
        )
    return endpoint


def _methods(text: str) -> tuple[str, ...]:
    methods = tuple(text.split("|"))
    for method in methods:
        if method == "HEAD":
            raise ValueError("'HEAD' follows GET by itself; write GET")
        if method not in METHODS:
            raise ValueError(f"{method!r} is not a method that a rule can name; write one of {', '.join(METHODS)}")
    if len(set(methods)) < len(methods):
        raise ValueError(f"{text!r} names a method twice; write it once")
    return methods


def _segments(path: str) -> tuple[Segment, ...]:
    if not path.startswith("/rest/"):
        raise ValueError(
            f"{path!r} does not begin with '/rest/'; write the path as Jira serves it, without context path"
        )
    return tuple(_segment(path, text) for text in path[1:].split("/"))


def _segment(path: str, text: str) -> Segment:
    if text in {"", ".", ".."}:
        raise ValueError(f"{path!r} has an empty or dot segment, which no normalised path has; leave it out")
    if _LITERAL.fullmatch(text):
        return (text,)
    if _CHOICE.fullmatch(text):
        return tuple(dict.fromkeys(text[1:-1].split("|")))
    if _PARAMETER.fullmatch(text):
        return None
    raise ValueError(
        f"{text!r} is not a path segment; write a word, '{{name}}' for any one segment, or '{{a|b}}' for a choice"
    )


def _spellings(place: int, segment: Segment) -> tuple[str | None, ...]:
    if segment is None:
        return (None,)
    if place != _VERSION_POSITION:
        return segment
    more = (spelling for version in segment for spelling in _VERSION_SPELLINGS.get(version, ()))
    return tuple(dict.fromkeys((*segment, *more)))
