"""What is held is seen in :mod:`tests.fail_closed.test_back_pressure`, in real connections; here is what it is."""

from mitmproxy.proxy.layers import http
from mitmproxy.test import tflow

from jira_compat.proxy.patches.flow_control import MOST, is_full
from jira_compat.proxy.patches.http1 import http1_server
from proxy.layers import Layer

GET = b"GET /%d HTTP/1.1\r\nHost: jira\r\n\r\n"


def test_nothing_is_held_of_an_ordinary_exchange(monkeypatch):
    layer = Layer(monkeypatch)
    layer.says(GET % 1)
    assert not is_full([layer.layer], layer.client)
    assert not is_full([layer.layer], layer.server)


def test_a_connection_with_much_behind_a_request_is_full(monkeypatch):
    monkeypatch.setattr(http, "Http1Server", http1_server(65_536, 30))
    layer = Layer(monkeypatch)
    layer.says(GET % 1).says(bytes(MOST))
    assert not is_full([layer.layer], layer.client)
    layer.says(b"x")
    assert is_full([layer.layer], layer.client)


def test_another_connection_is_not(monkeypatch):
    layer = Layer(monkeypatch)
    assert not is_full([layer.layer], tflow.tclient_conn())
