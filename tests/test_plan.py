from jira_compat.model import Request
from jira_compat.plan import Note, Recall, Remember, Send, SendAll, Written


def test_steps_are_values():
    request = Request("GET", b"/rest/api/2/search")

    assert Send(request) == Send(Request("GET", b"/rest/api/2/search"))
    assert len({Send(request), SendAll((request,)), Recall("a"), Remember("a", 1), Written(), Note("a", 1)}) == 6
