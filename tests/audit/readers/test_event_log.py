import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.audited import SAMPLES, SECRET
from jira_compat.audit.counting.inventory import Client, Inventory
from jira_compat.audit.counting.redaction import Redaction
from jira_compat.audit.files.problems import Skipped
from jira_compat.audit.readers.event_log import read_event_log

RULE = {"v": 1, "event": "fields_removed", "policy": "p", "rule": "r", "change": "modified", "action": "remove"}


def read(content, identity="shown"):
    inventory, skipped = Inventory(), Skipped("events.jsonl", ":")
    counts = list(read_event_log([content], inventory, Redaction(identity, b"key"), skipped, lambda _: None))
    return inventory, counts, [str(problem) for problem in skipped.problems()]


def a_log(*events):
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)


def test_an_empty_log_tells_of_no_call():
    assert read(b"")[1:] == ([], [])


def test_its_sample_is_added_up():
    inventory, counts, said = read((SAMPLES / "events.jsonl").read_bytes())

    assert (counts, said) == ([1, 1, 412], [])
    assert inventory.failures == {"rewrite_failed": 1}
    told = {
        subject.rule or subject.endpoint: (client, calls.count, calls.statuses, calls.carried, calls.applied)
        for (subject, client), calls in inventory.rows.items()
    }
    admin = Client("python-requests", "2.31.0", "admin", "192.0.2.17")
    assert told == {
        "ignore-password-on-user-create": (admin, 1, {201: 1}, {"yes": 1}, 1),
        "refuse-password-change": (admin, 1, {410: 1}, {}, 1),
        "GET /rest/api/2/issue/{id}/comment": (Client("jira-python"), 412, {200: 409, 404: 3}, {}, 0),
    }
    times = [(calls.first, calls.last) for calls in inventory.rows.values()]
    assert times[0] == (1772442904.118237, 1772442904.118237)
    assert times[2] == (1772442900.310022, 1772442959.870145)
    places = [calls.example.place for calls in inventory.rows.values()]
    assert places == ["events.jsonl:2", "events.jsonl:3", "events.jsonl:5"]


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ({"v": 1}, "this is not an event; correct or remove the line"),
        ({"v": 1, "event": 3}, "this is not an event; correct or remove the line"),
        ({"v": 2, "event": "fields_removed"}, "not of version 1; read it with"),
        ({"event": "fields_removed"}, "not of version 1; read it with"),
    ],
)
def test_what_is_no_event_of_ours_is_named_and_the_others_are_added_up(event, words):
    _, counts, (line,) = read(a_log(RULE, event, RULE))

    assert counts == [1, 1]
    assert line.startswith("events.jsonl:2: ")
    assert words in line


@pytest.mark.parametrize("name", ["policies_loaded", "links_left", "rewrite_failed"])
def test_what_is_about_no_rule_is_no_call(name):
    assert read(a_log({"v": 1, "event": name}))[1:] == ([], [])


@pytest.mark.parametrize(("identity", "user"), [("shown", "fred"), ("none", None)])
def test_users_are_shown_as_chosen(identity, user):
    inventory, _, _ = read(a_log({**RULE, "user.name": "fred"}), identity)

    assert [client.user for _, client in inventory.rows] == [user]


def test_a_query_that_somebody_put_into_a_path_is_not_shown():
    inventory, _, _ = read(a_log({**RULE, "http.request.method": "GET", "url.path": f"/rest?a={SECRET}"}))

    assert [calls.example.line for calls in inventory.rows.values()] == ["GET /rest"]


@pytest.mark.parametrize(
    ("count", "counted"), [(3, 3), (0, 0), (-1, 1), (True, 1), ("3", 1), (None, 1), (10**400, 1), (1.5, 1)]
)
def test_a_count_that_is_none_is_one(count, counted):
    assert read(a_log({**RULE, "count": count}))[1] == [counted]


value = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["200", "x", "²³¹"]), inner, max_size=3)
    ),
    max_leaves=5,
)
NAMES = "timestamp policy rule change action fields applied user.name statuses count endpoint first_seen url.path"
NAMES += " user_agent.original user_agent.name http.response.status_code"


@given(
    st.sampled_from(["fields_removed", "endpoint_seen", "rewrite_failed"]),
    st.dictionaries(st.sampled_from(NAMES.split()), value),
)
def test_no_event_makes_it_raise(name, event):
    read(a_log({**event, "v": 1, "event": name}))
