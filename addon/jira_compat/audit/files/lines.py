"""Chunks of bytes to blocks of whole lines, with a bound on what one line may be."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

LONGEST = 1_000_000
"""Bytes of a line; nothing that writes logs writes longer ones."""

_WORD = re.compile(rb"[A-Za-z\x80-\xff]+")
_NUMBER = re.compile(rb"[0-9]+")
_SHAPE_SHOWN = 60


class Block(NamedTuple):
    """Whole lines, each with its line end.

    Args:
        content: The lines.
        first: Number of the first, from 1.
        whole: False for the last line of all if it has no end: it may still be being written.
    """

    content: bytes
    first: int
    whole: bool = True


def blocks(chunks: Iterable[bytes], too_long: Callable[[int], None]) -> Iterator[Block]:
    """Lines, several at a time; ``too_long`` is told the number of a line that is left out."""
    number, held, dropping = 1, b"", False
    for chunk in chunks:
        if dropping:
            end = chunk.find(b"\n")
            if end < 0:
                continue
            chunk, dropping, number = chunk[end + 1 :], False, number + 1  # noqa: PLW2901 - what is left of it
        content = held + chunk
        end = content.rfind(b"\n") + 1
        held = content[end:]
        if end:
            yield Block(content[:end], number)
            number += content.count(b"\n", 0, end)
        if len(held) > LONGEST:
            too_long(number)
            held, dropping = b"", True
    if held:
        yield Block(held, number, whole=False)


def not_text(block: Block) -> int | None:
    """Number of the first line that is no UTF-8; ``None`` if all are."""
    if block.content.isascii():
        return None
    try:
        block.content.decode()
    except UnicodeDecodeError as error:
        return block.first + block.content.count(b"\n", 0, error.start)
    return None


def shape(line: bytes) -> str:
    """What a line looks like without what it says: words are ``a``, numbers ``0``."""
    told = _NUMBER.sub(b"0", _WORD.sub(b"a", line[: _SHAPE_SHOWN * 8])).decode("ascii", "replace")
    told = "".join(one if one.isprintable() else "?" for one in told)
    return told if len(told) <= _SHAPE_SHOWN else f"{told[:_SHAPE_SHOWN]}…"
