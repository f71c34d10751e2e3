import pytest

from jira_compat.message.header import header


@pytest.mark.parametrize(
    ("headers", "value"),
    [
        ((), None),
        (((b"X-Other", b"1"),), None),
        (((b"X-NAME", b"1"), (b"x-name", b"2")), b"1"),
        (((b"x-name", b""),), b""),
    ],
)
def test_the_first_field_of_a_name_in_any_letter_case(headers, value):
    assert header(headers, b"x-name") == value
