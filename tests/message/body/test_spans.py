import pytest

from jira_compat.message.body.spans import Removals, Siblings


def test_without_a_cut_all_is_left():
    cuts = Removals()

    assert cuts.apply(b"a, b") == b"a, b"
    assert cuts.removed == ()


# Each letter is an item; capitals go.
@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a, b ,c", "a, b ,c"),
        ("A, b ,c", "b ,c"),
        ("a, B ,c", "a, c"),
        ("a, b , C", "a, b "),
        ("a, B , C ", "a "),
        ("A, b , C ", "b  "),
        ("A, B , c ", "c "),
        (" A, B , C ", "  "),
        ("A", ""),
    ],
)
def test_with_an_item_goes_one_separator(text, left):
    cuts = Removals()
    siblings = Siblings(cuts)
    for at, item in enumerate(text):
        if item.isupper():
            siblings.goes(at, at + 1, item, spelled=True)
        elif item.isalpha():
            siblings.stays(at)
    siblings.close(text.encode(), b",")

    assert cuts.apply(text.encode()) == left.encode()
    assert cuts.removed == tuple(f"/{item}" for item in text if item.isupper())


def test_a_run_of_items_goes_up_to_the_next():
    cuts = Removals()
    siblings = Siblings(cuts, "/list")
    siblings.stays(0)
    siblings.go(2, ["b", "c"])
    siblings.stays(6)
    siblings.close(b"a,b,c,d", b",")

    assert cuts.apply(b"a,b,c,d") == b"a,d"
    assert cuts.removed == ("/list/b", "/list/c")


@pytest.mark.parametrize(
    ("token", "spelled", "pointer"),
    [
        ("displayName", False, "/displayName"),
        ("_x.y-1", False, "/_x.y-1"),
        ("hunter 2", False, "/…"),
        ("1234", False, "/…"),
        ("pässword", False, "/…"),
        ("", False, "/…"),
        ("a\n", False, "/…"),
        ("a" * 65, False, "/…"),
        ("1234", True, "/1234"),
        ("a/~b", True, "/a~1~0b"),
    ],
)
def test_a_name_is_told_if_the_policy_spells_it_or_it_looks_like_a_name(token, spelled, pointer):
    cuts = Removals()
    cuts.tell("", token, spelled=spelled)

    assert cuts.removed == (pointer,)


def test_what_goes_is_told_once_and_fifty_times_at_most():
    cuts = Removals()
    for number in range(60):
        cuts.tell("", "twice", spelled=False)
        cuts.tell("/deep", f"n{number}", spelled=False)

    assert cuts.removed == ("/twice", *(f"/deep/n{number}" for number in range(49)))
