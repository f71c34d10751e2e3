import pytest
from mitmproxy.net.http.http1 import read_request_head

from jira_compat.proxy.patches.http_stream import names_its_site
from proxy.layers import Layer

CREATE = b"POST /rest/api/2/user HTTP/1.1\r\nHost: proxy\r\n"
CHANGE = b"PUT /rest/api/2/user/password HTTP/1.1\r\nHost: proxy\r\n"


@pytest.fixture
def layer(monkeypatch):
    return lambda **changed: Layer(monkeypatch, **changed)


def test_a_refusal_is_given_at_the_head_and_the_upstream_hears_nothing(layer):
    one = layer().says(CHANGE + b"Content-Length: 500000000\r\n\r\n")
    assert one.told.startswith(b"HTTP/1.1 410 ")
    assert one.wants_upstream is None
    assert one.hooks == ["requestheaders", "responseheaders", "response"]


def test_what_still_comes_of_it_is_dropped_and_the_next_request_served(layer):
    one = layer().says(CHANGE + b"Content-Length: 6\r\n\r\n").says(b"abcdef")
    first = len(one.told)
    one.says(CHANGE + b"Content-Length: 0\r\n\r\n")
    assert one.told[first:].startswith(b"HTTP/1.1 410 ")


def test_nothing_is_asked_of_who_waits_to_be_refused(layer):
    one = layer().says(CHANGE + b"Content-Length: 6\r\nExpect: 100-continue\r\n\r\n")
    assert b"100 Continue" not in one.told
    assert one.told.startswith(b"HTTP/1.1 410 ")
    assert b"connection: close" in one.told.lower()


def test_a_body_that_no_rule_reads_passes_as_it_comes(layer):
    one = layer().says(
        b"POST /rest/api/2/issue/A-1/attachments HTTP/1.1\r\nHost: proxy\r\nContent-Length: 6\r\n\r\nabc"
    )
    one.upstream()
    assert one.asked.endswith(b"\r\n\r\nabc")
    one.says(b"def")
    assert one.asked.endswith(b"\r\n\r\nabcdef")


def test_a_body_that_a_rule_reads_is_held_until_it_was_read(layer):
    body = b'{"password": "hunter2", "name": "fred"}'
    one = layer().says(CREATE + b"Content-Length: %d\r\n\r\n" % len(body) + body[:10])
    assert one.wants_upstream is None
    one.says(body[10:]).upstream()
    assert one.asked.endswith(b'{"name": "fred"}')


def test_a_body_that_is_too_long_to_be_read_is_413_before_it_ends(layer):
    one = (
        layer(jira_max_body="10b")
        .says(CREATE + b"Transfer-Encoding: chunked\r\n\r\n")
        .says(b"20\r\n" + b"x" * 32 + b"\r\n")
    )
    assert one.told.startswith(b"HTTP/1.1 413 ")
    assert one.wants_upstream is None


def test_who_only_observes_passes_it_on_instead(layer):
    one = layer(jira_max_body="10b", jira_mode="observe")
    one.says(CREATE + b"Transfer-Encoding: chunked\r\n\r\n").says(b"20\r\n" + b"x" * 32 + b"\r\n").upstream()
    assert one.asked.endswith(b"20\r\n" + b"x" * 32 + b"\r\n")


def test_an_answer_too_long_to_hold_for_its_links_passes(layer):
    one = layer(jira_max_body="10b").says(b"GET /rest/api/2/issue/A-1 HTTP/1.1\r\nHost: proxy\r\n\r\n").upstream()
    one.answers(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
    assert one.told == b""
    one.answers(b"10\r\n" + b'{"a":"12345678"}' + b"\r\n")
    assert one.told.endswith(b'{"a":"12345678"}\r\n')


@pytest.mark.parametrize(
    ("head", "names"),
    [
        (b"GET http://jira.test/a HTTP/1.1", True),
        (b"CONNECT jira.test:443 HTTP/1.1", True),
        (b"GET /a HTTP/1.1", False),
        (b"OPTIONS * HTTP/1.1", False),
        (b"GET http://jira.test/a HTTP/2.0", True),
    ],
)
def test_a_target_names_its_site_or_does_not(head, names):
    assert names_its_site(read_request_head([head, b"Host: jira.test"])) == names
