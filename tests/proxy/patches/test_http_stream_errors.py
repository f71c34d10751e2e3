import json

import pytest

from proxy.layers import Layer

GET = b"GET /rest/api/2/issue/A-1 HTTP/1.1\r\nHost: proxy\r\n\r\n"


@pytest.fixture
def layer(monkeypatch):
    return Layer(monkeypatch)


def told(one):
    head, _, body = one.told.partition(b"\r\n\r\n")
    return head.decode().lower(), json.loads(body)["errorMessages"][0]


def test_an_answer_goes_on_as_it_came(layer):
    layer.says(GET).upstream().answers(b"HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops")
    assert layer.told == b"HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops"


def test_an_upstream_that_cannot_be_reached_is_told_in_jiras_shape(layer):
    layer.says(GET).upstream("[Errno 111] Connect call failed")
    head, message = told(layer)
    assert head.startswith("http/1.1 502 ")
    assert "x-jira-compat: error/upstream_failed" in head
    assert message == "The proxy got no answer from Jira at jira.example.com:80: connection refused."
    assert layer.is_closed


def test_an_answer_that_is_not_valid_is_not_quoted(layer):
    layer.says(GET).upstream().answers(b"HTTP/1.1 200 OK\r\nContent-Length: hunter2\r\n\r\n")
    head, message = told(layer)
    assert head.startswith("http/1.1 502 ")
    assert "hunter2" not in message


def test_an_exception_within_mitmproxy_leaves_nobody_waiting(layer, monkeypatch, caplog):
    def fails(*_):
        raise ValueError("hunter2")

    monkeypatch.setattr(layer.traffic, "needs_body", fails)
    layer.says(b"POST /rest/api/2/user HTTP/1.1\r\nHost: proxy\r\nContent-Length: 6\r\n\r\nabc")
    assert layer.told.startswith(b"HTTP/1.1 502 ")
    assert layer.wants_upstream is None
    assert "hunter2" not in caplog.text
    assert layer.traffic.counts.failures.total() == 1


HOOKS = ["requestheaders", "request", "responseheaders", "response"]


@pytest.mark.parametrize(("waits", "risen"), [(False, HOOKS[:1]), (True, HOOKS)])
def test_hooks_are_called_where_they_arise_unless_it_is_the_first_or_somebody_may_wait(layer, waits, risen):
    layer.waits = waits
    layer.says(GET).upstream().answers(b"HTTP/1.1 204 No Content\r\n\r\n")
    assert layer.told == b"HTTP/1.1 204 No Content\r\n\r\n"
    assert layer.hooks == HOOKS
    assert layer.risen == risen
