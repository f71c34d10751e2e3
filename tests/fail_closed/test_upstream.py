"""Jira fails: ``serve`` tells which and why, in Jira's shape; ``mitmdump`` shows mitmproxy's page."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from e2e.certificate import write_certificate
from fail_closed.client import Client, ask
from fail_closed.http2 import Http2
from fail_closed.proxies import SECRET, Proxy
from fail_closed.upstream import OK, Call, Script, Upstream, resets, silent, then_closes
from live import PATIENCE, request, wait_until

BODY = f'{{"name": "fred", "password": "{SECRET}"}}'
JSON = "Content-Type: application/json"


def creation(site: str = "", *fields: str) -> bytes:
    """A request from which a rule takes the password, so that there is an event."""
    return request("POST", f"{site}/rest/api/2/user", BODY, JSON, *fields)


@pytest.fixture(params=["serve", "mitmdump"])
def forward(request: pytest.FixtureRequest, run: Callable[..., Proxy]) -> Proxy:
    """A forward proxy, so that each request can name another upstream."""
    patience = {"upstream_timeout": "400ms"} if request.param == "serve" else {}
    return run(request.param, None, hosts=["*"], **patience)


@pytest.fixture
def impatient(run: Callable[..., Proxy]) -> Proxy:
    """``serve`` in forward mode, which waits 400 ms."""
    return run("serve", None, hosts=["*"], upstream_timeout="2s")


@pytest.fixture(scope="module")
def tls(tmp_path_factory) -> tuple[str, str]:
    """A certificate that nobody signed, and its key."""
    return write_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def over_tls(tls) -> Iterator[Upstream]:
    """An upstream with such a certificate."""
    with Upstream(tls=tls) as upstream:
        yield upstream


@contextlib.contextmanager
def nobody_accepts() -> Iterator[str]:
    """An address where connections are neither accepted nor refused."""
    with socket.socket() as listener, contextlib.ExitStack() as stack:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def check(proxy: Proxy, answer, site: str, reason: str) -> None:
    """``serve`` names the upstream and the reason, and the event has the status; ``mitmdump`` has its page."""
    assert answer.status == 502
    event = proxy.event()
    assert event["event"] == "fields_removed"
    if proxy.kind == "serve":
        assert answer.told == f"The proxy got no answer from Jira at {site}: {reason}."
        assert (answer.mark, answer.field("Connection")) == ("error/upstream_failed", "close")
        assert event["http.response.status_code"] == 502
        assert event["request_id"] == answer.field("X-Request-Id")
    else:
        assert answer.field("Content-Type") == "text/html"
        assert answer.mark is None


@pytest.mark.parametrize(
    ("site", "reason"),
    [("127.0.0.1:9", "connection refused"), ("jira.invalid:80", "its name cannot be resolved")],
)
def test_an_upstream_that_cannot_be_reached(forward, site, reason):
    check(forward, ask(forward.port, creation(f"http://{site}")), site, reason)


@pytest.mark.parametrize("target", ["/rest/api/2/group", "/rest/api/2/user", "/upload"])
def test_a_client_of_an_upstream_that_is_down_is_not_left_waiting(run, target):
    proxy = run("serve", "http://127.0.0.1:9")
    raw = f"POST {target} HTTP/1.1\r\nHost: jira\r\nContent-Length: 2\r\n\r\n{{}}".encode()
    with Client(proxy.port) as client:
        answer = client.send(raw).answer()
        assert (answer.status, answer.mark, answer.field("Connection")) == (502, "error/upstream_failed", "close")
        assert client.rest() == b""


@pytest.mark.parametrize(("kind", "status"), [("serve", 200), ("mitmdump", 502)])
def test_an_upstream_that_is_up_again_is_asked_again_over_http2_by_serve(run, kind, status):
    with Upstream() as upstream:
        url, port = upstream.url, upstream.port
    proxy = run(kind, url)
    with Http2(proxy.port) as client:
        assert client.status(client.request(b"GET", b"/a")) == 502
        with Upstream(port=port) as upstream:
            assert client.status(client.request(b"GET", b"/a")) == status


def test_an_upstream_whose_certificate_nobody_trusts_gets_nothing(forward, over_tls):
    over_tls.reset()
    answer = ask(forward.port, creation(over_tls.url))
    check(forward, answer, f"127.0.0.1:{over_tls.port}", "its certificate is not trusted (self-signed certificate)")
    assert over_tls.received == b""


def test_whoever_answers_is_trusted_with_insecure_and_that_is_said(run, over_tls):
    over_tls.reset()
    proxy = run("serve", over_tls.url, insecure=True)
    assert ask(proxy.port, creation()).status == 200
    assert "WARNING: --insecure: the certificate is not verified" in proxy.live.text()


ANSWERS = {
    "none": (b"", "it closed the connection"),
    "another protocol": (b"SSH-2.0-jira\r\n\r\n", "it did not send valid HTTP"),
    "half a head": (b"HTTP/1.1 200 OK\r\nX-A: b", "it did not send valid HTTP"),
    "no length": (b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nab", "it did not send valid HTTP"),
    "two lengths": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
        "it did not send valid HTTP",
    ),
    "no name of a field": (b"HTTP/1.1 200 OK\r\nA B: c\r\nContent-Length: 0\r\n\r\n", "it did not send valid HTTP"),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_an_upstream_that_does_not_speak_http(proxy, upstream, answer):
    sent, reason = answer
    upstream.script = then_closes(sent)
    check(proxy, ask(proxy.port, creation()), f"127.0.0.1:{upstream.port}", reason)


def test_an_upstream_that_resets_the_connection(proxy, upstream):
    upstream.script = resets
    check(proxy, ask(proxy.port, creation()), f"127.0.0.1:{upstream.port}", "it closed the connection")


def test_what_an_upstream_said_is_not_told(serve, upstream):
    upstream.script = then_closes(f"{SECRET} 200 OK\r\n\r\n".encode())
    answer = ask(serve.port, creation())
    assert answer.status == 502
    assert SECRET.encode() not in answer.raw + answer.body


def test_an_answer_that_breaks_off_is_cut_off_and_not_mended(serve, upstream):
    upstream.script = then_closes(OK.replace(b"12\r\n", b"99\r\n").replace(b"application/json", b"text/plain"))
    with Client(serve.port) as client, pytest.raises(AssertionError, match="cut off after 12 of 99 bytes"):
        client.send(creation()).answer()
    assert serve.event()["http.response.status_code"] == 200


def test_chunks_that_break_off_have_no_last_chunk(serve, upstream):
    upstream.script = then_closes(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
    with Client(serve.port) as client:
        assert client.send(creation()).rest().endswith(b"3\r\nabc\r\n")


def test_an_answer_that_was_to_be_held_is_502_when_it_breaks_off(serve, upstream):
    upstream.script = then_closes(OK.replace(b"12\r\n", b"99\r\n"))
    answer = ask(serve.port, creation())
    check(serve, answer, f"127.0.0.1:{upstream.port}", "it broke its answer off")


def test_a_failure_after_a_continue_is_told_too(proxy, upstream):
    upstream.script = resets
    with Client(proxy.port) as client:
        head, _, body = creation("", "Expect: 100-continue").partition(b"\r\n\r\n")
        assert client.send(head + b"\r\n\r\n").answer().status == 100
        client.send(body)
        if proxy.kind == "serve":
            check(proxy, client.answer(), f"127.0.0.1:{upstream.port}", "it closed the connection")
        assert client.rest() == b""


@pytest.mark.parametrize("expects", [False, True], ids=["", "after a continue"])
def test_a_failure_in_the_middle_of_an_upload_is_told(serve, upstream, expects):
    def script(call: Call) -> None:
        call.head()
        call.reset()

    upstream.script = script
    fields = ["Expect: 100-continue"] if expects else []
    head = "\r\n".join(["POST /upload HTTP/1.1", "Host: jira", "Content-Length: 1000000", *fields, "", ""])
    with Client(serve.port) as client:
        client.send(head.encode())
        assert not expects or client.answer().status == 100
        answer = client.send(b"ab").answer()
        assert answer.told.endswith(f"127.0.0.1:{upstream.port}: it closed the connection.")
        client.send(bytes(999_998))
        assert client.rest() == b""


def test_a_client_that_goes_away_while_jira_thinks_ends_the_exchange(serve, upstream):
    upstream.script = silent
    with Client(serve.port) as client:
        client.send(creation())
        upstream.request()
    event = serve.event()
    assert "http.response.status_code" not in event


def test_a_client_that_goes_away_ends_also_the_exchanges_that_wait_for_their_turn(serve, upstream):
    upstream.script = silent
    with Http2(serve.port) as client:
        for _ in range(12):
            client.request(b"POST", b"/rest/api/2/user", [(b"content-type", b"application/json")], BODY.encode())
        client.ping()  # all have come to the proxy: a connection that is reset loses what was not read of it
        wait_until(lambda: len(upstream.requests) == 5, "those whose turn it is to reach the upstream")
    assert [event["event"] for event in serve.events(12)] == ["fields_removed"] * 12


def test_no_answer_in_time_is_504(impatient, upstream):
    upstream.script = silent
    answer = ask(impatient.port, creation(upstream.url))
    said = f"Jira at 127.0.0.1:{upstream.port} did not begin to answer within 2 s. Try again, or ask for less."
    assert (answer.status, answer.told) == (504, said)
    assert answer.mark == "error/upstream_timeout"
    assert impatient.event()["http.response.status_code"] == 504


def test_mitmdump_waits_for_an_answer(mitmdump, upstream):
    upstream.script = silent
    with Client(mitmdump.port) as client:
        assert client.send(creation()).quiet(2.5)


def test_no_answer_in_time_is_504_over_http2(run, upstream):
    proxy = run("serve", upstream.url, upstream_timeout="2s")
    upstream.script = silent
    with Http2(proxy.port) as client:
        assert client.status(client.request(b"GET", b"/slow")) == 504


def test_no_answer_in_time_is_504_also_to_those_that_wait_for_their_turn_over_http2(run, upstream):
    """mitmproxy has no more than five connections to an upstream for each of a client's."""
    proxy = run("serve", upstream.url, upstream_timeout="2s")
    upstream.script = silent
    with Http2(proxy.port) as client:
        streams = [client.request(b"GET", b"/slow") for _ in range(12)]
        assert [client.status(stream) for stream in streams] == [504] * 12


