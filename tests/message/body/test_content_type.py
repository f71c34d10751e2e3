import pytest

from jira_compat.message.body.content_type import ContentType, content_type
from jira_compat.message.body.errors import Unreadable


def declared(*values: str) -> ContentType:
    return content_type((b"Content-Type", value.encode("latin-1")) for value in values)


def test_without_one_nothing_is_declared():
    assert content_type([(b"Accept", b"text/html")]) == declared("") == declared(" ") == ContentType()


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ("application/json", ContentType("application/json")),
        (" Application/JSON ; Charset=UTF-8 ;", ContentType("application/json", "UTF-8")),
        ('text/plain;charset="latin1";x=y;;', ContentType("text/plain", "latin1")),
        ("text/plain; charset=utf-8; charset=utf-8", ContentType("text/plain", "utf-8")),
        ("multipart/form-data; boundary=--=_1:2/3", ContentType("multipart/form-data", None, b"--=_1:2/3")),
        ('multipart/form-data; boundary="a b;c"', ContentType("multipart/form-data", None, b"a b;c")),
        ('a/b; charset=""', ContentType("a/b", "")),
    ],
)
def test_media_type_charset_and_boundary(value, parts):
    assert declared(value) == parts


@pytest.mark.parametrize(
    "value", ["json", "/", "a/b c", "a/b, c/d", "a/b; charset", "a/b; charset=", 'a/b; charset="x', "a/b; =x", "ä/b"]
)
def test_what_does_not_parse(value):
    with pytest.raises(Unreadable, match="malformed"):
        declared(value)


@pytest.mark.parametrize(
    "values", [("a/b", "a/c"), ("a/b", "A/B"), ("a/b", ""), ("a/b; charset=utf-8; CHARSET=latin1",)]
)
def test_contradictions(values):
    with pytest.raises(Unreadable):
        declared(*values)


@pytest.mark.parametrize(
    "parameters", ["boundary=a; boundary*0=b", "boundary*0=a; boundary*1=b", "BOUNDARY*=utf-8''a", "charset*=''utf-7"]
)
def test_a_parameter_in_pieces_some_servers_read(parameters):
    with pytest.raises(Unreadable, match="in pieces"):
        declared(f"multipart/form-data; {parameters}")


def test_the_same_twice_is_no_contradiction():
    assert content_type([(b"content-type", b"a/b"), (b"CONTENT-TYPE", b"a/b")]) == ContentType("a/b")


def test_what_it_declares():
    assert declared("application/x-www-form-urlencoded; charset=utf-8").is_form
    assert declared("Multipart/Mixed").is_multipart
    assert not declared("text/json").is_form
    assert not declared("text/json").is_multipart
