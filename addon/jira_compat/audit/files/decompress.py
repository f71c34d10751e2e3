"""Streams of bytes to chunks of content: gzip, zlib and zstd decompressed in bounded memory."""

import io
import zlib
from collections.abc import Buffer, Callable, Iterator
from io import BufferedReader
from typing import Protocol

import zstandard

from jira_compat.audit.files.problems import UnreadableError

CHUNK = 1 << 20
"""Bytes; the most that one chunk of content has."""

GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
ZLIB = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
"""RFC 1950 without a dictionary, as mitmproxy writes ``.zhar``."""
_COMPRESSED_CHUNK = 1 << 12
"""Bytes: what one of them can become, 128 MB in the worst case, must fit into memory."""
_LARGEST_WINDOW = 1 << 27


class _Decoder(Protocol):
    """One member of a gzip file, or one zstd frame."""

    def decompress(self, data: bytes, /) -> bytes: ...

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...


def is_compressed(start: bytes) -> bool:
    """Whether a file that starts so is compressed."""
    return start.startswith((GZIP, ZSTD, *ZLIB))


def unpack(stream: BufferedReader, read: Callable[[int], None]) -> Iterator[bytes]:
    """The content, decompressed; ``read`` is told how many bytes were read for it.

    Raises:
        UnreadableError: The compression is broken; what stands before was given already.
    """
    start = _at_least(stream, len(ZSTD))
    read(len(start))
    if start.startswith(GZIP):
        yield from _decompress(start, stream, read, _gzip, "gzip")
    elif start == ZSTD:
        yield from _decompress(start, stream, read, _zstd, "zstd")
    elif start.startswith(ZLIB):
        yield from _decompress(start, stream, read, zlib.decompressobj, "zlib")
    else:
        if start:
            yield start
        while chunk := stream.read1(CHUNK):  # what is there, and does not wait for more: it may be a pipe
            read(len(chunk))
            yield chunk


def _at_least(stream: BufferedReader, count: int) -> bytes:
    start = b""
    while len(start) < count and (more := stream.read(count - len(start))):
        start += more
    return start


def _gzip() -> _Decoder:
    return zlib.decompressobj(wbits=31)


def _zstd() -> _Decoder:
    return zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW).decompressobj()


def _decompress(
    start: bytes, stream: BufferedReader, read: Callable[[int], None], decoder: Callable[[], _Decoder], name: str
) -> Iterator[bytes]:
    """A file may be several members or frames, one behind the other."""
    current, content, given = None, start, 0
    while content:
        current = current or decoder()
        try:
            decoded = current.decompress(content)
        except (zlib.error, zstandard.ZstdError):
            raise UnreadableError(_broken(name, "is damaged", given)) from None
        given += len(decoded)
        for at in range(0, len(decoded), CHUNK):
            yield decoded[at : at + CHUNK]
        content = b""
        if current.eof:
            content = current.unused_data.lstrip(b"\0")
            current = None
        if not content and (content := stream.read(_COMPRESSED_CHUNK)):
            read(len(content))
    if current is not None:
        raise UnreadableError(_broken(name, "ends too early", given))


def _broken(name: str, how: str, given: int) -> str:
    return f"the {name} data {how}, behind {given:,} bytes of content; what stands before was read, copy the file again"


class ChunkFile(io.RawIOBase):
    """Chunks as a file, for who reads those."""

    def __init__(self, content: Iterator[bytes]) -> None:
        super().__init__()
        self._content = content
        self._held = memoryview(b"")

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Buffer) -> int:
        """Give what there is."""
        view = memoryview(buffer)
        while not self._held:
            chunk = next(self._content, None)
            if chunk is None:
                return 0
            self._held = memoryview(chunk)
        count = min(len(view), len(self._held))
        view[:count] = self._held[:count]
        self._held = self._held[count:]
        return count
