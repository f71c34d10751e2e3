import pytest

from jira_compat.rewrite.readings import other_readings

PLAIN = ("rest", "api", "2", "user", "password")


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        (b"/rest/api/2/user/password", PLAIN),
        (b"/rest//api/2/x/../user/./password;a=b/", PLAIN),
        (b"//rest/api/2/user/password", PLAIN),
        (b"/browse/a%2Fb", ()),
        (b"/browse/%00%ff\\..;/", ()),
    ],
)
def test_one_reading_is_not_ambiguous(path, plain):
    assert other_readings(path, plain) == (None, ())


@pytest.mark.parametrize(
    ("path", "plain", "others"),
    [
        (b"/rest/a%5cb", ("rest", "a%5cb"), {("rest", "a", "b"), ("rest", "a\\b")}),
        (b"/rest/a%00b", ("rest", "a%00b"), {("rest", "a"), ("rest", "ab"), ("rest", "a\0b")}),
        (b"/rest/a/..;/b", ("rest", "b"), {("rest", "a", "b"), ("rest", "a", "..;", "b")}),
        (b"/rest/%252561", ("rest", "%252561"), {("rest", "%2561"), ("rest", "%61"), ("rest", "a")}),
        (b"/rest/a%20", ("rest", "a "), {("rest", "a")}),
        (b"/rest/a b", ("rest", "a b"), {("rest", "a")}),
        (b"/REST/a", (), {("rest", "a")}),
        (b"//rest/rest/a", ("rest", "rest", "a"), {("rest", "a")}),
    ],
)
def test_all_readings_are_given(path, plain, others):
    why, readings = other_readings(path, plain)

    assert why
    assert set(readings) == others | ({plain} if plain else set())
    assert len(set(readings)) == len(readings)


@pytest.mark.parametrize("repeated", [1, 1000])
def test_what_has_everything_has_32_readings_with_the_most_decoded_one(repeated):
    odd = b"/x/..;/a//../%2f%5c\\%00%20 %3f%252f%ff%c0%af%0a%u0061%#"
    path = b"//rest/rest/API/%252e%252e/rest/api/2/user/password" + odd * repeated

    why, readings = other_readings(path, ())

    assert why
    assert 1 < len(readings) <= 32
    assert () not in readings


def test_decoding_to_the_end_comes_first():
    _, readings = other_readings(b"/rest/api/2/user%25255cpassword%2520%2500%0a%ff", ())

    assert readings[0] == PLAIN


def test_a_reading_longer_than_any_endpoint_is_left_out():
    assert other_readings(b"/rest" + b"/a" * 200 + b"%2F", ("rest",)) == (None, ())
