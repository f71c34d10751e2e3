"""A refused request is answered without any contact with Jira, and by ``serve`` before its body is here."""

import pytest

from fail_closed.client import Client, ask
from fail_closed.http2 import Http2
from live import exchange, request

UPLOAD = 500_000_000
MARK = "user-management/refuse-password-change"
REFUSED = "/rest/api/2/user/password"
PASSED = request("GET", "/rest/api/2/myself")


def upload(*fields: str, length: int = UPLOAD) -> bytes:
    """The head of an upload to an endpoint that was removed; the connection stays."""
    lines = [f"PUT {REFUSED} HTTP/1.1", "Host: jira", "Content-Type: application/json", *fields]
    if not any(field.startswith("Transfer-Encoding") for field in fields):
        lines.append(f"Content-Length: {length}")
    return "\r\n".join([*lines, "", ""]).encode()


REFUSALS = {
    "a rule": (request("PUT", REFUSED, "{}"), 410),
    "an ambiguous target": (request("PUT", "/rest/api/2/user%2Fpassword", "{}"), 400),
    "an unreadable body": (request("POST", "/rest/api/2/user", "{", "Content-Type: application/json"), 400),
    "no HTTP": (b"PUT\r\n\r\n", 400),
}


@pytest.mark.parametrize("raw", REFUSALS.values(), ids=REFUSALS)
def test_jira_hears_nothing_of_a_refused_request(proxy, upstream, raw):
    sent, status = raw
    assert ask(proxy.port, sent).status == status
    assert upstream.connections == 0


@pytest.mark.parametrize("kind", ["serve", "mitmdump"])
def test_a_refused_request_is_answered_while_jira_is_down(run, kind):
    proxy = run(kind, "http://127.0.0.1:9")
    assert ask(proxy.port, request("PUT", REFUSED, "{}")).mark == MARK
    assert ask(proxy.port, PASSED).status == 502
    assert ask(proxy.port, request("PUT", REFUSED, "{}")).mark == MARK


@pytest.mark.parametrize("fields", [(), ("Transfer-Encoding: chunked",)], ids=["length", "chunked"])
def test_serve_answers_an_upload_at_its_head(serve, upstream, fields):
    with Client(serve.port) as client:
        answer = client.send(upload(*fields)).answer()
    assert (answer.status, answer.mark) == (410, MARK)
    assert "PUT user/password" in answer.told
    assert serve.event()["http.response.status_code"] == 410
    assert upstream.connections == 0


def test_serve_holds_nothing_of_a_refused_upload(serve, upstream):
    piece = bytes(1_000_000)
    with serve.held(10_000_000), Client(serve.port) as client:
        assert client.send(upload(length=40 * len(piece))).answer().status == 410
        for _ in range(40):
            client.send(piece)
        assert client.send(PASSED).answer().status == 200
    assert [line.split()[1] for line in upstream.requests] == [b"/rest/api/2/myself"]


def test_mitmdump_answers_a_refused_upload_once_it_is_here_as_a_whole(mitmdump, upstream):
    with Client(mitmdump.port) as client:
        client.send(upload(length=10)).send(b"12345")
        assert client.quiet()
        assert client.send(b"67890").answer().mark == MARK
    assert upstream.connections == 0


def test_serve_does_not_ask_for_a_body_that_it_refuses(serve, upstream):
    with Client(serve.port) as client:
        answer = client.send(upload("Expect: 100-continue")).answer()
        assert (answer.status, answer.field("Connection")) == (410, "close")
        assert client.rest() == b""
    assert upstream.connections == 0


def test_a_client_that_sends_a_refused_body_nevertheless_loses_no_answer(serve, upstream):
    with Client(serve.port) as client:
        client.send(upload("Expect: 100-continue", length=3_000_000)).send(bytes(3_000_000))
        assert client.answer().mark == MARK
        assert client.rest() == b""
    assert upstream.connections == 0


def test_nothing_behind_a_refused_request_that_expects_a_continue_is_taken_for_a_request(serve, upstream):
    smuggled = PASSED
    answers = exchange(serve.port, upload("Expect: 100-continue", length=len(smuggled)) + smuggled)
    assert answers.count(b"HTTP/1.1 ") == 1
    assert upstream.connections == 0


def test_mitmdump_asks_for_the_body_that_it_refuses(mitmdump, upstream):
    with Client(mitmdump.port) as client:
        assert client.send(upload("Expect: 100-continue", length=2)).answer().status == 100
        assert client.send(b"{}").answer().mark == MARK
    assert upstream.connections == 0


def test_a_connection_serves_on_after_a_refused_request(proxy, upstream):
    with Client(proxy.port) as client:
        for _ in range(2):
            assert client.send(upload(length=2) + b"{}").answer().status == 410
            assert client.send(b"GET /a HTTP/1.1\r\nHost: jira\r\n\r\n").answer().status == 200
    assert upstream.connections == 1


def test_requests_on_the_heels_of_a_refused_one_are_served_in_turn(proxy, upstream):
    chunked = upload("Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\n\r\n"
    with Client(proxy.port) as client:
        client.send(upload(length=2) + b"{}" + chunked + b"GET /a HTTP/1.1\r\nHost: jira\r\n\r\n" + chunked + PASSED)
        assert [client.answer().status for _ in range(5)] == [410, 410, 200, 410, 200]


def test_head_has_no_body_when_it_is_refused(proxy, upstream):
    head = "HEAD /rest/api/2/user%2Fpassword HTTP/1.1\r\nHost: jira\r\nX-HTTP-Method-Override: PUT\r\n\r\n"
    with Client(proxy.port) as client:
        client.send(head.encode() + PASSED)
        assert client.answer("HEAD").status == 400
        assert client.answer().body == b'{"ok": true}'


def test_http2_is_answered_at_the_head_too(serve, upstream):
    with Http2(serve.port) as client:
        refused = client.request(b"PUT", REFUSED.encode(), [(b"content-length", b"500000000")], ends=False)
        assert client.status(refused) == 410
        assert client.fields[refused][b"x-jira-compat"] == MARK.encode()
        assert upstream.connections == 0
        assert client.status(client.request(b"GET", b"/rest/api/2/myself")) == 200


def test_mitmdump_answers_http2_once_the_body_is_here(mitmdump, upstream):
    with Http2(mitmdump.port) as client:
        assert client.status(client.request(b"PUT", REFUSED.encode(), body=b"{}")) == 410
    assert upstream.connections == 0
