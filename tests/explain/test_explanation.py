import json

import pytest

from build import a_request, a_rule, policy_set, shipped
from jira_compat.explain.explanation import Message, as_json, as_text, closest, explain
from jira_compat.policy.index import RunOptions, compile_policies

LIMIT = 1000
SECRET = "tulip7"


def explained(line, body=b"", headers=None, *, profile="cloud", mode="enforce", **document):
    rules = compile_policies(shipped(), RunOptions(profile, mode))
    return explain(rules, a_request(line, body, headers, **document), max_body=LIMIT)


def test_a_request_that_no_rule_matches_goes_on():
    explanation = explained("GET /rest/api/2/issue/DEMO-1?fields=summary")

    assert explanation.rules == ()
    assert not explanation.applied
    assert explanation.forwards == explanation.request == Message("GET", "/rest/api/2/issue/DEMO-1?fields=…", "")
    assert explanation.answers is None


def test_a_rule_that_has_nothing_to_change_is_named():
    explanation = explained("POST /rest/api/2/user", emailAddress="fred@example.com")

    assert [says.rule for says in explanation.rules] == ["ignore-password-on-user-create"]
    assert not explanation.applied
    assert explanation.forwards == explanation.request
    assert explanation.closest is None


def test_an_edit_says_what_goes_and_what_is_left():
    explanation = explained("POST /rest/api/2/user?password=x", name="fred", password=SECRET)

    assert explanation.applied
    assert explanation.rules[0].fields == ("/password", "?password")
    assert "/password, ?password" in explanation.outcome
    assert explanation.forwards == Message("POST", "/rest/api/2/user", '{"name": "…"}')
    assert explanation.answers is None


def test_a_refusal_says_what_the_client_is_told():
    explanation = explained("PUT /rest/api/2/user/password?username=fred", password=SECRET)

    assert explanation.applied
    assert explanation.forwards is None
    assert explanation.answers is not None
    assert explanation.answers.status == 410
    assert "API token" in explanation.answers.text


def test_a_replacement_shows_what_the_policy_sends():
    explanation = explained("DELETE /rest/api/2/user?username=fred", profile="staging")

    assert explanation.forwards == Message("PUT", "/rest/api/2/user?username=…", '{"active": false}')
    assert explanation.answers is not None
    assert (explanation.answers.status, bool(explanation.answers.once)) == (204, True)


@pytest.mark.parametrize(
    ("line", "body", "reason"),
    [
        ("POST /rest/api/2/user", b'{"password": "tulip7"', "cannot be read"),
        ("POST /rest/api/2/user", b'{"password": "' + b"x" * LIMIT + b'"}', "too large"),
        ("PUT /rest/api/2/user%2Fpassword", b"", "two ways"),
    ],
)
def test_a_refusal_of_our_own_says_why(line, body, reason):
    explanation = explained(line, body)

    assert explanation.answers is not None
    assert explanation.answers.status in {400, 413}
    assert reason in explanation.answers.text
    assert explanation.rules


@pytest.mark.parametrize(
    ("line", "document", "profile", "would"),
    [
        ("PUT /rest/api/2/myself/password", {"password": SECRET}, "cloud", "refused."),
        ("POST /rest/api/2/user", {"password": SECRET}, "cloud", "without /password"),
        ("DELETE /rest/api/2/user", {}, "staging", "another request"),
    ],
)
def test_observing_says_what_would_be_and_touches_nothing(line, document, profile, would):
    explanation = explained(line, profile=profile, mode="observe", **document)

    assert not explanation.applied
    assert explanation.outcome.startswith(
        "Forwarded unchanged: the rule is in observe mode. In enforce mode it would be "
    )
    assert would in explanation.outcome
    assert explanation.forwards == explanation.request
    assert explanation.answers is None


def test_observing_has_nothing_to_say_of_a_request_that_is_right():
    explanation = explained("POST /rest/api/2/user", mode="observe", name="fred")

    assert explanation.outcome == "Forwarded unchanged: the rule has nothing to change."


