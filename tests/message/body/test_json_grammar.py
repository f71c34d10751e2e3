import re

import pytest

from jira_compat.message.body.json_grammar import NUMBER, SHALLOW, STRING, json_start, members_but, past_space


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
