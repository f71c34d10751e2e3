import itertools
import json

import pytest

from build import a_policy, a_request, a_rule, policy_set, shipped, shipped_set
from decided import Decided, settle
from decided import decided as decide
from jira_compat.decide import MAX_BODY
from jira_compat.message.target.target import read_target
from jira_compat.model import Response
from jira_compat.policy.index import RunOptions, compile_policies
from jira_compat.policy.schema import Override

PASSWORD = "hunter2"
PROFILES = ["cloud", "staging"]

ROWS = [
    # request, members of its body, rule, outcome
    ("POST /rest/api/2/group", {"name": "a", "password": PASSWORD}, "leave-group-create", "same"),
    ("POST /rest/api/2/group/user?groupname=a", {"name": "fred"}, "leave-group-add-user", "same"),
    ("DELETE /rest/api/2/group?groupname=a", {}, "leave-group-delete", "same"),
    ("DELETE /rest/api/2/group/user?groupname=a&username=fred", {}, "leave-group-remove-user", "same"),
    ("POST /rest/auth/1/session", {"username": "fred", "password": PASSWORD}, "leave-login", "same"),
    ("DELETE /rest/auth/1/session", {}, "leave-logout", "same"),
    (
        "POST /rest/api/2/user",
        {"name": "fred", "password": PASSWORD},
        "ignore-password-on-user-create",
        {"name": "fred"},
    ),
    (
        "PUT /rest/api/2/user?username=fred",
        {"active": False, "name": "fred", "password": PASSWORD},
        "keep-only-active-on-user-update",
        {"active": False},
    ),
    ("POST /rest/api/2/user/application?username=fred", {}, "refuse-application-access-grant", 410),
    ("DELETE /rest/api/2/user/application?username=fred", {}, "refuse-application-access-removal", 410),
    ("PUT /rest/api/2/user/password?username=fred", {"password": PASSWORD}, "refuse-password-change", 410),
    ("PUT /rest/api/2/myself", {"displayName": "Fred", "password": PASSWORD}, "refuse-myself-update", 410),
    ("PUT /rest/api/2/myself/password", {"password": PASSWORD}, "refuse-my-password-change", 410),
    ("GET /rest/api/2/password/policy", {}, "refuse-password-policy", 410),
    # Not in the article, but implied.
    (
        "POST /rest/api/2/password/policy/createUser",
        {"password": PASSWORD},
        "refuse-password-check-on-user-create",
        410,
    ),
    (
        "POST /rest/api/2/password/policy/updateUser",
        {"password": PASSWORD},
        "refuse-password-check-on-user-update",
        410,
    ),
]
"""The article's rows but ``DELETE user``, which is another matter in each profile."""

row_ids = [row[2] for row in ROWS]
rows = pytest.mark.parametrize(("line", "members", "rule", "outcome"), ROWS, ids=row_ids)
both_profiles = pytest.mark.parametrize("profile", PROFILES)


def body_of(request):
    return json.loads(request.body)


def answer_of(decision: Decided) -> Response:
    assert decision.response is not None
    return decision.response


def text_of(response: Response) -> str:
    """What Jira's clients would show."""
    (text,) = json.loads(response.body or b"")["errorMessages"]
    return str(text)


def observing(how, profile):
    """The shipped rules in mode observe: for the run, the policy or the rule."""
    policies = shipped()
    if how == "policy":
        policies = tuple(policy.model_copy(update={"mode": "observe"}) for policy in policies)
    if how == "rule":
        rules = {rule.id: Override(mode="observe") for policy in policies for rule in policy.rules}
        return compile_policies(policies, RunOptions(profile), rules)
    return compile_policies(policies, RunOptions(profile, "observe" if how == "run" else "enforce"))


# No rule


