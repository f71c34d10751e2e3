"""What a selection takes out, in its simplest words: to be compared with what the proxy takes out."""

from collections.abc import Iterable, Iterator
from typing import Any

from jira_compat.message.body.pointers import Pointer, Selection
from oracles.readers import Members

_GONE = object()


def left(value: Any, selection: Selection) -> Any:
    """What a selection leaves of a JSON value."""
    pointers = list(selection.pointers)
    return _left(value, pointers, keeps=selection.verb == "keep") if _is_entered(value, pointers) else value


def is_readable(value: Any, selection: Selection) -> bool:
    """Whether the selection has anything to say of the value; nothing can be kept of what is no object."""
    return selection.verb == "remove" or value is None or _is_entered(value, list(selection.pointers))


def _left(value: Any, pointers: list[Pointer], *, keeps: bool) -> Any:
    rest: list[Any] = Members() if isinstance(value, Members) else []
    for name, child, further in _children(value, pointers):
        if () in further:
            stays = child if keeps else _GONE
        elif further and _is_entered(child, further):
            stays = _left(child, further, keeps=keeps)
        else:
            stays = _GONE if keeps else child
        if stays is not _GONE:
            rest.append(stays if name is None else (name, stays))
    return rest


def _is_entered(value: Any, pointers: list[Pointer]) -> bool:
    if isinstance(value, Members):
        return True
    return isinstance(value, list) and any(first == "*" or _is_index(first) for first, *_ in pointers)


def _is_index(token: str) -> bool:
    return token.isascii() and token.isdigit() and str(int(token)) == token


def _children(value: Any, pointers: list[Pointer]) -> Iterator[tuple[str | None, Any, list[Pointer]]]:
    if isinstance(value, Members):
        yield from ((name, member, _below(pointers, name)) for name, member in value)
    else:
        yield from ((None, element, _below(pointers, "*", str(at))) for at, element in enumerate(value))


def _below(pointers: Iterable[Pointer], *tokens: str) -> list[Pointer]:
    return [pointer[1:] for pointer in pointers if pointer and pointer[0] in tokens]


def lost_names(names: Iterable[str], selection: Selection) -> set[str]:
    """The fields of a form that a selection takes out: ``/a/b`` names none to remove, and keeps all of ``a``."""
    if selection.verb == "remove":
        return {name for name in names if (name,) in selection.pointers}
    kept = {first for first, *_ in selection.pointers}
    return {name for name in names if name not in kept}
