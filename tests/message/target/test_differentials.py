import pytest

from jira_compat.message.target.differentials import DOUBTS, ORDER
from jira_compat.message.target.escapes import texts

UNDOUBTED = [
    b"",
    b"/",
    b"/rest/api/2/issue/ABC-123",
    b"/rest/api/2/project/a%20b",
    b"/rest/api/2/user/f%C3%BC",
    b"/rest/api/2/user/f\xc3\xbc",
    b"/rest/api/2/component/100%25",
    b"/a//b/../c/d",
    b"/a;x=y/b",
    b"/a/.../.hidden",
]

DOUBTED = [
    (b"/a%2Fb", "it has an encoded slash"),
    (b"/a%2fb", "it has an encoded slash"),
    (b"/%2561", "it is encoded twice"),
    (b"/%25%36%31", "it is encoded twice"),
    (b"/%ff", "it is not UTF-8"),
    (b"/\xff", "it is not UTF-8"),
    (b"/%c0%af", "it is not UTF-8"),
    (b"/100%", "it has a '%' that encodes nothing"),
    (b"/%g0", "it has a '%' that encodes nothing"),
    (b"/%u0061", "it has a '%' that encodes nothing"),
    (b"/a\\b", "it has a backslash"),
    (b"/a%5cb", "it has a backslash"),
    (b"/a%00b", "it has a NUL"),
    (b"/a\0b", "it has a NUL"),
    (b"/a%0ab", "it has a control character"),
    (b"/a\tb", "it has a control character"),
    (b"/a%7f", "it has a control character"),
    (b"/a%3Fb", "it has a '?' or '#' in its path"),
    (b"/a%23b", "it has a '?' or '#' in its path"),
    (b"/a#b/c", "it has a '?' or '#' in its path"),
    (b"/a%3bb", "it has an encoded semicolon"),
    (b"/a b", "it has a space"),
    (b"/a%20", "it has a space at the edge of a segment"),
    (b"/%20a/b", "it has a space at the edge of a segment"),
    (b"/a%20;x/b", "it has a space at the edge of a segment"),
    (b"//a", "it begins with two slashes"),
    (b"/a/..;/b", ORDER.clause),
    (b"/a/%2e%2e;/b", ORDER.clause),
    (b"/a/.;x/b", ORDER.clause),
    (b"/a/;x/../b", ORDER.clause),
    (b"/a//../b", ORDER.clause),
]


def clauses(path: bytes) -> list[str]:
    return [doubt.clause for doubt in (*DOUBTS, ORDER) if doubt.concerns(texts(path))]


@pytest.mark.parametrize("path", UNDOUBTED)
def test_an_ordinary_path_has_nothing_to_doubt(path):
    # a dot segment behind a merged slash is looked at, and turns out the same in every order
    assert set(clauses(path)) <= ({ORDER.clause} if b"//" in path else set())


@pytest.mark.parametrize(("path", "clause"), DOUBTED)
def test_what_servers_differ_about_is_named(path, clause):
    assert clauses(path)[0] == clause


def test_every_doubt_is_shown_above():
    assert {clause for _, clause in DOUBTED} == {doubt.clause for doubt in (*DOUBTS, ORDER)}


@pytest.mark.parametrize("doubt", DOUBTS, ids=lambda doubt: doubt.clause)
def test_leaving_it_alone_is_an_option_of_each_step(doubt):
    path = b"//a\\b\0\n ?#%;\xff"

    assert not doubt.options or path in [option(path) for option in doubt.options]
