"""How captures are cut into parts that several processes can read at once."""

from collections.abc import Iterable, Iterator

from jira_compat.audit.files.captures import Capture, open_capture
from jira_compat.audit.files.decompress import is_compressed
from jira_compat.audit.files.lines import LONGEST
from jira_compat.audit.files.problems import OtherLogError, UnreadableError
from jira_compat.audit.reader import Part
from jira_compat.audit.readers.detect import HEAD, WITH_LINES, Kind, head_of, kind_of

PART = 32 << 20
"""Bytes; large enough that starting it costs nothing, small enough that the last one does not keep others waiting."""


def parts(captures: Iterable[Capture], kind: Kind | None, size: int = PART) -> list[Part]:
    """Logs in parts of whole lines; what is compressed or has no lines as one part."""
    return [part for capture in captures for part in _parts(capture, kind, size)]


def _parts(capture: Capture, kind: Kind | None, size: int) -> Iterator[Part]:
    if capture.path is None or capture.size <= 2 * size:
        yield Part(capture)
        return
    try:
        found = kind or _plain_kind(capture)
        starts = list(_starts(capture, size)) if found in WITH_LINES else []
    except (OSError, UnreadableError, OtherLogError):
        found, starts = None, []  # whoever reads it says what is wrong
    if not starts:
        yield Part(capture)
        return
    for start, end in zip(starts, [*starts[1:], capture.size], strict=True):
        yield Part(capture, start, end, found)


def _plain_kind(capture: Capture) -> Kind | None:
    """What it is; ``None`` if it is compressed."""
    with open_capture(capture) as stream:
        head = stream.read(HEAD)
    return None if is_compressed(head) else kind_of(head_of(iter((head,)))[0])


def _starts(capture: Capture, size: int) -> Iterator[int]:
    """Places where a line begins, about ``size`` bytes apart."""
    with open_capture(capture) as stream:
        yield 0
        for about in range(size, capture.size - size // 2, size):
            stream.seek(about)
            line = stream.readline(LONGEST)
            if line.endswith(b"\n") and about + len(line) < capture.size:
                yield about + len(line)
