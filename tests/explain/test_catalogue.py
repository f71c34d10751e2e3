import json

import pytest

from build import SOURCE, a_policy, a_rule, shipped
from jira_compat.explain.catalogue import as_json, as_markdown, as_text, in_profile

WIDTH = 100
ANY = "GET /rest/api/2/thing"


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({}, "forwards it unchanged"),
        ({"remove": ("/a", "/b/*/c")}, "removes `/a`, `/b/*/c` from the body"),
        ({"remove_query": ("a",)}, "removes `a` from the query"),
        ({"remove": ("/a",), "remove_query": ("b",)}, "removes `/a` from the body and `b` from the query"),
        ({"keep": ("/a",)}, "forwards only `/a` of the body"),
        ({"respond": {"status": 404}}, "answers 404"),
        (
            {"replace": {"method": "PUT", "json": {"active": False}, "status": 204}},
            'sends `PUT {"active": false}` instead, answers 204 once Jira did it',
        ),
    ],
)
def test_what_the_proxy_does_is_a_clause(keys, words):
    assert a_rule(ANY, **keys).action.does() == words


def test_a_profile_leaves_out_rules_and_policies_of_the_other():
    both = a_rule(ANY)
    staging = a_rule("PUT /rest/api/2/thing", profiles=("staging",))
    policies = [a_policy(both, staging), a_policy(staging, policy="other")]

    assert [(one.policy, rules) for one, rules in in_profile(policies, "cloud")] == [("some-policy", (both,))]
    assert [len(rules) for _, rules in in_profile(policies, "staging")] == [2, 1]
    assert [len(rules) for _, rules in in_profile(policies, None)] == [2, 1]


def test_json_says_what_is_in_force():
    own = "https://example.com/rule"
    rule = a_rule(ANY, remove=("/a",), source=own, profiles=("cloud",), implied=True, unknown="Much.")

    (row,) = json.loads(as_json([a_policy(rule, mode="observe")]))

    assert row == {
        "policy": "some-policy",
        "rule": rule.id,
        "endpoint": ANY,
        "change": "modified",
        "action": "remove",
        "does": "removes /a from the body",
        "mode": "observe",
        "profiles": ["cloud"],
        "why": "Why.",
        "source": own,
        "implied": True,
        "unknown": "Much.",
    }


def test_the_source_is_the_policys_where_the_rule_has_none():
    assert json.loads(as_json([a_policy(a_rule(ANY))]))[0]["source"] == SOURCE


def test_every_shipped_rule_is_listed_in_each_format():
    rules = {rule.id for policy in shipped() for rule in policy.rules}

    assert {row["rule"] for row in json.loads(as_json(shipped()))} == rules
    assert all(f"<br>{rule} |" in as_markdown(shipped()) for rule in rules)
    assert rules <= set(as_text(shipped(), None, WIDTH).split())


def test_a_table_fits_and_cuts_no_endpoint():
    text = as_text(shipped(), None, WIDTH)
    table = [line for line in text.splitlines() if not line.startswith("https://")]

    assert max(map(len, table)) <= WIDTH
    assert all(rule.endpoint.text in text for policy in shipped() for rule in policy.rules)


@pytest.mark.parametrize(
    "keys", [{"implied": True}, {"profiles": ("staging",)}, {"mode": "observe"}, {"unknown": "What it answers."}]
)
def test_what_sets_a_rule_apart_is_marked(keys):
    plain, marked = as_markdown([a_policy(a_rule(ANY))]), as_markdown([a_policy(a_rule(ANY, **keys))])

    assert marked.count("*") > plain.count("*")


def test_a_policy_that_observes_marks_its_rules():
    assert "observes only" in as_markdown([a_policy(a_rule(ANY), mode="observe")])


def test_markdown_keeps_its_columns_whatever_a_policy_says():
    rule = a_rule("GET /rest/api/{2|3}/thing", remove=("/a|b",), why="One | two\nthree <b> *four*.")

    row = as_markdown([a_policy(rule)]).splitlines()[-1]

    assert row.replace("\\|", "").count("|") == 5
    assert "\\<b> \\*four\\*" in row


def test_a_title_is_no_markup():
    policy = a_policy(a_rule(ANY)).model_copy(update={"title": "[bold]A[/nothing]"})

    assert "[bold]A[/nothing]" in as_text([policy], None, WIDTH)
