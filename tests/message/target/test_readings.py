import pytest

from jira_compat.message.target.readings import other_readings

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
    assert other_readings(path, plain) == (None, (), None)


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
        (b"/s/rest/_/rest/a", ("rest", "_", "rest", "a"), {("rest", "a")}),
        (b"/s/rest/_/x/_/Rest/a", ("rest", "_", "x", "_", "Rest", "a"), {("rest", "a")}),
        (b"//rest/rest/a", ("rest", "rest", "a"), {("rest", "a")}),
    ],
)
def test_all_readings_are_given(path, plain, others):
    why, readings, more = other_readings(path, plain)

    assert why
    assert more is None
    assert set(readings) == others | ({plain} if plain else set())
    assert len(set(readings)) == len(readings)


@pytest.mark.parametrize("repeated", [1, 1000])
def test_what_has_everything_is_read_until_there_are_too_many_readings(repeated):
    odd = b"/x/..;/a//../%2f%5c\\%00%20 %3f%252f%ff%c0%af%0a%u0061%#"
    path = b"//rest/rest/API/%252e%252e/rest/api/2/user/password" + odd * repeated

    why, readings, more = other_readings(path, ())

    assert why
    assert 1 < len(readings) <= 128
    assert () not in readings
    assert more is not None
    assert more.startswith("restrestapirestapi2userpassword")


def test_decoding_to_the_end_comes_first():
    _, readings, _ = other_readings(b"/rest/api/2/user%25255cpassword%2520%2500%0a%ff", ())

    assert readings[0] == PLAIN


def test_a_reading_longer_than_any_endpoint_is_left_out_and_told_by_its_letters():
    _, readings, more = other_readings(b"/rest" + b"/A" * 200 + b"%2F", ("rest",))

    assert readings == (("rest",),)
    assert more == "rest" + 200 * "a"


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        (b"/s/a/b/_/browse/A-1", ()),
        (b"/s/a/b/_/rest/a", ("rest", "a")),
        (b"/rest/a/_/s", ("rest", "a", "_", "s")),
        (b"/rest/s/_", ("rest", "s", "_")),
    ],
)
def test_where_jira_forwards_nothing_or_to_the_same_path_nothing_is_ambiguous(path, plain):
    assert other_readings(path, plain) == (None, (), None)


@pytest.mark.parametrize("path", [b"/rest/%\t5Ca", b"/rest/%\x7f5C%\r\n61", b"/rest/\x00%\x005ca"])
def test_control_characters_may_go_before_anything_is_decoded(path):
    _, readings, _ = other_readings(path, ("rest", "?"))

    assert ("rest", "a") in readings
