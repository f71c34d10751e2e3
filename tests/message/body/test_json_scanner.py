import json
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jira_compat.message.body.errors import Unreadable
from jira_compat.message.body.json_scanner import (
    DEEPEST,
    NUMBER,
    SHALLOW,
    SLICE,
    STEPS,
    STRING,
    Budget,
    fault,
    json_start,
    members_but,
    past_space,
    skip,
)


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("", "its JSON ends early (byte 0)"),
        ('{"a":1', "its JSON ends early (byte 6)"),
        ('{"a": ', "its JSON ends early (byte 6)"),
        ('{"a": "hun', "its JSON ends early (byte 10)"),
        ("[[[[1, 2", "its JSON ends early (byte 8)"),
        ('{"a":1,}', "its JSON is malformed (byte 7)"),
        ('{"a":1 "b":2}', "its JSON is malformed (byte 7)"),
        ("{'a':1}", "its JSON is malformed (byte 1)"),
        ("{a:1}", "its JSON is malformed (byte 1)"),
        ("[1,2,3,,4]", "its JSON is malformed (byte 7)"),
        ('{"a":1,"b":2,"c":}', "its JSON is malformed (byte 17)"),
        ("[1}", "its JSON is malformed (byte 2)"),
        ("[NaN]", "its JSON is malformed (byte 1)"),
        ("[01]", "its JSON is malformed (byte 2)"),
        ("[1] // no", "something follows its JSON (byte 4)"),
        ("/* no */ [1]", "its JSON is malformed (byte 0)"),
        ('["a\tb"]', "its JSON is malformed (byte 3)"),
        (r'["a\x"]', "its JSON is malformed (byte 3)"),
        (r'["\u12"]', "its JSON is malformed (byte 2)"),
        ("\ufeff[1", "its JSON ends early (byte 5)"),
    ],
)
def test_it_says_what_is_wrong_and_where(text, clause):
    assert str(fault(text.encode())) == clause


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("[1," + "1," * 1_000_000 + "x]", "its JSON is malformed (byte 2000003)"),
        ("[" * 19_999, "its JSON ends early (byte 19999)"),
        ("[" * 5_000_000, "its JSON is malformed (after byte 19999)"),
    ],
    ids=["a long list", "few enough", "too many"],
)
def test_it_is_not_looked_for_for_ever(text, clause):
    assert str(fault(text.encode())) == clause


def is_taken(text: bytes) -> bool:
    try:
        return past_space(text, skip(text, json_start(text), Budget())) == len(text)
    except Unreadable:
        return False


def is_json(text: bytes) -> bool:
    def refuse(constant: str) -> None:
        raise ValueError(constant)

    try:
        json.loads(text.decode("latin-1"), parse_constant=refuse)
    except ValueError:
        return False
    return True


JSON_LIKE = st.lists(
    st.sampled_from(["{", "}", "[", "]", ",", ":", '"a"', '"', "1", "-", ".5", "null", " ", "\\", "u0041", "\n", "é"]),
    max_size=12,
).map(lambda tokens: "".join(tokens).encode())


@given(JSON_LIKE)
@example(b'{"a":[{"b":[[[{}]]]}]}')
@example(b"[[[[1,]]]]")
def test_two_readers_agree_on_what_is_json(text):
    assert is_taken(text) == is_json(text)


@given(JSON_LIKE.filter(lambda text: not is_json(text)))
def test_before_the_fault_nothing_is_wrong(text):
    at = int(re.findall(r"[0-9]+", str(fault(text)))[0])

    assert at <= len(text)
    assert str(fault(text[:at])) == f"its JSON ends early (byte {at})"


@pytest.mark.parametrize("text", ["0", "-0", "10", "1.50", "1e400", "1E+5", "-1.2e-3", "9" * 5000])
def test_numbers(text):
    assert re.fullmatch(NUMBER, text.encode())


@pytest.mark.parametrize("text", ["", "-", "+1", "01", "1.", ".5", "1e", "0x10", "1_000", "NaN", "Infinity", "\u0661"])
def test_what_is_no_number(text):
    assert not re.fullmatch(NUMBER, text.encode())


