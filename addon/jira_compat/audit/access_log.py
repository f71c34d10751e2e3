"""Access logs, block by block: lines that fit their format are counted, the others named."""

from collections.abc import Iterable
from operator import itemgetter
from typing import cast

from jira_compat.audit.formats import Format
from jira_compat.audit.lines import Block, blocks, shape
from jira_compat.audit.problem import Skipped
from jira_compat.audit.tally import Row, Tally

TOO_LONG = "this line has more than 1 MB and was left out; look whether the file is a log"
UNFINISHED = "the last line has no end and was left out; is it still being written?"


def read_access_log(chunks: Iterable[bytes], form: Format, tally: Tally, skipped: Skipped) -> int:
    """Count the lines of a log.

    Returns:
        How many lines there were.
    """
    order = None if form.is_ordered else itemgetter(*form.order)
    lines = 0
    for block in blocks(chunks, lambda number: skipped.skip(number, TOO_LONG)):
        rows = form.pattern.findall(block.content)
        count = block.content.count(b"\n") if block.whole else 1
        if len(rows) == count:
            tally.count(map(order, rows) if order else rows, range(block.first, block.first + count))
        else:
            fitting = dict(_fitting(block, form, skipped))
            tally.count(map(order, fitting.values()) if order else fitting.values(), fitting)
        lines = block.first + count - 1
    return lines


def _fitting(block: Block, form: Format, skipped: Skipped) -> Iterable[tuple[int, Row]]:
    """The lines that fit, by number."""
    for number, line in enumerate(block.content.splitlines(), block.first):
        match = form.pattern.fullmatch(line)
        if match is not None:
            yield number, cast("Row", match.groups(b""))
        elif not block.whole:
            skipped.remark(number, UNFINISHED)
        elif line.strip():
            skipped.skip(number, f"this fits no line of format {form.name}: {shape(line)}")
