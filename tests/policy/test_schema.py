import json

import pytest
from pydantic import ValidationError

from build import a_rule
from jira_compat.actions.action import Editing
from jira_compat.actions.edit import Edit
from jira_compat.actions.keep import Keep
from jira_compat.actions.remove import Remove
from jira_compat.message.body.pointers import Selection
from jira_compat.policy.schema import Override, Policy, Rule, json_schema

ENDPOINT = "PUT /rest/api/2/user"
REPLACE = {"method": "PUT", "json": {"active": False}, "status": 204}


@pytest.mark.parametrize(
    ("keys", "action"),
    [
        ({}, "none"),
        ({"remove": ("/a",)}, "remove"),
        ({"remove_query": ("a",)}, "remove"),
        ({"remove": ("/a",), "remove_query": ("a",)}, "remove"),
        ({"keep": ("/a",)}, "keep"),
        ({"respond": {}}, "respond"),
        ({"replace": REPLACE}, "replace"),
    ],
    ids=str,
)
def test_a_rule_has_one_action(keys, action):
    assert a_rule(ENDPOINT, **keys).action.name == action


@pytest.mark.parametrize(
    ("keys", "verb", "pointers", "names"),
    [
        ({"remove": ("/a",)}, "remove", (("a",),), set()),
        ({"remove": ("/a", "/b/*/c"), "remove_query": ("d",)}, "remove", (("a",), ("b", "*", "c")), {"d"}),
        ({"keep": ("/a",)}, "keep", (("a",),), set()),
    ],
    ids=str,
)
def test_an_edit_is_compiled_once(keys, verb, pointers, names):
    rule = a_rule(ENDPOINT, **keys)

    assert isinstance(rule.action, Remove | Keep)
    assert rule.action is rule.action
    assert rule.action.taken == Edit(Selection(verb, pointers), frozenset(names))
    assert rule.action.taken is rule.action.taken


def test_an_edit_of_the_query_looks_at_no_body():
    action = a_rule(ENDPOINT, remove_query=("a",)).action

    assert isinstance(action, Remove)
    assert action.taken == Edit(None, frozenset({"a"}))


@pytest.mark.parametrize("keys", [{}, {"respond": {}}, {"replace": REPLACE}], ids=str)
def test_other_rules_edit_nothing(keys):
    assert not isinstance(a_rule(ENDPOINT, **keys).action, Editing)


def test_a_rule_is_in_force_everywhere_unless_it_says_where():
    rule = a_rule(ENDPOINT)

    assert (rule.profiles, rule.mode, rule.implied, rule.examples) == (("cloud", "staging"), None, False, ())


@pytest.mark.parametrize("model", [Rule, Policy, Override])
def test_what_a_policy_says_is_not_changed_later(model):
    assert model.model_config["frozen"]
    assert model.model_config["extra"] == "forbid"


def test_a_rule_can_be_written_down_again_as_it_was():
    rule = a_rule(ENDPOINT, remove=("/a~1b/*",))
    text = json.loads(rule.model_dump_json(exclude_unset=True, by_alias=True))

    assert (text["endpoint"], text["remove"]) == (ENDPOINT, ["/a~1b/*"])


def test_the_json_schema_is_of_a_policy_file():
    schema = json_schema()

    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["description"] == "One change that Atlassian announced, and its rules."
    assert set(schema["required"]) == {"policy", "title", "source", "rules"}
    assert schema["additionalProperties"] is False
    assert set(schema["$defs"]["Rule"]["properties"]) == set(Rule.model_fields)


def test_the_json_schema_allows_no_key_without_a_value_except_json():
    text = json.dumps(json_schema())

    assert '"null"' not in text
    assert '"default": null' not in text
    assert json_schema()["$defs"]["Rule"]["properties"]["respond"]["$ref"] == "#/$defs/Respond"


def test_the_json_schema_bounds_a_refusal():
    status = json_schema()["$defs"]["Respond"]["properties"]["status"]

    assert (status["minimum"], status["maximum"], status["default"]) == (400, 499, 410)


def test_there_is_no_room_for_unknown_keys():
    with pytest.raises(ValidationError):
        a_rule(ENDPOINT, when="always")