class Late(Upstream):
    """An upstream that leaves who connects to it waiting, until it is told to go on."""

    go_on = threading.Event()

    def _serve(self, plain: socket.socket, script: Script) -> None:
        self.go_on.wait(PATIENCE)
        super()._serve(plain, script)


def second_of_two(client: Http2, first: str, second: str) -> int:
    """The second of two exchanges over one connection, when the first is over, because it had to wait for 6 s."""
    streams = []
    for site in (first, second):
        scheme, _, authority = site.encode().partition(b"://")
        streams.append(client.request(b"GET", b"/a", site=(scheme, authority)))
        until = time.monotonic() + (3.0 if site == first else 0)
        wait_until(lambda: time.monotonic() > until, "the first to have waited for a while")  # noqa: B023
    assert client.status(streams[0]) == 504
    assert streams[1] not in client.ended
    return streams[1]


def test_who_waits_too_long_for_a_connection_takes_none_with_it_that_just_opens(run, tls):
    proxy = run("serve", None, hosts=["*"], upstream_timeout="6s", insecure=True)
    with nobody_accepts() as site, Late(tls) as late, Http2(proxy.port) as client:
        stream = second_of_two(client, site, late.url)
        late.go_on.set()
        assert client.status(stream) == 200


def test_each_that_waits_for_the_same_connection_has_its_own_time(run):
    with nobody_accepts() as site:
        proxy = run("serve", site, upstream_timeout="6s")
        with Http2(proxy.port) as client:
            assert client.status(second_of_two(client, "https://localhost", "https://localhost")) == 504