@pytest.mark.parametrize(
    "request_",
    [
        a_request("GET /rest/api/2/user?username=fred"),
        a_request("PATCH /rest/api/2/user", password=PASSWORD),
        a_request("POST /rest/api/2/users", password=PASSWORD),
        a_request("POST /rest/api/2", password=PASSWORD),
        a_request("POST /rest/api/1/user", password=PASSWORD),
        a_request("POST /rest/api/20/user", password=PASSWORD),
        a_request("POST /rest/internal/2/user", password=PASSWORD),
        a_request("POST /rest/auth/2/session", password=PASSWORD),
        a_request("PUT /rest/api/2/user/password/reset", password=PASSWORD),
        a_request("PUT /rest/api/2/issue/PASSWORD", password=PASSWORD),
        a_request("PUT /rest/api/2/project/A/properties/password", password=PASSWORD),
        a_request("GET /"),
        a_request("OPTIONS *"),
        a_request("GET /browse/%2F%2Frest/api/2/password"),
        a_request("CONNECT jira.example.com:443"),
        a_request("GET /secure/attachment/1/rest"),
        a_request("GET /api/2/user"),
        a_request(" "),
        a_request("POST /wiki/rest/api/user", password=PASSWORD),
    ],
    ids=lambda request: f"{request.method} {request.target.decode()}",
)
@both_profiles
def test_what_no_rule_names_goes_on_as_the_very_same_object(request_, profile):
    decision = decide(shipped_set(profile), request_)

    assert decision.request is request_
    assert decision.findings == ()
    assert (decision.response, decision.reason, decision.applied, decision.needs_body) == (None, None, False, False)
    assert (decision.mark, settle(decision, Response(200))) == ("", None)


def test_without_rules_everything_goes_on():
    request = a_request("PUT /rest/api/2/user/password", password=PASSWORD)

    assert decide(policy_set(), request).request is request


# The article


@rows
@both_profiles
def test_what_is_enforced(line, members, rule, outcome, profile):
    request = a_request(line, **members)
    decision = decide(shipped_set(profile), request)

    assert decision.findings[0].rule == rule
    assert decision.findings[0].mode == "enforce"
    assert decision.applied == (outcome != "same")
    if outcome == 410:
        assert decision.request is request
        assert (answer_of(decision).status, decision.reason) == (410, "rule")
        assert dict(answer_of(decision).headers)[b"X-Jira-Compat"] == f"user-management/{rule}".encode()
        assert PASSWORD.encode() not in (answer_of(decision).body or b"")
    else:
        assert (decision.response, decision.reason) == (None, None)
        assert body_of(decision.request) == outcome if outcome != "same" else decision.request is request


@rows
@both_profiles
@pytest.mark.parametrize("how", ["run", "policy", "rule"])
def test_what_is_observed_is_found_and_left_alone(line, members, rule, outcome, *, profile, how):
    request = a_request(line, **members)
    decision = decide(observing(how, profile), request)
    enforced = decide(shipped_set(profile), request)

    assert decision.request is request
    assert (decision.response, decision.applied, decision.needs_body, decision.replaced) == (None, False, False, None)
    assert decision.reason == enforced.reason
    assert [(one.rule, one.fields) for one in decision.findings] == [
        (one.rule, one.fields) for one in enforced.findings
    ]
    assert {one.mode for one in decision.findings} == {"observe"}
    assert decision.mark == ""


def test_in_front_of_cloud_a_deletion_goes_on():
    request = a_request("DELETE /rest/api/2/user?username=fred")
    decision = decide(shipped_set("cloud"), request)

    assert decision.request is request
    assert [one.rule for one in decision.findings] == ["watch-user-delete"]


def test_in_front_of_server_a_deletion_becomes_a_deactivation():
    decision = decide(shipped_set("staging"), a_request("DELETE /rest/api/2/user?username=fred", None))

    assert (decision.request.method, decision.request.target) == ("PUT", b"/rest/api/2/user?username=fred")
    assert body_of(decision.request) == {"active": False}
    assert [one.rule for one in decision.findings] == ["deactivate-instead-of-deleting"]
    assert (decision.applied, decision.reason, decision.needs_body) == (True, None, False)


def test_what_is_sent_instead_is_edited_as_if_a_client_had_sent_it():
    request = a_request("DELETE /rest/api/2/user?username=fred&password=x")
    decision = decide(shipped_set("staging"), request)

    assert (decision.request.target, body_of(decision.request)) == (
        b"/rest/api/2/user?username=fred",
        {"active": False},
    )
    assert [(one.rule, one.fields) for one in decision.findings] == [
        ("deactivate-instead-of-deleting", ()),
        ("ignore-password-in-query-on-user-update", ("?password",)),
    ]
    assert decision.replaced is not None


