"""HTTP/1.1 on the wire (RFC 9112): requests read to the letter, answers written.

The stand-in records the request as it was sent and rejects a message that can be read in two ways. No library does
both: ``http.server`` folds ``//`` and lets ``email`` rewrite header fields; h11 rejects targets beyond ASCII and
accepts bare LF, folded fields and Content-Length beside Transfer-Encoding.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from typing import Protocol

from jira_compat.standin.http.messages import Answer

LONGEST_LINE, MOST_FIELDS = 65_536, 200
REQUEST_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([^ ]+) HTTP/1\.([01])")
FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*")
HEX = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(;.*)?")
PIECE = 65_536


class Source(Protocol):
    """A source of octets."""

    def readline(self, limit: int, /) -> bytes:
        """A line with its end."""

    def read(self, size: int, /) -> bytes:
        """So many octets, fewer only at the end."""

    def read1(self, size: int, /) -> bytes:
        """Up to so many octets, as soon as there are any; none only at the end."""


class MalformedError(Exception):
    """A message that cannot be read: 400, and the connection is of no more use."""


class CutOffError(Exception):
    """The connection ended in the middle of a message."""


@dataclass(frozen=True, slots=True)
class Head:
    """Request line and header section as they came."""

    method: str
    target: bytes
    minor: int
    headers: tuple[tuple[str, str], ...] = ()

    def value(self, name: str) -> str:
        """A field's value; several are joined by commas, none is ``""``."""
        return ", ".join(value for key, value in self.headers if key.lower() == name)

    @property
    def keeps_alive(self) -> bool:
        """True if the sender keeps the connection open."""
        options = self.value("connection").lower()
        return "keep-alive" in options if self.minor == 0 else "close" not in options

    @property
    def awaits_continue(self) -> bool:
        """True if the sender holds its content back until ``100 Continue``."""
        return self.minor == 1 and self.value("expect").lower() == "100-continue"


def read_head(source: Source) -> Head | None:
    """The next request, up to its content; ``None`` if there is no other.

    Raises:
        MalformedError: It is not what RFC 9112 allows.
        CutOffError: It ends too early.
    """
    start = source.readline(LONGEST_LINE + 1)
    if start == b"\r\n":
        start = source.readline(LONGEST_LINE + 1)
    if not start:
        return None
    match = REQUEST_LINE.fullmatch(line(start))
    if match is None:
        raise MalformedError("request line")
    method, target, minor = match.groups()
    return Head(method.decode(), target, int(minor), tuple(read_fields(source)))


def read_fields(source: Source) -> Iterator[tuple[str, str]]:
    """Field lines up to the empty line; values as Latin-1, which loses nothing."""
    for _ in range(MOST_FIELDS):
        raw = line(source.readline(LONGEST_LINE + 1))
        if not raw:
            return
        match = FIELD.fullmatch(raw)
        if match is None:
            raise MalformedError("field line")
        yield match[1].decode(), match[2].decode("latin-1")
    raise MalformedError("too many field lines")


def line(raw: bytes) -> bytes:
    """A line without its end, which has to be CRLF."""
    if not raw:
        raise CutOffError
    if not raw.endswith(b"\r\n"):
        raise MalformedError("line")
    return raw[:-2]


def read_content(source: Source, head: Head) -> Iterator[bytes]:
    """The content of a request, piece by piece.

    Raises:
        MalformedError: Where it ends is not certain.
        CutOffError: It ends too early.
    """
    coding, lengths = head.value("transfer-encoding"), head.value("content-length")
    if coding:
        if lengths or coding.lower() != "chunked":
            raise MalformedError("framing")
        return read_chunks(source)
    if lengths and not re.fullmatch(r"[0-9]{1,18}", lengths):
        raise MalformedError("Content-Length")
    return read_exactly(source, int(lengths or 0))


def read_exactly(source: Source, size: int) -> Iterator[bytes]:
    """So many octets."""
    while size:
        piece = source.read1(min(size, PIECE))
        if not piece:
            raise CutOffError
        size -= len(piece)
        yield piece


def read_chunks(source: Source) -> Iterator[bytes]:
    """Chunks up to the last one; trailer fields are read and dropped."""
    while True:
        match = HEX.fullmatch(line(source.readline(LONGEST_LINE + 1)))
        if match is None:
            raise MalformedError("chunk size")
        if not (size := int(match[1], 16)):
            break
        yield from read_exactly(source, size)
        if source.read(2) != b"\r\n":
            raise MalformedError("chunk end")
    list(read_fields(source))


def written(answer: Answer, head: Head) -> Iterator[bytes]:
    """An answer as octets, ready to be sent.

    Args:
        answer: What to send.
        head: What it answers: nothing but the header section goes back to ``HEAD``, and no chunks to HTTP/1.0.
    """
    empty = answer.status == HTTPStatus.NO_CONTENT
    chunked = answer.chunked and head.minor == 1 and not empty
    length = answer.length if answer.stream else len(answer.body)
    fields = [*answer.headers, ("Date", formatdate(usegmt=True))]
    if not empty:
        fields.append(("Transfer-Encoding", "chunked") if chunked else ("Content-Length", str(length)))
    fields.append(("Connection", "keep-alive" if head.keeps_alive else "close"))
    start = f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}\r\n"
    section = start + "".join(f"{name}: {value}\r\n" for name, value in fields) + "\r\n"
    content = () if empty or head.method == "HEAD" else pieces(answer, chunked=chunked)
    yield from joined(section.encode("latin-1", "replace"), content)


def pieces(answer: Answer, *, chunked: bool) -> Iterator[bytes]:
    """The content, in chunks or as it is."""
    for piece in answer.stream or iter((answer.body,)):
        if piece:
            yield b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece
    if chunked:
        yield b"0\r\n\r\n"


def joined(start: bytes, rest: Iterable[bytes]) -> Iterator[bytes]:
    """Join small neighbours, so that a small answer is one packet."""
    waiting = start
    for piece in rest:
        if len(waiting) + len(piece) > PIECE:
            yield waiting
            waiting = piece
        else:
            waiting += piece
    yield waiting
