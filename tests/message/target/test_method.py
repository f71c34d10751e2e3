import pytest

from jira_compat.message.target.method import method_readings


@pytest.mark.parametrize(
    "headers",
    [
        (),
        ((b"Accept", b"application/json"), (b"X-HTTP", b"DELETE")),
        ((b"X-HTTP-Method-Override", b"PUT"),),
        ((b"X-HTTP-Method-Override", b" , "), (b"X-HTTP-Method", b"")),
    ],
)
def test_without_another_method_there_is_one_reading(headers):
    assert method_readings("PUT", headers) == ("PUT",)


@pytest.mark.parametrize("method", ["put", "Put", "PUT"])
def test_the_sent_one_is_upper_cased(method):
    assert method_readings(method, ()) == ("PUT",)


@pytest.mark.parametrize("method", ["GET", "PROPFIND", "VERSION-CONTROL", "a.b", "!#$%&'*+.^_`|~-"])
def test_a_token_is_one_reading(method):
    assert method_readings(method, ()) == (method.upper(),)


@pytest.mark.parametrize(
    ("method", "readings"),
    [
        ("\0PUT", ("\0PUT", "PUT")),
        ("put\x7f", ("PUT\x7f", "PUT")),
        ("PUT\0X", ("PUT\0X", "PUTX", "PUT", "X")),
        ("P\x01UT", ("P\x01UT", "PUT", "P", "UT")),
        ("\udcffPUT", ("\udcffPUT", "PUT")),
        ("\0", ("\0",)),
        ("", ("",)),
    ],
)
def test_what_is_no_token_is_read_as_any_that_is_in_it(method, readings):
    assert method_readings(method, ()) == readings


@pytest.mark.parametrize("name", [b"X-HTTP-Method-Override", b"X-HTTP-Method", b"X-Method-Override"])
@pytest.mark.parametrize("value", [b"PUT", b"put", b" Put\t", b"\x01PUT\x1f", b'"PUT"', b"\xa0PUT"])
def test_an_override_is_another_reading(name, value):
    assert method_readings("POST", ((name, value),)) == ("POST", "PUT")
    assert method_readings("POST", ((name.lower(), value),)) == ("POST", "PUT")


def test_every_line_counts_and_every_member_of_a_list():
    headers = (
        (b"X-HTTP-Method-Override", b"PUT"),
        (b"x-http-method-override", b"delete, POST"),
        (b"X-Method-Override", b"PATCH"),
        (b"X-HTTP-Method", b"PUT"),
    )

    assert method_readings("POST", headers) == ("POST", "PUT", "DELETE", "PATCH")


@pytest.mark.parametrize(
    ("query", "readings"),
    [
        (b"", ("POST",)),
        (b"username=_method%3DPUT&method=PUT&_Method=PUT&_method", ("POST",)),
        (b"username=fred&_method=PUT", ("POST", "PUT")),
        (b"%5Fmethod=put", ("POST", "PUT")),
        (b"_method=PUT%00", ("POST", "PUT")),
        (b"_method=%50UT&_method=+delete+", ("POST", "PUT", "DELETE")),
    ],
)
def test_the_query_overrides_a_post_alone(query, readings):
    assert method_readings("POST", (), query) == readings
    assert method_readings("post", (), query) == readings
    assert method_readings("GET", (), query) == ("GET",)


def test_no_octets_make_it_raise():
    assert method_readings("POST", ((b"X-HTTP-Method", bytes(range(128, 256))),))[0] == "POST"