@pytest.mark.parametrize(
    ("response", "status"),
    [
        (Response(200, (), b'{"active": false}'), 204),
        (Response(200, (), b'{"active": true}'), 502),
        (Response(302, ((b"Location", b"/login"),), b""), 502),
        (Response(200, (), b"\x1f\x8b\x08"), 502),
        (Response(404, (), b"{}"), None),
        (Response(503), None),
    ],
)
def test_a_replaced_request_is_answered_when_the_upstream_confirms_it(response, status):
    decision = decide(shipped_set("staging"), a_request("DELETE /rest/api/2/user?username=fred"))
    settled = settle(decision, response)

    assert (settled.status if settled else None) == status
    if settled:
        mark = b"user-management/deactivate-instead-of-deleting"
        assert dict(settled.headers)[b"X-Jira-Compat"] == mark


def test_nothing_else_is_settled():
    refused = decide(shipped_set(), a_request("PUT /rest/api/2/myself"))
    edited = decide(shipped_set(), a_request("POST /rest/api/2/user", password=PASSWORD))

    assert settle(refused, Response(200)) is None
    assert settle(edited, Response(200)) is None


def test_an_observed_replacement_replaces_nothing():
    request = a_request("DELETE /rest/api/2/user?username=fred")
    decision = decide(shipped_set("staging", "observe"), request)

    assert decision.request is request
    assert settle(decision, Response(200, (), b'{"active": true}')) is None


# Where endpoints are


@pytest.mark.parametrize(
    "path",
    [
        *(f"/rest/api/{version}/user" for version in ("2", "2.0", "2.0.alpha1", "3", "3.0", "latest")),
        "/jira/rest/api/2/user",
        "/a/b/c/rest/api/2/user",
        "/rest/api/2/user/",
        "/rest/api/2/user.json",
        "//rest//api/2/user",
        "/rest/./api/x/../2/user",
        "/rest/api/2/us%65r",
        "/rest;a=b/api/2/user;c",
        "/api/2/user",
        "/api/latest/user/",
        "http://jira.example.com/rest/api/2/user",
    ],
)
def test_a_password_is_taken_out_wherever_the_endpoint_is(path):
    decision = decide(shipped_set(), a_request(f"POST {path}?a=b", name="fred", password=PASSWORD))

    assert body_of(decision.request) == {"name": "fred"}
    assert decision.request.target.endswith(b"?a=b")


@pytest.mark.parametrize(
    "path",
    [f"/rest/auth/{version}/session" for version in ("1", "1.0", "1.0.alpha1", "latest")]
    + ["/jira/rest/auth/1/session", "/api/auth/1/session"],
)
def test_a_login_is_known_wherever_it_is(path):
    request = a_request(f"POST {path}", username="fred", password=PASSWORD)
    decision = decide(shipped_set(), request)

    assert decision.request is request
    assert [one.rule for one in decision.findings] == ["leave-login"]


@pytest.mark.parametrize("path", ["/jira/api/2/user", "/rest/rest/api/2/user", "/restapi/2/user", "/REST2/api/2/user"])
def test_no_endpoint_is_there(path):
    request = a_request(f"POST {path}", password=PASSWORD)

    assert decide(shipped_set(), request).request is request


def test_the_first_rest_counts():
    request = a_request("POST /rest/x/rest/api/2/user", password=PASSWORD)

    assert decide(shipped_set(), request).findings == ()


@pytest.mark.parametrize(
    ("target", "forwarded"),
    [
        ("/rest/api/2/user", "/rest/api/2/user"),
        ("/jira/rest/api/3/user/", "/jira/rest/api/3/user"),
        ("//rest/./api/2.0/us%65r;x=y?a=%41&&b", "/rest/api/2.0/user?a=%41&&b"),
        ("/rest/api/2/user.json?", "/rest/api/2/user.json?"),
        ("/api/2/user#top", "/api/2/user"),
        ("/rest/api/2/user?a#password=1", "/rest/api/2/user?a"),
    ],
)
def test_the_path_that_was_judged_is_the_path_that_goes_on(target, forwarded):
    edited = decide(shipped_set(), a_request(f"POST {target}", password=PASSWORD))
    untouched = decide(shipped_set(), a_request(f"POST {target}", name="fred"))

    assert edited.request.target.decode() == forwarded
    assert untouched.request.target.decode() == target


