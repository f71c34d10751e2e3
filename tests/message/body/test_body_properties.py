"""What holds for every body, seen by other readers than the ones under test."""

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus

import brotli  # type: ignore[import-untyped]
import zstandard
from hypothesis import assume, given
from hypothesis import strategies as st

from jira_compat.message.body.edit import Edited, Unreadable, edit
from jira_compat.message.body.pointers import Pointer, Selection

NAMES = ["password", "a", "b", "*", "0", "1", "", "ä", "a b", '"', "\\", "/", "~"]
Headers = tuple[tuple[bytes, bytes], ...]


class Members(list[tuple[str, Any]]):
    """An object as the standard library reads it, with its members in order and all of them."""


def read(text: str) -> Any:
    return json.loads(text, object_pairs_hook=Members, parse_float=str, parse_int=str)


GONE = object()


def below(pointers: list[Pointer], *tokens: str) -> list[Pointer]:
    return [pointer[1:] for pointer in pointers if pointer and pointer[0] in tokens]


def children(value: Any, pointers: list[Pointer]) -> Iterator[tuple[str | None, Any, list[Pointer]]]:
    if isinstance(value, Members):
        for name, member in value:
            yield name, member, below(pointers, name)
    else:
        for index, element in enumerate(value):
            yield None, element, below(pointers, "*", str(index))


def left(value: Any, pointers: list[Pointer], verb: str) -> Any:
    """What a selection leaves of a value that pointers go on below of: the rule in its simplest words."""
    kept: list[Any] = Members() if isinstance(value, Members) else []
    for name, child, further in children(value, pointers):
        if () in further:
            rest = GONE if verb == "remove" else child
        elif further and is_entered(child, further):
            rest = left(child, further, verb)
        else:
            rest = child if verb == "remove" else GONE
        if rest is not GONE:
            kept.append(rest if name is None else (name, rest))
    return kept


def is_entered(value: Any, pointers: list[Pointer]) -> bool:
    if isinstance(value, Members):
        return True
    return isinstance(value, list) and any(first == "*" or first in {"0", "1"} for first, *_ in pointers)


SCALARS = st.sampled_from(
    ["null", "true", "1e400", "-0", "0.10", "9" * 30, '""', r'"\ud800"', r'"\/"', '"ä"', '"}"', '"a,b"', '"&"']
)
SPACE = st.sampled_from(["", "", "", " ", "\n  ", "\t\r"])


@st.composite
def strings(draw: st.DrawFn) -> str:
    """A name, each of its characters in one of the ways that JSON has for it."""
    ways = []
    for char in draw(st.sampled_from(NAMES)):
        plain = "\\" + char if char in '"\\' else char
        ways.append(st.sampled_from([plain, plain, f"\\u{ord(char):04x}", f"\\u{ord(char):04X}"]))
    return '"' + "".join(draw(way) for way in ways) + '"'


def spaced(draw: st.DrawFn, *parts: str) -> str:
    return "".join(draw(SPACE) + part for part in parts) + draw(SPACE)


