import pytest

from jira_compat.audit.counting.inventory import Subject
from jira_compat.audit.counting.redaction import Redaction

SUBJECT = Subject("GET /rest/api/2/issue/{id}")


def test_nobody_is_nobody():
    assert [Redaction(identity, b"key").user(None) for identity in ("shown", "hashed", "none")] == [None] * 3


def test_a_user_is_shown_as_chosen():
    shown, hashed, none = (Redaction(identity, b"key").user("fred") for identity in ("shown", "hashed", "none"))

    assert (shown, none) == ("fred", None)
    assert hashed != Redaction("hashed", b"other").user("fred")
    assert hashed == Redaction("hashed", b"key").user("fred")
    assert len(hashed or "") == 16


def test_what_is_long_is_cut():
    assert Redaction("shown").user("x" * 1000) == "x" * 256
    assert len(Redaction("shown").line(SUBJECT, "GET", "/x" * 1000)) == 200


@pytest.mark.parametrize(
    ("method", "path", "line"),
    [
        ("GET", "/rest/api/2/issue/ABC-1", "GET /rest/api/2/issue/ABC-1"),
        ("GET", "/rest/api/2/projectvalidate/validProjectKey", "GET /rest/api/2/projectvalidate/validProjectKey"),
        ("POST", "/rest/hooks/1.0/5f0c9e2ab71d4c6e8a3f/x", "POST /rest/hooks/1.0/…/x"),
        ("tulip7 in place of a method", "/rest", SUBJECT.endpoint),
    ],
)
def test_a_line_is_method_and_path_without_keys(method, path, line):
    assert Redaction("shown").line(SUBJECT, method, path) == line


@pytest.mark.parametrize("identity", ["hashed", "none"])
def test_a_path_may_name_a_user_and_is_shown_where_users_are(identity):
    assert Redaction(identity, b"key").line(SUBJECT, "GET", "/rest/api/2/user/fred") == SUBJECT.endpoint