def test_a_replaced_request_goes_on_under_the_path_that_was_judged():
    decision = decide(shipped_set("staging"), a_request("DELETE /jira//rest/api/2/us%65r/?username=fr%65d"))

    assert decision.request.target == b"/jira/rest/api/2/user?username=fr%65d"


def test_head_follows_get():
    decision = decide(shipped_set(), a_request("HEAD /rest/api/2/password/policy"))

    assert answer_of(decision).status == 410


@pytest.mark.parametrize("method", ["put", "Put", "pUT"])
def test_a_method_in_another_case_is_the_method(method):
    assert answer_of(decide(shipped_set(), a_request(f"{method} /rest/api/2/myself"))).status == 410


def test_a_literal_is_preferred_to_a_parameter():
    rules = policy_set(
        a_rule("PUT /rest/api/2/user/{key}", id="any", respond={"status": 404}),
        a_rule("PUT /rest/api/2/user/avatar", id="avatar"),
    )

    assert answer_of(decide(rules, a_request("PUT /rest/api/2/user/fred"))).status == 404
    assert [one.rule for one in decide(rules, a_request("PUT /rest/api/2/user/avatar")).findings] == ["avatar"]


@pytest.mark.parametrize("line", ["POST /rest/api/2/user", "GET /", "PUT //rest/api/2/user%2Fpassword"])
def test_a_target_that_was_read_is_not_read_again(line):
    request = a_request(line, password=PASSWORD)

    assert decide(shipped_set(), request, target=read_target(request.target)) == decide(shipped_set(), request)


# Bodies


@pytest.mark.parametrize(
    "body",
    [b"", b" \n", b"null", b"[]", b'["password"]', b'"password"', b'[{"password": "x"}]', b"5", b"{}"],
    ids=repr,
)
def test_a_body_without_the_field_is_left_alone(body):
    request = a_request("POST /rest/api/2/user", body, {"Content-Type": "application/json"})
    decision = decide(shipped_set(), request)

    assert decision.request is request
    assert [(one.rule, one.fields) for one in decision.findings] == [("ignore-password-on-user-create", ())]
    assert decision.applied is False


@pytest.mark.parametrize("body", [b"", b"null", b'{"active": true}', b'{ "active" : true }'], ids=repr)
def test_a_body_that_only_has_what_is_kept_is_left_alone(body):
    request = a_request("PUT /rest/api/2/user", body, {"Content-Type": "application/json"})

    assert decide(shipped_set(), request).request is request


@pytest.mark.parametrize("body", [b'"password"', b"[]", b"5"], ids=repr)
def test_a_body_of_which_nothing_can_be_kept_is_refused(body):
    decision = decide(shipped_set(), a_request("PUT /rest/api/2/user", body))

    assert (answer_of(decision).status, decision.reason) == (400, "unreadable_body")


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b'{"password": "hunter2"', {}),
        (b"\xff\xfe{hunter2", {}),
        (b'{"a": 1} hunter2', {}),
        (b"hunter2", {"Content-Encoding": "gzip"}),
        (b"hunter2", {"Content-Type": "text/plain"}),
        (b"<a>hunter2</a>", {"Content-Type": "text/xml"}),
        (b"[" * 100_000, {}),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_body_that_cannot_be_read_is_refused_and_not_quoted(body, headers):
    decision = decide(shipped_set(), a_request("POST /rest/api/2/user", body, headers))

    assert (answer_of(decision).status, decision.reason, decision.applied) == (400, "unreadable_body", True)
    assert decision.findings[0].fields is None
    assert dict(answer_of(decision).headers)[b"X-Jira-Compat"] == b"error/unreadable_body"
    assert PASSWORD.encode() not in (answer_of(decision).body or b"")


def test_a_body_that_cannot_be_read_is_nothing_to_who_observes():
    request = a_request("POST /rest/api/2/user", b'{"password')
    decision = decide(shipped_set(mode="observe"), request)

    assert decision.request is request
    assert (decision.reason, decision.applied, decision.response) == ("unreadable_body", False, None)