def test_no_connection_in_time_is_504(impatient, upstream):
    with nobody_accepts() as site:
        assert ask(impatient.port, creation(site)).status == 504
    assert impatient.event()["http.response.status_code"] == 504


def test_no_connection_in_time_is_504_also_for_an_upload(impatient):
    with nobody_accepts() as site, Client(impatient.port) as client:
        client.send(f"POST {site}/upload HTTP/1.1\r\nHost: jira\r\nContent-Length: 10\r\n\r\n12345".encode())
        assert client.answer().status == 504


def test_no_connection_in_time_is_504_also_within_a_tunnel(impatient):
    with nobody_accepts() as site, Client(impatient.port) as client:
        authority = site.removeprefix("http://")
        client.send(f"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n".encode())
        assert client.answer("CONNECT").status == 200
        assert client.send(b"GET /a HTTP/1.1\r\nHost: jira\r\n\r\n").answer().status == 504


def test_no_tls_in_time_is_504(impatient, upstream):
    upstream.script = lambda call: call.wait()
    assert ask(impatient.port, creation(upstream.url.replace("http:", "https:"))).status == 504


def test_an_answer_that_has_begun_and_an_upload_that_goes_on_may_take_longer(impatient, upstream):
    def script(call: Call) -> None:
        call.request()
        call.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na")
        call.head()  # until the test is over
        call.send(b"b")

    upstream.script = script
    with Client(impatient.port) as client:
        client.send(f"POST {upstream.url}/upload HTTP/1.1\r\nHost: jira\r\nContent-Length: 2\r\n\r\n1".encode())
        assert client.quiet(2.5)
        client.send(b"2")
        begun = b""
        while not begun.endswith(b"\r\n\r\na"):  # the head may come apart from what follows it
            piece = client.piece()
            assert piece, f"ended behind {begun!r}"
            begun += piece
        assert client.quiet(2.5)
