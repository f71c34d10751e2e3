import json

import pytest

from jira_compat.standin.http.body import KEPT, Body
from jira_compat.standin.http.messages import Call, Refusal, answer, escaped, flag, misfit, text, whole_number


def call(content: bytes = b"", content_type: str = "application/json", **more) -> Call:
    return Call("POST", ("rest", "api", "2"), body=Body(content), headers={"content-type": content_type}, **more)


def refused(content: bytes, content_type: str = "application/json") -> int:
    with pytest.raises(Refusal) as refusal:
        call(content, content_type).fields()
    return refusal.value.answer.status


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON;charset=UTF-8"])
@pytest.mark.parametrize("content", [b'{"a":1}', '{"a":1}'.encode("utf-16"), b' {"a": 2, "a": 1} '])
def test_json_is_read(content, content_type):
    assert call(content, content_type).fields() == {"a": 1}


def test_json_needs_no_label():
    assert Call("POST", (), body=Body(b"{}")).fields() == {}


@pytest.mark.parametrize(
    "content",
    [b"", b"null", b"[]", b'"text"', b"{", b'{"a":1,}', b"\xff", b"[" * 100_000, b'{"a":' + b"1" * 5_000 + b"}"],
    ids=range(9),
)
def test_what_is_no_json_object_is_400(content):
    assert refused(content) == 400


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain", ""])
def test_what_is_not_labelled_json_is_415(content_type):
    assert refused(b"{}", content_type) == 415


def test_json_that_was_not_kept_is_413():
    assert refused(b" " * (KEPT + 1)) == 413


def test_a_refusal_tells_nothing_of_the_body():
    with pytest.raises(Refusal) as refusal:
        call(b'{"password": "hunter2"').fields()

    assert b"hunter2" not in refusal.value.answer.body


@pytest.mark.parametrize(
    ("version", "link"),
    [("2", "/rest/api/2/x"), ("3", "/rest/api/3/x"), ("latest", "/rest/api/2/x"), ("2.0.alpha1", "/rest/api/2/x")],
)
def test_links_name_the_version(version, link):
    assert Call("GET", ("rest", "api", version), site="http://jira").link("x") == "http://jira" + link


def test_parameters():
    asked = call(query=[("a", ""), ("a", "1"), ("b", "x,y"), ("b", "z"), ("n", "7"), ("m", "x")])

    assert (asked.ask("a"), asked.ask("b"), asked.ask("c")) == ("1", "x,y", None)
    assert asked.all("b") == ["x", "y", "z"]
    assert (asked.number("n", 5), asked.number("c", 5)) == (7, 5)
    with pytest.raises(Refusal):
        asked.number("m", 5)


@pytest.mark.parametrize(("value", "read"), [("a", "a"), (1, "1"), (True, "true"), (None, None)])
def test_text(value, read):
    assert text({"a": value}, "a") == read


@pytest.mark.parametrize("value", [{}, []])
def test_text_is_neither_object_nor_array(value):
    with pytest.raises(Refusal):
        text({"a": value}, "a")


@pytest.mark.parametrize(("value", "read"), [(True, True), ("TRUE", True), ("no", False), (0, False), (None, None)])
def test_flag(value, read):
    assert flag({"a": value}, "a") is read


@pytest.mark.parametrize(("value", "read"), [(3, 3), ("3", 3), ("-1", -1), (None, 9)])
def test_whole_number(value, read):
    assert whole_number("a", value, 9) == read


def test_errors_have_jiras_shape():
    assert json.loads(Refusal(404, "one", "two").answer.body) == {"errorMessages": ["one", "two"], "errors": {}}
    assert json.loads(misfit("a", "b").answer.body) == {"errorMessages": [], "errors": {"a": "b"}}
    assert ("Content-Type", "application/json;charset=UTF-8") in answer(200, []).headers


@pytest.mark.parametrize(("value", "safe"), [("a b/ä", "a%20b%2F%C3%A4"), ("\ud800\r\n", "%3F%0D%0A")])
def test_escaped_fits_into_links_and_header_fields(value, safe):
    assert escaped(value) == safe