def test_a_body_that_no_rule_edits_is_not_read():
    request = a_request("POST /rest/auth/1/session", b'{"password')

    assert decide(shipped_set(), request, max_body=1).request is request


def test_a_body_that_was_not_seen_is_asked_for():
    request = a_request("POST /rest/api/2/user?password=x", None)
    decision = decide(shipped_set(), request)

    assert (decision.needs_body, decision.applied, decision.response) == (True, False, None)
    assert decision.request is request
    assert [(one.rule, one.fields) for one in decision.findings] == [("ignore-password-on-user-create", None)]


@pytest.mark.parametrize(
    "line",
    [
        "POST /rest/auth/1/session",
        "PUT /rest/api/2/user/password",
        "DELETE /rest/api/2/user",
        "GET /rest/api/2/issue/A-1",
    ],
)
@both_profiles
def test_a_body_that_no_rule_edits_is_not_asked_for(line, profile):
    assert decide(shipped_set(profile), a_request(line, None)).needs_body is False


def test_an_edit_of_the_query_alone_asks_for_no_body():
    rules = policy_set(a_rule("PUT /rest/x", remove_query=("password",)))
    decision = decide(rules, a_request("PUT /rest/x?password=1&a=b", None))

    assert (decision.needs_body, decision.applied, decision.request.target) == (False, True, b"/rest/x?a=b")


@pytest.mark.parametrize(
    ("request_", "too_large"),
    [
        (a_request("POST /rest/api/2/user", b"{}" + b" " * 8), False),
        (a_request("POST /rest/api/2/user", b"{}" + b" " * 9), True),
        (a_request("POST /rest/api/2/user", None, {"Content-Length": "10"}), False),
        (a_request("POST /rest/api/2/user", None, {"content-length": "11"}), True),
        (a_request("POST /rest/api/2/user", None, {"Content-Length": "9" * 50}), True),
        (a_request("POST /rest/api/2/user", None, {"Content-Length": "9" * 50_000}), True),
        (a_request("POST /rest/api/2/user", None, {"Content-Length": "-11"}), False),
        (a_request("POST /rest/api/2/user", None, {"Content-Length": "a lot"}), False),
        (a_request("POST /rest/api/2/user", None), False),
        (a_request("POST /rest/api/2/user", b"{}", {"Content-Length": "11"}), False),
        (a_request("POST /rest/auth/1/session", b" " * 11), False),
        (a_request("PUT /rest/api/2/myself", b" " * 11), False),
    ],
    ids=repr,
)
def test_a_body_that_must_be_read_has_a_limit(request_, too_large):
    decision = decide(shipped_set(), request_, max_body=10)

    assert (decision.reason == "too_large") is too_large
    if too_large:
        assert (answer_of(decision).status, decision.applied, decision.needs_body) == (413, True, False)
        assert dict(answer_of(decision).headers)[b"X-Jira-Compat"] == b"error/too_large"


def test_the_limit_is_ten_megabytes_unless_another_is_given():
    body = b'{"a": "' + b"x" * MAX_BODY + b'"}'

    assert MAX_BODY == 10_000_000
    assert decide(shipped_set(), a_request("POST /rest/api/2/user", body)).reason == "too_large"
    assert decide(shipped_set(), a_request("POST /rest/api/2/user", body), max_body=len(body)).reason is None


# Rules together

EDITS = (
    a_rule("PUT /rest/x", id="keep", keep=("/active", "/profile")),
    a_rule("PUT /rest/x", id="remove", remove=("/profile/password",)),
    a_rule("PUT /rest/x", id="query", remove_query=("password",)),
    a_rule("PUT /rest/x", id="watch", change="modified"),
)


def test_edits_compose_whatever_their_order():
    request = a_request("PUT /rest/x?password=1&a=b", active=True, name="fred", profile={"password": "x", "b": 1})
    decisions = [decide(policy_set(*order), request) for order in itertools.permutations(EDITS)]

    assert body_of(decisions[0].request) == {"active": True, "profile": {"b": 1}}
    assert decisions[0].request.target == b"/rest/x?a=b"
    assert [(one.rule, one.fields) for one in decisions[0].findings] == [
        ("keep", ("/name",)),
        ("query", ("?password",)),
        ("remove", ("/profile/password",)),
        ("watch", ()),
    ]
    assert decisions[0].mark == "some-policy/keep, some-policy/query, some-policy/remove"
    assert all(decision == decisions[0] for decision in decisions)


