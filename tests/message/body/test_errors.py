import pytest

from jira_compat.message.body.errors import TooDense, TooLarge, Unreadable, unknown


@pytest.mark.parametrize(
    ("name", "clause"),
    [
        ("x-foo", "its charset 'x-foo' is unknown"),
        ("", "its charset is unknown"),
        ("two words", "its charset is unknown"),
        ("a'b", "its charset is unknown"),
        ("é", "its charset is unknown"),
        ("x" * 41, "its charset is unknown"),
    ],
)
def test_a_name_that_could_be_anything_is_not_told(name, clause):
    assert str(unknown("charset", name)) == clause


def test_too_large_is_a_way_of_being_unreadable():
    assert isinstance(TooLarge(17), Unreadable)
    assert str(TooLarge(17)) == "it is larger than 17 bytes"


def test_too_dense_is_a_way_of_being_too_large():
    assert isinstance(TooDense(250), TooLarge)
    assert str(TooDense(250)) == "it is larger than 250 times its compressed size"
