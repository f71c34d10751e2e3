"""Taking fields out of a request: what ``remove`` and ``keep`` share."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import Field, PlainSerializer, PlainValidator, WithJsonSchema

from jira_compat.message.body.edit import edit as edit_body
from jira_compat.message.body.pointers import Pointer, Selection, format_pointer, parse_pointer
from jira_compat.message.target.query import remove_names
from jira_compat.model import Header, Request

EVENT = "fields_removed"
EVENT_MEANING = "A `remove` or `keep` rule removed fields; `fields` lists them."
OUTCOME = "forwarded without {}"


def text_of(value: object) -> str:
    """Check that a value is text.

    Raises:
        ValueError: It is not.
    """
    if not isinstance(value, str):
        raise ValueError("this is not text; write it as one line")  # noqa: TRY004 - pydantic collects ValueErrors
    return value


FieldPointer = Annotated[
    Pointer,
    PlainValidator(lambda value: parse_pointer(text_of(value))),
    PlainSerializer(format_pointer, return_type=str),
    WithJsonSchema({"type": "string", "pattern": "^/"}),
]
Pointers = Annotated[tuple[FieldPointer, ...], Field(min_length=1)]
Names = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Edit:
    """The edits of one rule: fields of the body, names of the query."""

    selection: Selection | None
    names: frozenset[str] = frozenset()


def edit(request: Request, spec: Edit, *, limit: int) -> tuple[Request, tuple[str, ...]]:
    """Apply an edit; the very same request comes back when there was nothing to take out.

    Args:
        request: The request, with its body when ``spec`` looks at the body.
        spec: What to take out.
        limit: The most bytes a body may decode to.

    Returns:
        The request to forward, and what went: ``/pointer`` in the body, ``?name`` in the query.

    Raises:
        Unreadable: The body holds something that cannot be read, so what it holds is unknown.
    """
    request, names = _edit_query(request, spec.names)
    if spec.selection is None or request.body is None:
        return request, names
    edited = edit_body(request.body, request.headers, spec.selection, limit=limit)
    if edited.removed:
        headers = resized(request.headers, len(edited.body))
        request = Request(request.method, request.target, headers, edited.body)
    return request, (*edited.removed, *names)


def resized(headers: tuple[Header, ...], length: int) -> tuple[Header, ...]:
    """Correct the Content-Length, if there is one (RFC 9110, section 8.6)."""
    size = str(length).encode()
    return tuple([(name, size) if name.lower() == b"content-length" else (name, value) for name, value in headers])


def _edit_query(request: Request, names: frozenset[str]) -> tuple[Request, tuple[str, ...]]:
    if not names:
        return request, ()
    path, mark, query = request.target.partition(b"?")
    if not mark:
        return request, ()
    query, gone = remove_names(query, names)
    if not gone:
        return request, ()
    target = path + b"?" + query if query else path
    return replace(request, target=target), tuple(f"?{name}" for name in gone)


def covers(outer: Pointer, inner: Pointer) -> bool:
    """Return whether what ``inner`` names lies in what ``outer`` names; ``*`` is any element of an array."""
    return len(outer) <= len(inner) and all(
        one == other or (one == "*" and other.isdecimal()) for one, other in zip(outer, inner, strict=False)
    )


def overlaps(pointers: tuple[Pointer, ...]) -> Iterator[str]:
    """Yield pointers of which one lies within another."""
    for first, second in itertools.combinations(pointers, 2):
        if covers(first, second) or covers(second, first):
            inner, outer = (second, first) if covers(first, second) else (first, second)
            yield f"{format_pointer(inner)!r} is within {format_pointer(outer)!r} already; take one out"
