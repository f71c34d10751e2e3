"""Whether the policies in force are good for anything; through real processes: tests/e2e/test_admin.py."""

from dataclasses import replace
from typing import Any, cast

import pytest

from build import a_rule, policy_set, shipped_set
from jira_compat.policy.index import compile_policies
from jira_compat.proxy.admin.addon import holds, unready
from jira_compat.proxy.exchange.exchange import ActivePolicy
from jira_compat.proxy.settings.options import OPTIONS, read_options
from jira_compat.proxy.settings.scope import Scope

SETTINGS = read_options({name: default for name, _, default, _, _ in OPTIONS}.__getitem__)


def with_rules(rules):
    return ActivePolicy(SETTINGS, rules, Scope(SETTINGS.hosts))


@pytest.mark.parametrize("mode", ["enforce", "observe"])
@pytest.mark.parametrize("profile", ["cloud", "staging"])
def test_every_rule_that_ships_holds(profile, mode):
    judging = with_rules(shipped_set(profile, mode))
    assert unready(judging) is None
    assert [entry.mark for entry in judging.rules.entries if not holds(judging, entry)] == []


@pytest.mark.parametrize(
    "rules",
    [
        [a_rule("GET /rest/api/2/user")],
        [a_rule("POST|PUT /rest/api/{2|3}/user/{key}/x", remove=("/password",))],
        [a_rule("POST /rest/api/2/user", remove_query=("password",))],
        [a_rule("DELETE /rest/api/2/user", replace={"method": "PUT", "json": {"active": False}, "status": 204})],
        [a_rule("GET /rest/api/2/user"), a_rule("PUT /rest/api/2/user", respond={"status": 410})],
        [a_rule("PUT /rest/api/2/{kind}", keep=("/name",)), a_rule("PUT /rest/api/2/user", respond={"status": 410})],
    ],
)
def test_whatever_a_set_has_in_it_there_is_something_to_check(rules):
    for mode in ("enforce", "observe"):
        assert unready(with_rules(policy_set(*rules, mode=mode))) is None


def test_without_a_rule_nothing_is_judged():
    assert unready(None) == "no_policies"
    assert unready(with_rules(policy_set())) == "no_policies"


class Exploding:
    def __getattr__(self, name):
        raise KeyError(name)


def test_a_decision_that_is_not_the_rules_own_is_found():
    rules = policy_set(a_rule("PUT /rest/api/2/user/password", respond={"status": 410}))
    lost = replace(rules, _root=compile_policies([])._root)
    observed = replace(policy_set(a_rule("PUT /rest/api/2/user/password", respond={"status": 410}), mode="observe"))
    toothless = replace(rules, _root=observed._root)
    for broken in (lost, toothless):
        assert unready(with_rules(broken)) == "self_check"


def test_a_decision_that_fails_is_found():
    judging = ActivePolicy(cast("Any", Exploding()), policy_set(a_rule("GET /rest/api/2/user")), Scope(()))
    assert unready(judging) == "self_check"
