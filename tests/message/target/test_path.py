import string

import pytest

from jira_compat.message.target.path import api, decode, normalise, resolve, split, unescape, without_suffix

UNRESERVED = (string.ascii_letters + string.digits + "-._~").encode()


@pytest.mark.parametrize("path", [b"/", b"/rest/api/2/user", b"/a%2Fb", b"/a%2fb", b"/f%C3%BC", b"/\xff", b"/a b"])
def test_a_normal_path_stays_as_it_is(path):
    assert normalise(path) == path


@pytest.mark.parametrize("octet", range(256))
def test_only_what_is_unreserved_is_unescaped(octet):
    for escape in (b"%%%02x" % octet, b"%%%02X" % octet):
        assert unescape(escape) == (bytes([octet]) if octet in UNRESERVED else escape)


@pytest.mark.parametrize(
    ("path", "normal"),
    [
        (b"", b"/"),
        (b"rest", b"/rest"),
        (b"//", b"/"),
        (b"/a//b///c", b"/a/b/c"),
        (b"/a/", b"/a"),
        (b"/a/./b/.", b"/a/b"),
        (b"/a/x/../b/y/..", b"/a/b"),
        (b"/../../a", b"/a"),
        (b"/a/x/%2e%2E/b/%2e", b"/a/b"),
        (b"/a;x=y;z/b;/c;x/", b"/a/b/c"),
        (b"/a/x/..;y/b", b"/a/b"),
        (b"/a/;x/b", b"/a/b"),
        (b"/%61%2D%7e", b"/a-~"),
        (b"/a/...", b"/a/..."),
        (b"/100%", b"/100%25"),
        (b"/%%34%31", b"/%2541"),
    ],
)
def test_every_spelling_has_one_normal_form(path, normal):
    assert normalise(path) == normal
    assert normalise(normal) == normal


@pytest.mark.parametrize(
    ("path", "options", "resolved"),
    [
        (b"/a/b/..;x/c", {}, b"/a/c"),
        (b"/a/b/..;x/c", {"strip": False}, b"/a/b/c"),
        (b"/a/b/..;x/c;y", {"strip": False, "drop": False}, b"/a/b/..;x/c"),
        (b"/a/;x/../c", {}, b"/c"),
        (b"/a/;x/../c", {"strip": False}, b"/a/c"),
        (b"/a//../c", {}, b"/c"),
        (b"/a//../c", {"merge": False}, b"/a/c"),
        (b"/a//b/", {"merge": False}, b"/a/b"),
    ],
)
def test_servers_resolve_in_different_orders(path, options, resolved):
    assert resolve(path, **options) == resolved


@pytest.mark.parametrize("escape", [b"%2F", b"%2f", b"%5C", b"%5c", b"%3B", b"%3F", b"%23", b"%00", b"%2541", b"%25fF"])
def test_what_would_say_something_else_stays_escaped(escape):
    assert decode(b"/a" + escape) == b"/a" + escape


@pytest.mark.parametrize(
    ("path", "decoded"),
    [
        (b"/a%20b", b"/a b"),
        (b"/f%C3%BC", b"/f\xc3\xbc"),
        (b"/100%25", b"/100%"),
        (b"/%25g0", b"/%g0"),
        (b"/%26", b"/&"),
    ],
)
def test_the_rest_is_decoded(path, decoded):
    assert decode(path) == decoded


def test_segments_that_are_not_utf8_are_still_text():
    assert split(b"/a/\xff") == ["a", "\N{REPLACEMENT CHARACTER}"]


@pytest.mark.parametrize(
    ("path", "segments"),
    [
        ("", ()),
        ("browse/ABC-1", ()),
        ("restful/api/2/user", ()),
        ("jira/api/2/user", ()),
        ("REST/api/2/user", ()),
        ("rest", ("rest",)),
        ("rest/api/2/user", ("rest", "api", "2", "user")),
        ("jira/rest/api/2/user", ("rest", "api", "2", "user")),
        ("a/b/c/rest/api/2/user", ("rest", "api", "2", "user")),
        ("rest/x/rest/api/2/user", ("rest", "x", "rest", "api", "2", "user")),
        ("api/2/user", ("rest", "api", "2", "user")),
        ("api/auth/1/session", ("rest", "auth", "1", "session")),
        ("api", ("rest", "api")),
        ("api/2/rest/x", ("rest", "x")),
    ],
)
def test_the_api_path_begins_at_the_first_rest(path, segments):
    assert api(path.split("/")) == segments


@pytest.mark.parametrize(
    ("last", "word"),
    [
        *[(f"user.{suffix}", "user") for suffix in ("json", "xml", "html", "htm", "txt", "atom")],
        ("user", "user"),
        ("user.json.json", "user.json"),
        ("user.JSON", "user.JSON"),
        ("json", "json"),
        ("2.0", "2.0"),
        ("a.png", "a.png"),
    ],
)
def test_one_suffix_of_the_rest_module_is_taken_off(last, word):
    assert without_suffix(("rest", last)) == ("rest", word)


def test_a_suffix_alone_leaves_the_path_before_it():
    assert without_suffix(("rest", "api", ".json")) == ("rest", "api")
