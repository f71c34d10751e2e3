from build import a_request
from jira_compat.actions.action import Context
from jira_compat.actions.keep import Keep
from jira_compat.actions.remove import Remove

ACTION = Keep((("a",), ("b",)))


def test_it_leaves_what_it_names_and_takes_out_all_else():
    request = a_request("PUT /rest/x?c=1", None, None, a=1)

    assert ACTION.edit(request, limit=100) == (request, ())
    edited, fields = ACTION.edit(a_request("PUT /rest/x?c=1", None, None, a=1, c=2), limit=100)
    assert (edited.target, edited.body, fields) == (b"/rest/x?c=1", b'{"a": 1}', ("/c",))
    assert (ACTION.reads_body, ACTION.parameters) == (True, frozenset())


def test_what_it_says():
    assert ACTION.does() == "forwards only `/a`, `/b` of the body"
    assert ACTION.remedy(Context("PUT /rest/x", "Moved.")) == "Send only /a, /b."
    assert ACTION.remedy_if_found(("/c",)) == "Leave out /c. Only /a, /b is taken."
    assert ACTION.remedy_if_unseen() == "Check what it sends; only /a, /b is taken."


def test_what_is_wrong_within_it():
    assert list(ACTION.flaws()) == []
    assert list(Keep((("a",), ("a",))).flaws()) == [("keep", "'/a' is within '/a' already; take one out")]


def test_what_is_wrong_beside_another():
    assert list(ACTION.clashes(Remove((), ("a",)), "one")) == []
    assert list(ACTION.clashes(Remove((("a", "c"),)), "one")) == []
    assert [key for key, _ in ACTION.clashes(Remove((("a",), ("c",))), "one")] == ["keep", "keep"]
    assert [key for key, _ in ACTION.clashes(ACTION, "one")] == ["keep"]
