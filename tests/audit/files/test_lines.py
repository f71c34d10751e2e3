import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jira_compat.audit.files.lines import LONGEST, Block, blocks, not_text, shape


def told(chunks):
    long: list[int] = []
    found = list(blocks(chunks, long.append))
    return found, long


def test_nothing_has_no_lines():
    assert told([]) == ([], [])


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=6))
def test_lines_are_those_of_the_content_however_it_is_cut(content, cuts):
    edges = sorted({0, len(content), *(cut for cut in cuts if cut < len(content))})
    found, long = told([content[start:end] for start, end in itertools.pairwise(edges)])

    assert b"".join(block.content for block in found) == content
    assert long == []
    assert [block.whole for block in found] == [block.content.endswith(b"\n") for block in found]
    at = itertools.accumulate((block.content.count(b"\n") for block in found), initial=1)
    assert [block.first for block in found] == list(at)[:-1]


def test_numbers_go_on_from_block_to_block():
    found, _ = told([b"a\nb\nc", b"\nd\n", b"e"])

    assert found == [Block(b"a\nb\n", 1), Block(b"c\nd\n", 3), Block(b"e", 5, whole=False)]


def test_a_line_that_is_too_long_is_left_out_and_those_behind_it_keep_their_numbers():
    chunks = [b"a\n", *([b"x" * 500_000] * 3), b"x\nb\n"]

    assert told(chunks) == ([Block(b"a\n", 1), Block(b"b\n", 3)], [2])


def test_a_line_that_never_ends_is_held_no_longer_than_a_line_may_be():
    held = []

    def endless():
        for _ in range(1000):
            held.append(1)
            yield b"x" * 1_000_000  # a gigabyte

    assert told(endless()) == ([], [1])
    assert len(held) == 1000
    assert LONGEST == 1_000_000


@pytest.mark.parametrize(
    ("content", "number"), [(b"a\nb\n", None), ("a\né\n".encode(), None), (b"a\n\xff\nb\n", 8), (b"\xc3", 7)]
)
def test_the_first_line_that_is_no_text_is_told(content, number):
    assert not_text(Block(content, 7)) == number


def test_the_shape_of_a_line_has_nothing_of_what_it_says():
    assert shape(b'10.0.0.1 fred "tulip7 \x00" ' + b"%" * 80) == '0.0.0.0 a "a0 ?" ' + "%" * 43 + "…"
