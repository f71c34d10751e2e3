"""Selections of fields: JSON Pointers (RFC 6901), compiled to a tree."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

Pointer = tuple[str, ...]
"""Reference tokens, unescaped. ``*`` is each element of an array."""

_DEEPEST = 32  # more reference tokens than any document of Jira's has levels
_LONGEST = 255  # characters; readers of bodies do not decode names of megabytes
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")  # RFC 6901, section 4: no leading zeros


def parse_pointer(text: str) -> Pointer:
    """Read a JSON Pointer as a policy writes it.

    Args:
        text: ``/password``, ``/values/*/password``; ``~0`` stands for ``~``, ``~1`` for ``/``.

    Raises:
        ValueError: It is not a pointer (RFC 6901, section 3), or names the whole document.
    """
    if not text:
        raise ValueError("'' is the whole document; write the field, such as '/password'")
    if not text.startswith("/"):
        raise ValueError(f"{text!r} is not a JSON Pointer; write {'/' + text!r}")
    if re.search(r"~(?![01])", text):
        raise ValueError(f"{text!r} is not a JSON Pointer; write '~0' for '~' and '~1' for a '/' in a name")
    tokens = text[1:].split("/")
    if len(tokens) > _DEEPEST:
        raise ValueError(f"a JSON Pointer of {len(tokens)} levels; write one of at most {_DEEPEST}")
    if (longest := max(map(len, tokens))) > _LONGEST:
        raise ValueError(f"a name of {longest} characters in a JSON Pointer; write one of at most {_LONGEST}")
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in tokens)


def format_pointer(pointer: Pointer) -> str:
    """Write a pointer as :func:`parse_pointer` reads it."""
    return "".join("/" + escape(token) for token in pointer)


def escape(token: str) -> str:
    """One reference token as it stands in a pointer (RFC 6901, section 3)."""
    return token.replace("~", "~0").replace("/", "~1")


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """The pointers of a selection that begin with the same tokens.

    Args:
        whole: A pointer ends here; what lies below it no longer matters.
        members: What lies below in an object, by member name. A member may be called ``*``.
        each: What lies below in an array, whatever the element.
        at: The same for single elements, ``each`` included.
        names: The keys of ``members``.
    """

    whole: bool
    members: Mapping[str, "Node"]
    each: "Node | None"
    at: Mapping[int, "Node"]
    names: frozenset[str]

    @property
    def enters_arrays(self) -> bool:
        """Return whether any pointer continues inside an array."""
        return self.each is not None or bool(self.at)


@lru_cache(maxsize=1024)
def _grow(pointers: frozenset[Pointer]) -> Node:
    if () in pointers:
        return Node(whole=True, members={}, each=None, at={}, names=frozenset())
    below: dict[str, frozenset[Pointer]] = {}
    for first, *rest in pointers:
        below[first] = below.get(first, frozenset()) | {tuple(rest)}
    each = below.get("*", frozenset())
    return Node(
        whole=False,
        members={token: _grow(rests) for token, rests in below.items()},
        each=_grow(each) if each else None,
        at={int(token): _grow(rests | each) for token, rests in below.items() if _INDEX.fullmatch(token)},
        names=frozenset(below),
    )


@dataclass(frozen=True, slots=True)
class Selection:
    """The fields that a rule removes from a body, or keeps.

    Args:
        verb: ``remove`` takes out what the pointers name, ``keep`` everything else.
        pointers: As :func:`parse_pointer` gives them.
        tree: The pointers, compiled.
        names: The fields of a form that the pointers name. A form has no levels: ``/a/b`` names
            nothing to remove in it, and its first token is what is kept.

    Raises:
        ValueError: A pointer names the whole document.
    """

    verb: Literal["remove", "keep"]
    pointers: tuple[Pointer, ...]
    tree: Node = field(init=False, repr=False, compare=False)
    names: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if () in self.pointers:
            raise ValueError("() is the whole document; name a field, such as ('password',)")
        tree = _grow(frozenset(self.pointers))
        whole = frozenset(name for name, node in tree.members.items() if node.whole)
        object.__setattr__(self, "tree", tree)
        object.__setattr__(self, "names", whole if self.verb == "remove" else tree.names)

    def drops(self, name: str) -> bool:
        """Return whether a form loses its field of this name."""
        return (name in self.names) == (self.verb == "remove")