def test_the_finding_that_took_something_out_comes_first():
    decision = decide(policy_set(*EDITS), a_request("PUT /rest/x?password=1", active=True))

    assert [(one.rule, bool(one.fields)) for one in decision.findings] == [
        ("query", True),
        ("keep", False),
        ("remove", False),
        ("watch", False),
    ]
    assert decision.mark == "some-policy/query"


def test_a_refusal_wins_over_what_only_watches():
    rules = policy_set(a_rule("PUT /rest/x", id="a-watch", change="removed"), a_rule("PUT /rest/x", id="b", respond={}))
    decision = decide(rules, a_request("PUT /rest/x"))

    assert answer_of(decision).status == 410
    assert [one.rule for one in decision.findings] == ["b", "a-watch"]


def test_an_edit_that_cannot_be_made_undoes_all_others():
    request = a_request("PUT /rest/x?password=1", b"{")
    decision = decide(policy_set(*EDITS), request)

    assert decision.request is request
    assert decision.reason == "unreadable_body"


# Modes together

KEEP, REMOVE, QUERY, WATCH = EDITS


def watched(rule):
    return rule.model_copy(update={"mode": "observe"})


def test_what_is_enforced_is_done_and_what_is_observed_is_found():
    request = a_request("PUT /rest/x?password=1", active=True, name="fred")
    decision = decide(policy_set(watched(KEEP), QUERY), request)

    assert (decision.request.target, decision.request.body) == (b"/rest/x", request.body)
    assert [(one.rule, one.mode, one.fields) for one in decision.findings] == [
        ("query", "enforce", ("?password",)),
        ("keep", "observe", ("/name",)),
    ]
    assert (decision.applied, decision.mark) == (True, "some-policy/query")


def test_what_is_observed_is_found_where_nothing_was_to_be_done():
    request = a_request("PUT /rest/x", active=True, name="fred")
    decision = decide(policy_set(watched(KEEP), QUERY), request)

    assert decision.request is request
    assert [(one.rule, one.fields) for one in decision.findings] == [("keep", ("/name",)), ("query", ())]
    assert (decision.applied, decision.mark) == (False, "")


def test_an_observed_refusal_does_not_hinder_an_enforced_edit():
    refusal = a_rule("PUT /rest/x", id="refuse", respond={}, mode="observe")
    decision = decide(policy_set(refusal, QUERY), a_request("PUT /rest/x?password=1"))

    assert decision.request.target == b"/rest/x"
    assert (decision.response, decision.reason, decision.applied) == (None, None, True)
    assert [one.rule for one in decision.findings] == ["query", "refuse"]


def test_an_observed_refusal_beside_an_edit_that_finds_nothing_is_the_finding():
    refusal = a_rule("PUT /rest/x", id="refuse", respond={}, mode="observe")
    request = a_request("PUT /rest/x")
    decision = decide(policy_set(refusal, QUERY), request)

    assert decision.request is request
    assert (decision.response, decision.reason, decision.applied) == (None, "rule", False)
    assert [one.rule for one in decision.findings] == ["refuse", "query"]


def test_an_enforced_refusal_is_given_and_what_is_observed_is_found():
    refusal = a_rule("PUT /rest/x", id="refuse", respond={})
    decision = decide(policy_set(refusal, watched(KEEP)), a_request("PUT /rest/x", None))

    assert (answer_of(decision).status, decision.reason, decision.needs_body) == (410, "rule", False)
    assert [(one.rule, one.fields) for one in decision.findings] == [("refuse", ()), ("keep", None)]


@pytest.mark.parametrize(
    "rules",
    [(watched(KEEP), QUERY), (KEEP, watched(QUERY)), (watched(KEEP), WATCH), (KEEP, watched(REMOVE))],
    ids=lambda rules: " ".join(f"{rule.id}:{rule.mode}" for rule in rules),
)
def test_a_body_is_asked_for_before_anything_is_done(rules):
    request = a_request("PUT /rest/x?password=1", None)
    decision = decide(policy_set(*rules), request)

    assert decision.request is request
    assert (decision.needs_body, decision.applied, decision.response) == (True, False, None)
    assert {one.rule for one in decision.findings} == {rule.id for rule in rules}


