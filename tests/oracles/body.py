r"""What must hold of an edited body, whatever it was.

An input can be read and written by hand: a selection, header fields, an empty line, the body::

    remove /password /values/*/password | utf-16-le gzip
    Content-Type: application/json

    {"password": "hunter2"}

Behind ``|`` stands how the body is encoded before it is edited: no fuzzer guesses a checksum. Lines of the head may
end in ``\n`` only.
"""

import gzip
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import brotli  # type: ignore[import-untyped]
import zstandard

from jira_compat.message.body.edit import Edited, Unreadable, edit
from jira_compat.message.body.pointers import Selection, parse_pointer
from jira_compat.model import Header
from oracles import readers
from oracles.selected import is_readable, left, lost_names

LIMIT = 100_000
_POINTER = re.compile(r"(?:/[A-Za-z0-9_.*-]+)+")  # beyond ASCII, a label alone decides what a name is
_MOST_POINTERS = 6

_CODECS = ("utf-8", "utf-8-sig", "utf-16-le", "utf-16-be", "utf-16", "utf-32-le", "utf-32-be", "utf-32", "latin-1")
_CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda plain: gzip.compress(plain, mtime=0),
    "gzips": lambda plain: gzip.compress(plain[:9], mtime=0) + gzip.compress(plain[9:], mtime=0),
    "deflate": zlib.compress,
    "bare": lambda plain: zlib.compress(plain, wbits=-15),
    "br": lambda plain: bytes(brotli.compress(plain, quality=1)),
    "zstd": lambda plain: zstandard.ZstdCompressor(level=1).compress(plain),
}


@dataclass(frozen=True)
class Input:
    """A body to edit."""

    selection: Selection
    headers: tuple[Header, ...]
    body: bytes


def parse(data: bytes) -> Input | None:
    """Read an input; ``None`` if it is none."""
    head, _, body = data.partition(b"\n\n")
    first, *lines = head.decode("latin-1").split("\n")
    verb_and_pointers, _, ways = first.partition("|")
    verb, *pointers = verb_and_pointers.split() or [""]
    if verb not in {"remove", "keep"} or not 0 < len(pointers) <= _MOST_POINTERS:
        return None
    if not all(map(_POINTER.fullmatch, pointers)):
        return None
    try:
        selection = Selection(verb, tuple(map(parse_pointer, pointers)))  # type: ignore[arg-type]
        for way in ways.split():
            body = _CODINGS[way](body) if way in _CODINGS else body.decode().encode(_CODECS[_CODECS.index(way)])
    except (ValueError, KeyError):
        return None
    fields = (line.partition(":") for line in lines if ":" in line)
    headers = tuple((name.strip().encode("latin-1"), value.strip().encode("latin-1")) for name, _, value in fields)
    return Input(selection, headers, body)


def check(data: bytes) -> None:
    """Hold one input to all that must hold."""
    given = parse(data)
    if given is None:
        return
    edited = _outcome(given)
    if isinstance(edited, Unreadable):
        assert str(edited).isprintable()
        assert not _is_plain_json(given), f"plain JSON is refused: {edited}"
        return
    assert (edited.body is given.body) == (edited.removed == ()), "unchanged and yet changed, or the other way round"
    _check_left(given, edited)
    _check_twice(given, edited)


def _outcome(given: Input) -> Edited | Unreadable:
    try:
        return edit(given.body, given.headers, given.selection, limit=LIMIT)
    except Unreadable as refusal:
        return refusal


def _is_plain_json(given: Input) -> bool:
    """Whether there is no excuse for a refusal."""
    if given.headers not in {(), ((b"Content-Type", b"application/json"),)} or len(given.body) > LIMIT:
        return False
    values = readers.json_values(given.body, given.headers)
    return bool(values) and is_readable(values["bytes"], given.selection)


def _check_left(given: Input, edited: Edited) -> None:
    if not edited.body.strip():
        return  # what is blank has no coding either
    came, plain = readers.content(given.body, given.headers), readers.content(edited.body, given.headers)
    rest = iter(came)
    assert all(octet in rest for octet in plain), "a byte is new, or moved"
    values = readers.json_values(came, given.headers)
    for reader, now in readers.json_values(plain, given.headers).items():
        assert now == left(values.get(reader, now), given.selection), "JSON is left with other fields than should be"
    if not plain.strip(readers.BLANK):
        return
    is_form = not values and not readers.is_multipart(plain, given.headers)
    if is_form or readers.media_type(given.headers) == "application/x-www-form-urlencoded":
        names = readers.form_names(plain)[0 if is_form else 1 :]  # of something else the first pair is no field
        assert not lost_names(names, given.selection), "a form still has a field"
    assert not lost_names(readers.part_names(plain, given.headers), given.selection), "a part is still there"


def _check_twice(given: Input, edited: Edited) -> None:
    if any(token.isdigit() for pointer in given.selection.pointers for token in pointer):
        return  # an element has another number once one before it has gone
    again = edit(edited.body, given.headers, given.selection, limit=LIMIT)
    assert again == Edited(edited.body, ()), "what was edited needs editing"
