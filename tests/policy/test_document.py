from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jira_compat.policy.document import DEPTH, DocumentError, read_document


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("# nothing but this", None),
        ("---\n", None),
        ("a", "a"),
        ("- a\n- [b, c]\n- {d: e}", ("a", ("b", "c"), {"d": "e"})),
        ("\ufeffa: 1", {"a": 1}),
        ("a: 1\r\nb: 2\r\n", {"a": 1, "b": 2}),
        ("a: |\n  one\n  two\n", {"a": "one\ntwo\n"}),
        ("a: >-\n  one\n  two\n", {"a": "one two"}),
        ("1: a\ntrue: b\n~: c", {"1": "a", "true": "b", "~": "c"}),
        ("<<: {a: 1}", {"<<": {"a": 1}}),
    ],
    ids=repr,
)
def test_a_text_is_plain_values(text, value):
    assert read_document(text).value == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("'null'", "null"),
        ("true", True),
        ("False", False),
        ("'true'", "true"),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("410", 410),
        ('"410"', "410"),
        ("-1", -1),
        ("010", 10),
        ("0x10", "0x10"),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("12345678901234567890123", 12345678901234567890123),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        (".inf", ".inf"),
        ("2018-10-11", "2018-10-11"),
        ('"\\u00e9"', "é"),
    ],
    ids=repr,
)
def test_plain_text_stands_for_what_yaml_1_2_says(text, value):
    found = read_document(f"- {text}").value[0]

    assert (type(found), found) == (type(value), value)


def test_every_key_and_value_has_its_place():
    document = read_document("a: 1\nb:\n  - c: x\n    d: [y, z]\n")

    places = {path: document.place(path) for path in document.places}
    keys = {path: document.key_place(path) for path in document.keys}
    assert places == {
        (): (1, 1),
        ("a",): (1, 4),
        ("b",): (3, 3),
        ("b", 0): (3, 5),
        ("b", 0, "c"): (3, 8),
        ("b", 0, "d"): (4, 8),
        ("b", 0, "d", 0): (4, 9),
        ("b", 0, "d", 1): (4, 12),
    }
    assert keys == {("a",): (1, 1), ("b",): (2, 1), ("b", 0, "c"): (3, 5), ("b", 0, "d"): (4, 5)}


def test_what_is_not_there_has_the_place_of_what_is_around_it():
    document = read_document("a:\n  - b: 1\n")

    assert document.place(("a", 0, "x", "y")) == (2, 5)
    assert document.key_place(("a", 0, "x")) == (2, 5)
    assert read_document("").place(("a",)) == (1, 1)


def test_keys_that_stand_twice_are_listed():
    document = read_document("a: 1\nb: {c: 1, c: 2}\na: 2\na: 3\n")

    assert document.duplicates == [(("b", "c"), (2, 11)), (("a",), (3, 1)), (("a",), (4, 1))]


_DIRECTIVE = "a line that begins with '%' is a directive, and policies use none; take it out"


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("a:\tb", (1, 3), r"this is not YAML (found character '\t' that cannot start any token)"),
        ("a:\n\tb: 1", (2, 1), r"this is not YAML (found character '\t' that cannot start any token)"),
        ("a: b: c", (1, 5), "this is not YAML (mapping values are not allowed here)"),
        ("a: 'b", (1, 6), "this is not YAML (found unexpected end of stream)"),
        ("a: {b: 1", (1, 9), "this is not YAML (expected ',' or '}', but got '<stream end>')"),
        ("a: @b", (1, 4), "this is not YAML (found character '@' that cannot start any token)"),
        ("%YAML 3.0\n---\na", (1, 1), _DIRECTIVE),
        ("%YAML 1.21\n---\na", (1, 1), _DIRECTIVE),
        ("\ufeff%YAML 1.1\n---\na", (1, 2), _DIRECTIVE),
        ("# a\n%TAG ! tag:x:\n---\na", (2, 1), _DIRECTIVE),
        ("a: 1\n...\n%YAML 1.21\n---\nb: 2", (3, 1), _DIRECTIVE),
        ("# a\r%YAML 1.21\r---\ra", (1, 5), _DIRECTIVE),
        ("a: 1\nb: \0", (2, 4), "the character U+0000 may not stand in YAML; take it out"),
        ("\x07", (1, 1), "the character U+0007 may not stand in YAML; take it out"),
        ('a: "\\ud800"', (1, 4), "this has half of a surrogate pair; write the character itself"),
        ('"\\udfff": 1', (1, 1), "this has half of a surrogate pair; write the character itself"),
        ("a: 1\n---\nb: 2", (2, 1), "a policy file holds one document; move the second to its own file"),
        ("a: &b 1", (1, 4), "anchors and aliases are not used in policies; write the value out"),
        ("&a b: 1", (1, 1), "anchors and aliases are not used in policies; write the value out"),
        ("a: *b", (1, 4), "anchors and aliases are not used in policies; write the value out"),
        ("a: !!str 1", (1, 4), "tags are not used in policies; leave '!…' out"),
        ("a: !x [1]", (1, 4), "tags are not used in policies; leave '!…' out"),
        ("? [a]\n: b", (1, 3), "a key is plain text; write a word before the colon"),
        ("{{a: b}: c}", (1, 2), "a key is plain text; write a word before the colon"),
        ("[" * 30, (1, DEPTH + 1), f"this is nested deeper than {DEPTH} levels; make it flatter"),
        ("- " * 30, (1, 2 * DEPTH + 1), f"this is nested deeper than {DEPTH} levels; make it flatter"),
        ("[" * 100_000, (1, DEPTH + 1), f"this is nested deeper than {DEPTH} levels; make it flatter"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_no_policy_may_be_written_in_has_a_place_and_a_remedy(text, place, what):
    with pytest.raises(DocumentError) as caught:
        read_document(text)

    remedy = "" if ";" in what else "; check quotes, colons and indentation"
    assert (caught.value.place, str(caught.value)) == (place, what + remedy)


def test_a_bomb_of_aliases_is_refused_at_its_first_anchor():
    lines = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}, *a{n - 1}]" for n in range(1, 40))]

    with pytest.raises(DocumentError) as caught:
        read_document("\n".join(lines))

    assert caught.value.place == (1, 5)


SHIPPED = (Path(__file__).parents[2] / "policies" / "user-management.yaml").read_text()


@given(st.text(alphabet=st.sampled_from("ab:- \n\t{}[],'\"|>?&*!%@#~\\0\0\ufeff\u2028é"), max_size=60))
def test_any_text_is_a_document_or_a_document_error(text):
    try:
        document = read_document(text)
    except DocumentError as error:
        assert "\n" not in str(error)  # noqa: PT017 - the other outcome is as good
        assert error.place is not None  # noqa: PT017
    else:
        assert document.place(()) >= (1, 1)


@given(st.data())
def test_a_policy_with_something_put_into_it_is_a_document_or_a_document_error(data):
    at = data.draw(st.integers(0, len(SHIPPED)))
    put = data.draw(st.text(max_size=8))
    try:
        read_document(SHIPPED[:at] + put + SHIPPED[at : at + 300])
    except DocumentError as error:
        assert "\n" not in str(error)  # noqa: PT017 - the other outcome is as good
