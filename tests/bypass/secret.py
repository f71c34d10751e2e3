"""Looks for a secret in bytes as a curious server would: decoded in every way, again and again."""

import base64
import binascii
import bz2
import contextlib
import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterator
from urllib.parse import unquote_to_bytes

import brotli  # type: ignore[import-untyped]
import zstandard

_DEEPEST = 4
_LARGEST = 1 << 20
_GZIP = b"\x1f\x8b\x08"
_ZSTD = b"\x28\xb5\x2f\xfd"
_ESCAPE = re.compile(rb"\\u([0-9A-Fa-f]{4})")
_CHUNK_EDGE = re.compile(rb"(?:\A|\r\n)[0-9A-Fa-f]{1,8}(?:;[^\r\n]*)?\r\n")
_TOKEN = re.compile(rb"[A-Za-z0-9+/_-]{16,}={0,2}")
_SHIFTED = re.compile(rb"\+[A-Za-z0-9+/]+-?")


def holds(data: bytes, secret: str) -> bool:
    """Whether the secret can be read out of the data."""
    wanted = secret.encode()
    seen = {data[:_LARGEST]}
    layer = set(seen)
    for _ in range(_DEEPEST):
        if any(wanted in text for text in layer):
            return True
        layer = {view[:_LARGEST] for text in layer for view in _views(text)} - seen
        seen |= layer
    return any(wanted in text for text in layer)


def _views(text: bytes) -> Iterator[bytes]:
    if not text:
        return
    for view in _VIEWS:
        yield from view(text)


def _percent(text: bytes) -> Iterator[bytes]:
    if b"%" in text:
        yield unquote_to_bytes(text)


def _wide(text: bytes) -> Iterator[bytes]:
    if b"\0" in text:
        yield text.replace(b"\0", b"")


def _escaped(text: bytes) -> Iterator[bytes]:
    if b"\\u" in text:
        yield _ESCAPE.sub(lambda found: chr(int(found[1], 16)).encode("utf-8", "replace"), text)


def _chunks(text: bytes) -> Iterator[bytes]:
    if b"\r\n" in text:
        yield _CHUNK_EDGE.sub(b"", text)


def _base64(text: bytes) -> Iterator[bytes]:
    for token in _TOKEN.findall(text[:10_000]):
        with_padding = token.rstrip(b"=") + b"=" * (-len(token.rstrip(b"=")) % 4)
        with contextlib.suppress(binascii.Error):
            yield base64.urlsafe_b64decode(with_padding)


def _utf7(text: bytes) -> Iterator[bytes]:
    if _SHIFTED.search(text):
        yield text.decode("utf-7", "ignore").encode("utf-8", "ignore")


def _ebcdic(text: bytes) -> Iterator[bytes]:
    yield text.partition(b"\r\n\r\n")[2].decode("cp037").encode()


def _body(text: bytes) -> Iterator[bytes]:
    _, end, body = text.partition(b"\r\n\r\n")
    if end:
        yield body


def _gzip(text: bytes) -> Iterator[bytes]:
    """Every member, wherever one starts, also one that is cut off."""
    at = text.find(_GZIP)
    while at >= 0:
        with contextlib.suppress(zlib.error):
            yield zlib.decompressobj(31).decompress(text[at:], _LARGEST)
        with contextlib.suppress(OSError, EOFError, zlib.error):
            yield gzip.GzipFile(fileobj=io.BytesIO(text[at:])).read(_LARGEST)
        at = text.find(_GZIP, at + 1)


def _deflate(text: bytes) -> Iterator[bytes]:
    for bits in (15, -15):
        with contextlib.suppress(zlib.error):
            yield zlib.decompressobj(bits).decompress(text, _LARGEST)


def _zstd(text: bytes) -> Iterator[bytes]:
    at = text.find(_ZSTD)
    while at >= 0:
        with contextlib.suppress(zstandard.ZstdError):
            yield zstandard.ZstdDecompressor().decompressobj().decompress(text[at:])
        at = text.find(_ZSTD, at + 1)


def _brotli(text: bytes) -> Iterator[bytes]:
    with contextlib.suppress(brotli.error):
        yield bytes(brotli.Decompressor().process(text, output_buffer_limit=_LARGEST))


def _bzip2(text: bytes) -> Iterator[bytes]:
    if b"BZh" in text:
        with contextlib.suppress(OSError, ValueError):
            yield bz2.decompress(text[text.index(b"BZh") :])


_VIEWS: tuple[Callable[[bytes], Iterator[bytes]], ...] = (
    _body,
    _percent,
    _wide,
    _escaped,
    _chunks,
    _base64,
    _utf7,
    _ebcdic,
    _gzip,
    _deflate,
    _zstd,
    _brotli,
    _bzip2,
)
