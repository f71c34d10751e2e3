"""Access logs, block by block: lines that fit their format are counted, the others named."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from jira_compat.audit.counting.tally import Row, Tally
from jira_compat.audit.files.lines import LONGEST, Block, blocks, not_text, shape
from jira_compat.audit.files.problems import Skipped
from jira_compat.audit.readers.log_formats import Format
from jira_compat.audit.readers.other_logs import is_message

TOO_LONG = f"this line has more than {LONGEST // 1000:,} kB and was left out; look whether the file is a log"
UNFINISHED = "the last line has no end and was left out; is it still being written?"
NOT_TEXT = "this line is not UTF-8; the rest of it is shown with �"


def line_blocks(chunks: Iterable[bytes], skipped: Skipped) -> Iterator[Block]:
    """The lines of a log; ``skipped`` gets what is odd about them."""
    for block in blocks(chunks, lambda number: skipped.skip(number, TOO_LONG)):
        number = not_text(block)
        if number is not None:
            skipped.remark(number, NOT_TEXT)
        yield block


def read_access_log(
    chunks: Iterable[bytes], forms: Sequence[Format], tally: Tally, skipped: Skipped, seen: Callable[[int], None]
) -> None:
    """Count the lines of a log.

    Args:
        chunks: The content.
        forms: The patterns that its lines may fit; a log mostly has lines of one alone.
        tally: Counts them.
        skipped: Gets the lines that fit none.
        seen: Gets how many lines there are so far.
    """
    usual = [*forms]
    for block in line_blocks(chunks, skipped):
        count = block.content.count(b"\n") if block.whole else 1
        rows = usual[0].rows(block.content)
        if rows is not None:
            tally.count(rows, range(block.first, block.first + count))
        else:
            fitting = dict(_fitting(block, usual, skipped))
            tally.count(fitting.values(), fitting)
        seen(block.first + count - 1)


def _fitting(block: Block, usual: list[Format], skipped: Skipped) -> Iterator[tuple[int, Row]]:
    """The lines that fit, by number; the pattern that most fit becomes the first to try."""
    fits = dict.fromkeys(usual, 0)
    for number, line in enumerate(block.content.split(b"\n"), block.first):
        for form in usual:
            if (row := form.row(line)) is not None:
                fits[form] += 1
                yield number, row
                break
        else:
            _skip(line, number, block, usual[0].name, skipped)
    usual.sort(key=lambda form: -fits[form])


def _skip(line: bytes, number: int, block: Block, kind: str, skipped: Skipped) -> None:
    if not block.whole:
        skipped.remark(number, UNFINISHED)
    elif is_message(line):
        skipped.no_request += 1
    elif line.strip():
        skipped.skip(number, f"not a line of the format {kind}: {shape(line)}")
