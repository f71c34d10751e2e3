"""What kind of capture a file is, by its content."""

import re
from collections.abc import Iterator, Sequence
from typing import Literal, get_args

from jira_compat.audit.files.problems import EmptyError, OtherLogError, UnreadableError
from jira_compat.audit.readers.json_lines import Layouts, Object, read_object
from jira_compat.audit.readers.log_formats import recognise
from jira_compat.audit.readers.other_logs import is_other_log

Kind = Literal["har", "flows", "events", "json", "jira", "combined", "haproxy", "pattern"]
KINDS: tuple[Kind, ...] = get_args(Kind)
WITH_LINES = frozenset({"events", "json", "jira", "combined", "haproxy", "pattern"})
"""Kinds in which each line stands for itself."""

HEAD = 1 << 16
"""Bytes; what is enough to tell a kind by."""
EMPTY = "this is empty; no request was seen"
_LINES = 500
"""Lines of the beginning that are read; the first may be cut, or messages of a server."""
_HAR = re.compile(rb'\s*\{[^{}\[\]]{0,4000}"log"\s*:\s*\{')
_FLOW = re.compile(rb"[0-9]{1,12}:[0-9]{1,3}:[a-z_]+[;,]")
_PACKED = {b"PK\x03\x04": "a ZIP archive", b"\xfd7zXZ\0": "compressed by xz", b"BZh": "compressed by bzip2"}
_BOM = b"\xef\xbb\xbf"


def head_of(content: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The beginning, enough to tell the kind by, and all of it again.

    Raises:
        UnreadableError: There is no beginning.
    """
    held: list[bytes] = []
    length, broken = 0, None
    try:
        while length < HEAD and (chunk := next(content, None)) is not None:
            held.append(chunk)
            length += len(chunk)
    except UnreadableError as error:
        broken = error

    def again() -> Iterator[bytes]:
        while held:
            yield held.pop(0)
        if broken is not None:
            raise broken
        yield from content

    if broken is not None and not length:
        raise broken
    return b"".join(held)[:HEAD].removeprefix(_BOM), again()


def without_mark(content: Iterator[bytes]) -> Iterator[bytes]:
    """The content without the byte order mark that some editors put before UTF-8."""
    yield next(content, b"").removeprefix(_BOM)
    yield from content


def kind_of(head: bytes) -> Kind:
    """What a capture is, by its beginning.

    Raises:
        UnreadableError: It is of no known kind.
        OtherLogError: It is a log without requests.
    """
    if not head.strip(b" \t\r\n\0"):
        raise EmptyError(EMPTY)
    if _FLOW.match(head):
        return "flows"
    lines = [line for line in head.splitlines() if line.strip()][:_LINES]
    objects = [found for line in lines if (found := read_object(line)) is not None]
    if _HAR.match(head) and read_object(lines[0]) is None:
        return "har"
    kind = _of_objects(objects)
    if kind is not None:
        return kind
    if len(objects) * 2 > len(lines):
        return "json"
    name = recognise(head)
    if name is not None:
        return next(kind for kind in KINDS if kind == name)
    if is_other_log(head):
        raise OtherLogError
    raise UnreadableError(_unknown(head))


def _of_objects(objects: Sequence[Object]) -> Kind | None:
    """Of what has a JSON object in a line; ``None`` if they say nothing that is known."""
    for found in objects:
        if isinstance(found.get("log"), dict) and "entries" in found["log"]:
            return "har"
        if "v" in found and "event" in found:
            return "events"
        if Layouts().row(found) is not None:
            return "json"
    return None


def _unknown(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "this is UTF-16; make it UTF-8 first, such as with iconv -f UTF-16 -t UTF-8"
    for start, what in _PACKED.items():
        if head.startswith(start):
            return f"this is {what}; unpack it first"
    if b"\0" in head:
        return "unsupported binary file; expected HAR, mitmproxy flows or a log"
    return "no line fits a known log format; name its kind with --kind, or its lines with --pattern"
