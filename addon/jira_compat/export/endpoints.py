"""The endpoints of rules as lines to look up, and how a request's path becomes such a line.

What this costs does not depend on the number of rules: the lines are looked up in a tree, once for each combination of
places at which endpoints have a parameter. Most policies have none, or a few.
"""

import re
from typing import NamedTuple

from jira_compat.message.target.path import SUFFIXES
from jira_compat.policy.index import PolicySet, methods_of

PARAMETER = "{}"
"""Stands for any one segment; no path has it, for braces are odd."""

Places = tuple[int, ...]
"""Segments, counted from ``rest`` on."""


class Step(NamedTuple):
    """Put ``by`` in the place of the first text that a pattern finds; HAProxy and Python read both alike."""

    pattern: str
    by: str


def endpoint_lines(rules: PolicySet) -> tuple[str, ...]:
    """``PUT/rest/api/2/user``: every method and path that some rule is about, sorted.

    Version spellings are among them. All paths are in lower case, because a path whose letter case could be read in two
    ways is for :func:`~jira_compat.decide.decide` to judge.
    """
    lines = {
        "/".join((method, *(PARAMETER if segment is None else segment.lower() for segment in path)))
        for entry in rules.entries
        for path in entry.rule.endpoint.paths()
        for method in methods_of(entry.rule)
    }
    return tuple(sorted(lines))


def parameter_places(rules: PolicySet) -> tuple[Places, ...]:
    """The combinations of places at which endpoints have a parameter; without one there is always one, ``()``."""
    found = {
        tuple(place for place, segment in enumerate(path) if segment is None)
        for entry in rules.entries
        for path in entry.rule.endpoint.paths()
    }
    return tuple(sorted({(), *found}))


TO_API_PATH = (
    Step(f"([.]({'|'.join(suffix[1:] for suffix in SUFFIXES)}))?/?$", ""),
    Step("^.*/rest/", "/rest/"),
)
"""From a path in lower case to its API path: without suffix, last slash and context path.

For a path that is not odd, which has one ``rest`` at most.
"""


def to_line(places: Places) -> tuple[Step, ...]:
    """From a method and an API path, one behind the other, to the line of an endpoint with parameters there."""
    return tuple(Step(f"^([A-Z]+(/[^/]+){{{place}}})/[^/]+", rf"\1/{PARAMETER}") for place in places)


def taken(text: str, steps: tuple[Step, ...]) -> str:
    """A text after these steps, as HAProxy takes them."""
    for step in steps:
        text = re.sub(step.pattern, step.by, text, count=1)
    return text
