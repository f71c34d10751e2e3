import gzip

import pytest

from build import a_request
from jira_compat.actions.edit import Edit, edit
from jira_compat.message.body.edit import TooLarge, Unreadable
from jira_compat.message.body.pointers import Selection

PASSWORD = Edit(Selection("remove", (("password",),)), frozenset({"password"}))
ACTIVE = Edit(Selection("keep", (("active",),)))
QUERY = Edit(None, frozenset({"password"}))


@pytest.mark.parametrize(
    "request_",
    [
        a_request("POST /rest/api/2/user"),
        a_request("POST /rest/api/2/user", None),
        a_request("POST /rest/api/2/user?", name="fred"),
        a_request("POST /rest/api/2/user?passwords=1&xpassword=2", passwords=1),
        a_request("POST /rest/api/2/user?a=password", b"a=password"),
    ],
    ids=repr,
)
def test_where_nothing_is_taken_out_the_very_request_comes_back(request_):
    edited, gone = edit(request_, PASSWORD, limit=1000)

    assert edited is request_
    assert gone == ()


def test_a_body_that_was_not_seen_is_left_alone_and_the_query_is_not():
    edited, gone = edit(a_request("POST /x?password=1&a=b", None), PASSWORD, limit=1000)

    assert (edited.target, edited.body, gone) == (b"/x?a=b", None, ("?password",))


@pytest.mark.parametrize(
    ("spec", "body", "left", "gone"),
    [
        (PASSWORD, b'{"a": 1, "password": "x"}', b'{"a": 1}', ("/password",)),
        (PASSWORD, b"a=1&password=x", b"a=1", ("/password",)),
        (ACTIVE, b'{"a": 1, "active": true, "password": "x"}', b'{"active": true}', ("/a", "/password")),
    ],
    ids=repr,
)
def test_fields_are_taken_out_and_named(spec, body, left, gone):
    edited, removed = edit(a_request("POST /x", body), spec, limit=1000)

    assert (edited.body, removed) == (left, gone)


@pytest.mark.parametrize(
    ("target", "left", "gone"),
    [
        ("/x?password=1", b"/x", ("?password",)),
        ("/x?password", b"/x", ("?password",)),
        ("/x?a=1&password=1&b=2", b"/x?a=1&b=2", ("?password",)),
        ("/x?p%61ssword=1&a=%20", b"/x?a=%20", ("?password",)),
        ("/x?password=1?password=2&a", b"/x?a", ("?password",)),
    ],
)
def test_names_are_taken_out_of_the_query(target, left, gone):
    edited, removed = edit(a_request(f"POST {target}"), QUERY, limit=1000)

    assert (edited.target, removed) == (left, gone)


def test_what_goes_from_body_and_query_is_one_list():
    _, gone = edit(a_request("POST /x?password=1", password="x"), PASSWORD, limit=1000)

    assert gone == ("/password", "?password")


def test_a_length_that_was_declared_is_right_again():
    headers = {"Host": "jira", "content-LENGTH": "25", "Accept": "*/*"}
    edited, _ = edit(a_request("POST /x", b'{"a": 1, "password": "x"}', headers), PASSWORD, limit=1000)

    assert edited.headers == ((b"Host", b"jira"), (b"content-LENGTH", b"8"), (b"Accept", b"*/*"))


def test_no_length_is_declared_that_was_not():
    headers = {"Transfer-Encoding": "chunked"}
    edited, _ = edit(a_request("POST /x", b'{"a": 1, "password": "x"}', headers), PASSWORD, limit=1000)

    assert edited.headers == ((b"Transfer-Encoding", b"chunked"),)


def test_a_body_that_cannot_be_read_is_refused():
    with pytest.raises(Unreadable):
        edit(a_request("POST /x", b'{"password": "x"'), PASSWORD, limit=1000)


@pytest.mark.parametrize(
    ("body", "headers"),
    [(b" " * 1000 + b"{}", {}), (gzip.compress(b'{"a": "' + b"x" * 2000 + b'"}'), {"Content-Encoding": "gzip"})],
    ids=["as it came", "decoded"],
)
def test_a_body_over_the_limit_is_refused(body, headers):
    with pytest.raises(TooLarge):
        edit(a_request("POST /x", body, headers), PASSWORD, limit=1000)


def test_an_edit_of_the_query_alone_reads_no_body():
    request = a_request("POST /x", b"\xff not a body" * 1000)

    assert edit(request, QUERY, limit=10) == (request, ())
