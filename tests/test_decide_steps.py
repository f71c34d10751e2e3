"""The steps of a plan are edited as requests are, and no other rule may be against them."""

import pytest

from build import a_request, a_rule, policy_set
from jira_compat.decide import edit_step
from jira_compat.plan import StepRefusedError
from jira_compat.policy.schema import Rule

REFUSES, WATCHES = a_rule("PUT /rest/api/2/user", respond={"status": 410}), a_rule("PUT /rest/api/2/user")
TRANSLATES = Rule.model_validate(
    {
        "id": "correct",
        "endpoint": "GET|POST /rest/api/2/search/jql",
        "change": "modified",
        "why": "Why.",
        "translate": "search-jql",
    }
)
STEP, RIGHT, WRONG = (
    a_request("PUT /rest/api/2/user", active=False),
    a_request("POST /rest/api/2/search/jql", jql="a = 1"),
    a_request("POST /rest/api/2/search/jql", jql="a = 1", startAt=5),
)


@pytest.mark.parametrize(
    ("rule", "mode", "step", "of"),
    [
        (WATCHES, "enforce", STEP, "p/plan"),
        (REFUSES, "observe", STEP, "p/plan"),
        (REFUSES, "enforce", STEP, None),
        (TRANSLATES, "enforce", RIGHT, "p/plan"),
        (TRANSLATES, "enforce", WRONG, "some-policy/correct"),
    ],
)
def test_a_step_passes_where_no_other_rule_is_against_it(rule, mode, step, of):
    assert edit_step(policy_set(rule, mode=mode), step, of=of) == (step, ())


@pytest.mark.parametrize(
    ("rule", "step", "text"),
    [
        (REFUSES, STEP, "some-policy/respond-put-rest-api-2-user applies to PUT /rest/api/2/user, a step of p/plan"),
        (TRANSLATES, WRONG, "some-policy/correct applies to POST /rest/api/2/search/jql, a step of p/plan"),
    ],
)
def test_a_step_that_another_rule_is_against_names_both(rule, step, text):
    with pytest.raises(StepRefusedError) as caught:
        edit_step(policy_set(rule), step, of="p/plan")
    assert str(caught.value) == text
