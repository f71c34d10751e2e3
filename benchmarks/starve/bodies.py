"""Bodies that are small on the wire and costly to read."""

import gzip
import random
from base64 import b64encode
from collections.abc import Callable
from typing import NamedTuple

import brotli  # type: ignore[import-untyped]
import zstandard

SIZE = 9_900_000
"""Bytes of each, decoded: what the default of ``--max-body`` lets in."""
_PADDING = 56_000
"""Bytes of base64, so that what is decoded stays below 250 bytes for each byte sent."""
_JSON = "application/json"
_LATIN_1 = "application/json; charset=iso-8859-1"
_BOUNDARY = b"----starve"


class Body(NamedTuple):
    """A body.

    Args:
        content_type: Its media type.
        start: Its first bytes, up to the padding.
        build: The rest of it, of about so many bytes.
    """

    content_type: str
    start: bytes
    build: Callable[[int], bytes]

    def plain(self, size: int = SIZE, *, padded: bool = False) -> bytes:
        """The body, of about that size; padded, it passes limits on the ratio of decoding."""
        return self.start + (_padding() if padded else b"") + self.build(size)


def _padding() -> bytes:
    return b64encode(random.Random(11).randbytes(_PADDING * 3 // 4), altchars=b"-_")  # noqa: S311 - no secret


def _name(build: Callable[[int], bytes], content_type: str = _JSON) -> Body:
    return Body(content_type, b'{"pad":"', lambda size: b'","name":' + build(size))


def _members(member: bytes, content_type: str = _JSON) -> Body:
    return _name(lambda size: b"1," + b",".join([member] * (size // (len(member) + 1))) + b"}", content_type)


def _deep(size: int) -> bytes:
    return b'{"a":' * (size // 6) + b"1" + b"}" * (size // 6) + b"}"


def _parts(size: int) -> bytes:
    part = b'\r\n--%b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1' % _BOUNDARY
    return part * (size // len(part)) + b"\r\n--%b--\r\n" % _BOUNDARY


BODIES = {
    "nested": _name(lambda size: b"[" * size),
    "balanced": _name(lambda size: b"[" * (size // 2) + b"]" * (size // 2) + b"}"),
    "latin1-names": _members(b'"\xe9":1', _LATIN_1),
    "latin1-run": Body(_LATIN_1, b'{"pad":"', lambda size: b'","' + b"\xe9" * size + b'":1}'),
    "escaped-names": _members(b'"\\u0061":1'),
    "deep-members": _name(_deep),
    "values": _name(lambda size: b"[" + b"[]," * (size // 3) + b"0]}"),
    "wrong-end": _name(lambda size: b"[" + b"0," * (size // 2) + b"0]"),
    "number": _name(lambda size: b"1" * size + b"}"),
    "form": Body("application/x-www-form-urlencoded", b"pad=", lambda size: b"&a=1" * (size // 4)),
    "multipart": Body(
        f"multipart/form-data; boundary={_BOUNDARY.decode()}",
        b'--%b\r\nContent-Disposition: form-data; name="pad"\r\n\r\n' % _BOUNDARY,
        _parts,
    ),
}
"""By name."""

CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda plain: brotli.compress(plain, quality=9),
    "gzip": lambda plain: gzip.compress(plain, mtime=0),
    "zstd": zstandard.ZstdCompressor(level=9).compress,
    "identity": bytes,
}
"""How to encode, by the name of the content coding."""
