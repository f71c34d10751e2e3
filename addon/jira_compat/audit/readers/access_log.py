"""Access logs, block by block: lines that fit their format are counted, the others named."""

from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter
from typing import cast

from jira_compat.audit.counting.tally import Row, Tally
from jira_compat.audit.files.lines import LONGEST, Block, blocks, not_text, shape
from jira_compat.audit.files.problems import Skipped
from jira_compat.audit.readers.log_formats import Format

TOO_LONG = f"this line has more than {LONGEST // 1000:,} kB and was left out; look whether the file is a log"
UNFINISHED = "the last line has no end and was left out; is it still being written?"
NOT_TEXT = "this line is no UTF-8; what is not is shown as �"


def line_blocks(chunks: Iterable[bytes], skipped: Skipped) -> Iterator[Block]:
    """The lines of a log; what is odd about them is said."""
    for block in blocks(chunks, lambda number: skipped.skip(number, TOO_LONG)):
        number = not_text(block)
        if number is not None:
            skipped.remark(number, NOT_TEXT)
        yield block


def read_access_log(
    chunks: Iterable[bytes], form: Format, tally: Tally, skipped: Skipped, seen: Callable[[int], None]
) -> None:
    """Count the lines of a log; ``seen`` is told how many there are so far."""
    order = None if form.is_ordered else itemgetter(*form.order)
    for block in line_blocks(chunks, skipped):
        rows = form.pattern.findall(block.content)
        count = block.content.count(b"\n") if block.whole else 1
        if len(rows) == count:
            tally.count(map(order, rows) if order else rows, range(block.first, block.first + count))
        else:
            fitting = dict(_fitting(block, form, skipped))
            tally.count(map(order, fitting.values()) if order else fitting.values(), fitting)
        seen(block.first + count - 1)


def _fitting(block: Block, form: Format, skipped: Skipped) -> Iterator[tuple[int, Row]]:
    """The lines that fit, by number."""
    for number, line in enumerate(block.content.split(b"\n"), block.first):
        match = form.pattern.fullmatch(line)
        if match is not None:
            yield number, cast("Row", match.groups(b""))
        elif not block.whole:
            skipped.remark(number, UNFINISHED)
        elif line.strip():
            skipped.skip(number, f"this fits no line of format {form.name}: {shape(line)}")
