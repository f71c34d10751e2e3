"""What mitmproxy remembers of connections; that an upstream is asked again is in tests/fail_closed/test_upstream.py."""

import subprocess
import sys

import pytest
from mitmproxy.connection import Server
from mitmproxy.proxy import events
from mitmproxy.proxy.layers import http

from jira_compat.proxy.patches.connections import forgetting, matching_sound
from proxy.layers import Layer

GET = b"GET /rest/api/2/issue/A-1 HTTP/1.1\r\nHost: proxy\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture
def layer(monkeypatch):
    wanted = http.GetHttpConnection
    monkeypatch.setattr(wanted, "connection_spec_matches", matching_sound(wanted.connection_spec_matches))
    monkeypatch.setattr(http.HttpLayer, "_handle_event", forgetting(http.HttpLayer._handle_event))
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
from jira_compat.proxy.patches import install as seam
from jira_compat.proxy.exchange.hooks import Traffic
seam.install(Traffic(), None, max_head=1234, head_timeout=5)
print(http.HttpLayer._handle_event.__module__, http.GetHttpConnection.connection_spec_matches.__module__)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["jira_compat.proxy.patches.connections"] * 2
