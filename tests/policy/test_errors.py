import pytest

from jira_compat.policy.errors import PolicyError, Problem, shown, unknown_word


def test_an_error_is_its_lines():
    error = PolicyError(iter(["one", "two"]))

    assert error.lines == ("one", "two")
    assert str(error) == "one\ntwo"


@pytest.mark.parametrize(
    ("problem", "line"),
    [
        (Problem("a.yaml", None, (), "cannot be read; mend it"), "a.yaml: cannot be read; mend it"),
        (Problem("a.yaml", (1, 1), (), "this is bad; mend it"), "a.yaml:1:1: this is bad; mend it"),
        (
            Problem("a.yaml", (4, 9), ("rules", 3, "id"), "this is bad; mend it"),
            "a.yaml:4:9: rules.3.id: this is bad; mend it",
        ),
        (Problem("a.yaml", (1, 1), ("a\nb",), "bad; mend it"), "a.yaml:1:1: 'a\\nb': bad; mend it"),
        (Problem("a.yaml", (1, 1), ("x" * 99,), "bad; mend it"), f"a.yaml:1:1: '{'x' * 76}…': bad; mend it"),
    ],
)
def test_a_problem_is_one_line(problem, line):
    assert str(problem) == line


@pytest.mark.parametrize(
    ("word", "line"),
    [
        ("respnd", "unknown key 'respnd'; did you mean 'respond'?"),
        ("Keep", "unknown key 'Keep'; did you mean 'keep'?"),
        ("zzz", "unknown key 'zzz'; write one of 'keep', 'respond'"),
        (5, "unknown key 5; write one of 'keep', 'respond'"),
        (None, "unknown key None; write one of 'keep', 'respond'"),
    ],
)
def test_an_unknown_word_is_followed_by_the_one_that_was_meant(word, line):
    assert unknown_word("key", word, ["keep", "respond"]) == line


def test_no_more_than_twelve_words_are_offered():
    assert unknown_word("key", "", [str(number) for number in range(100, 200)]).count("'1") == 12


def test_a_long_value_is_cut():
    assert shown("short") == "'short'"
    assert len(shown("x" * 500)) == 79
    assert "\n" not in shown("a\nb")
