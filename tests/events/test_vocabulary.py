import json
import re
from pathlib import Path

import pytest

from build import a_request, a_rule, policy_set, shipped_set
from jira_compat.decide import decide
from jira_compat.events import vocabulary
from jira_compat.model import Exchange, Response
from jira_compat.policy.errors import PolicyError

DOCUMENT = (Path(__file__).parents[2] / "docs" / "events.md").read_text()

KEEP = a_rule("PUT /rest/x", id="keep", keep=("/active",))
QUERY = a_rule("PUT /rest/x", id="query", remove_query=("password",))


def event_of(rules, request, response=None, **facts):
    return vocabulary.rule_event(decide(rules, request), Exchange(request, response, **facts))


# The event of a rule


def test_there_is_none_where_no_rule_has_anything_to_say():
    assert event_of(shipped_set(), a_request("GET /rest/api/2/issue/A-1")) is None


@pytest.mark.parametrize(
    ("request_", "profile", "name", "reason"),
    [
        (a_request("POST /rest/api/2/user", password="x"), "cloud", "fields_removed", None),
        (a_request("PUT /rest/api/2/user", name="x"), "cloud", "fields_removed", None),
        (a_request("PUT /rest/api/2/user?password=x"), "cloud", "fields_removed", None),
        (a_request("POST /rest/api/2/user", name="x"), "cloud", "rule_matched", None),
        (a_request("POST /rest/api/2/user", None), "cloud", "rule_matched", None),
        (a_request("POST /rest/auth/1/session", password="x"), "cloud", "rule_matched", None),
        (a_request("DELETE /rest/api/2/user"), "cloud", "rule_matched", None),
        (a_request("DELETE /rest/api/2/user"), "staging", "request_replaced", None),
        (a_request("PUT /rest/api/2/myself"), "cloud", "request_refused", "rule"),
        (a_request("PUT /rest/api/2/user%2Fpassword"), "cloud", "request_refused", "ambiguous_target"),
        (a_request("POST /rest/api/2/user", b"{"), "cloud", "request_refused", "unreadable_body"),
        (
            a_request("POST /rest/api/2/user", None, {"Content-Length": "99999999"}),
            "cloud",
            "request_refused",
            "too_large",
        ),
    ],
    ids=lambda value: f"{value.method} {value.target.decode()}" if hasattr(value, "target") else None,
)
@pytest.mark.parametrize("mode", ["enforce", "observe"])
def test_its_name_says_what_happened_or_would_have(request_, profile, name, reason, mode):
    event = event_of(shipped_set(profile, mode), request_)

    assert (event["event"], event.get("reason"), event["mode"]) == (name, reason, mode)
    assert event["applied"] == (mode == "enforce" and name != "rule_matched")


def test_it_has_the_facts_of_the_rule_and_of_the_exchange():
    request = a_request("POST /jira/rest/api/2/user?notify=x", password="x", name="fred")
    response = Response(201, ((b"X-AREQUESTID", b"1x2x3"),))
    facts = {"client": "192.0.2.1", "server": "jira.example.com", "user": "admin", "source": "a.har#1"}

    assert event_of(shipped_set(), request, response, **facts) == {
        "v": 1,
        "event": "fields_removed",
        "policy": "user-management",
        "rule": "ignore-password-on-user-create",
        "change": "modified",
        "action": "remove",
        "endpoint": "POST /rest/api/{2|3|latest}/user",
        "fields": ["/password"],
        "mode": "enforce",
        "applied": True,
        "source": "a.har#1",
        "http.request.method": "POST",
        "url.path": "/jira/rest/api/2/user",
        "server.address": "jira.example.com",
        "client.address": "192.0.2.1",
        "user.name": "admin",
        "http.response.status_code": 201,
        "upstream_request_id": "1x2x3",
    }


def test_unknown_facts_are_left_out():
    assert vocabulary.exchange_facts(Exchange(a_request("GET /"))) == {
        "source": "live",
        "http.request.method": "GET",
        "url.path": "/",
    }


def test_of_several_rules_the_others_are_named_too():
    request = a_request("PUT /rest/x?password=1", active=True, name="fred")
    event = event_of(policy_set(KEEP, QUERY), request)

    assert (event["rule"], event["also"]) == ("keep", ["some-policy/query"])
    assert event["fields"] == ["/name", "?password"]


