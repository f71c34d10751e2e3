"""Bodies and their fields, read without any code of the proxy: as servers read them, rather too leniently."""

import contextlib
import email
import email.policy
import gzip
import io
import json
import re
import zlib
from collections.abc import Iterator
from typing import Any, NoReturn
from urllib.parse import parse_qsl

import brotli  # type: ignore[import-untyped]
import zstandard
from werkzeug.formparser import MultiPartParser

from jira_compat.model import Header

_MEDIA = re.compile(r"\s*([^;\s]*)")
_CHARSET = re.compile(r"charset\s*=\s*\"?([A-Za-z0-9_.:-]+)", re.IGNORECASE)
_BOUNDARY = re.compile(r"boundary\s*=\s*(?:\"([^\"]*)\"|([^;\s]+))", re.IGNORECASE)
_FIRST_LINE = re.compile(rb"\s*--([^\r\n]{1,70}?)(?:--)?\s*(?:\r?\n|\Z)")
_NARROW = {"iso-8859-1", "latin-1", "latin1", "windows-1252", "cp1252"}

BLANK = b" \t\r\n\0\xff\xfe\xef\xbb\xbf"
"""White space in any encoding, and its marks."""


class Members(list[tuple[str, Any]]):
    """An object with its members in order, and all of them."""

    __slots__ = ()


def field(headers: tuple[Header, ...], name: bytes) -> str:
    """The first field of that name."""
    return next((value.decode("latin-1") for key, value in headers if key.lower() == name), "")


def content(body: bytes, headers: tuple[Header, ...]) -> bytes:
    """A body without its content coding; raises what the decoder raises."""
    match field(headers, b"content-encoding").strip(", \t").lower():
        case "gzip" | "x-gzip":
            return gzip.decompress(body)
        case "deflate":
            try:
                return zlib.decompress(body)
            except zlib.error:
                return zlib.decompress(body, -15)
        case "br":
            return bytes(brotli.decompress(body))
        case "zstd":
            reader = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(body), read_across_frames=True)
            return bytes(reader.read())
    return body


def json_values(plain: bytes, headers: tuple[Header, ...]) -> dict[str, Any]:
    """What readers of JSON make of a text: those that go by its bytes, and those that go by its label."""
    values = {}
    for reader, text in _texts(plain, headers):
        try:
            values[reader] = _read_json(text)
        except (ValueError, RecursionError):
            continue
    return values


def _texts(plain: bytes, headers: tuple[Header, ...]) -> Iterator[tuple[str, str]]:
    declared = _CHARSET.search(field(headers, b"content-type"))
    with contextlib.suppress(UnicodeDecodeError):
        yield "bytes", plain.decode(json.detect_encoding(plain))
    if declared and declared[1].lower() in _NARROW:
        yield "label", plain.decode(declared[1], "replace")


def _read_json(text: str) -> Any:
    return json.loads(text, object_pairs_hook=Members, parse_int=str, parse_float=str, parse_constant=_refuse)


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


def media_type(headers: tuple[Header, ...]) -> str:
    """The media type as declared, in lower case."""
    media = _MEDIA.match(field(headers, b"content-type"))
    return media[1].lower() if media else ""


def is_multipart(plain: bytes, headers: tuple[Header, ...]) -> bool:
    """Whether it says that it is multipart, or starts as such."""
    return media_type(headers).startswith("multipart/") or _FIRST_LINE.match(plain) is not None


def form_names(plain: bytes) -> list[str]:
    """The names in a form, those without a value too."""
    return [name for name, _ in parse_qsl(plain.decode("latin-1"), keep_blank_values=True)]


def part_names(plain: bytes, headers: tuple[Header, ...]) -> set[str]:
    """The names of parts as two lenient readers see them; the boundary is the body's own if none is declared."""
    label = field(headers, b"content-type")
    declared = _BOUNDARY.search(label)
    first = _FIRST_LINE.match(plain)
    if declared and media_type(headers).startswith("multipart/"):
        boundary = (declared[1] or declared[2] or "").encode("latin-1")
    elif first:
        boundary = first[1]
    else:
        return set()
    return {*_by_werkzeug(plain, boundary), *_by_email(plain, boundary)}


def _by_werkzeug(plain: bytes, boundary: bytes) -> Iterator[str]:
    try:
        form, files = MultiPartParser().parse(io.BytesIO(plain), boundary, len(plain))
    except (ValueError, LookupError):
        return
    yield from form
    yield from files


def _by_email(plain: bytes, boundary: bytes) -> Iterator[str]:
    head = b'Content-Type: multipart/form-data; boundary="' + boundary + b'"\r\n\r\n'
    message = email.message_from_bytes(head + plain, policy=email.policy.compat32)
    for part in message.get_payload() if message.is_multipart() else ():
        name = part.get_param("name", header="content-disposition")  # type: ignore[union-attr]
        if isinstance(name, tuple):
            name = name[2]
        if name is not None:
            yield name
