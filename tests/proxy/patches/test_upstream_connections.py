"""Who waits for which connection over HTTP/2; upstreams that nobody reaches: tests/fail_closed/test_upstream.py."""

import subprocess
import sys

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import ResponseReceived
from mitmproxy.connection import Server
from mitmproxy.proxy import events
from mitmproxy.proxy.layers import http

from jira_compat.proxy.patches.flow_control import settle
from jira_compat.proxy.patches.upstream_connections import asking_again, awaited, forgetting, matching_sound
from proxy.layers import Layer

FIELDS = [(":method", "GET"), (":scheme", "http"), (":authority", "proxy"), (":path", "/rest/api/2/issue/A-1")]


class Connection:
    """A client's connection of HTTP/2."""

    def __init__(self, monkeypatch):
        self.layer = Layer(monkeypatch, alpn=b"h2")
        wanted = http.GetHttpConnection
        monkeypatch.setattr(wanted, "connection_spec_matches", matching_sound(wanted.connection_spec_matches))
        register = asking_again(http.HttpLayer.register_connection, self.layer.traffic.timed_out.__contains__)
        monkeypatch.setattr(http.HttpLayer, "register_connection", register)
        self._h2 = H2Connection(H2Configuration(client_side=True))
        self._h2.initiate_connection()

    def asks(self):
        """Ask, and give the exchange."""
        before = set(self.layer.layer.streams)
        stream = self._h2.get_next_available_stream_id()
        self._h2.send_headers(stream, FIELDS, end_stream=True)
        self.layer.says(self._h2.data_to_send())
        (new,) = self.layer.layer.streams.keys() - before
        return self.layer.layer.streams[new].flow

    def awaits(self, flow):
        return awaited(self.layer.layer.context.layers, flow)

    def statuses(self):
        """Of the answers so far, by their streams."""
        told, self.layer.told = self.layer.told, b""
        received = [one for one in self._h2.receive_data(told) if isinstance(one, ResponseReceived)]
        return {one.stream_id: int(dict(one.headers)[b":status"]) for one in received}


@pytest.fixture
def client(monkeypatch):
    return Connection(monkeypatch)


def test_who_has_a_connection_waits_for_none(client):
    flow = client.asks()
    client.layer.upstream()
    assert client.awaits(flow) is None
    assert flow.server_conn is client.layer.server


def test_several_wait_for_one(client):
    flows = client.asks(), client.asks()
    opening = client.layer.wants_upstream.connection
    assert [client.awaits(flow) for flow in flows] == [opening, opening]
    assert opening not in [flow.server_conn for flow in flows]


def test_one_that_fails_fails_for_all(client):
    client.asks(), client.asks()
    client.layer.upstream("connection refused")
    assert client.statuses() == {1: 502, 3: 502}


def test_one_that_was_given_up_fails_for_those_who_waited_too_long_and_the_others_have_another(client):
    late, *others = client.asks(), client.asks(), client.asks()
    given_up = client.layer.wants_upstream
    client.layer.traffic.timed_out[late] = 1.0
    given_up.connection.error = "timeout"
    client.layer.upstream("timeout")
    assert client.statuses() == {1: 504}
    another = client.layer.wants_upstream
    assert another is not given_up
    assert [client.awaits(flow) for flow in others] == [another.connection] * 2
    client.layer.upstream()
    assert others[0].server_conn is another.connection
    assert client.awaits(others[1]) is client.layer.wants_upstream.connection


def test_in_a_process_that_serves_it_is_in_place():
    code = """
from mitmproxy.proxy.layers import http
from jira_compat.proxy.patches import install
from jira_compat.proxy.exchange.hooks import ExchangeHooks
install.install(ExchangeHooks(), None, max_head=1234, head_timeout=5)
print(http.HttpLayer.register_connection.__module__)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["jira_compat.proxy.patches.upstream_connections"]


GET = b"GET /rest/api/2/issue/A-1 HTTP/1.1\r\nHost: proxy\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture
def layer(monkeypatch):
    wanted = http.GetHttpConnection
    monkeypatch.setattr(wanted, "connection_spec_matches", matching_sound(wanted.connection_spec_matches))
    monkeypatch.setattr(http.HttpLayer, "_handle_event", forgetting(http.HttpLayer._handle_event, settle))
    return Layer(monkeypatch)


def servers(one):
    return [connection for connection in one.layer.connections if isinstance(connection, Server)]


def test_a_connection_that_stays_is_used_again(layer):
    layer.says(GET).upstream().answers(OK)
    first, layer.wants_upstream = layer.server, None
    layer.says(GET)
    assert layer.wants_upstream is None
    assert servers(layer) == [first]


def test_one_that_is_over_is_forgotten(layer):
    for _ in range(3):
        layer.says(GET).upstream().answers(OK)
        layer.server.state = layer.server.state.CLOSED
        layer._drive(events.ConnectionClosed(layer.server))
        assert servers(layer) == []


def test_one_that_an_exchange_still_names_is_not(layer):
    layer.says(GET).upstream()
    layer.waits = True
    [hook] = layer.layer.handle_event(events.DataReceived(layer.server, OK))
    assert hook.name == "responseheaders"  # whose end is awaited, so that the exchange goes on
    layer.server.state = layer.server.state.CLOSED
    layer._drive(events.ConnectionClosed(layer.server))
    assert servers(layer) == [layer.server]
    layer._drive(events.HookCompleted(hook))
    assert layer.told == OK


def test_one_that_failed_will_not_do(layer):
    failed, sound = (Server(address=("jira.example.com", 80)) for _ in range(2))
    failed.error = "connection refused"
    wanted = http.GetHttpConnection(("jira.example.com", 80), tls=False, via=None, transport_protocol="tcp")
    assert [wanted.connection_spec_matches(one) for one in (failed, sound)] == [False, True]


def test_in_a_process_that_serves_they_are_in_place():
    code = """
from mitmproxy.proxy.layers import http
from jira_compat.proxy.patches import install
from jira_compat.proxy.exchange.hooks import ExchangeHooks
install.install(ExchangeHooks(), None, max_head=1234, head_timeout=5)
print(http.HttpLayer._handle_event.__module__, http.GetHttpConnection.connection_spec_matches.__module__)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["jira_compat.proxy.patches.upstream_connections"] * 2
