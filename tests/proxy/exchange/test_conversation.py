import pytest

from jira_compat.model import Request, Response
from jira_compat.plan import PlanError, Recall, Send
from jira_compat.proxy.exchange.conversation import Conversation

REQUEST = Request("PUT", b"/rest/x?a=b")
EDITED = Request("PUT", b"/rest/x")


def edit(request):
    assert request == REQUEST
    return EDITED, ()


def one(request, answer=None):
    yield Send(request)
    return answer


def two():
    yield Send(REQUEST)
    yield Send(REQUEST)


def no_request():
    yield Recall("a")


@pytest.mark.parametrize("answer", [None, Response(204)])
def test_what_a_plan_sends_is_edited_and_what_it_returns_is_answered(answer):
    conversation = Conversation(one(REQUEST, answer), edit)

    assert conversation.send() == EDITED
    assert conversation.receive(Response(200)) == answer


def test_a_plan_that_does_not_begin_with_a_request_cannot_be_driven_here():
    with pytest.raises(PlanError, match="Recall as the first step"):
        Conversation(no_request(), edit).send()


def test_nor_one_that_asks_for_more_than_one_request():
    plan = two()
    conversation = Conversation(plan, edit)
    conversation.send()

    with pytest.raises(PlanError, match="Send as the second step"):
        conversation.receive(Response(200))
    assert plan.gi_frame is None, "it must be over"
