import pytest

from jira_compat.actions.replace import Replace
from jira_compat.decision import Answer, Converse, Forward, Hold, mark
from jira_compat.model import Finding, Request, Response

REQUEST = Request("DELETE", b"/rest/x")
START = Replace.model_validate({"method": "PUT", "json": {"active": False}, "status": 204}).start(REQUEST, limit=100)


def found(rule, *fields, mode="enforce"):
    return Finding("p", rule, "modified", "remove", "PUT /rest/x", fields, mode)


@pytest.mark.parametrize(
    ("decision", "applied", "reason"),
    [
        (Forward(REQUEST), False, None),
        (Forward(REQUEST, (found("a", "/b"),), applied=True), True, None),
        (Forward(REQUEST, (), reason="rule"), False, "rule"),
        (Hold(REQUEST, ()), False, None),
        (Answer(Response(410), (), "rule"), True, "rule"),
        (Converse(START, (found("a"),)), True, None),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_kind_says_whether_something_is_done_and_why_a_request_is_refused(decision, applied, reason):
    assert (decision.applied, decision.reason) == (applied, reason)


def test_decisions_are_values():
    again = Replace.model_validate({"method": "PUT", "json": {"active": False}, "status": 204}).start(
        REQUEST, limit=100
    )

    assert Converse(START, ()) == Converse(again, ())
    assert Converse(START, ()) != Converse(again, (found("a"),))


@pytest.mark.parametrize(
    ("decision", "expected"),
    [
        (Forward(REQUEST), ""),
        (Forward(REQUEST, (found("a"), found("b", "/c", mode="observe"))), ""),
        (Forward(REQUEST, (found("a", "/x"), found("b"), found("c", "/y"))), "p/a, p/c"),
        (Converse(START, (found("a"), found("b"), found("c", "/y"))), "p/a, p/c"),
    ],
)
def test_the_mark_names_the_rules_that_changed_the_request(decision, expected):
    assert mark(decision) == expected
