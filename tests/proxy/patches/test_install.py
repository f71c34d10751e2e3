"""Fails loudly when a mitmproxy no longer has the parts that ``serve`` replaces, or has them in another shape."""

import inspect
import re
import subprocess
import sys

import pytest
from mitmproxy import http as messages
from mitmproxy.master import Master
from mitmproxy.proxy import context, mode_servers, mode_specs
from mitmproxy.proxy.layers import http
from mitmproxy.proxy.layers.http import _http1
from mitmproxy.proxy.server import ConnectionHandler

from jira_compat.proxy.exchange.hooks import ExchangeHooks
from jira_compat.proxy.patches.http1 import http1_server
from jira_compat.proxy.patches.http_stream import http_stream

OVERRIDDEN = [
    (base, name)
    for ours, base in [
        (http_stream(ExchangeHooks(), None), http.HttpStream),  # type: ignore[arg-type]
        (http1_server(1, 1), _http1.Http1Server),
    ]
    for name, value in vars(ours).items()
    if inspect.isfunction(value) and hasattr(base, name)
]


def test_these_are_the_methods_that_are_overridden():
    assert {name for _, name in OVERRIDDEN} >= {
        "_handle_event",
        "check_invalid",
        "check_killed",
        "handle_protocol_error",
        "read_headers",
        "start_request_stream",
        "state_consume_request_body",
        "state_consume_response_body",
        "state_wait_for_request_headers",
    }


@pytest.mark.parametrize(
    ("owner", "name", "parameters"),
    [
        (http.HttpStream, "_handle_event", ["self", "event"]),
        (http.HttpStream, "check_killed", ["self", "emit_error_hook"]),
        (http.HttpStream, "check_invalid", ["self", "request"]),
        (http.HttpStream, "handle_protocol_error", ["self", "event"]),
        (http.HttpStream, "start_request_stream", ["self"]),
        (http.HttpStream, "start_response_stream", ["self"]),
        (http.HttpStream, "send_response", ["self", "already_streamed"]),
        (http.HttpStream, "flow_done", ["self"]),
        (http.HttpStream, "make_server_connection", ["self"]),
        (http.HttpLayer, "register_connection", ["self", "command"]),
        (http.HttpLayer, "get_connection", ["self", "event", "reuse"]),
        (ConnectionHandler, "open_connection", ["self", "command"]),
        (http.GetHttpConnection, "connection_spec_matches", ["self", "connection"]),
        (_http1.Http1Server, "read_headers", ["self", "event"]),
        (_http1.Http1Client, "read_headers", ["self", "event"]),
        (_http1, "make_body_reader", ["expected_size"]),
        (_http1, "make_error_response", ["status_code", "message"]),
        (mode_servers.AsyncioServerInstance, "listen", ["self", "host", "port"]),
        (mode_servers.AsyncioServerInstance, "handle_stream", ["self", "reader", "writer"]),
        (mode_specs.ReverseMode, "__post_init__", ["self"]),
        (messages.MessageData, "__post_init__", ["self"]),
        (messages.Headers, "get", ["self", "key", "default"]),
        (messages.Headers, "get_all", ["self", "name"]),
        (messages.Headers, "__getitem__", ["self", "key"]),
        (messages.Headers, "__contains__", ["self", "key"]),
        (context.Context, "fork", ["self"]),
        (context.Context, "__init__", ["self", "client", "options"]),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_mitmproxy_still_has_it_in_this_shape(owner, name, parameters):
    assert list(inspect.signature(getattr(owner, name)).parameters) == parameters


def test_mitmproxy_still_takes_them_from_where_they_are_put():
    assert "HttpStream(" in inspect.getsource(http.HttpLayer.make_stream)
    assert "connection_spec_matches(" in inspect.getsource(http.HttpLayer.get_connection)
    assert "Http1Server(" in inspect.getsource(http.HttpLayer._handle_event)
    assert "make_body_reader(" in inspect.getsource(_http1.Http1Server.read_headers)
    assert "make_error_response(" in inspect.getsource(_http1.Http1Server)
    assert "_servers = await self.listen(host, port)" in inspect.getsource(mode_servers.AsyncioServerInstance._start)
    assert {name for name, one in vars(mode_servers).items() if "listen" in getattr(one, "__dict__", {})} == {
        "AsyncioServerInstance"
    }
    assert "self.register_connection(" in inspect.getsource(http.HttpLayer.event_to_child)
    assert {"waiting_for_establishment", "command_sources", "streams"} <= http.HttpLayer.__annotations__.keys()
    in_turn = inspect.getsource(ConnectionHandler.open_connection).partition("async with self.max_conns[")[2]
    assert "command.connection.timestamp_start = " in in_turn  # of who waits for its turn it is None
    assert "_legacy_log_events" in inspect.getsource(Master.__init__)
    assert "ProxyConnectionHandler(" in inspect.getsource(mode_servers.ServerInstance.handle_stream)
    assert "handler.layer = " in inspect.getsource(mode_servers.ServerInstance.handle_stream)
    assert "self.layer.handle_event(event)" in inspect.getsource(ConnectionHandler.server_event)


def test_a_connection_asks_nothing_else_of_its_layer():
    asked = set(re.findall(r"\blayer\.(\w+)", inspect.getsource(mode_servers.ServerInstance.handle_stream)))
    asked |= set(re.findall(r"self\.layer\.(\w+)", inspect.getsource(ConnectionHandler)))

    assert asked == {"context", "handle_event"}


def test_in_a_process_that_serves_ours_are_in_place():
    code = """
from mitmproxy.http import Headers
from mitmproxy.proxy import mode_servers
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layers import http
from mitmproxy.proxy.layers.http import _http1
from mitmproxy.proxy.mode_specs import ProxyMode
from jira_compat.proxy.patches.install import install
from jira_compat.proxy.exchange.hooks import ExchangeHooks
install(ExchangeHooks(), None, max_head=1234, head_timeout=5)
print(mode_servers.ProxyConnectionHandler.__module__)
print(http.HttpStream.__module__)
print(http.Http1Server.__module__)
print(_http1.make_error_response.__module__, _http1.make_body_reader.__module__)
names = ["get", "get_all", "__getitem__", "__contains__"]
print({getattr(Headers, name).__module__ for name in names}, Context.fork.__module__)
print(ProxyMode.parse("reverse:https://jira.example.com").transport_protocol)
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout
    assert said.splitlines() == [
        "jira_compat.proxy.patches.connection_handler",
        "jira_compat.proxy.patches.http_stream",
        "jira_compat.proxy.patches.http1",
        "jira_compat.proxy.patches.http1 jira_compat.proxy.patches.http1",
        "{'jira_compat.proxy.patches.fast_paths'} jira_compat.proxy.patches.fast_paths",
        "tcp",
    ]
