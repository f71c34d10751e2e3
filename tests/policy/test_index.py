import itertools

import pytest

from build import SOURCE, a_policy, a_rule, policy_set, shipped
from jira_compat.actions.respond import Respond
from jira_compat.decide import decide
from jira_compat.decision import Converse, Forward
from jira_compat.model import Request
from jira_compat.policy.index import RunOptions, compile_policies
from jira_compat.policy.schema import Override


def refusal_of(rules):
    """Status and text of the first rule's refusal."""
    respond = rules.entries[0].rule.action
    assert isinstance(respond, Respond)
    return respond


USER = a_rule("PUT /rest/api/{2|3}/user", id="user", keep=("/active",))
ANY = a_rule("PUT /rest/api/2/{what}", id="any", change="modified")
BELOW = a_rule("GET /rest/api/2/{what}/password", id="below", respond={})
PASSWORD = a_rule("PUT /rest/api/2/user/password", id="password", respond={"status": 404})


def at(rules, path):
    return {method: [entry.rule.id for entry in entries] for method, entries in rules.at(path.split("/")).items()}


def test_no_rules_are_nowhere():
    rules = policy_set()

    assert rules.entries == ()
    assert at(rules, "rest/api/2/user") == {}
    assert at(rules, "") == {}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("rest", {}),
        ("rest/api/2", {}),
        ("rest/api/2/user/password/x", {}),
        ("rest/api/4/user", {}),
        ("rest/api/2/user", {"PUT": ["user"]}),
        ("rest/api/2.0.alpha1/user", {"PUT": ["user"]}),
        ("rest/api/3.0/user", {"PUT": ["user"]}),
        ("rest/api/2/USER", {"PUT": ["any"]}),
        ("rest/api/2/group", {"PUT": ["any"]}),
        ("rest/api/2/group/password", {"GET": ["below"], "HEAD": ["below"]}),
        ("rest/api/2/user/password", {"PUT": ["password"]}),
    ],
)
def test_a_literal_is_preferred_to_a_parameter(path, expected):
    assert at(policy_set(USER, ANY, BELOW, PASSWORD), path) == expected


def test_what_leads_nowhere_as_a_literal_is_found_as_a_parameter():
    rules = policy_set(PASSWORD, a_rule("PUT /rest/api/2/{what}/avatar", id="avatar", respond={}))

    assert at(rules, "rest/api/2/user/avatar") == {"PUT": ["avatar"]}


def test_rules_of_one_endpoint_are_together():
    rules = policy_set(USER, a_rule("PUT|POST /rest/api/2/user", id="query", remove_query=("password",)))

    assert at(rules, "rest/api/2/user") == {"PUT": ["query", "user"], "POST": ["query"]}


def test_head_follows_get():
    rules = policy_set(a_rule("GET /rest/x", id="get"))

    assert at(rules, "rest/x") == {"GET": ["get"], "HEAD": ["get"]}


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        ("", {}),
        ("restapi2", {"PUT": ["any"]}),
        ("browseapi2passworuser", {"PUT": ["any", "user"]}),
        ("apix2user20password00", {"PUT": ["any", "password", "user"], "GET": ["below"], "HEAD": ["below"]}),
    ],
)
def test_a_text_may_be_about_what_it_has_the_words_of(letters, expected):
    rules = policy_set(USER, ANY, BELOW, PASSWORD)
    found = {method: [entry.rule.id for entry in entries] for method, entries in rules.spelled(letters).items()}

    assert found == expected


def test_rules_of_other_profiles_are_left_out():
    rules = (USER, a_rule("DELETE /rest/x", id="staged", profiles=("staging",)))

    assert [entry.rule.id for entry in policy_set(*rules).entries] == ["user"]
    assert [entry.rule.id for entry in policy_set(*rules, profile="staging").entries] == ["staged", "user"]


