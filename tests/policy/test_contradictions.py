import pytest

from build import a_rule
from jira_compat.policy.contradictions import contradictions

USER = "PUT /rest/api/2/user"


def found(*rules):
    return [(one.rule.id, one.key, one.what) for one in contradictions(list(rules))]


def test_no_rules_contradict_nothing():
    assert found() == []


REMOVE = a_rule(USER, id="one", remove=("/password",))
KEEP = a_rule(USER, id="one", keep=("/active", "/profile"))
RESPOND = a_rule(USER, id="one", respond={})
REPLACE = a_rule(USER, id="one", replace={"method": "PUT", "json": {"active": False}, "status": 204})
WATCH = a_rule(USER, id="one", change="modified")
UNCHANGED = a_rule(USER, id="one")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (UNCHANGED, a_rule(USER, id="two")),
        (WATCH, a_rule(USER, id="two", remove=("/password",))),
        (WATCH, a_rule(USER, id="two", respond={})),
        (WATCH, a_rule(USER, id="two", replace={"method": "PUT", "json": {"a": 1}, "status": 204})),
        (REMOVE, a_rule(USER, id="two", remove=("/name", "/nested/password", "/passwords"))),
        (REMOVE, a_rule(USER, id="two", remove_query=("password",))),
        (KEEP, a_rule(USER, id="two", remove_query=("password",))),
        (KEEP, a_rule(USER, id="two", remove=("/profile/password", "/profile/0"))),
        (RESPOND, a_rule("POST /rest/api/2/user", id="two", respond={})),
        (RESPOND, a_rule("PUT /rest/api/3/user", id="two", respond={})),
        (RESPOND, a_rule("PUT /rest/api/2/{what}", id="two", respond={})),
        (RESPOND, a_rule("PUT /rest/api/2/user/{what}", id="two", respond={})),
    ],
    ids=lambda rule: f"{rule.action.name} {rule.endpoint.text}",
)
def test_these_may_stand_beside_each_other(first, second):
    assert found(first, second) == []
    assert found(second, first) == []


def test_rules_of_different_profiles_never_meet():
    first = a_rule(USER, id="one", profiles=("cloud",), respond={})
    second = a_rule(USER, id="two", profiles=("staging",), keep=("/active",))

    assert found(first, second) == []


ALONE = "{0!r} acts on this endpoint too ({1}), so one could never apply; take one out"


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (UNCHANGED, WATCH, [("change", "'one' says that this endpoint is unchanged; correct one of the two")]),
        (REMOVE, UNCHANGED, [("change", "'one' says that this endpoint is modified; correct one of the two")]),
        (RESPOND, RESPOND, [("respond", ALONE.format("one", "respond"))]),
        (RESPOND, REMOVE, [("remove", ALONE.format("one", "respond"))]),
        (KEEP, RESPOND, [("respond", ALONE.format("one", "keep"))]),
        (REPLACE, KEEP, [("keep", ALONE.format("one", "replace"))]),
        (REPLACE, RESPOND, [("respond", ALONE.format("one", "replace"))]),
        (REPLACE, REPLACE, [("replace", ALONE.format("one", "replace"))]),
        (KEEP, KEEP, [("keep", "'one' keeps other fields of this endpoint; make it one rule")]),
        (
            KEEP,
            REMOVE,
            [("remove", "'/password' is dropped by 'keep' already, so 'remove' never finds it; take it out")],
        ),
        (
            REMOVE,
            a_rule(USER, keep=("/password/old",)),
            [("keep", "'one' and this rule keep and remove '/password'; take one out")],
        ),
        (
            KEEP,
            a_rule(USER, remove=("/active",)),
            [("remove", "'one' and this rule keep and remove '/active'; take one out")],
        ),
        (
            REMOVE,
            a_rule(USER, remove=("/name", "/password/old")),
            [("remove", "'one' removes '/password/old' too, or what is around it; take one out")],
        ),
        (
            a_rule(USER, id="one", remove=("/users/*/password",)),
            a_rule(USER, remove=("/users/0",)),
            [],
        ),
        (
            a_rule(USER, id="one", remove=("/users/*",)),
            a_rule(USER, remove=("/users/0/password",)),
            [("remove", "'one' removes '/users/0/password' too, or what is around it; take one out")],
        ),
        (
            a_rule(USER, id="one", remove_query=("password", "old", "name")),
            a_rule(USER, remove_query=("old", "password", "other")),
            [
                ("remove_query", "'one' removes 'old' from the query too; take one out"),
                ("remove_query", "'one' removes 'password' from the query too; take one out"),
            ],
        ),
    ],
    ids=lambda value: value.action.name if hasattr(value, "action") else None,
)
def test_these_contradict_each_other(first, second, expected):
    second = second.model_copy(update={"id": "two"})

    assert found(first, second) == [("two", key, what) for key, what in expected]


def test_what_contradicts_in_many_ways_is_said_once():
    first = a_rule("PUT|POST /rest/api/{2|3|latest}/user", id="one", respond={})
    second = a_rule("POST|PUT /rest/api/{latest|2}/user", id="two", respond={})

    assert len(found(first, second)) == 1


def test_each_pair_of_three_is_said():
    rules = [RESPOND.model_copy(update={"id": name}) for name in ("one", "two", "three")]

    assert [rule for rule, _, _ in found(*rules)] == ["two", "three", "three"]


def test_versions_in_other_spellings_meet():
    first = a_rule("PUT /rest/api/2/user", id="one", respond={})

    assert len(found(first, a_rule("PUT /rest/api/2.0/user", id="two", respond={}))) == 1


@pytest.mark.parametrize(
    ("pointers", "what"),
    [
        (("/a", "/b"), []),
        (("/a/b", "/a/c"), []),
        (("/a", "/ab"), []),
        (("/a", "/a"), ["'/a' is within '/a' already; take one out"]),
        (("/a/b", "/a"), ["'/a/b' is within '/a' already; take one out"]),
        (("/a", "/a/b"), ["'/a/b' is within '/a' already; take one out"]),
        (("/a/0", "/a/*"), ["'/a/0' is within '/a/*' already; take one out"]),
        (("/a/*/b", "/a/c/b"), []),
        (("/a/*", "/a/x"), []),
    ],
    ids=str,
)
@pytest.mark.parametrize("key", ["remove", "keep"])
def test_a_pointer_within_another_is_said(key, pointers, what):
    rule = a_rule(USER, **{key: pointers})

    assert found(rule) == [(rule.id, key, one) for one in what]