def test_of_one_rule_no_others_are_named():
    assert "also" not in event_of(policy_set(KEEP), a_request("PUT /rest/x"))


@pytest.mark.parametrize(
    ("request_", "fields"),
    [
        (a_request("PUT /rest/x", None), None),
        (a_request("PUT /rest/x?password=1", b"{"), None),
        (a_request("PUT /rest/x", b""), []),
        (a_request("PUT /rest/x", name="x"), ["/name"]),
        (a_request("PUT /rest/x?password=1", b""), ["?password"]),
    ],
    ids=repr,
)
def test_fields_are_a_list_or_null_where_they_are_unknown(request_, fields):
    assert event_of(policy_set(KEEP, QUERY), request_)["fields"] == fields


def test_what_is_only_observed_is_no_field_of_what_was_done():
    rules = policy_set(KEEP.model_copy(update={"mode": "observe"}), QUERY)
    request = a_request("PUT /rest/x?password=1", name="x")
    event = event_of(rules, request)

    assert (event["event"], event["rule"], event["fields"], event["applied"]) == (
        "fields_removed",
        "query",
        ["?password"],
        True,
    )
    assert event["also"] == ["some-policy/keep"]
    assert (
        vocabulary.summary(decide(rules, request)) == "fields removed ?password [some-policy/query, some-policy/keep]"
    )


@pytest.mark.parametrize(
    ("rules", "request_", "line"),
    [
        (policy_set(KEEP), a_request("PUT /rest/x", name="x"), "fields removed /name [some-policy/keep]"),
        (
            policy_set(KEEP, mode="observe"),
            a_request("PUT /rest/x", name="x"),
            "fields removed (not applied) /name [some-policy/keep]",
        ),
        (policy_set(KEEP), a_request("PUT /rest/x"), "rule matched (not applied) [some-policy/keep]"),
        (policy_set(KEEP), a_request("PUT /rest/x", b"{"), "request refused [some-policy/keep]"),
    ],
)
def test_a_summary_is_a_line(rules, request_, line):
    assert vocabulary.summary(decide(rules, request_)) == line


# Other events


class SecretError(Exception):
    def __str__(self):
        return "hunter2"


@pytest.mark.parametrize(("forwarded", "name"), [(False, "rewrite_failed"), (True, "rewrite_skipped")])
def test_a_failure_is_told_by_type_and_not_by_text(forwarded, name):
    event = vocabulary.failure_event(
        Exchange(a_request("GET /a?b")), SecretError("hunter2"), "request", forwarded=forwarded
    )

    assert event == {
        "v": 1,
        "event": name,
        "applied": not forwarded,
        "error": "SecretError",
        "stage": "request",
        "source": "live",
        "http.request.method": "GET",
        "url.path": "/a",
    }


def test_links_that_were_left_are_told_by_the_exchange():
    event = vocabulary.links_left_event(Exchange(a_request("GET /a?b"), Response(200)))

    assert event == {
        "v": 1,
        "event": "links_left",
        "applied": False,
        "source": "live",
        "http.request.method": "GET",
        "url.path": "/a",
        "http.response.status_code": 200,
    }


def test_a_set_of_policies_is_told_by_digest_or_by_what_is_wrong_with_it():
    assert vocabulary.loaded_event("sha256:0", 19) == {
        "v": 1,
        "event": "policies_loaded",
        "digest": "sha256:0",
        "rules": 19,
    }
    assert vocabulary.rejected_event(PolicyError(["a", "b"]).lines, None) == {
        "v": 1,
        "event": "policies_rejected",
        "errors": ["a", "b"],
        "digest": None,
    }


