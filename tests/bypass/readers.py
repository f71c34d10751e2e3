"""Bodies, re-read by readers that the proxy has no part in."""

import email
import email.policy
import gzip
import json
import re
import zlib
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import brotli  # type: ignore[import-untyped]
import zstandard

from bypass.wire import Message

_CHARSET = re.compile(rb"charset=\"?([A-Za-z0-9_.:-]+)", re.IGNORECASE)


def _deflate(body: bytes) -> bytes:
    try:
        return zlib.decompress(body)
    except zlib.error:
        return zlib.decompress(body, -15)


_DECODERS: dict[bytes, Callable[[bytes], bytes]] = {
    b"": bytes,
    b"identity": bytes,
    b"gzip": gzip.decompress,
    b"x-gzip": gzip.decompress,
    b"deflate": _deflate,
    b"br": brotli.decompress,
    b"zstd": lambda body: zstandard.ZstdDecompressor().stream_reader(body, read_across_frames=True).read(),
}


def content(message: Message) -> bytes:
    """The body without its content coding."""
    return _DECODERS[message.field("content-encoding").lower()](message.body)


def text(message: Message) -> str:
    """The body as characters: as the bytes look if that is wide, else as declared, else UTF-8."""
    plain = content(message)
    looks = json.detect_encoding(plain)
    declared = _CHARSET.search(message.field("content-type"))
    codec = declared[1].decode() if declared and looks == "utf-8" else looks
    return plain.decode(codec).removeprefix("\ufeff")


def read_json(text: str) -> Any:
    """A JSON text: objects as lists of pairs, so that no duplicate is lost; numbers as they are spelled."""
    return json.loads(text, object_pairs_hook=_Pairs, parse_int=_Number, parse_float=_Number)


def read_form(text: str) -> list[tuple[str, str]]:
    return parse_qsl(text, keep_blank_values=True)


def read_parts(message: Message) -> list[tuple[str, str]]:
    """Name and content of each part of multipart/form-data; the boundary is sniffed where none is declared."""
    plain = content(message)
    declared = message.field("content-type")
    if b"boundary" not in declared:
        declared = b'multipart/form-data; boundary="' + plain.split(b"\r\n")[0][2:] + b'"'
    whole = email.message_from_bytes(
        b"Content-Type: " + declared + b"\r\n\r\n" + plain, policy=email.policy.HTTP.clone(raise_on_defect=True)
    )
    return [
        (str(part.get_param("name", header="content-disposition")), str(part.get_payload()))
        for part in whole.iter_parts()
    ]


class _Number(str):
    __slots__ = ()


class _Pairs(list[tuple[str, Any]]):
    __slots__ = ()


def loosely(value: Any) -> Any:
    """A JSON value as most programs hold it: one value a name, numbers as floats."""
    if isinstance(value, _Pairs):
        return {name: loosely(one) for name, one in value}
    if isinstance(value, list):
        return [loosely(one) for one in value]
    return float(value) if isinstance(value, _Number) else value
