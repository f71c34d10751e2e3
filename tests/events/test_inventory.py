import pytest
from hypothesis import given
from hypothesis import strategies as st

from build import a_request, a_rule, policy_set, shipped_set
from jira_compat.events.inventory import RequestInventory
from jira_compat.model import Exchange

RULES = shipped_set()


def call(line="GET /rest/api/2/issue/ABC-1?expand=hunter2", at=1767225600.0, agent="curl/8.1", **facts):
    headers = {"User-Agent": agent} if agent else {}
    return Exchange(a_request(line, headers=headers), started=at, **facts)


def taken(seen):
    return [seen.take() for _ in range(len(seen))]


def test_nothing_is_no_event():
    seen = RequestInventory()
    assert (len(seen), taken(seen)) == (0, [])
    with pytest.raises(KeyError):
        seen.take()


def test_calls_of_one_client_to_one_endpoint_are_one_event():
    seen = RequestInventory()
    facts = {"client": "192.0.2.1", "server": "jira.example.com", "user": "fred"}
    seen.add(call(at=1767225602.0, **facts), 200, RULES)
    seen.add(call("GET /jira/rest/api/2/issue/10042", at=1767225600.0, **facts), 404, RULES)
    seen.add(call(at=1767225601.0, **facts), 200, RULES)
    seen.add(call(at=1767225601.0, **facts), None, RULES)

    assert taken(seen) == [
        {
            "v": 1,
            "event": "endpoint_seen",
            "endpoint": "GET /rest/api/2/issue/{id}",
            "count": 4,
            "first_seen": "2026-01-01T00:00:00Z",
            "last_seen": "2026-01-01T00:00:02Z",
            "statuses": {"200": 2, "404": 1},
            "source": "live",
            "server.address": "jira.example.com",
            "client.address": "192.0.2.1",
            "user_agent.name": "curl",
            "user_agent.version": "8.1",
            "user.name": "fred",
        }
    ]


@pytest.mark.parametrize(
    "other",
    [
        call("GET /rest/api/2/myself"),
        call("POST /rest/api/2/issue/ABC-1"),
        call(agent="curl/8.2"),
        call(agent=None),
        call(user="fred"),
        call(client="192.0.2.1"),
        call(server="jira.example.com"),
    ],
    ids=["path", "method", "agent", "no agent", "user", "address", "site"],
)
def test_what_differs_is_told_apart(other):
    seen = RequestInventory()
    seen.add(call(), 200, RULES)
    seen.add(other, 200, RULES)

    assert [event["count"] for event in taken(seen)] == [1, 1]


def test_what_was_taken_begins_anew():
    seen = RequestInventory()
    for _ in range(2):
        seen.add(call(), 200, RULES)
        assert [event["count"] for event in taken(seen)] == [1]


def test_words_are_those_of_the_rules_that_it_was_judged_by():
    seen = RequestInventory()
    fruit = policy_set(a_rule("GET /rest/api/2/fruit", id="one"))
    for rules in (RULES, fruit, RULES):
        seen.add(call("POST /rest/api/2/fruit"), 200, rules)

    counts = {event["endpoint"]: event["count"] for event in taken(seen)}
    assert counts == {"POST /rest/api/2/{id}": 2, "POST /rest/api/2/fruit": 1}


def test_clients_beyond_the_bound_are_other_clients_and_then_endpoints_are_further_ones():
    seen = RequestInventory(most=2)
    for number in range(3):
        seen.add(call("GET /rest/api/2/myself", user=f"user{number}"), 200, RULES)
    for word in ("project", "field", "priority", "status"):
        seen.add(call(f"GET /rest/api/2/{word}"), 200, RULES)
    seen.add(call("GET /rest/api/2/myself", user="user1"), 200, RULES)

    told = {
        (event["endpoint"], event["user_agent.name"], event.get("user.name")): event["count"] for event in taken(seen)
    }
    assert told == {
        ("GET /rest/api/2/myself", "curl", "user0"): 1,
        ("GET /rest/api/2/myself", "curl", "user1"): 2,
        ("GET /rest/api/2/myself", "other clients", None): 1,
        ("GET /rest/api/2/project", "other clients", None): 1,
        ("further endpoints", "other clients", None): 3,
    }


@given(st.lists(st.tuples(st.text("abc", min_size=1, max_size=3), st.text(max_size=3), st.integers(100, 999))))
def test_each_call_is_counted_once_and_rows_are_bounded(calls):
    seen, most = RequestInventory(most=3), 3
    for word, user, status in calls:
        seen.add(call(f"GET /rest/app/1/{word}", user=user or None), status, RULES)
        assert len(seen) <= 2 * most + 1

    told = taken(seen)
    assert sum(event["count"] for event in told) == len(calls)
    assert sum(sum(event["statuses"].values()) for event in told) == len(calls)


def test_names_are_cut():
    seen = RequestInventory()
    seen.add(call(user="x" * 100_000, agent="y" * 100_000), 200, RULES)

    [event] = taken(seen)
    assert len(event["user.name"]) == 256
    assert "user_agent.name" not in event
