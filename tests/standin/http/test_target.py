import pytest
from hypothesis import given
from hypothesis import strategies as st

from jira_compat.standin.http.messages import Refusal
from jira_compat.standin.http.target import query, segments


@pytest.mark.parametrize(
    "target",
    [
        b"/rest/api/2/user",
        b"/rest/api/2/user/",
        b"/rest/api/2/user?a=/b",
        b"//rest//api/2/user",
        b"/rest/./api/x/../2/user",
        b"/rest/%2e%2e/rest/api/2/%75ser",
        b"/rest;a=b/api/2;c/user;jsessionid=1",
        b"http://other.example/rest/api/2/user",
    ],
)
def test_odd_spellings_mean_the_same(target):
    assert segments(target) == ("rest", "api", "2", "user")


@pytest.mark.parametrize("target", [b"/rest/api/2%2Fuser", b"/a\\b", b"/a%5cb", b"/a%00", b"/..", b"/a/../../b"])
def test_what_tomcat_refuses_is_refused(target):
    with pytest.raises(Refusal) as refusal:
        segments(target)

    assert refusal.value.answer.status == 400


@pytest.mark.parametrize(
    ("target", "path"),
    [
        (b"*", ()),
        (b"/", ()),
        (b"/%2575ser", ("%75ser",)),
        (b"/zo\xc3\xab", ("zoë",)),
        (b"/\xff", ("\ufffd",)),
        (b"/User", ("User",)),
    ],
)
def test_paths(target, path):
    assert segments(target) == path


@pytest.mark.parametrize(
    ("target", "pairs"),
    [
        (b"/", []),
        (b"/?a=1&b=&c&a=2", [("a", "1"), ("b", ""), ("c", ""), ("a", "2")]),
        (b"/?a=zo%C3%AB+x", [("a", "zoë x")]),
        (b"/?a=zo\xc3\xab", [("a", "zoë")]),
        (b"/?a=%ff?&b=1;c=2", [("a", "\ufffd?"), ("b", "1;c=2")]),
    ],
)
def test_queries(target, pairs):
    assert query(target) == pairs


@given(st.binary())
def test_any_target_is_read_or_refused(target):
    try:
        path = segments(target)
    except Refusal:
        return
    assert not {"", ".", ".."} & set(path)
    assert all("/" not in segment for segment in path)
    query(target)
