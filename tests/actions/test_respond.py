import json

import pytest
from pydantic import ValidationError

from jira_compat.actions.action import Context
from jira_compat.actions.respond import MISLEADING, Respond, refusal_status


def answer(spec):
    return spec.answer(Context("PUT /rest/x", "Moved.", "a/b", "https://example.com/"))


def test_a_refusal_is_a_410_that_says_what_and_why():
    response = answer(Respond())

    assert response.status == 410
    assert json.loads(response.body)["errorMessages"] == ["PUT /rest/x has been removed from Jira Cloud: Moved."]
    assert dict(response.headers)[b"X-Jira-Compat"] == b"a/b"
    assert dict(response.headers)[b"Link"] == b'<https://example.com/>; rel="deprecation"'


def test_status_and_text_are_the_rule_s():
    response = answer(Respond(status=404, text="It is gone."))

    assert response.status == 404
    assert json.loads(response.body)["errorMessages"] == ["It is gone."]


@pytest.mark.parametrize("status", [400, 403, 404, 410, 451, 499])
def test_a_refusal_is_a_4xx(status):
    assert refusal_status(status) == status


@pytest.mark.parametrize("status", [-1, 0, 200, 204, 302, 399, 500, 503])
def test_no_other_status_refuses(status):
    with pytest.raises(ValueError) as caught:
        refusal_status(status)

    assert str(caught.value) == f"{status} is not a client error; write 410, 404 or another 4xx"


@pytest.mark.parametrize("status", MISLEADING)
def test_nor_one_that_clients_act_upon(status):
    with pytest.raises(ValueError) as caught:
        refusal_status(status)

    assert str(caught.value) == f"{status} misleads: {MISLEADING[status]}; write 410 or 404"


@pytest.mark.parametrize(
    "keys", [{"status": "410"}, {"status": 200}, {"text": ""}, {"text": None}, {"body": "x"}], ids=str
)
def test_a_respond_that_is_none(keys):
    with pytest.raises(ValidationError):
        Respond.model_validate(keys)
