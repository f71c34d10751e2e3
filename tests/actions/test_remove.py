import pytest

from build import a_request
from jira_compat.actions.action import Context
from jira_compat.actions.keep import Keep
from jira_compat.actions.remove import Remove

RULE = Context("PUT /rest/x", "Moved.")


def test_it_takes_out_what_it_names_and_nothing_else():
    action = Remove((("a",),), ("b",))
    request = a_request("PUT /rest/x?c=1", None, None, d=1)

    assert action.edit(request, limit=100) == (request, ())
    edited, fields = action.edit(a_request("PUT /rest/x?b=1&c=2", None, None, a=1, d=2), limit=100)
    assert (edited.target, edited.body, fields) == (b"/rest/x?c=2", b'{"d": 2}', ("/a", "?b"))


@pytest.mark.parametrize(
    ("action", "reads_body", "parameters"),
    [(Remove((("a",),)), True, set()), (Remove((), ("b",)), False, {"b"}), (Remove((("a",),), ("b",)), True, {"b"})],
    ids=str,
)
def test_it_looks_where_it_takes_out(action, reads_body, parameters):
    assert (action.reads_body, action.parameters) == (reads_body, parameters)


@pytest.mark.parametrize(
    ("action", "does", "remedy", "unseen"),
    [
        (
            Remove((("a",), ("b", "c"))),
            "removes `/a`, `/b/c` from the body",
            "Leave out /a, /b/c.",
            "Check whether it sends /a, /b/c; if so, leave that out.",
        ),
        (
            Remove((), ("b",)),
            "removes `b` from the query",
            "Leave out ?b.",
            "Check whether it sends ?b; if so, leave that out.",
        ),
    ],
    ids=str,
)
def test_what_it_says(action, does, remedy, unseen):
    assert action.does() == does
    assert action.remedy(RULE) == remedy
    assert action.remedy_if_found(("/a",)) == "Leave out /a."
    assert action.remedy_if_unseen() == unseen


def test_what_is_wrong_within_it():
    assert list(Remove((("a",), ("b",)), ("a",)).flaws()) == []
    assert list(Remove((("a",), ("a", "b"))).flaws()) == [
        ("remove", "'/a/b' is within '/a' already; take one out"),
    ]


def test_what_is_wrong_beside_another():
    assert list(Remove((("a",),)).clashes(Remove((("b",),)), "one")) == []
    assert list(Remove((("a",),)).clashes(Keep((("a",),)), "one")) == []  # the other says so, being the lower one
    assert [key for key, _ in Remove((("a",),), ("c",)).clashes(Remove((("a", "b"),), ("c",)), "one")] == [
        "remove",
        "remove_query",
    ]