@pytest.mark.parametrize(
    ("run", "override", "rule", "policy", "expected"),
    [
        ("enforce", None, None, None, "enforce"),
        ("enforce", None, None, "observe", "observe"),
        ("enforce", None, "enforce", "observe", "enforce"),
        ("enforce", None, "observe", None, "observe"),
        ("enforce", "enforce", "observe", "observe", "enforce"),
        ("enforce", "observe", "enforce", "enforce", "observe"),
        ("observe", "enforce", "enforce", "enforce", "observe"),
    ],
)
def test_the_nearest_mode_counts_but_an_observing_run_observes_all(run, override, rule, policy, expected):
    one = a_rule("GET /rest/x", id="one", **({"mode": rule} if rule else {}))
    overrides = {"one": Override(mode=override)} if override else {}
    rules = compile_policies([a_policy(one, mode=policy)], RunOptions(mode=run), overrides)

    assert [entry.mode for entry in rules.entries] == [expected]


@pytest.mark.parametrize(
    ("override", "option", "rule", "expected"),
    [
        (None, None, {}, 410),
        (None, None, {"status": 404}, 404),
        (None, 400, {"status": 404}, 400),
        (403, 400, {"status": 404}, 403),
        (403, None, {}, 403),
    ],
)
def test_a_status_is_the_override_s_then_the_option_s_then_the_rule_s(override, option, rule, expected):
    overrides = {"one": Override(status=override)} if override else {}
    rules = policy_set(a_rule("GET /rest/x", id="one", respond=rule), refuse_status=option, overrides=overrides)

    assert refusal_of(rules).status == expected


def test_a_text_is_the_override_s_then_the_rule_s():
    one = a_rule("GET /rest/x", id="one", respond={"text": "Theirs."})

    assert refusal_of(policy_set(one)).text == "Theirs."
    assert refusal_of(policy_set(one, overrides={"one": Override(text="Ours.")})).text == "Ours."


def test_an_option_for_refusals_leaves_other_rules_alone():
    assert policy_set(USER, refuse_status=404).entries[0].rule == USER


def test_an_entry_names_its_policy_its_rule_and_where_it_is_documented():
    own = a_rule("GET /rest/x", id="own", source="https://example.com/own")
    first, second = policy_set(USER, own).entries

    assert (first.mark, first.source) == ("some-policy/own", "https://example.com/own")
    assert (second.mark, second.source) == ("some-policy/user", SOURCE)


def test_the_digest_is_that_of_what_decides():
    rules = (USER, ANY, PASSWORD)
    same = {policy_set(*order).digest for order in itertools.permutations(rules)}
    with_example = USER.model_copy(update={"examples": ({"name": "x"},)})
    others = [
        policy_set(USER, ANY),
        policy_set(*rules, mode="observe"),
        policy_set(*rules, refuse_status=400),
        policy_set(*rules, overrides={"user": Override(mode="observe")}),
        policy_set(*rules, overrides={"password": Override(text="Gone.")}),
        policy_set(ANY, PASSWORD, a_rule("PUT /rest/api/{2|3}/user", id="user", keep=("/name",))),
    ]

    assert len(same) == 1
    assert policy_set(with_example, ANY, PASSWORD).digest in same
    assert len({*same, *(other.digest for other in others)}) == 1 + len(others)
    assert all(digest.startswith("sha256:") and len(digest) == 71 for digest in same)


def test_with_translations_off_their_calls_are_forwarded_and_found():
    on, off = (compile_policies(shipped(), RunOptions(translate=translate)) for translate in (True, False))
    call = Request("GET", b"/rest/api/2/search?jql=a")

    assert isinstance(decide(on, call), Converse)
    decision = decide(off, call)
    assert isinstance(decision, Forward)
    assert decision.request is call
    assert [finding.rule for finding in decision.findings] == ["translate-search"]
    assert isinstance(decide(off, Request("POST", b"/rest/api/2/search", (), None)), Forward)
    assert on.digest != off.digest
