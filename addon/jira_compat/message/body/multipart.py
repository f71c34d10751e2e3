"""Takes parts out of multipart/form-data (RFC 7578, RFC 2046), whole, by their name.

Servers differ in what they make of a sloppy body, so this reads only what all of them read alike.
"""

import re
from collections.abc import Iterator

from jira_compat.message.body.disposition import part_name
from jira_compat.message.body.errors import Unreadable
from jira_compat.message.body.pointers import Selection
from jira_compat.message.body.spans import Removals, Siblings

_BOUNDARY = re.compile(rb"[0-9A-Za-z'()+_,./:=? -]{0,69}?[0-9A-Za-z'()+_,./:=?-]")  # RFC 2046, section 5.1.1
_SPACE = re.compile(rb"\s*+")
_FIRST_LINE = re.compile(rb"--(" + _BOUNDARY.pattern + rb")(?:\r\n|--\s*+\Z)")

_LENIENT_LINE = re.compile(rb"\s*+--[^\r\n]*+[\r\n]")

_MOST = 100_000
"""Parts; Tomcat takes 50 (``maxPartCount``)."""
_LONGEST_HEAD = 10_000
"""Bytes of a part's header; Tomcat takes 512 (``maxPartHeaderSize``)."""


def sniff_boundary(body: bytes) -> bytes | None:
    """The boundary of a body that starts as multipart does; ``b""`` if only lenient readers take it for such a body."""
    start = _past_preamble(body)
    line = None if start is None else _FIRST_LINE.match(body, start)
    if line is None:
        return b"" if _LENIENT_LINE.match(body) else None
    return line[1]


def cut_parts(body: bytes, boundary: bytes, selection: Selection) -> Removals:
    """Find what a selection takes out of multipart/form-data.

    Args:
        body: Without content coding.
        boundary: As declared or sniffed.
        selection: What to take out; see :attr:`Selection.names`.

    Raises:
        Unreadable: It is not strictly multipart/form-data with this boundary, or has more parts than are looked at.
    """
    if not _BOUNDARY.fullmatch(boundary):
        raise Unreadable("its boundary is malformed")
    cuts = Removals()
    siblings = Siblings(cuts)
    at = 0
    for number, (start, end, name) in enumerate(_parts(body, b"--" + boundary)):
        if number == _MOST:
            raise Unreadable(f"it has more than {_MOST} parts")
        if selection.drops(name):
            siblings.goes(start, end, name, spelled=name in selection.names)
        else:
            siblings.stays(start)
        at = end
    siblings.stays(at)
    return cuts


def _parts(body: bytes, delimiter: bytes) -> Iterator[tuple[int, int, str]]:
    """Each part from its delimiter to the next one, and its name."""
    start = _past_preamble(body) or 0
    if not body.startswith(delimiter, start):
        raise Unreadable("it does not start with its boundary")
    if b"\r" + delimiter in body:
        raise Unreadable("its parts are not separated by CRLF")
    while not body.startswith(b"--", after := start + len(delimiter)):
        line_feed = body.find(b"\n" + delimiter, after)
        if line_feed < 0:
            raise Unreadable("its last part has no end")
        if not (body.startswith(b"\r\n", after) and body.startswith(b"\r", line_feed - 1)):
            raise Unreadable("its parts are not separated by CRLF")
        head = body.find(b"\r\n\r\n", after + 2, line_feed - 1)
        if head < 0:
            raise Unreadable("one of its parts has no header")
        if head - after > _LONGEST_HEAD:
            raise Unreadable(f"the header of one of its parts has more than {_LONGEST_HEAD} bytes")
        yield start, line_feed + 1, part_name(body[after + 2 : head])
        start = line_feed + 1
    if body[after + 2 :].strip():
        raise Unreadable("something follows its last part")


def _past_preamble(body: bytes) -> int | None:
    """Return where the first delimiter may stand: at the beginning, or on a line of its own behind white space."""
    space = _SPACE.match(body)
    start = space.end() if space else 0
    if not body.startswith(b"--", start):
        return None
    return start if not start or body.endswith(b"\r\n", 0, start) else None
