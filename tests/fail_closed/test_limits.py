"""What ``serve`` bears of its clients; ``mitmdump`` has no limits but an idle timeout of ten minutes."""

import contextlib
import socket
import ssl
import time

import pytest

from e2e.certificate import write_certificate
from fail_closed.client import Client, ask
from fail_closed.upstream import Upstream
from live import PATIENCE, request, wait_until

PASSED = request("GET", "/rest/api/2/myself")
KEPT = b"GET /rest/api/2/myself HTTP/1.1\r\nHost: jira\r\n\r\n"


@pytest.fixture
def strict(run, upstream):
    """``serve`` that bears little."""
    return run("serve", upstream.url, max_head="2kB", head_timeout="1500ms", idle_timeout="6s", max_connections=3)


def test_a_head_within_the_limit_passes(strict, upstream):
    assert ask(strict.port, request("GET", "/a", "", "X-A: " + "a" * 1500)).status == 200


@pytest.mark.parametrize(
    "raw",
    [
        b"GET /" + b"a" * 3000,
        b"GET / HTTP/1.1\r\n" + b"X-A: b\r\n" * 500,
        request("GET", "/a", "", "X-A: " + "a" * 3000),
        KEPT + request("GET", "/a", "", "X-A: " + "a" * 3000),
    ],
    ids=["line", "fields", "whole", "second"],
)
def test_a_head_that_is_too_large_is_431_before_it_ends(strict, upstream, raw):
    with Client(strict.port) as client:
        client.send(raw)
        assert not raw.startswith(KEPT) or client.answer().status == 200
        answer = client.answer()
        assert (answer.status, answer.mark) == (431, "error/head_too_large")
        assert answer.told == "The proxy does not take this request: its head has more than 2000 bytes."
        assert client.rest() == b""
    assert upstream.received.count(b"GET ") == raw.count(KEPT)


def test_a_body_is_no_part_of_the_head(strict, upstream):
    assert ask(strict.port, request("POST", "/a", "a" * 10_000)).status == 200


def test_mitmdump_takes_heads_of_any_size(mitmdump, upstream):
    assert ask(mitmdump.port, request("GET", "/a", "", "X-A: " + "a" * 1_000_000)).status == 200


def test_a_head_that_comes_too_slowly_is_408(strict, upstream):
    with Client(strict.port) as client:
        answer = client.send(b"GET / HTTP/1.1\r\n").answer()
        assert (answer.status, answer.mark) == (408, "error/head_too_slow")
        assert answer.told == "The proxy does not take this request: its head took more than 1.5 s."
        assert client.rest() == b""
    assert upstream.connections == 0


def test_a_head_that_drips_is_408(strict, upstream):
    with Client(strict.port) as client:
        client.send(b"GET / HTTP/1.1\r\n")
        while client.quiet(0.05):
            client.send(b"X-A: b\r\n")
        assert client.answer().status == 408


def test_a_pause_between_requests_is_no_slow_head(strict, upstream):
    with Client(strict.port) as client:
        assert client.send(KEPT[:20]).quiet(0.1)
        assert client.send(KEPT[20:]).answer().status == 200
        assert client.quiet(2.0)  # longer than a head may take
        assert client.send(KEPT).answer().status == 200


def test_a_second_head_has_its_own_time(strict, upstream):
    with Client(strict.port) as client:
        client.send(KEPT + KEPT[:20])
        assert client.answer().status == 200
        assert client.answer().status == 408


def test_a_silent_connection_is_closed(strict, upstream):
    with Client(strict.port) as client:
        assert client.send(KEPT).answer().status == 200
        assert client.rest() == b""