@pytest.mark.parametrize("text", ['""', '"a"', '"é"', r'"\"\\\/\b\f\n\r\t"', r'"\u00e4\uD800"', '"\x7f"'])
def test_strings(text):
    assert re.fullmatch(STRING, text.encode())


@pytest.mark.parametrize("text", ['"', "''", '"a', '"a"b"', r'"\"', r'"\x41"', r'"\u00g0"', r'"\u00"', '"\n"', '"\0"'])
def test_what_is_no_string(text):
    assert not re.fullmatch(STRING, text.encode())


@pytest.mark.parametrize("text", ["null", "{}", "[ ]", '{ "a" : [ 1 , null ] , "b" : true }', "[[], [1, 2], {}]"])
def test_shallow_values(text):
    assert re.fullmatch(SHALLOW, text.encode())


@pytest.mark.parametrize(
    "text", ["nul", "{", "[1,]", "[,1]", "[1 2]", '{"a":1,}', '{"a" 1}', "{a:1}", "{1:1}", '{"a":1]', "[]]"]
)
def test_what_is_no_shallow_value(text):
    assert not re.fullmatch(SHALLOW, text.encode())


def test_the_deeper_values_take_a_loop():
    assert not re.fullmatch(SHALLOW, b"[[[1]]]")


@pytest.mark.parametrize(
    ("text", "run"),
    [
        ('"a":1}', ""),
        ('"a":1, "b" : [] ,"c":2}', '"a":1, "b" : [] ,'),
        ('"a":1,"password":2,"c":3}', '"a":1,'),
        ('"a":1,"passwords":2,"c":3}', '"a":1,"passwords":2,'),
        (r'"a":1,"pass\u0077ord":2,"c":3}', '"a":1,'),
        ('"a":1,"pässword":2,"c":3}', '"a":1,'),
        ('"a":1,"":2,"c":3}', '"a":1,'),
        ('"a":1,"b":[[[]]],"c":3}', '"a":1,'),
    ],
)
def test_a_run_stops_at_what_has_to_be_looked_at(text, run):
    match = members_but(frozenset({"password", "", "pässword"})).match(text.encode())

    assert (match[0] if match else b"") == run.encode()


def test_a_name_is_no_pattern():
    match = members_but(frozenset({"a.c"})).match(b'"abc":1,"a.c":2,"d":3}')

    assert match
    assert match[0] == b'"abc":1,'


def test_white_space_is_that_of_json():
    assert past_space(b" \t\r\n\x0b", 0) == 4
    assert past_space(b"a ", 0) == 0
    assert json_start(b"\xef\xbb\xbf {}") == 4


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(), below, max_size=4),
    max_leaves=40,
)


@given(VALUES, st.sampled_from([None, 1]), st.booleans(), st.text(",]} \n", max_size=3))
def test_a_value_ends_where_it_ends(value, indent, ascii_only, rest):
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode("utf-8", "replace")

    assert skip(b"[" + text + rest.encode(), 1, Budget()) == len(text) + 1


NESTS = [("[", "]"), ('{"a":', "}"), ("[{},", "]"), ('{"a": 1, "b":', ', "c": 2}'), ("[ ", " ,[[[1]]]]")]


@pytest.mark.parametrize("depth", [0, 1, 2, 3, 4, DEEPEST - 4, DEEPEST - 3])
@pytest.mark.parametrize(("opens", "closes"), NESTS)
@pytest.mark.parametrize("inside", ["0", "[]", "{ }", '{"a":[1]}', "[[2],3]"])
def test_values_up_to_a_depth_are_taken(depth, opens, closes, inside):
    text = (opens * depth + inside + closes * depth).encode()

    assert skip(text, 0, Budget()) == len(text)


