import pytest

from build import shipped
from jira_compat.explain.examples import failures
from jira_compat.policy.shipped import shipped_policies

RULES = [rule for policy in shipped() for rule in policy.rules]


def test_the_shipped_set_is_a_folder_of_policies():
    assert (shipped_policies() / "user-management.yaml").is_file()


def test_its_examples_hold():
    assert [str(failure) for failure in failures(shipped())] == []


ARTICLE = {
    "unchanged": {
        "POST /rest/api/{2|3|latest}/group",
        "POST /rest/api/{2|3|latest}/group/user",
        "DELETE /rest/api/{2|3|latest}/group",
        "DELETE /rest/api/{2|3|latest}/group/user",
        "POST /rest/auth/{1|latest}/session",
        "DELETE /rest/auth/{1|latest}/session",
    },
    "modified": {
        "POST /rest/api/{2|3|latest}/user",
        "DELETE /rest/api/{2|3|latest}/user",
        "PUT /rest/api/{2|3|latest}/user",
    },
    "removed": {
        "POST /rest/api/{2|3|latest}/user/application",
        "DELETE /rest/api/{2|3|latest}/user/application",
        "PUT /rest/api/{2|3|latest}/user/password",
        "PUT /rest/api/{2|3|latest}/myself",
        "PUT /rest/api/{2|3|latest}/myself/password",
        "GET /rest/api/{2|3|latest}/password/policy",
    },
}


@pytest.mark.parametrize("profile", ["cloud", "staging"])
@pytest.mark.parametrize("change", ARTICLE)
def test_every_row_of_the_article_is_a_rule(change, profile):
    (policy,) = (policy for policy in shipped() if policy.policy == "user-management")
    found = {
        rule.endpoint.text
        for rule in policy.rules
        if rule.change == change and not rule.implied and profile in rule.profiles
    }

    assert found == ARTICLE[change]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_removed_endpoint_is_refused_and_no_other(rule):
    assert (rule.change == "removed") == (rule.action == "respond")


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.respond], ids=lambda rule: rule.id)
def test_every_refusal_is_a_410_that_says_what_why_and_what_instead(rule):
    assert rule.respond.status == 410
    assert rule.endpoint.methods[0] in rule.respond.text
    assert "because" in rule.respond.text
    assert ";" in rule.respond.text
