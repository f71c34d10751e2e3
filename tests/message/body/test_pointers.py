import pytest
from hypothesis import given
from hypothesis import strategies as st

from jira_compat.message.body.pointers import Selection, format_pointer, parse_pointer


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        ("/password", ("password",)),
        ("/values/*/password", ("values", "*", "password")),
        ("/a/0/-", ("a", "0", "-")),
        ("/", ("",)),
        ("/a//b", ("a", "", "b")),
        ("/~0~1", ("~/",)),
        ("/~01", ("~1",)),
        ("/a b%25é", ("a b%25é",)),
    ],
)
def test_a_pointer_is_read_and_written(text, pointer):
    assert parse_pointer(text) == pointer
    assert format_pointer(pointer) == text


@given(st.lists(st.text(), min_size=1, max_size=32).map(tuple))
def test_what_is_written_is_read_again(pointer):
    assert parse_pointer(format_pointer(pointer)) == pointer


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["whole document", "'/password'"]),
        ("password", ["'password' is not a JSON Pointer", "write '/password'"]),
        ("#/password", ["write '/#/password'"]),
        ("/a~", ["'/a~'", "'~0'"]),
        ("/a~2b", ["'/a~2b'", "'~1'"]),
        ("/a" * 33, ["33 levels", "at most 32"]),
        ("/a/" + "b" * 256, ["256 characters", "at most 255"]),
    ],
)
def test_what_is_no_pointer_is_refused_with_a_remedy(text, words):
    with pytest.raises(ValueError, match="write") as refusal:
        parse_pointer(text)

    assert all(word in str(refusal.value) for word in words)


def test_a_selection_cannot_be_of_the_whole_document():
    with pytest.raises(ValueError, match="whole document"):
        Selection("keep", (("a",), ()))


def test_selections_of_the_same_are_equal():
    assert Selection("remove", (("a",),)) == Selection("remove", (("a",),)) != Selection("keep", (("a",),))


@pytest.mark.parametrize(
    ("verb", "pointers", "dropped", "left"),
    [
        ("remove", ["/password"], ["password"], ["Password", "user[password]", ""]),
        ("remove", ["/a/b"], [], ["a", "b"]),
        ("remove", ["/a", "/a/b"], ["a"], ["b"]),
        ("remove", [], [], ["a"]),
        ("keep", ["/active"], ["password", ""], ["active"]),
        ("keep", ["/a/b"], ["b"], ["a"]),
        ("keep", [], ["a"], []),
    ],
)
def test_which_fields_a_form_loses(verb, pointers, dropped, left):
    selection = Selection(verb, tuple(map(parse_pointer, pointers)))

    assert [name for name in dropped + left if selection.drops(name)] == dropped


def test_the_tree_ends_where_the_shorter_of_two_pointers_ends():
    tree = Selection("remove", (("a",), ("a", "b"))).tree

    assert tree.members["a"].whole
    assert tree.members["a"].names == frozenset()


def test_a_single_element_has_what_each_has_too():
    tree = Selection("remove", (("*", "a"), ("1", "b"), ("01", "c"))).tree

    assert tree.enters_arrays
    assert tree.each is not None
    assert tree.each.names == {"a"}
    assert {index: node.names for index, node in tree.at.items()} == {1: {"a", "b"}}
    assert not tree.at[1].enters_arrays


def test_many_pointers_that_cross_make_no_large_tree():
    levels = 20
    crossing = tuple(("*",) * n + ("0",) * (levels - n) for n in range(levels))

    assert Selection("remove", crossing).tree.enters_arrays
