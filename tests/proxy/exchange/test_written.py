import json

import pytest

from jira_compat.proxy.exchange import written as module
from jira_compat.proxy.exchange.written import RecentWrites

CREATE = ("rest", "api", "2", "issue")
SITE = "https://jira.example.com"


def created(number, key="ABC-1"):
    return json.dumps({"id": str(number), "key": key, "self": "x"}).encode()


@pytest.mark.parametrize(
    ("method", "segments", "status", "body"),
    [
        ("GET", CREATE, 200, created(5)),
        ("POST", CREATE, 400, created(5)),
        ("POST", ("rest", "api", "2", "user"), 201, created(5)),
        ("POST", CREATE, 201, None),
        ("POST", CREATE, 201, b"<html>"),
        ("POST", CREATE, 201, b"[" * 100_000),
        ("POST", CREATE, 201, b'{"id": 5, "key": "ABC-1"}'),
        ("POST", CREATE, 201, b'{"id": "five", "key": "ABC-1"}'),
        ("POST", CREATE, 201, b'{"id": "' + b"5" * 5000 + b'", "key": "ABC-1"}'),
        ("PUT", (*CREATE, "ABC-1"), 204, None),
        ("DELETE", (*CREATE, "5"), 204, None),
    ],
)
def test_what_wrote_no_issue_that_is_known_is_not_noted(method, segments, status, body):
    writes = RecentWrites()
    writes.note(SITE, method, segments, status, body)
    assert writes.recent(SITE) == ()


def test_created_and_changed_issues_are_noted_for_their_site():
    writes = RecentWrites()
    writes.note(SITE, "POST", CREATE, 201, created(7, "ABC-7"))
    writes.note(
        SITE, "POST", (*CREATE, "bulk"), 201, b'{"issues": [{"id": "3", "key": "ABC-3"}, {"id": "4", "key": "A-4"}]}'
    )
    writes.note(SITE, "PUT", (*CREATE, "12"), 204, None)
    writes.note(SITE, "POST", (*CREATE, "13", "comment"), 201, created(99))
    assert writes.recent(SITE) == (3, 4, 7, 12, 13)
    assert writes.recent("https://other") == ()


def test_a_key_is_known_once_its_issue_was_created_here():
    now = [0.0]
    writes = RecentWrites(lambda: now[0])
    writes.note(SITE, "POST", CREATE, 201, created(7, "ABC-7"))
    now[0] = module.SECONDS + 1
    assert writes.recent(SITE) == ()
    writes.note(SITE, "POST", (*CREATE, "abc-7", "transitions"), 204, None)
    assert writes.recent(SITE) == (7,)


def test_only_the_newest_are_told_and_memory_is_bounded():
    writes = RecentWrites()
    for number in range(1, 5001):
        writes.note(SITE, "POST", CREATE, 201, created(number, f"ABC-{number}"))
    assert writes.recent(SITE) == tuple(range(4951, 5001))
    assert len(writes._writes) == len(writes._ids) == 1000