@st.composite
def arrays(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    return "[" + ",".join(spaced(draw, item) for item in draw(st.lists(inner, max_size=3))) + draw(SPACE) + "]"


@st.composite
def objects(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    members = draw(st.lists(st.tuples(strings(), inner), max_size=4))
    return "{" + ",".join(spaced(draw, name, ":", value) for name, value in members) + draw(SPACE) + "}"


VALUES = st.recursive(SCALARS, lambda inner: arrays(inner) | objects(inner) | objects(inner), max_leaves=12)
DOCUMENTS = objects(VALUES) | objects(VALUES) | arrays(VALUES)
POINTERS = st.lists(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3).map(tuple), min_size=1, max_size=4)
VERBS = st.sampled_from(["remove", "keep"])
SELECTIONS = st.builds(lambda verb, pointers: Selection(verb, tuple(pointers)), VERBS, POINTERS)

ENCODINGS = st.sampled_from(
    [
        ("", "utf-8", None),
        ("\ufeff", "utf-8", None),
        ("", "utf-8", b"utf-8"),
        ("", "utf-16-le", None),
        ("\ufeff", "utf-16-be", b"UTF-16"),
        ("", "utf-32-be", None),
        ("\ufeff", "utf-32-le", None),
        ("", "latin-1", b"ISO-8859-1"),
        ("", "cp1252", b"windows-1252"),
    ]
)


@dataclass(frozen=True)
class Way:
    """A content coding as other libraries have it."""

    name: bytes | None
    encode: Callable[[bytes], bytes]
    decode: Callable[[bytes], bytes]


WAYS = st.sampled_from(
    [
        Way(None, bytes, bytes),
        Way(b"identity", bytes, bytes),
        Way(b"gzip", gzip.compress, gzip.decompress),
        Way(b"gzip", lambda text: gzip.compress(text[:9]) + gzip.compress(text[9:]), gzip.decompress),
        Way(b"deflate", zlib.compress, zlib.decompress),
        Way(b"deflate", lambda text: zlib.compress(text, wbits=-15), lambda body: zlib.decompress(body, -15)),
        Way(b"br", brotli.compress, brotli.decompress),
        Way(b"zstd", zstandard.compress, zstandard.decompress),
    ]
)


def as_sent(text: str, encoding: tuple[str, str, bytes | None], way: Way) -> tuple[bytes, Headers]:
    mark, codec, charset = encoding
    declared = b"application/json" + (b"; charset=" + charset if charset else b"")
    coded = ((b"Content-Encoding", way.name),) if way.name else ()
    return way.encode((mark + text).encode(codec)), ((b"Content-Type", declared), *coded)


@given(DOCUMENTS, ENCODINGS, WAYS, SELECTIONS)
def test_what_is_left_is_what_came_without_what_was_selected(document, encoding, way, selection):
    body, headers = as_sent(document, encoding, way)
    value = read(document)
    assume(isinstance(value, Members) or is_entered(value, list(selection.pointers)) or selection.verb == "remove")

    edited = edit(body, headers, selection)

    text = way.decode(edited.body).decode(encoding[1])
    expected = value
    if is_entered(value, list(selection.pointers)):
        expected = left(value, list(selection.pointers), selection.verb)
    assert text.startswith(encoding[0])
    assert read(text.removeprefix(encoding[0])) == expected
    assert bool(edited.removed) == (edited.body is not body) == (expected != value)


def outcome(body: bytes, headers: Headers, selection: Selection) -> Edited | Unreadable:
    try:
        return edit(body, headers, selection, limit=100_000)
    except Unreadable as refusal:
        return refusal


@given(DOCUMENTS, SELECTIONS)
def test_no_byte_is_new_or_moves(document, selection):
    edited = outcome(document.encode(), (), selection)

    came = iter(document.encode())
    assert not isinstance(edited, Edited) or all(byte in came for byte in edited.body)


@st.composite
def forms(draw: st.DrawFn, values: st.SearchStrategy[str]) -> str:
    names = st.sampled_from([*map(quote, NAMES), "p%61ssword", "user[password]", "a+b"])
    return "&".join("=".join(pair) for pair in draw(st.lists(st.tuples(names, values), max_size=4)))


@st.composite
def multiparts(draw: st.DrawFn, values: st.SearchStrategy[str]) -> str:
    names = st.sampled_from([name for name in NAMES if name not in {'"', "\\"}])
    part = '--b\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    return "".join(part.format(*pair) for pair in draw(st.lists(st.tuples(names, values), max_size=4))) + "--b--\r\n"


TYPES = st.sampled_from(
    [
        (),
        ((b"Content-Type", b"application/json"),),
        ((b"Content-Type", b"application/x-www-form-urlencoded"),),
        ((b"Content-Type", b"multipart/form-data; boundary=b"),),
        ((b"Content-Type", b"application/json; charset=utf-16"),),
        ((b"Content-Type", b"text/plain; charset=latin1"),),
        ((b"Content-Type", b"application/json"), (b"Content-Type", b"text/plain")),
        ((b"Content-Type", b"a/b; charset=\xff\xfe"),),
    ]
)
PLAIN_VALUES = st.sampled_from(["", "x", "%zz", "password=y"])
BODIES = DOCUMENTS | forms(PLAIN_VALUES) | multiparts(PLAIN_VALUES)
NAMED = POINTERS.filter(lambda pointers: not {"0", "1"}.intersection(*[sum(pointers, ())]))


@given(BODIES, TYPES, WAYS, VERBS, NAMED)  # an element has another number once one before it has gone
def test_what_was_edited_needs_no_editing(document, types, way, verb, pointers):
    headers = types + (((b"Content-Encoding", way.name),) if way.name else ())
    selection = Selection(verb, tuple(pointers))
    first = outcome(way.encode(document.encode()), headers, selection)
    if isinstance(first, Unreadable):
        return

    second = edit(first.body, headers, selection)

    assert second.body is first.body
    assert second.removed == ()


@st.composite
def damaged(draw: st.DrawFn, bodies: st.SearchStrategy[bytes]) -> bytes:
    body = draw(bodies)
    start = draw(st.integers(0, len(body)))
    return body[:start] + draw(st.binary(max_size=3)) + body[start + draw(st.integers(0, 3)) :]


@st.composite
def encoded(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> bytes:
    mark, codec, _ = draw(ENCODINGS)
    return draw(WAYS).encode((mark + draw(texts)).encode(codec, "replace"))


CODINGS = st.sampled_from([None, b"gzip", b"deflate", b"br", b"zstd", b"gzip, br", b"base64", b"\xff"])


@given(damaged(encoded(BODIES)) | encoded(BODIES) | st.binary(), TYPES, CODINGS, SELECTIONS)
def test_any_bytes_are_edited_or_refused(body, types, coding, selection):
    headers = types + (((b"Content-Encoding", coding),) if coding else ())

    assert isinstance(outcome(body, headers, selection), Edited | Unreadable)


SECRETS = st.text('0123456789abcdefABCDEF+/ =&%"\\äé', min_size=8)


@given(st.data(), SECRETS, TYPES, SELECTIONS)
def test_a_value_is_never_told(data, secret, types, selection):
    string = json.dumps(secret)
    document = data.draw(objects(st.just(string)) | objects(objects(st.just(string)) | arrays(st.just(string))))
    text = data.draw(st.just(document) | forms(st.just(quote_plus(secret))) | multiparts(st.just(secret)))
    body = data.draw(damaged(st.just(text.encode())) | st.just(text.encode()))

    told = outcome(body, types, selection)

    words = " ".join(told.removed) if isinstance(told, Edited) else f"{told!r} {told} {told.__cause__!r}"
    for spelling in (secret, string[1:-1], quote_plus(secret)):
        assert spelling not in words
