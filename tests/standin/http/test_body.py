import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jira_compat.standin.http.body import HEAD, KEPT, Body


def filled(size: int, piece: int) -> Body:
    body = Body()
    for start in range(0, size, piece):
        body.add(b"x" * min(piece, size - start))
    return body


def test_nothing_is_whole():
    body = Body()

    assert (body.content, body.size, body.whole) == (b"", 0, True)


@pytest.mark.parametrize("piece", [1_000, 65_536, KEPT, 2 * KEPT])
@pytest.mark.parametrize(("size", "kept"), [(KEPT, KEPT), (KEPT + 1, HEAD), (3 * KEPT, HEAD)])
def test_up_to_a_megabyte_is_kept_of_more_only_the_head(size, kept, piece):
    body = filled(size, piece)

    assert len(body.head) == kept
    assert body.whole is (size == kept)
    assert len(body.content) == (kept if body.whole else 0)
    assert (body.size, body.sha256) == (size, hashlib.sha256(b"x" * size).hexdigest())


@given(st.lists(st.binary(max_size=20)))
def test_pieces_make_no_difference(pieces):
    body, whole = Body(), Body(b"".join(pieces))
    for piece in pieces:
        body.add(piece)

    assert (body.content, body.size, body.sha256) == (whole.content, whole.size, whole.sha256)
