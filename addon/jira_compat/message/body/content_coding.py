"""Content codings (RFC 9110, section 8.4): decoded with a bound, encoded again with the same.

A few hundred bytes can stand for gigabytes, so a decoder is fed, or asked, little by little, and
stopped once its output is over the limit.
"""

import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import brotli  # type: ignore[import-untyped]
import zstandard

from jira_compat.message.body.errors import TooDense, TooLarge, Unreadable, unknown
from jira_compat.model import Header

_GZIP, _ZLIB, _BARE = 31, 15, -15  # zlib's names for its headers: gzip's, its own, none
_ZLIB_PIECE = 1024  # at most 1 MiB when decoded: deflate shrinks by a factor of at most 1032
_ZSTD_PIECE = 64  # at most 2 MiB: a block takes 4 bytes and stands for at most 128 KiB
_ZSTD_WINDOW = 2**23  # RFC 9659, section 3: no content needs a larger one
_BROTLI_PIECE = 2**16
RATIO = 250
"""Times its size that a body may have when it is decoded; texts of Jira's shrink by a factor of 10 to 50."""
FREE = 1_000_000
"""Bytes that any body may have."""
_BROTLI_QUALITY = 5  # the default, 11, takes seconds for a megabyte


class _Stream(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, piece: bytes, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Coding:
    """A content coding and its inverse.

    Args:
        encode: From the text to a body.
        read: From a body to the text, given the most bytes that it may have.
    """

    encode: Callable[[bytes], bytes]
    read: Callable[[bytes, int], bytes]

    def decode(self, body: bytes, limit: int) -> bytes:
        """The text of a body.

        Raises:
            TooLarge: It has more bytes than the limit.
            Unreadable: The body is broken, ends early or continues after its end.
        """
        allowed = max(FREE, RATIO * len(body))
        try:
            return self.read(body, min(limit, allowed))
        except TooLarge:
            raise (TooLarge(limit) if limit <= allowed else TooDense(RATIO)) from None
        except (zlib.error, zstandard.ZstdError, brotli.error):
            raise Unreadable("its content coding is broken") from None


def coding(headers: Iterable[Header], body: bytes) -> Coding:
    """The content coding that the header fields declare.

    Raises:
        Unreadable: There are several, or it is not a known one.
    """
    fields = [value for name, value in headers if name.lower() == b"content-encoding"]
    if not fields:
        return _IDENTITY
    names = [name for part in b",".join(fields).decode("latin-1").lower().split(",") if (name := part.strip())]
    if len(names) > 1:
        raise Unreadable("it has more than one content coding")
    if not names:
        return _IDENTITY
    if names[0] == "deflate":
        return _DEFLATE if _has_zlib_header(body) else _DEFLATE_BARE
    if names[0] not in _CODINGS:
        raise unknown("content coding", names[0])
    return _CODINGS[names[0]]


def _has_zlib_header(body: bytes) -> bool:
    """Return whether "deflate" comes as it should (RFC 1950, section 2.2), or bare, as servers take it too."""
    first = int.from_bytes(body[:2])
    return first >> 8 & 0x0F == zlib.DEFLATED and first % 31 == 0


def _read_identity(body: bytes, limit: int) -> bytes:
    if len(body) > limit:
        raise TooLarge(limit)
    return body


def _read_streams(body: bytes, limit: int, *, start: Callable[[], _Stream], piece: int, many: bool) -> bytes:
    """Decode one stream, or many in a row (RFC 1952, section 2.2; RFC 8878, section 3.1)."""
    stream, read, size = start(), [], 0
    for at in range(0, len(body), piece):
        rest = body[at : at + piece]
        while rest:
            if stream.eof:
                if not many:
                    raise Unreadable("something follows its compressed content")
                stream = start()
            read.append(stream.decompress(rest))
            size += len(read[-1])
            if size > limit:
                raise TooLarge(limit)
            rest = stream.unused_data
    if not stream.eof:
        raise Unreadable("its compressed content ends early")
    return b"".join(read)


def _read_brotli(body: bytes, limit: int) -> bytes:
    stream = brotli.Decompressor()
    read, size = [], 0
    rest = body
    while True:
        read.append(stream.process(rest, output_buffer_limit=_BROTLI_PIECE))
        rest = b""
        size += len(read[-1])
        if size > limit:
            raise TooLarge(limit)
        if stream.is_finished():
            return b"".join(read)
        if not read[-1] and stream.can_accept_more_data():
            raise Unreadable("its compressed content ends early")


def _zlib(header: int) -> Coding:
    start = partial(zlib.decompressobj, header)
    many = header == _GZIP
    return Coding(
        partial(zlib.compress, wbits=header), partial(_read_streams, start=start, piece=_ZLIB_PIECE, many=many)
    )


def _read_zstd(body: bytes, limit: int) -> bytes:
    """Decode all frames with one decompressor: to make one for each would take a second for each megabyte of them."""
    start = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj
    return _read_streams(body, limit, start=start, piece=_ZSTD_PIECE, many=True)


def _zstd(text: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(text)


_IDENTITY = Coding(bytes, _read_identity)
_DEFLATE = _zlib(_ZLIB)
_DEFLATE_BARE = _zlib(_BARE)
_CODINGS = {
    "identity": _IDENTITY,
    "gzip": _zlib(_GZIP),
    "x-gzip": _zlib(_GZIP),
    "br": Coding(partial(brotli.compress, quality=_BROTLI_QUALITY), _read_brotli),
    "zstd": Coding(_zstd, _read_zstd),
}
