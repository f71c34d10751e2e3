import pytest

from build import a_policy, a_rule, shipped
from jira_compat.explain.examples import Failure, example_request, failures

REMOVE = {"remove": ("/password",), "remove_query": ("password",)}
FIRES = {"name": "fires", "request": {"json": {"a": 1, "password": "x"}}, "forwards": {"json": {"a": 1}}}
SPARES = {"name": "spares", "request": {"json": {"a": 1}}, "forwards": "unchanged"}
REFUSES = {"name": "refuses", "request": {}, "answers": 410}
OTHER = {"name": "other", "request": {"path": "/rest/y"}, "forwards": "unchanged"}


def found(*rules):
    return [(one.example, one.what) for one in failures([a_policy(*rules)])]


def ruled(*examples, **keys):
    return a_rule("PUT /rest/x", id="one", examples=examples, **keys)


def test_no_policies_have_no_failures():
    assert list(failures([])) == []


@pytest.mark.parametrize(
    "rule",
    [
        ruled({"name": "a", "forwards": "unchanged"}, OTHER),
        ruled(FIRES, SPARES, **REMOVE),
        ruled(FIRES, SPARES, mode="observe", **REMOVE),
        ruled(REFUSES, OTHER, respond={}),
        ruled(
            {"name": "a", "request": {"form": {"a": "", "password": "x"}}, "forwards": {"form": {"a": ""}}},
            SPARES,
            **REMOVE,
        ),
        ruled(
            {
                "name": "a",
                "request": {"query": "a=b&password=x", "text": "t"},
                "forwards": {"query": "a=b", "text": "t"},
            },
            SPARES,
            remove_query=("password",),
        ),
        ruled(
            {"name": "a", "forwards": {"method": "POST", "json": {"a": (1, None)}}},
            {"name": "b", "answers": 201},
            OTHER,
            replace={"method": "POST", "json": {"a": (1, None)}, "status": 201},
        ),
    ],
    ids=lambda rule: rule.examples[0].name,
)
def test_examples_that_hold(rule):
    assert found(rule) == []


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (ruled(), ("", "no example in which the rule fires; add one")),
        (ruled(SPARES, **REMOVE), ("", "no example in which the rule fires; add one")),
        (
            ruled(FIRES, **REMOVE),
            ("", "no example that the rule must leave alone; add one of a request that is none of its business"),
        ),
        (
            ruled(SPARES),
            ("", "no example that the rule must leave alone; add one of a request that is none of its business"),
        ),
        (
            ruled(FIRES, {**SPARES, "request": FIRES["request"]}, SPARES, **REMOVE),
            ("spares", "it is changed (/password); correct the rule"),
        ),
        (
            ruled(
                {**SPARES, "request": {}}, OTHER, REFUSES, replace={"method": "PUT", "json": {"a": 1}, "status": 204}
            ),
            ("spares", "it is changed (replaced); correct the rule"),
        ),
        (
            ruled({**FIRES, "forwards": {"json": {"a": 2}}}, SPARES, **REMOVE),
            ("fires", "the forwarded body differs from the expected one; correct one of the two"),
        ),
        (
            ruled(
                FIRES, {"name": "a", "request": {"text": "t"}, "forwards": {"json": {}}}, SPARES, remove_query=("b",)
            ),
            ("a", "the forwarded body differs from the expected one; correct one of the two"),
        ),
        (
            ruled(FIRES, SPARES, {**SPARES, "name": "a", "forwards": {"method": "POST"}}, **REMOVE),
            ("a", "the forwarded method is PUT, and POST was expected; correct one"),
        ),
        (
            ruled(FIRES, SPARES, {**SPARES, "name": "a", "forwards": {"query": "a"}}, **REMOVE),
            ("a", "the forwarded query differs from the expected one; correct one of the two"),
        ),
        (
            ruled(FIRES, SPARES, {"name": "a", "answers": 410}, **REMOVE),
            ("a", "it is forwarded, and 410 was expected; correct the rule"),
        ),
        (
            ruled({**REFUSES, "answers": 404}, OTHER, respond={}),
            ("refuses", "it answers 410, and 404 was expected; correct one of the two"),
        ),
        (
            ruled(REFUSES, SPARES, OTHER, respond={}),
            ("spares", "it is answered 410; correct the rule, or write 'answers'"),
        ),
        (
            ruled({"name": "a", "answers": 204}, OTHER, replace={"method": "PUT", "json": {"a": 1}, "status": 200}),
            ("a", "it answers 200; correct one"),
        ),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else None,
)
def test_an_example_that_does_not_hold_is_said(rule, expected):
    assert expected in found(rule)
    assert all(";" in what for _, what in found(rule))


def test_another_rule_that_fires_is_not_this_one():
    first = a_rule("PUT /rest/x", id="one", examples=(FIRES, SPARES), remove=("/password",))
    second = a_rule("PUT /rest/x", id="two", examples=(FIRES, SPARES), remove=("/token",))

    assert [str(one) for one in failures([a_policy(first, second)])] == [
        "some-policy/two: no example in which the rule fires; add one"
    ]


def test_a_failure_is_one_line():
    assert str(Failure("p", "r", "an example", "it is bad; mend it")) == "p/r: 'an example': it is bad; mend it"
    assert str(Failure("p", "r", "", "it is bad; mend it")) == "p/r: it is bad; mend it"


def test_examples_are_run_in_a_profile_of_their_rule():
    staged = ruled(REFUSES, OTHER, profiles=("staging",), respond={})
    elsewhere = a_rule("PUT /rest/x", id="two", profiles=("cloud",), examples=(SPARES, OTHER))

    assert found(staged, elsewhere) == []


@pytest.mark.parametrize(
    ("endpoint", "request_", "line"),
    [
        ("GET|POST /rest/api/{2|3}/user/{key}", {}, "GET /rest/api/2/user/EXAMPLE-1"),
        ("GET /rest/x", {"method": "HEAD"}, "HEAD /rest/x"),
        ("GET /rest/x", {"path": "/jira/rest/x/", "query": "a=b&c"}, "GET /jira/rest/x/?a=b&c"),
    ],
)
def test_a_request_is_made_of_the_endpoint_unless_it_says_otherwise(endpoint, request_, line):
    rule = a_rule(endpoint, examples=({"name": "a", "request": request_, "forwards": "unchanged"},))
    request = example_request(rule, rule.examples[0])

    assert f"{request.method} {request.target.decode()}" == line
    assert (request.body, request.headers) == (b"", ())


@pytest.mark.parametrize(
    ("content", "body", "label"),
    [
        ({"json": None}, b"null", b"application/json"),
        ({"json": {"a": (1, "é")}}, b'{"a": [1, "\\u00e9"]}', b"application/json"),
        ({"form": {"a": "b c", "d": ""}}, b"a=b+c&d=", b"application/x-www-form-urlencoded"),
        ({"text": "é"}, "é".encode(), b"text/plain"),
    ],
    ids=str,
)
def test_a_body_is_json_a_form_or_text(content, body, label):
    rule = ruled({"name": "a", "request": content, "forwards": "unchanged"})
    request = example_request(rule, rule.examples[0])

    assert (request.body, dict(request.headers)[b"Content-Type"]) == (body, label)


def test_the_shipped_examples_fire_where_their_rules_are():
    rules = [rule for policy in shipped() for rule in policy.rules]

    assert all(len(rule.examples) >= 2 for rule in rules)
