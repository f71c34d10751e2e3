"""The bytes of bodies that ``serve`` holds at a time have a bound; what does not fit waits, and then gets a 503."""

import contextlib

import pytest

from fail_closed.client import Client, ask
from fail_closed.http2 import Http2
from live import live_proxy, request, wait_until

HEAD = b"POST /rest/api/2/user HTTP/1.1\r\nHost: jira\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
BODY = b'{"name":"' + b"a" * 600_000 + b'","password":"hunter2-7f3a"}'
BEGIN = HEAD % len(BODY) + BODY[:300_000]
QUICK = (
    "-c",
    "from jira_compat.proxy import held_bytes; held_bytes.WAIT = 1.0; from jira_compat.cli.main import main; main()",
)


@pytest.fixture
def proxy(tmp_path, upstream):
    """A proxy that holds one body of the test's, and no second one."""
    options = {"max_held": "1MB", "max_body": "1MB", "confdir": tmp_path, "admin": "127.0.0.1:0"}
    with live_proxy("serve", tmp_path / "events.jsonl", upstream=upstream.url, options=options, program=QUICK) as live:
        yield live


def test_a_body_that_fits_is_read(proxy, upstream):
    assert ask(proxy.port, HEAD % len(BODY) + BODY).status == 200
    assert b"hunter2" not in upstream.request()


def test_what_does_not_fit_waits_and_is_read_when_there_is_room(proxy, upstream):
    with Client(proxy.port) as first, Client(proxy.port) as second:
        first.send(BEGIN)
        second.send(BEGIN)
        assert second.quiet(0.3)
        first.send(BODY[300_000:])
        assert first.answer().status == 200
        second.send(BODY[300_000:])
        assert second.answer().status == 200


def test_what_waits_too_long_is_503(proxy, upstream):
    with Client(proxy.port) as first, Client(proxy.port) as second:
        first.send(BEGIN)
        wait_until(lambda: ask(proxy.port, request("GET", "/rest/api/2/myself")).status == 200, "others to be served")
        answer = second.send(BEGIN).answer()
        assert (answer.status, answer.mark, answer.field("Retry-After")) == (503, "error/busy", "5")
        assert first.send(BODY[300_000:]).answer().status == 200
        with contextlib.suppress(OSError):
            second.send(BODY[300_000:])
    assert [event["reason"] for event in proxy.events() if event["event"] == "request_refused"] == ["busy"]
    assert len(upstream.requests) == 2


def test_the_same_over_http2(proxy, upstream):
    with Http2(proxy.port) as client:
        fields = [(b"content-type", b"application/json"), (b"content-length", str(len(BODY)).encode())]
        first, second = (client.request(b"POST", b"/rest/api/2/user", fields, ends=False) for _ in range(2))
        client.upload(first, 100_000, ends=False)
        client.upload(second, 100_000, ends=False)
        assert client.status(second) == 503
        assert client.request(b"GET", b"/rest/api/2/myself")


def test_small_bodies_do_not_wait(proxy, upstream):
    with Client(proxy.port) as first:
        first.send(BEGIN)
        small = b'{"name":"fred","password":"hunter2-7f3a"}'
        assert ask(proxy.port, HEAD % len(small) + small).status == 200


def test_a_body_that_drips_makes_room(tmp_path, upstream):
    slow = QUICK[1].replace("WAIT = 1.0", "HOLD = 1.0")
    options = {"max_held": "1MB", "max_body": "1MB", "confdir": tmp_path}
    with (
        live_proxy(
            "serve", tmp_path / "events.jsonl", upstream=upstream.url, options=options, program=("-c", slow)
        ) as proxy,
        Client(proxy.port) as first,
        Client(proxy.port) as second,
    ):
        first.send(BEGIN)
        assert first.quiet(0.2)
        second.send(BEGIN)
        assert first.answer().status == 503
        assert second.send(BODY[300_000:]).answer().status == 200


def test_what_a_client_leaves_behind_is_forgotten(run, upstream):
    large = 9_000_000
    serve = run("serve", upstream.url)
    with serve.held(4 * large):
        for _ in range(12):
            with Client(serve.port) as client:
                client.send(HEAD % (large + 1) + b"[" + b"1," * (large // 2 - 1))
                assert client.quiet(0.05)
