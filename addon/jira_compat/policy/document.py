"""YAML 1.2 text to plain values, with the place of every key and value.

Anchors, aliases, tags and several documents are refused: a policy says the same to every reader.
Built from the parser's events, without recursion, so that neither depth nor aliases can hurt.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

Path = tuple[str | int, ...]
Place = tuple[int, int]
"""Line and column, from 1."""

DEPTH = 24
_DIRECTIVE = re.compile(r"(?:\A\ufeff?|[\r\n\x85\u2028\u2029])%")


class DocumentError(ValueError):
    """The text is not YAML that a policy may use; ``place`` says where, if anywhere."""

    def __init__(self, place: Place | None, what: str) -> None:
        super().__init__(what)
        self.place = place


@dataclass(slots=True)
class Document:
    """The values of a YAML text (sequences are tuples), their places, and keys that stand twice."""

    value: Any = None
    places: dict[Path, Place] = field(default_factory=dict)
    keys: dict[Path, Place] = field(default_factory=dict)
    duplicates: list[tuple[Path, Place]] = field(default_factory=list)

    def place(self, path: Path) -> Place:
        """The place of the value at a path, or of the nearest thing above it."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (1, 1))

    def key_place(self, path: Path) -> Place:
        """The place of the key at the end of a path."""
        return self.keys.get(path) or self.place(path)


def read_document(text: str) -> Document:
    """Parse a YAML text.

    Raises:
        DocumentError: At the first thing that is not YAML, or that a policy may not use.
    """
    if directive := _DIRECTIVE.search(text):  # it could make YAML 1.1 of it, and ruamel.yaml asserts what it says
        what = "a line that begins with '%' is a directive, and policies use none; take it out"
        raise DocumentError(_place_of(text, directive.end() - 1), what)
    try:
        return _build(_events(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        what = f"this is not YAML ({error.problem}); check quotes, colons and indentation"
        raise DocumentError(place, what) from None
    except ReaderError as error:
        what = f"the character U+{error.character:04X} may not stand in YAML; take it out"
        raise DocumentError(_place_of(text, error.position), what) from None
    except YAMLError as error:
        raise DocumentError((1, 1), f"this is not YAML ({type(error).__name__}); write plain text") from None


def _events(text: str) -> Iterator[Event]:
    documents = 0
    for event in YAML(typ="safe", pure=True).parse(text):
        if isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor):
            raise DocumentError(_place(event), "anchors and aliases are not used in policies; write the value out")
        if getattr(event, "tag", None) is not None and not isinstance(event, DocumentStartEvent):
            raise DocumentError(_place(event), "tags are not used in policies; leave '!…' out")
        documents += isinstance(event, DocumentStartEvent)
        if documents > 1:
            raise DocumentError(_place(event), "a policy file holds one document; move the second to its own file")
        yield event


def _place(event: Event) -> Place:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _place_of(text: str, position: int) -> Place:
    return text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)


@dataclass(slots=True)
class _Open:
    """A mapping or sequence that is not closed yet."""

    path: Path
    value: dict[Any, Any] | list[Any]
    key: Any = None
    has_key: bool = False


def _build(events: Iterator[Event]) -> Document:
    document = Document()
    stack: list[_Open] = []
    for event in events:
        if isinstance(event, MappingEndEvent | SequenceEndEvent):
            closed = stack.pop()
            value = closed.value if isinstance(closed.value, dict) else tuple(closed.value)
            _put(document, stack, value)
        elif isinstance(event, MappingStartEvent | SequenceStartEvent):
            if stack and stack[-1].has_key is False and isinstance(stack[-1].value, dict):
                raise DocumentError(_place(event), "a key is plain text; write a word before the colon")
            if len(stack) >= DEPTH:
                raise DocumentError(_place(event), f"this is nested deeper than {DEPTH} levels; make it flatter")
            path = _here(stack)
            document.places[path] = _place(event)
            stack.append(_Open(path, {} if isinstance(event, MappingStartEvent) else []))
        elif isinstance(event, ScalarEvent):
            _scalar(document, stack, event)
    return document


def _here(stack: list[_Open]) -> Path:
    if not stack:
        return ()
    top = stack[-1]
    return (*top.path, top.key if isinstance(top.value, dict) else len(top.value))


def _scalar(document: Document, stack: list[_Open], event: ScalarEvent) -> None:
    if _SURROGATE.search(event.value):
        raise DocumentError(_place(event), "this has half of a surrogate pair; write the character itself")
    if stack and isinstance(stack[-1].value, dict) and not stack[-1].has_key:
        top = stack[-1]
        top.key, top.has_key = event.value, True
        if event.value in top.value:
            document.duplicates.append(((*top.path, event.value), _place(event)))
        document.keys[(*top.path, event.value)] = _place(event)
        return
    document.places[_here(stack)] = _place(event)
    _put(document, stack, _plain(event))


def _put(document: Document, stack: list[_Open], value: object) -> None:
    if not stack:
        document.value = value
    elif isinstance(stack[-1].value, list):
        stack[-1].value.append(value)
    else:
        stack[-1].value[stack[-1].key] = value
        stack[-1].has_key = False


_CORE = (
    (re.compile(r"null|Null|NULL|~|"), lambda _: None),
    (re.compile(r"true|True|TRUE|false|False|FALSE"), lambda text: text.lower() == "true"),
    (re.compile(r"[-+]?[0-9]{1,40}"), int),
    (re.compile(r"[-+]?(\.[0-9]{1,40}|[0-9]{1,40}(\.[0-9]{0,40})?)([eE][-+]?[0-9]{1,2})?"), float),
)
"""The meaning of plain text (YAML 1.2.2, section 10.3.2), less octal, hex and infinity, which no policy needs."""


_SURROGATE = re.compile("[\ud800-\udfff]")


def _plain(event: ScalarEvent) -> object:
    if not event.style:
        for pattern, value in _CORE:
            if pattern.fullmatch(event.value):
                return value(event.value)
    return event.value