@pytest.mark.parametrize(("opens", "closes"), [("[", "]"), ('{"a":', "}"), ('[0, {"a": 1, "b":', ', "c": 2} , []]')])
@pytest.mark.parametrize("around", [0, 1, 32])
def test_the_depth_has_a_bound(opens, closes, around):
    levels = opens.count("[") + opens.count("{")
    least = (DEEPEST - around) // levels
    taken, refused = ((opens * depth + "0" + closes * depth).encode() for depth in (least, least + 1))

    assert skip(taken, 0, Budget(), around) == len(taken)
    with pytest.raises(Unreadable, match=r"^its JSON nests deeper than 1000 levels$"):
        skip(refused, 0, Budget(), around)


def test_the_steps_have_a_bound():
    def text(number):
        return ("[" + ",".join(["[[[1]]]"] * number) + "]").encode()

    fits = STEPS // 4
    assert skip(text(fits), 0, Budget()) == len(text(fits))
    with pytest.raises(Unreadable, match=r"^reading its JSON takes more than 100000 steps$"):
        skip(text(STEPS), 0, Budget())


@pytest.mark.parametrize("text", [b"[[[[1]]],[[[2]]]]", b'{"a":[[{}]],"b":[[[[]]]]}', b"[" * 50 + b"]" * 50])
def test_a_step_too_many_is_one_too_many(text):
    budget = Budget()
    skip(text, 0, budget)
    needed = STEPS - budget.left

    assert skip(text, 0, Budget(needed)) == len(text)
    with pytest.raises(Unreadable, match="steps"):
        skip(text, 0, Budget(needed - 1))


LARGE = {
    "numbers": "[" + "1," * SLICE + "1]",
    "one number": "[" + "1" * 2 * SLICE + "]",
    "one string": '["' + "a" * 2 * SLICE + '"]',
    "one name": '{"' + "a" * 2 * SLICE + '":1}',
    "white space": "[" + " " * 2 * SLICE + "]",
    "white space in an object": '{"a":{' + " " * 2 * SLICE + "}}",
    "white space about a comma": "[1" + " " * 2 * SLICE + "," + " " * 2 * SLICE + "1]",
    "members": "{" + '"a": [1, {}] ,' * (SLICE // 4) + '"a":1}',
    "lists of numbers": "[" + ("[" + "1," * SLICE + "1],") * 3 + "1]",
    "words": "[" + "true ,null," * (SLICE // 4) + "false]",
    "strings": "[" + '"]","\\"",' * (SLICE // 4) + '""]',
}


@pytest.mark.parametrize("text", LARGE.values(), ids=LARGE)
def test_what_is_larger_than_a_slice_is_read_alike(text):
    for shift in range(12):
        shifted = b"[" + b" " * shift + text.encode()

        assert skip(shifted + b", 1]", 0, Budget()) == len(shifted) + 4
        for broken in (b", ]", b"}, 1]", b" 1]"):
            with pytest.raises(Unreadable):
                skip(shifted + broken, 0, Budget())


@given(VALUES, st.sampled_from([None, 1]), st.integers(1, 40))
def test_the_size_of_slices_is_no_matter(value, indent, size):
    text = json.dumps([value, value], indent=indent).encode()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("jira_compat.message.body.json_scanner.SLICE", size)
        assert skip(text, 0, Budget()) == len(text)


@pytest.mark.parametrize("depth", [1, 4, 3_000])
@pytest.mark.parametrize(
    "inside", ["[1}", '{"a":1]', "[1,]", "[1 2]", '{"a":1,}', '{"a",1}', "[", "{", '["]', ",", "tru"]
)
def test_at_no_depth_anything_else_is_taken(depth, inside):
    with pytest.raises(Unreadable):
        skip(("[" * depth + inside + "]" * depth).encode(), 0, Budget())


@pytest.mark.parametrize("text", ["[[[[1]]]}", "[[[[1]]}]", '{"a":[[[1]]]]', '{"a":{"b":[[[1]]]]}', '[{"a":[[[1]]]]]'])
def test_what_closes_is_what_was_opened(text):
    with pytest.raises(Unreadable):
        skip(text.encode(), 0, Budget())