def test_what_is_implied_and_what_is_unknown_is_said():
    explanation = explained("POST /rest/api/2/password/policy/createUser", password=SECRET)

    assert explanation.rules[0].implied
    assert explanation.rules[0].unknown
    assert "implies" in as_text(explanation)
    assert explanation.rules[0].unknown in as_text(explanation)


@pytest.mark.parametrize("mode", ["enforce", "observe"])
@pytest.mark.parametrize("profile", ["cloud", "staging"])
@pytest.mark.parametrize(
    ("line", "body"),
    [
        ("POST /rest/api/2/user?password=tulip7&a=tulip7", b'{"password": "tulip7", "x": {"y": ["tulip7"]}}'),
        ("POST /rest/api/2/user?tulip7", b"password=tulip7&name=tulip7"),
        ("POST /rest/api/2/user;tulip7", b'{"password": "tulip7'),
        ("DELETE /rest/api/2/user?username=tulip7", b""),
        ("PUT /rest/api/2/user/password", b'"tulip7"'),
        ("PUT /rest/api/2/myself;a=tulip7/password", b"tulip7"),
        ("GET /rest/api/2/issue/X?jql=tulip7#tulip7", b"tulip7"),
    ],
)
def test_no_value_is_shown(line, body, profile, mode):
    credentials = {"Authorization": SECRET, "Cookie": SECRET, "Content-Type": "application/json"}
    explanation = explained(line, body, credentials, profile=profile, mode=mode)

    assert SECRET not in as_text(explanation) + as_json(explanation) + repr(explanation)


def test_json_holds_all_of_it():
    explanation = explained("POST /rest/api/2/user", password=SECRET)

    document = json.loads(as_json(explanation))

    assert document["applied"] is True
    assert document["rules"][0]["fields"] == ["/password"]
    assert document["forwards"] == {"method": "POST", "target": "/rest/api/2/user", "body": "{}"}


USER, OTHER = a_rule("PUT /rest/api/2/user"), a_rule("POST /rest/api/2/group/user")


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("DELETE /rest/api/2/user", USER),
        ("DELETE /jira/rest/api/2/user", USER),
        ("PUT /rest/api/9/user", USER),
        ("POST /rest/api/9/user", OTHER),
        ("PUT /rest/api/2/group/user", OTHER),
        ("PUT /elsewhere/user", USER),
        ("PUT /rest/api/2/issue", None),
        ("PUT /", None),
        ("PUT /%2F", None),
    ],
)
def test_the_closest_rule_ends_like_the_path(line, rule):
    found = closest(policy_set(USER, OTHER), a_request(line))

    assert (found and found.rule.id) == (rule and rule.id)


def test_without_rules_none_is_close():
    assert closest(policy_set(), a_request("PUT /rest/api/2/user")) is None


def test_of_a_translated_call_the_requests_are_shown_and_no_value():
    document = {"jql": SECRET, "startAt": 50, "maxResults": 300}
    explanation = explained("POST /rest/api/2/search", **document)
    text = as_text(explanation)
    assert SECRET not in text + as_json(explanation) + repr(explanation)
    assert text.endswith(
        "Sent to Jira if the search finds more than 5,000 issues and the page before was not served, otherwise fewer:\n"
        "  POST /rest/api/2/search/jql (jql, maxResults, fields)\n"
        "  POST /rest/api/2/issue/bulkfetch (issueIdsOrKeys, fields), 3 times\n"
        "  POST /rest/api/2/search/approximate-count (jql)"
    )
    assert [step["times"] for step in json.loads(as_json(explanation))["steps"]["sent"]] == [1, 3, 1]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (10**6, "it takes more than 40 requests to Jira, and is answered 400."),
        (
            "x",
            "client: 400\n  The search cannot be translated: startAt must be a whole number. Correct the call.",
        ),
    ],
)
def test_of_a_call_that_cannot_be_translated_the_answer_is_shown(start, end):
    assert as_text(explained(f"GET /rest/api/2/search?jql=a&startAt={start}")).endswith(end)