# Targets that can be read in two ways

NOISE = "/x/..;/a//../%2f%5c\\%00%20 %3f%252f%ff%c0%af%0a%u0061%#" * 20
"""More readings than are tried."""


@pytest.mark.parametrize(
    "line",
    [
        "PUT /rest/api/2/user%2Fpassword",
        "PUT /rest/api/2/user%252Fpassword",
        "PUT /rest/api/2/user\\password",
        "PUT /rest/api/2/user/password%00",
        "PUT /rest/api/2/user/password%3Fa",
        "PUT /rest/api/2/user/password%3bx",
        "PUT /REST/api/2/user/password",
        "PUT /rest/api/2/user/x/..;/password",
        "POST /rest/api/2/user%2F",
        "GET /rest/api/2/password%2fpolicy",
        "PUT /s/rest/_/rest/api/2/user/password",
        "PUT /rest/api/2/user%\t5Cpassword",
        f"PUT /rest/api/2/user/password{NOISE}",
        f"PUT {NOISE}/rest/api/2/user%2fpass%01wor%25%36%34",
        f"PUT {'/a' * 200}/rest/api/2/user%2Fpassword",
    ],
)
def test_a_target_that_may_hit_a_rule_is_refused(line):
    request = a_request(line, password=PASSWORD)
    decision = decide(shipped_set(), request)

    assert decision.request is request
    assert (answer_of(decision).status, decision.reason, decision.applied) == (400, "ambiguous_target", True)
    assert dict(answer_of(decision).headers)[b"X-Jira-Compat"] == b"error/ambiguous_target"
    assert decision.findings


@pytest.mark.parametrize(
    "line", [f"PUT /rest/api/2/issue{NOISE}", f"GET /rest/api/2/user/password{NOISE}", f"PUT {'/a' * 200}/%2F"]
)
def test_a_target_with_too_many_readings_and_without_the_words_of_a_rule_is_left_alone(line):
    request = a_request(line)

    assert decide(shipped_set(), request) == Decided(request)


def test_a_target_that_may_hit_a_rule_is_left_alone_by_who_observes():
    request = a_request("PUT /rest/api/2/user%2Fpassword", password=PASSWORD)
    decision = decide(shipped_set(mode="observe"), request)

    assert decision.request is request
    assert (decision.response, decision.reason, decision.applied) == (None, "ambiguous_target", False)
    assert [one.rule for one in decision.findings] == ["refuse-password-change"]


@pytest.mark.parametrize(
    "line",
    [
        "GET /rest/api/2/issue/A%2FB",
        "GET /rest/api/2/user%2Fpassword",
        "PUT /rest/api/2/project/A%2FB/properties/password",
        "POST /rest/api/2/group%2F",
        "POST /rest/auth/1%2Fsession",
        "GET /rest/api/2/status%00",
        "PUT /browse/..%2F..%2Fa",
    ],
)
def test_a_target_that_can_hit_no_rule_of_weight_goes_on(line):
    request = a_request(line, password=PASSWORD)
    decision = decide(shipped_set(), request)

    assert decision.request is request
    assert decision.response is None


# Methods that are something else


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "x-http-method", "X-METHOD-OVERRIDE"])
@pytest.mark.parametrize(
    ("line", "override", "outcome"),
    [
        ("POST /rest/api/2/user/password", "PUT", 410),
        ("POST /rest/api/2/user/password", "put", 410),
        ("GET /rest/api/2/user/password", "PUT", 410),
        ("PUT /rest/api/2/user/password", "GET", 410),
        ("POST /rest/api/2/password/policy", "GET, POST", 410),
        ("POST /rest/api/2/issue", "PUT", "same"),
        ("POST /rest/api/2/group", "DELETE", "same"),
        ("PATCH /rest/api/2/user", "POST", {"active": True, "name": "fred"}),
        ("POST /rest/api/2/user", "PUT", {"active": True}),
        ("PUT /rest/api/2/user", "POST", {"active": True}),
    ],
)
def test_every_method_that_a_server_may_take_counts(name, line, override, outcome):
    request = a_request(line, None, {name: override}, active=True, name="fred", password=PASSWORD)
    decision = decide(shipped_set(), request)

    if outcome == 410:
        assert answer_of(decision).status == 410
    elif outcome == "same":
        assert decision.request is request
    else:
        assert body_of(decision.request) == outcome


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/rest/api/2/user/password?_method=PUT", 410),
        ("/rest/api/2/user/password?_method=PUT#_method", 410),
        ("/rest/api/2/user/password?a#&_method=PUT", 410),
        ("/rest/api/2/user/password?username=_method%3DPUT", None),
        ("/rest/api/2/issue?_method=PUT", None),
    ],
)
def test_an_override_in_the_query_of_a_post_counts(target, status):
    decision = decide(shipped_set(), a_request(f"POST {target}", None, {}, password=PASSWORD))

    assert (decision.response and decision.response.status) == status


