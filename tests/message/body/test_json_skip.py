import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jira_compat.message.body.errors import Unreadable
from jira_compat.message.body.json_skip import skip

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(), below, max_size=4),
    max_leaves=40,
)


@given(VALUES, st.sampled_from([None, 1]), st.booleans(), st.text(",]} \n", max_size=3))
def test_a_value_ends_where_it_ends(value, indent, ascii_only, rest):
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode("utf-8", "replace")

    assert skip(b"[" + text + rest.encode(), 1) == len(text) + 1


@pytest.mark.parametrize("depth", [3, 4, 3_000, 100_000])
@pytest.mark.parametrize(("opens", "closes"), [("[", "]"), ('{"a":', "}"), ('[0, {"a": 1, "b":', ', "c": 2} , []]')])
def test_depth_is_no_matter(depth, opens, closes):
    text = (opens * depth + "0" + closes * depth).encode()

    assert skip(text, 0) == len(text)


@pytest.mark.parametrize("depth", [1, 4, 3_000])
@pytest.mark.parametrize(
    "inside", ["[1}", '{"a":1]', "[1,]", "[1 2]", '{"a":1,}', '{"a",1}', "[", "{", '["]', ",", "tru"]
)
def test_at_no_depth_anything_else_is_taken(depth, inside):
    with pytest.raises(Unreadable):
        skip(("[" * depth + inside + "]" * depth).encode(), 0)


@pytest.mark.parametrize("text", ["[[[[1]]]}", "[[[[1]]}]", '{"a":[[[1]]]]', '{"a":{"b":[[[1]]]]}', '[{"a":[[[1]]]]]'])
def test_what_closes_is_what_was_opened(text):
    with pytest.raises(Unreadable):
        skip(text.encode(), 0)
