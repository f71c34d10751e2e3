import json
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jira_compat.message.body.errors import Unreadable
from jira_compat.message.body.json_grammar import json_start, past_space
from jira_compat.message.body.json_scanner import fault
from jira_compat.message.body.json_skip import skip


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
        ("[" * 99_999, "its JSON ends early (byte 99999)"),
        ("[" * 5_000_000, "its JSON is malformed (after byte 99999)"),
    ],
    ids=["a long list", "few enough", "too many"],
)
def test_it_is_not_looked_for_for_ever(text, clause):
    assert str(fault(text.encode())) == clause


def is_taken(text: bytes) -> bool:
    try:
        return past_space(text, skip(text, json_start(text))) == len(text)
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