def test_a_deletion_in_disguise_is_refused_where_deletions_are_replaced():
    request = a_request("POST /rest/api/2/user?username=fred", b"", {"X-HTTP-Method-Override": "DELETE"})
    decision = decide(shipped_set("staging"), request)

    assert (answer_of(decision).status, decision.reason) == (400, "ambiguous_target")
    assert decision.findings[0].rule == "deactivate-instead-of-deleting"
    assert "method override" in text_of(answer_of(decision))


def test_a_deletion_that_says_it_is_none_is_replaced_and_says_so_no_more():
    request = a_request("DELETE /rest/api/2/user?username=fred", b"", {"X-HTTP-Method-Override": "GET"})
    decision = decide(shipped_set("staging"), request)

    assert decision.request.method == "PUT"
    assert b"X-HTTP-Method-Override" not in dict(decision.request.headers)


def test_a_rule_is_found_once_however_often_the_method_is_said():
    headers = {"X-HTTP-Method-Override": "PUT", "X-HTTP-Method": "POST", "X-Method-Override": "PUT"}
    rules = policy_set(a_rule("PUT|POST /rest/x", remove=("/password",)))
    decision = decide(rules, a_request("GET /rest/x", None, headers, password=PASSWORD))

    assert len(decision.findings) == 1


# Refusals

SECRET = "s3cr3t"


@pytest.mark.parametrize(
    "request_",
    [
        a_request(f"PUT /{SECRET}/rest/api/2/user/password?a={SECRET}", SECRET, {SECRET: SECRET}),
        a_request(f"POST /rest/api/2/user?{SECRET}", SECRET + "{", {"Authorization": SECRET}),
        a_request(f"PUT /rest;{SECRET}/api/2/user%2Fpassword;{SECRET}", SECRET),
        a_request(f"PUT /{SECRET}/rest/api/2/user%2Fpassword", SECRET),
    ],
    ids=repr,
)
def test_a_refusal_says_nothing_of_the_request(request_):
    response = answer_of(decide(shipped_set(), request_))

    assert response.status >= 400
    assert SECRET.encode() not in repr(response).encode()


def test_a_refusal_is_told_in_the_words_of_the_rule():
    rules = policy_set(a_rule("PUT /rest/x", id="one", respond={"status": 404, "text": "Use y."}))
    response = answer_of(decide(rules, a_request("PUT /rest/x")))

    assert (response.status, text_of(response)) == (404, "Use y.")
    assert dict(response.headers)[b"Link"] == b'<https://example.com/changes>; rel="deprecation"'


def test_an_override_tells_it_in_other_words():
    overrides = {"one": Override(status=400, text="Ask Ann.")}
    rules = policy_set(a_rule("PUT /rest/x", id="one", respond={}), overrides=overrides)
    response = answer_of(decide(rules, a_request("PUT /rest/x")))

    assert (response.status, text_of(response)) == (400, "Ask Ann.")


def test_policies_are_judged_together():
    first = a_policy(a_rule("PUT /rest/x", id="one", remove=("/a",)), policy="first")
    second = a_policy(a_rule("PUT /rest/x", id="two", remove=("/b",)), policy="second")
    decision = decide(compile_policies([second, first]), a_request("PUT /rest/x", a=1, b=2, c=3))

    assert body_of(decision.request) == {"c": 3}
    assert decision.mark == "first/one, second/two"
