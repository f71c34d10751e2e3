"""Every example of every policy that ships, each by itself."""

from typing import get_args

import pytest

from build import shipped
from jira_compat.explain.examples import failures
from jira_compat.model import Profile

CASES = [
    pytest.param(rule.id, example.name, profile, id=f"{policy.policy}::{rule.id}::{example.name}{mark}")
    for policy in shipped()
    for rule in policy.rules
    for example in rule.examples
    for profile, mark in zip(get_args(Profile), ("", "::staging"), strict=True)
    if profile in rule.profiles
]


def only(rule_id, name, profile):
    """The policies that ship, in one profile, with one example left."""
    for policy in shipped():
        rules = []
        for rule in policy.rules:
            if profile in rule.profiles:
                examples = tuple(one for one in rule.examples if (rule.id, one.name) == (rule_id, name))
                rules.append(rule.model_copy(update={"profiles": (profile,), "examples": examples}))
        yield policy.model_copy(update={"rules": tuple(rules)})


@pytest.mark.parametrize(("rule", "example", "profile"), CASES)
def test_example(rule, example, profile):
    left = list(only(rule, example, profile))

    assert sum(len(one.examples) for policy in left for one in policy.rules) == 1
    assert [failure.what for failure in failures(left) if failure.example] == []


def test_names_are_not_used_twice_in_a_rule():
    assert len({case.id for case in CASES}) == len(CASES)
