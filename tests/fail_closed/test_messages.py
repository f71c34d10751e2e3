"""Messages that a proxy and a server could take for different ones, in both directions."""

import pytest

from fail_closed.client import Client, ask
from fail_closed.http2 import Http2
from fail_closed.proxies import SECRET
from fail_closed.upstream import Call, then_closes
from live import exchange, request

BODY = f'{{"name":"fred","password":"{SECRET}"}}'.encode()
CHUNKED = b"%x\r\n%b\r\n0\r\nX-Sum: %b\r\n\r\n" % (len(BODY), BODY, SECRET.encode())
CREATION = b"POST /rest/api/2/user HTTP/1.1\r\nHost: jira\r\nContent-Type: application/json\r\n"
JSON = [(b"content-type", b"application/json")]


def passed(upstream) -> dict[str, str]:
    """The fields that reached the upstream."""
    lines = upstream.request().split(b"\r\n\r\n")[0].split(b"\r\n")[1:]
    return dict(line.decode().split(": ", 1) for line in lines)


def test_serve_drops_trailers_of_a_request(serve, upstream):
    answer = ask(serve.port, CREATION + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNKED)
    assert answer.mark == "user-management/ignore-password-on-user-create"
    assert upstream.request().endswith(b'\r\n\r\nf\r\n{"name":"fred"}\r\n0\r\n\r\n')


def test_serve_drops_trailers_of_a_streamed_request(serve, upstream):
    ask(serve.port, b"POST /a HTTP/1.1\r\nHost: jira\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKED)
    assert upstream.request().endswith(b"\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY))


def test_serve_drops_trailers_of_an_answer(serve, upstream):
    upstream.script = then_closes(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Sum: b\r\n\r\n"
    )
    assert exchange(serve.port, request("GET", "/a")).endswith(b"\r\n\r\n1\r\na\r\n0\r\n\r\n")


def test_mitmdump_forwards_no_request_with_trailers_and_leaves_its_client_waiting(mitmdump, upstream):
    trailers = b"2\r\n{}\r\n0\r\nX-Sum: a\r\n\r\n"  # no secret: mitmproxy prints them
    with Client(mitmdump.port) as client:
        assert client.send(CREATION + b"Transfer-Encoding: chunked\r\n\r\n" + trailers).quiet(0.5)
    assert upstream.connections == 0
    assert "HTTP trailers are not implemented yet" in mitmdump.said()


def test_trailers_of_http2_are_dropped(proxy, upstream):
    with Http2(proxy.port) as client:
        stream = client.request(b"POST", b"/rest/api/2/user", JSON, BODY, trailers=[(b"x-sum", SECRET.encode())])
        assert client.status(stream) == 200
        assert client.status(client.request(b"POST", b"/a", [], b"abc", trailers=[(b"x-sum", b"b")])) == 200
    assert SECRET.encode() not in upstream.received
    assert b"x-sum" not in upstream.received


@pytest.mark.parametrize("body", [BODY, b"a" * 10_000], ids=["held", "streamed"])
def test_content_of_http2_is_framed(proxy, upstream, body):
    target = b"/rest/api/2/user" if body is BODY else b"/a"
    with Http2(proxy.port) as client:
        assert client.status(client.request(b"POST", target, JSON, body)) == 200
    fields = passed(upstream)
    length = len(upstream.request().partition(b"\r\n\r\n")[2])
    assert fields.get("content-length") == str(length) or fields["transfer-encoding"] == "chunked"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        (b"PUT /rest/api/2/user/password", b"/a"),
        (b"GET", b"/a b"),
        (b"GET", b"/rest/api/2/user/password HTTP/1.1"),
        (b"GET", b"rest/api/2/myself"),
        (b"GET", b""),
    ],
)
def test_what_http1_cannot_say_is_refused_in_http2(proxy, upstream, method, path):
    with Http2(proxy.port) as client:
        stream = client.request(method, path)
        if path:
            assert client.status(stream) == 400
            assert client.fields[stream][b"x-jira-compat"] == b"error/malformed_request"
        else:
            client.until_gone(stream)
    assert upstream.connections == 0


