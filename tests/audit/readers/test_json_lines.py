import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.audited import SAMPLES
from jira_compat.audit.files.problems import Skipped
from jira_compat.audit.readers.json_lines import NAMES, Layouts, objects, read_object
from live import ROOT

EXPECTED = (
    b"192.0.2.1",
    b"",
    b"fred",
    b"2026-03-02T09:15:04Z",
    b"GET",
    b"/rest/api/2/user?username=x",
    b"200",
    b"curl/7.88.1",
    b"",
)
TIME, AGENT, URI = "2026-03-02T09:15:04Z", "curl/7.88.1", "/rest/api/2/user?username=x"

LOGS: dict[str, Any] = {
    "nginx": {
        "time_iso8601": TIME, "remote_addr": "192.0.2.1", "remote_user": "fred", "request_method": "GET",
        "request_uri": URI, "status": 200, "http_user_agent": AGENT,
    },
    "nginx, request line": {
        "time_iso8601": TIME, "remote_addr": "192.0.2.1", "remote_user": "fred", "request": f"GET {URI} HTTP/1.1",
        "status": "200", "http_user_agent": AGENT,
    },
    "Traefik": {
        "StartUTC": TIME, "ClientHost": "192.0.2.1", "ClientUsername": "fred", "RequestMethod": "GET",
        "RequestPath": URI, "DownstreamStatus": 200, "request_User-Agent": AGENT, "ClientAddr": "192.0.2.1:40000",
    },
    "Caddy": {
        "ts": TIME, "user_id": "fred", "status": 200,
        "request": {"remote_ip": "192.0.2.1", "method": "GET", "uri": URI, "headers": {"User-Agent": [AGENT]}},
    },
    "ECS": {
        "@timestamp": TIME, "client": {"address": "192.0.2.1"}, "user": {"name": "fred"}, "url": {"original": URI},
        "http": {"request": {"method": "GET"}, "response": {"status_code": 200}}, "user_agent": {"original": AGENT},
    },
    "ECS, flat": {
        "@timestamp": TIME, "client.address": "192.0.2.1", "user.name": "fred", "url.path": "/rest/api/2/user",
        "url.query": "username=x", "http.request.method": "GET", "http.response.status_code": 200,
        "user_agent.original": AGENT,
    },
    "Google Cloud": {
        "timestamp": TIME, "user": "fred", "httpRequest": {
            "remoteIp": "192.0.2.1", "requestMethod": "GET", "requestUrl": URI, "status": 200, "userAgent": AGENT,
        },
    },
    "uvicorn-like": {
        "time": TIME, "client": "192.0.2.1:51123", "user": "fred", "method": "GET", "path": "/rest/api/2/user",
        "query_string": "?username=x", "status_code": 200, "user_agent": AGENT,
    },
}  # fmt: skip


@pytest.mark.parametrize("name", LOGS)
def test_facts_stand_under_the_usual_names(name):
    assert Layouts().row(LOGS[name]) == EXPECTED


def test_one_reader_reads_objects_of_several_kinds():
    layouts = Layouts()

    assert [layouts.row(one) for one in (*LOGS.values(), *LOGS.values())] == [EXPECTED] * 16


@pytest.mark.parametrize(
    "found",
    [{}, {"level": "info"}, {"method": "GET"}, {"path": "/"}, {"request": "GET"}, {"method": None, "path": "/"}],
)
def test_what_is_about_no_request_has_no_row(found):
    assert Layouts().row(found) is None


@pytest.mark.parametrize(
    ("ts", "time"), [(1597880000.5, b"1597880000.5"), (1597880000, b"1597880000"), (True, b""), (None, b"")]
)
def test_a_number_is_a_time(ts, time):
    row = Layouts().row({"method": "GET", "path": "/", "ts": ts})

    assert row is not None
    assert row[3] == time


def test_objects_come_with_the_numbers_of_their_lines():
    skipped = Skipped("a.json", ":")
    lines: list[int] = []
    content = b'{"a": 1}\n\n{"b": 2}\nnonsense\n[1]\n{"c": 3}\n{"d'

    found = [one for block in objects([content], skipped, lines.append) for one in block]

    assert found == [(1, {"a": 1}), (3, {"b": 2}), (6, {"c": 3})]
    assert lines == [6, 7]
    assert [number for number, _ in skipped.first] == [4, 5]
    assert [number for number, _ in skipped.remarks] == [7]


def test_a_last_line_that_is_whole_needs_no_end():
    skipped = Skipped("a.json", ":")

    assert list(objects([b'{"a": 1}'], skipped, lambda _: None)) == [[(1, {"a": 1})]]
    assert skipped.problems() == []


def test_its_sample_is_read():
    skipped = Skipped("a.json", ":")
    (found,) = objects([(SAMPLES / "nginx.json").read_bytes()], skipped, lambda _: None)

    assert [(Layouts().row(one) or ())[4:5] for _, one in found] == [(b"PUT",), (b"GET",), (b"GET",)]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["method", "uri", "path", "request", "http", "url", "ts", "client"]), inner)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["method", "path", "request", "http", "url", "ts", "query", "status"]), values))
def test_no_object_makes_it_raise(found):
    row = Layouts().row(found)

    assert row is None or all(isinstance(value, bytes) for value in row)


@given(st.binary(max_size=60))
def test_no_line_makes_it_raise(line):
    found = read_object(line)

    assert found is None or json.loads(line.decode("utf-8", "replace")) == found


def test_the_documentation_lists_the_names():
    page = (ROOT / "docs" / "audit.md").read_text()
    _, _, *rows = page.partition("| fact | names |")[2].partition("\n\n")[0].splitlines()

    assert [re.findall(r"`([^`]+)`", row.split("|")[2]) for row in rows] == [list(names) for names in NAMES.values()]
