import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jira_compat.translate.json_slices import read_object, without_members

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), VALUES, max_size=5), st.sampled_from([None, 2]))
def test_values_are_those_of_the_standard_library_and_texts_mean_them(document, indent):
    found = read_object(json.dumps(document, indent=indent))

    assert {name: member.value for name, member in found.items()} == document
    assert {name: json.loads(member.text) for name, member in found.items()} == document


@given(st.lists(VALUES, max_size=6), st.sampled_from([None, 1]))
def test_elements_of_a_list_have_their_texts(elements, indent):
    found = read_object(json.dumps({"a": 1, "issues": elements}, indent=indent), frozenset({"issues"}))

    assert [element.value for element in found["issues"].value] == elements
    assert [json.loads(element.text) for element in found["issues"].value] == elements


def test_texts_are_the_very_characters():
    text = '{"a" : 1.50e+01, "b":[ 1 ,{"c":"\\u0041"} ], "a":2}'

    assert read_object(text)["b"].text == '[ 1 ,{"c":"\\u0041"} ]'
    assert read_object(text)["a"] == (2, "2")
    assert [each.text for each in read_object(text, frozenset({"b"}))["b"].value] == ["1", '{"c":"\\u0041"}']


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "{",
        "[]",
        "null",
        '{"a"}',
        '{"a":}',
        '{"a":1',
        '{"a":1,}',
        '{"a":1 "b":2}',
        '{"a":1} x',
        "{1:2}",
        '{"a":NaN}',
        '{"issues":1}',
        '{"issues":[1,]}',
        '{"issues":[1',
        '{"issues":[,]}',
        '{"a":' + "[" * 100_000,
    ],
)
def test_what_is_not_an_object_is_refused(text):
    with pytest.raises(ValueError, match=r".+"):
        read_object(text, frozenset({"issues"}))


def test_members_are_cut_and_the_rest_stays():
    text = '{"id":"1","names":{"a":"A"},"n":1.0}'

    assert without_members(text, frozenset({"x"}))[0] is text
    assert without_members(text, frozenset({"names"})) == ('{"id":"1","n":1.0}', {"names": ({"a": "A"}, '{"a":"A"}')})