@pytest.mark.parametrize(
    ("method", "path", "fields"),
    [
        (b"GET / HTTP/1.1\r\nX: y\r\n\r\nGET", b"/a", []),
        (b"GET", b"/a HTTP/1.1\r\nHost: b\r\n\r\nGET /b", []),
        (b"GET", b"/a", [(b"x-a", b"b\r\n\r\nPUT /rest/api/2/user/password HTTP/1.1")]),
        (b"GET", b"/a", [(b"x-a: b\r\nx-b", b"c")]),
        (b"POST", b"/a", [(b"transfer-encoding", b"chunked")]),
        (b"POST", b"/a", [(b"connection", b"close")]),
    ],
)
def test_http2_that_would_be_two_requests_in_http1_ends_the_connection(proxy, upstream, method, path, fields):
    with Http2(proxy.port) as client:
        client.until_gone(client.request(method, path, fields, b"abc" if method == b"POST" else None))
    assert upstream.connections == 0


@pytest.mark.parametrize(
    ("sent", "kept"),
    [(b"b\r\n c", "b c"), (b"b\rX-Evil: c", "b X-Evil: c"), (b"b\0c", "b c"), (b"b\n\tc", "b c")],
    ids=["folded", "CR", "NUL", "LF"],
)
def test_a_value_that_could_be_two_lines_is_one(proxy, upstream, sent, kept):
    upstream.script = then_closes(b"HTTP/1.1 200 OK\r\nX-A: %b\r\nContent-Length: 0\r\n\r\n" % sent)
    answer = ask(proxy.port, b"GET /a HTTP/1.1\r\nHost: jira\r\nX-A: %b\r\n\r\n" % sent)
    assert passed(upstream)["X-A"] == kept
    assert answer.field("X-A") == kept
    assert answer.raw.count(b"\r\n") == 4


@pytest.mark.parametrize("value", [b"b\r\n Set-Cookie: c", b"b\rSet-Cookie: c"])
def test_what_a_client_sends_breaks_no_line_of_our_own_answers(proxy, upstream, value):
    raw = b"PUT /rest/api/2/user/password HTTP/1.1\r\nHost: jira\r\nX-Request-Id: %b\r\n\r\n" % value
    answer = ask(proxy.port, raw)
    assert answer.status == 410
    assert b"Cookie" not in answer.raw


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
def test_an_answer_that_has_no_body_is_given_none(proxy, upstream, status):
    upstream.script = then_closes(b"HTTP/1.1 %b\r\nContent-Length: 5\r\n\r\nabcde" % status)
    with Client(proxy.port) as client:
        client.send(b"GET /a HTTP/1.1\r\nHost: jira\r\n\r\n")
        assert client.answer().status == int(status[:3])
        assert client.quiet()