def test_a_connection_that_is_silent_from_its_start_is_closed_sooner(strict, upstream):
    began = time.monotonic()
    with Client(strict.port) as silent, Client(strict.port) as begins, Client(strict.port, tls=None) as hello:
        hello.send(b"\x16\x03\x01\x02\x00\x01\x00")  # the beginning of a TLS handshake
        assert begins.send(KEPT).answer().status == 200
        assert silent.rest() == b""
        assert hello.rest() == b""
        assert time.monotonic() - began >= 1.5
        assert begins.send(KEPT).answer().status == 200


@pytest.mark.parametrize("within", [b"", b"\x16\x03\x01\x02\x00\x01\x00"], ids=["nothing", "half a hello"])
def test_a_silent_tunnel_is_closed_too(run, upstream, within):
    proxy = run("serve", None, hosts=["127.0.0.1"], head_timeout="1s", idle_timeout="60s")
    with Client(proxy.port) as client:
        client.send(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\nHost: jira\r\n\r\n" % upstream.port)
        assert client.answer("CONNECT").status == 200
        began = time.monotonic()
        assert client.send(within).rest() == b""
        assert time.monotonic() - began < 30


def test_a_tunnel_in_which_a_request_was_made_stays(run, upstream):
    proxy = run("serve", None, hosts=["127.0.0.1"], head_timeout="1s", idle_timeout="60s")
    with Client(proxy.port) as client:
        client.send(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\nHost: jira\r\n\r\n" % upstream.port)
        assert client.answer("CONNECT").status == 200
        assert client.send(KEPT).answer().status == 200
        assert client.quiet(2.5)  # longer than a head may take, twice
        assert client.send(KEPT).answer().status == 200


def test_a_tunnel_that_is_passed_on_undecrypted_stays(run, tmp_path):
    proxy = run("serve", None, hosts=["jira.test"], head_timeout="1s", idle_timeout="60s")
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    with (
        Upstream(write_certificate(tmp_path)) as other,
        socket.create_connection(("127.0.0.1", proxy.port), PATIENCE) as plain,
    ):
        plain.sendall(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\nHost: other\r\n\r\n" % other.port)
        assert plain.recv(1000).startswith(b"HTTP/1.1 200")
        with trusting.wrap_socket(plain) as tunnel:
            time.sleep(2.5)  # longer than a head may take, twice
            tunnel.sendall(KEPT)
            assert tunnel.recv(1000).startswith(b"HTTP/1.1 200")


def test_silent_connections_make_room(strict, upstream):
    with Client(strict.port) as first, Client(strict.port) as second, Client(strict.port) as third:
        wait_until(lambda: passes(strict.port), "one of the silent connections to be closed")
        assert [client.rest() for client in (first, second, third)] == [b""] * 3


def passes(port: int) -> bool:
    with contextlib.suppress(OSError), Client(port) as client:
        return client.send(PASSED).piece() != b""
    return False


def test_connections_beyond_the_limit_for_an_address_are_closed(run, upstream):
    proxy = run("serve", upstream.url, max_connections_per_address=2)
    with Client(proxy.port) as first, Client(proxy.port) as second, Client(proxy.port) as third:
        assert [client.send(KEPT).answer().status for client in (first, second)] == [200, 200]
        assert third.rest() == b""


def test_a_balancers_connections_have_no_limit_but_that_of_all(run, upstream):
    proxy = run("serve", upstream.url, max_connections_per_address=2, trusted_proxy=["127.0.0.1"])
    with Client(proxy.port) as first, Client(proxy.port) as second, Client(proxy.port) as third:
        assert [client.send(KEPT).answer().status for client in (first, second, third)] == [200, 200, 200]


def test_connections_beyond_the_limit_are_closed_and_those_within_it_served(strict, upstream):
    clients = [Client(strict.port) for _ in range(3)]
    for client in clients:
        assert client.send(KEPT).answer().status == 200
    with Client(strict.port) as too_many:
        assert too_many.rest() == b""
    assert clients[0].send(KEPT).answer().status == 200
    for client in clients:
        with client:
            client.end().rest()
    assert ask(strict.port, PASSED).status == 200