# The path


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/", "/"),
        ("/browse/A-1", "/browse/A-1"),
        ("/rest/api/2/user?password=s3cr3t", "/rest/api/2/user"),
        ("/rest/api/2/user?", "/rest/api/2/user"),
        ("/rest/api/2/user#s3cr3t", "/rest/api/2/user"),
        ("/rest/api/2/user;jsessionid=s3cr3t", "/rest/api/2/user"),
        ("/rest;a=s3cr3t/api/2/user;s3cr3t?s3cr3t", "/rest/api/2/user"),
        ("/browse;jsessionid=s3cr3t/A-1?s3cr3t", "/browse/A-1"),
        ("/rest//api/./2/us%65r/", "/rest/api/2/user"),
        ("http://fred:s3cr3t@jira/rest/api/2/user?s3cr3t", "/rest/api/2/user"),
        ("/rest/api/2/user%3Fs3cr3t", "/rest/api/2/user…"),
        ("/rest/api/2/user%3Bs3cr3t/x", "/rest/api/2/user…"),
        ("/rest/api/2/user%23s3cr3t", "/rest/api/2/user…"),
        ("/rest/api/2/user%253Fs3cr3t", "/rest/api/2/user…"),
        ("/rest/api/2/issue/a%20b", "/rest/api/2/issue/a%20b"),
        ("/rest/api/2/issue/a%253Fs3cr3t", "/rest/api/2/issue/a…"),
        ("/jira%3Fs3cr3t/rest/api/2/user", "/jira…"),
        ("/jira%3bs3cr3t/rest/api/2/user", "/jira…"),
        ("/jira%23s3cr3t/rest/api/2/user", "/jira…"),
        ("/jira%253Fs3cr3t/rest/api/2/user", "/jira…"),
        ("/jira%2Fs3cr3t/rest/api/2/user", "/jira%2Fs3cr3t/rest/api/2/user"),
        ("/browse/a%3Fs3cr3t", "/browse/a…"),
        ("/browse/a%253Fs3cr3t", "/browse/a…"),
        ("/browse/\xff?s3cr3t", "/browse/…"),
        ("*", "…"),
        ("fred:s3cr3t@jira:443", "fred…"),
        ("jira.example.com:443", "jira.example.com…"),
        ("", ""),
    ],
)
def test_a_path_shows_no_query_and_no_path_parameter(target, path):
    assert vocabulary.url_path(a_request(f"GET {target}")) == path


# Names


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", "a"),
        ("7d1c0f3e-2a64-4c1e-9f0a-1b2c3d4e5f60", "7d1c0f3e-2a64-4c1e-9f0a-1b2c3d4e5f60"),
        ("A.b_c:d-1", "A.b_c:d-1"),
        ("x" * 128, "x" * 128),
        ("x" * 129, None),
        ("", None),
        ("-a", None),
        ("a b", None),
        ("a\n", None),
        ('a"', None),
        ("é", None),
    ],
)
def test_a_request_id_is_the_client_s_if_it_can_stand_in_any_log(value, expected):
    assert vocabulary.client_request_id(a_request("GET /", b"", {"x-REQUEST-id": value}).headers) == expected


def test_without_one_there_is_none():
    assert vocabulary.client_request_id(()) is None


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ((), None),
        (((b"x-arequestid", b"1x2"),), "1x2"),
        (((b"Atl-TraceId", b"abc"),), "abc"),
        (((b"atl-traceid", b"abc"), (b"X-AREQUESTID", b"1x2")), "1x2"),
        (((b"X-AREQUESTID", b""), (b"atl-traceid", b"abc")), "abc"),
        (((b"X-AREQUESTID", b"x" * 257),), None),
        (((b"X-AREQUESTID", b"\xff"),), "\ufffd"),
    ],
    ids=repr,
)
def test_jira_s_request_id_is_one_of_two_fields(headers, expected):
    facts = vocabulary.exchange_facts(Exchange(a_request("GET /"), Response(200, headers)))

    assert facts.get("upstream_request_id") == expected


WITH_URLS = [
    ("bot (+https://example.com/~bot@here)", "bot (+https://example.com/~bot@here)"),
    ("sync https://fred:hunter2@jira.example.com/rest", "sync https://jira.example.com/rest"),
    ("sync //fred:hun@ter2@jira", "sync //jira"),
    ("sync //fred:" + "x" * 5_000 + "@jira", "sync //"),
    ("x" * 250 + " https://fred:hunter2@jira", "x" * 250 + " https"[:6]),
]


@pytest.mark.parametrize(
    ("agent", "expected"),
    [("", None), ("curl/8", "curl/8"), ("x" * 300, "x" * 256), ("é", "é"), *WITH_URLS],
)
def test_a_user_agent_is_shown_up_to_256_characters(agent, expected):
    facts = vocabulary.exchange_facts(Exchange(a_request("GET /", b"", {"User-Agent": agent})))

    assert facts.get("user_agent.original") == expected