def test_an_answer_to_head_is_given_no_body(proxy, upstream):
    upstream.script = then_closes(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde")
    with Client(proxy.port) as client:
        assert client.send(b"HEAD /a HTTP/1.1\r\nHost: jira\r\n\r\n").answer("HEAD").status == 200
        assert client.quiet()
        assert client.send(b"GET /b HTTP/1.1\r\nHost: jira\r\n\r\n").answer().body == b"abcde"


def test_serve_drops_answers_before_the_final_one(serve, upstream):
    def script(call: Call) -> None:
        call.request()
        call.send(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>")
        call.send(b"; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na")

    upstream.script = script
    answer = ask(serve.port, request("GET", "/a"))
    assert (answer.status, answer.body) == (200, b"a")
    assert b"Link" not in answer.raw


def test_mitmdump_takes_the_first_answer_for_the_final_one(mitmdump, upstream):
    upstream.script = then_closes(b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na")
    assert exchange(mitmdump.port, request("GET", "/a")) == b"HTTP/1.1 103 Early Hints\r\n\r\n"


def test_a_target_that_names_another_host_goes_to_jira(proxy, upstream):
    raw = b"GET http://evil.example.com:81/rest/api/2/myself HTTP/1.1\r\nHost: evil.example.com\r\n\r\n"
    assert ask(proxy.port, raw).status == 200
    assert upstream.request().startswith(b"GET /rest/api/2/myself HTTP/1.1\r\n")
    assert passed(upstream)["Host"] == f"127.0.0.1:{upstream.port}"


def test_a_target_that_names_another_host_is_judged(proxy, upstream):
    raw = b"PUT http://evil.example.com/rest/api/2/user/password HTTP/1.1\r\nHost: jira\r\nContent-Length: 0\r\n\r\n"
    assert ask(proxy.port, raw).status == 410
    assert upstream.connections == 0


def test_of_two_hosts_none_reaches_jira(proxy, upstream):
    assert ask(proxy.port, b"GET /a HTTP/1.1\r\nHost: jira\r\nHost: evil.example.com\r\n\r\n").status == 200
    assert upstream.request().lower().count(b"host:") == 1
    assert passed(upstream)["Host"] == f"127.0.0.1:{upstream.port}"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"Connection": "keep-alive", "X-A": "b"}, {"Connection": "keep-alive", "X-A": "b"}),
        ({"Connection": "X-A, keep-alive", "X-A": "b"}, {"Connection": "keep-alive"}),
        ({"Connection": "close, TE", "TE": "trailers"}, {"Connection": "close"}),
        ({"Keep-Alive": "timeout=5", "Proxy-Connection": "keep-alive"}, {}),
        ({"Proxy-Authorization": f"Basic {SECRET}"}, {}),
        ({"Connection": "Authorization", "Authorization": "Basic YTpi"}, {}),
        ({"Connection": "Host, Content-Length", "Content-Length": "0"}, {"Content-Length": "0"}),
    ],
)
def test_fields_of_one_hop_do_not_pass(proxy, upstream, sent, kept):
    lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    assert ask(proxy.port, f"GET /a HTTP/1.1\r\nHost: jira\r\n{lines}\r\n".encode()).status == 200
    assert passed(upstream) == {"Host": f"127.0.0.1:{upstream.port}", **kept}


def test_fields_of_one_hop_do_not_come_back(proxy, upstream):
    fields = b"Connection: X-A, close\r\nX-A: b\r\nKeep-Alive: timeout=5\r\nX-C: d\r\n"
    upstream.script = then_closes(b"HTTP/1.1 200 OK\r\n" + fields + b"Content-Length: 0\r\n\r\n")
    answer = ask(proxy.port, request("GET", "/a"))
    assert answer.raw == b"HTTP/1.1 200 OK\r\nConnection: close\r\nX-C: d\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize(
    ("fields", "reaches_jira"),
    [
        (b"Connection: X-HTTP-Method-Override\r\nX-HTTP-Method-Override: PUT\r\n", [b"POST"]),
        (b"X-HTTP-Method-Override: PUT\r\n", []),
    ],
)
def test_what_connection_takes_out_was_not_there_for_the_judgement(proxy, upstream, fields, reaches_jira):
    raw = b"POST /rest/api/2/user/password HTTP/1.1\r\nHost: jira\r\n%bContent-Length: 0\r\n\r\n" % fields
    assert ask(proxy.port, raw).status == (200 if reaches_jira else 410)
    assert [line.split(b" ")[0] for line in upstream.requests] == reaches_jira
    assert b"Override" not in upstream.received


def test_a_content_type_that_connection_takes_out_does_not_make_a_body_unread(proxy, upstream):
    raw = CREATION + b"Connection: Content-Type\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
    assert ask(proxy.port, raw).status in {200, 400}
    assert SECRET.encode() not in upstream.received
