import inspect

import pytest

from jira_compat.actions.action import Action, Conversing, Editing, Refusing
from jira_compat.actions.registry import ACTION_BY_NAME, ACTIONS
from jira_compat.actions.watch import Watch

each = pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)


def test_names_and_keys_are_given_once():
    keys = [key for action in ACTIONS for key in action.keys()]  # noqa: SIM118 - a method of ours

    assert len(ACTION_BY_NAME) == len(ACTIONS)
    assert len(set(keys)) == len(keys)


@each
def test_an_action_says_all_that_one_must_say(action):
    assert not inspect.isabstract(action)
    assert all(getattr(action, name) for name in Action.__annotations__ if name != "key_description")
    assert action.event_meaning.endswith(".")


@each
def test_an_action_does_one_kind_of_thing(action):
    kinds = [kind for kind in (Editing, Refusing, Conversing, Watch) if issubclass(action, kind)]

    assert len(kinds) == 1


def test_actions_of_one_event_say_the_same_of_it():
    assert len({(action.event, action.event_meaning) for action in ACTIONS}) == len(
        {action.event for action in ACTIONS}
    )