def test_a_user_agent_that_is_no_utf_8_is_text_all_the_same():
    request = a_request("GET /")
    request = type(request)(request.method, request.target, ((b"User-Agent", b"\xff\x00"),))

    assert vocabulary.exchange_facts(Exchange(request))["user_agent.original"] == "\ufffd\x00"


def test_it_tells_the_tool_apart_from_what_else_its_name_says():
    tool = a_request("PUT /rest/api/2/myself", headers={"User-Agent": "jira-python/3.10 python-requests/2.32"})
    event = event_of(shipped_set(), tool)

    assert (event["user_agent.name"], event["user_agent.version"]) == ("jira-python", "3.10")
    assert "user_agent.name" not in event_of(shipped_set(), a_request("PUT /rest/api/2/myself"))


# The event of requests that no rule names


def test_it_counts_and_says_when_and_leaves_out_what_is_not_known():
    client = {"user_agent.name": "curl", "user_agent.version": None, "user.name": "fred"}

    assert vocabulary.seen_event("GET /rest", client, {404: 1, 200: 2}, 4, (1767225600.25, 1767225659.0)) == {
        "v": 1,
        "event": "endpoint_seen",
        "endpoint": "GET /rest",
        "count": 4,
        "first_seen": "2026-01-01T00:00:00.250000Z",
        "last_seen": "2026-01-01T00:00:59Z",
        "statuses": {"200": 2, "404": 1},
        "source": "live",
        "user_agent.name": "curl",
        "user.name": "fred",
    }


# The vocabulary

ALL_EVENTS = [
    event_of(
        shipped_set(),
        a_request("PUT /rest/api/2/user?password=x", b"", {"User-Agent": "curl"}, name="x"),
        Response(200, ((b"X-AREQUESTID", b"1"),)),
        client="192.0.2.1",
        server="jira",
        user="fred",
    ),
    event_of(shipped_set(), a_request("PUT /rest/api/2/myself")),
    event_of(shipped_set("staging"), a_request("DELETE /rest/api/2/user")),
    event_of(shipped_set(), a_request("POST /rest/api/2/group")),
    (event_of(shipped_set(), a_request("GET /rest/api/2/search")) or {})
    | vocabulary.translation_facts("search", (200, 200), {"search.total": "exact"}),
    vocabulary.failure_event(Exchange(a_request("GET /")), ValueError(), "request", forwarded=False),
    vocabulary.failure_event(Exchange(a_request("GET /")), ValueError(), "request", forwarded=True),
    vocabulary.links_left_event(Exchange(a_request("GET /"))),
    vocabulary.seen_event("GET /rest", {"user_agent.name": "curl", "user_agent.version": "8"}, {200: 2}, 2, (0.0, 1.5)),
    vocabulary.loaded_event("sha256:0", 1),
    vocabulary.rejected_event(["a"], "sha256:0"),
]
ADDED_LATER = {"timestamp", "request_id"}


def test_every_event_and_field_has_a_description_and_none_has_one_in_vain():
    assert {event["event"] for event in ALL_EVENTS if event} == set(vocabulary.NAMES)
    assert {key for event in ALL_EVENTS if event for key in event} == set(vocabulary.FIELDS) - ADDED_LATER


def test_every_event_is_json():
    assert all(json.loads(json.dumps(event)) == event for event in ALL_EVENTS)


def rows(heading):
    """The rows of the document's table under a heading: name in backquotes, then words."""
    section = DOCUMENT.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return dict(re.findall(r"^\| `([^`]+)` \| (.*?) \|$", section, re.MULTILINE))


def test_the_document_has_every_event_and_no_other():
    assert rows("Events") == vocabulary.NAMES


def test_the_document_has_every_field_and_no_other():
    assert rows("Fields") == vocabulary.FIELDS


def test_the_document_shows_a_line_of_every_event():
    lines = [json.loads(line) for line in re.findall(r"^\{.*\}$", DOCUMENT, re.MULTILINE)]

    assert [line["event"] for line in lines] == list(vocabulary.NAMES)
    assert all(list(line)[:3] == ["v", "timestamp", "event"] for line in lines)
    assert {key for line in lines for key in line} == set(vocabulary.FIELDS)
