import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mitmproxy import http
from mitmproxy.io import FlowWriter
from mitmproxy.test import tflow

from jira_compat.audit.files.problems import Skipped, UnreadableError
from jira_compat.audit.readers import flows
from jira_compat.audit.readers.flows import read_flows
from jira_compat.model import Exchange


def a_flow(content=b'{"a": 1}', *, response=True):
    flow = tflow.tflow(resp=response)
    flow.request = http.Request.make("POST", "https://jira.example.com/rest/api/2/user", content)
    flow.request.timestamp_start = 1_760_104_536.0
    flow.request.headers["Authorization"] = "Basic YWRtaW46dHVsaXA3"
    flow.client_conn.peername = ("192.0.2.1", 40000)
    return flow


def saved(*some):
    stream = io.BytesIO()
    writer = FlowWriter(stream)
    for one in some:
        writer.add(one)
    return stream.getvalue()


def read(content):
    skipped = Skipped("a.flows", "#")
    found: dict[int, Exchange] = {}
    broken = None
    try:
        found.update(read_flows(io.BytesIO(content), "a.flows", skipped))
    except UnreadableError as error:
        broken = str(error)
    return found, [str(problem) for problem in skipped.problems()], broken


def test_an_empty_file_has_no_flow():
    assert read(b"") == ({}, [], None)


def test_a_flow_is_an_exchange():
    found, said, broken = read(saved(a_flow()))

    assert (said, broken) == ([], None)
    exchange = found[1]
    assert (exchange.request.method, exchange.request.target) == ("POST", b"/rest/api/2/user")
    assert (exchange.request.body, exchange.response.status) == (b'{"a": 1}', 200)
    assert (exchange.started, exchange.client) == (1_760_104_536.0, "192.0.2.1")
    assert (exchange.user, exchange.server, exchange.source) == ("admin", "jira.example.com", "a.flows#1")


def test_what_was_not_kept_or_not_answered_is_unknown():
    streamed = a_flow(response=False)
    streamed.request.raw_content = None
    exchange = read(saved(streamed))[0][1]

    assert (exchange.request.body, exchange.response) == (None, None)


def test_flows_that_are_not_http_are_passed_by():
    found, said, _ = read(saved(tflow.ttcpflow(), a_flow(), tflow.tdnsflow()))

    assert (list(found), said) == ([2], [])


@pytest.mark.parametrize("broken", [b"3:abc,", b"0:}", b"5:hello,", b"15:7:version;2:21#}", b"5:4:ab,}"])
def test_a_broken_flow_is_named_and_the_others_are_read(broken):
    found, (line,), end = read(saved(a_flow()) + broken + saved(a_flow()))

    assert (list(found), end) == ([1, 3], None)
    assert line.startswith("a.flows#2: this flow cannot be read (")


def test_a_truncated_file_yields_what_is_whole():
    first, second = saved(a_flow()), saved(a_flow())
    for end in range(1, len(second)):
        found, said, broken = read(first + second[:end])
        assert (list(found), said) == ([1], [])
        assert "is it still being written?" in broken


def test_what_is_none_behind_a_flow_is_told():
    found, _, broken = read(saved(a_flow()) + b"garbage")

    assert list(found) == [1]
    assert broken == "after flow 1 there is no flow; the file is damaged there"


def test_a_flow_that_is_too_large_is_left_out(monkeypatch):
    small = saved(a_flow())
    monkeypatch.setattr(flows, "LARGEST", len(small) + 100)
    monkeypatch.setattr(flows, "_PIECE", 50)
    found, (line,), broken = read(small + saved(a_flow(content=b"x" * 1000)) + small)

    assert (list(found), broken) == ([1, 3], None)
    assert line.startswith("a.flows#2: this flow has more than ")
    assert "still being written" in read(saved(a_flow(content=b"x" * 1000))[:-300])[2]


@given(st.binary(max_size=80), st.sampled_from([b"", b"20:", b"12:7:version;2:21#}", b"999999999999:"]))
def test_no_bytes_make_it_raise_anything_else(content, start):
    read(start + content)
