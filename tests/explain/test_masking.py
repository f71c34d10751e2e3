import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build import a_request
from jira_compat.explain.masking import masked_body, masked_pairs, masked_target

SECRET = "tulip7"
texts = st.text(max_size=8)
values = st.recursive(
    st.sampled_from([SECRET, f"{SECRET}!", None, True, 7, 1.5]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("body", [b"", b" \r\n"])
def test_nothing_is_shown_as_nothing(body):
    assert masked_body(body) == ""


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b'{"name": "fred", "active": false}', '{"name": "…", "active": "…"}'),
        (b'{"a": 1, "a": 2}', '{"a": "…", "a": "…"}'),
        (b'{"n": 1e400, "m": ' + b"7" * 5000 + b"}", '{"n": "…", "m": "…"}'),
        (b'[{"a": null}, "b", []]', '[{"a": "…"}, "…", []]'),
        (b'"tulip7"', '"…"'),
        (b"true", '"…"'),
        ('{"über": 1}'.encode(), '{"über": "…"}'),
        (rb'{"\ud800": 1}', r'{"\ud800": "…"}'),
        ('{"\x9b2J": 1}'.encode(), r'{"\u009b2J": "…"}'),
        ('{"a": "b"}'.encode("utf-16"), '{"a": "…"}'),
        (b"name=fred&password=tulip7", "name=…&password=…"),
        (b"password=", "password=…"),
        (b"tulip7", "(6 bytes)"),
        (b"a=1&tulip7", "(10 bytes)"),
        (b"my secret is a=b", "(16 bytes)"),
        (b'{"a": "tulip7"', "(14 bytes)"),
        (b"\x1f\x8b\x08=", "(4 bytes)"),
        (b"[" * 100_000, "(100000 bytes)"),
    ],
)
def test_bodies_show_names_and_no_values(body, shown):
    assert masked_body(body) == shown


@given(values)
def test_no_value_of_json_is_shown(value):
    assert SECRET not in masked_body(json.dumps(value).encode())


@given(st.binary(max_size=40))
def test_no_bytes_make_it_raise(body):
    masked_body(body)
    masked_pairs(body)


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        ("/rest/api/2/user", "/rest/api/2/user"),
        ("/rest/api/2/user?username=fred", "/rest/api/2/user?username=…"),
        ("/rest/api/2/user?a=b&c=d=e&&f=", "/rest/api/2/user?a=…&c=…&&f=…"),
        ("/rest/api/2/user?tulip7", "/rest/api/2/user?…"),
        ("/rest/api/2/user?tu lip=7", "/rest/api/2/user?…"),
        ("/rest/api/2/user;jsessionid=tulip7?a=b#tulip7", "/rest/api/2/user?a=…"),
        ("/rest/api/2/user?", "/rest/api/2/user?"),
    ],
)
def test_targets_show_path_and_names(target, shown):
    assert masked_target(a_request(f"GET {target}")) == shown
