import json
from http import HTTPStatus

import pytest

from jira_compat.jira_error import error_answer


def test_an_answer_has_the_shape_of_jira_s_errors():
    response = error_answer(HTTPStatus.GONE, "Gone.", "a/b")

    assert json.loads(response.body or b"") == {"errorMessages": ["Gone."], "errors": {}}
    assert (type(response.status), response.status) == (int, 410)


def test_its_fields_are_these_and_no_others():
    response = error_answer(400, "Bad.", "error/too_large")

    assert response.headers == (
        (b"Content-Type", b"application/json;charset=UTF-8"),
        (b"Content-Length", str(len(response.body or b"")).encode()),
        (b"Cache-Control", b"no-store"),
        (b"X-Jira-Compat", b"error/too_large"),
    )


def test_a_link_says_where_the_change_is_documented():
    response = error_answer(410, "Gone.", "a/b", link="https://example.com/changes")

    assert response.headers[-1] == (b"Link", b'<https://example.com/changes>; rel="deprecation"')


@pytest.mark.parametrize("message", ["é ü", 'a "quoted" \\ text', "one\ntwo", "\x00\x1f", "\u2028"], ids=repr)
def test_a_message_is_utf_8_and_its_length_is_in_bytes(message):
    response = error_answer(410, message, "a/b")

    assert json.loads((response.body or b"").decode("utf-8"))["errorMessages"] == [message]
    assert dict(response.headers)[b"Content-Length"] == str(len(response.body or b"")).encode()
