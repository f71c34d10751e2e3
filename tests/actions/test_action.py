import pytest

from jira_compat.actions.action import MOST_LISTED, Action, code, listed, sentence
from jira_compat.actions.remove import Remove


def test_an_action_that_leaves_something_out_cannot_be_made():
    class Half(Action):
        name = "half"

    with pytest.raises(TypeError, match="does"):
        Half()  # type: ignore[abstract]


@pytest.mark.parametrize("change", ["modified", "removed"])
def test_most_actions_are_for_any_change(change):
    assert Remove((("a",),)).objection(change) is None


@pytest.mark.parametrize(
    ("names", "text"),
    [([], ""), (["/a"], "/a"), (list("abcd"), "a, b, c, d"), (list("abcdef"), "a, b, c, d and 2 more")],
)
def test_names_are_listed_up_to_a_number(names, text):
    assert MOST_LISTED == 4
    assert listed(iter(names)) == text


def test_code_is_in_backticks():
    assert code(()) == ""
    assert code(("/a", "/b")) == "`/a`, `/b`"


@pytest.mark.parametrize(
    ("text", "whole"), [("Gone", "Gone."), ("Gone.", "Gone."), ("Gone?", "Gone?"), ("Gone!", "Gone!")]
)
def test_a_sentence_has_an_end(text, whole):
    assert sentence(text) == whole
