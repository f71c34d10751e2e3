"""What standard error tells of real traffic: at no level anything that came with it."""

import base64
import json
import socket
import ssl
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import pytest

from e2e.certificate import write_certificate
from fail_closed.client import Client
from fail_closed.http2 import Http2, untrusting
from fail_closed.proxies import Proxy
from fail_closed.upstream import OK, Upstream, then_closes
from live import PATIENCE, ROOT, exchange, live_proxy, request, status, wait_until

SECRET = "hunter2-7f3a"
RAW = SECRET.encode()
BASIC = base64.b64encode(f"fred:{SECRET}".encode()).decode()
FORMS = (SECRET, RAW.hex(), BASIC, "fred:", "hunter2")
"""The secret as mitmproxy would write it."""
SWITCH = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
    b"Sec-WebSocket-Extensions: %b\r\n\r\n" % RAW
)
HANDSHAKE = (
    b"GET /a?%b HTTP/1.1\r\nHost: jira\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" % RAW
)
PING = b"\x89" + bytes([0x80 | len(RAW)]) + b"\0\0\0\0" + RAW


@pytest.fixture(scope="module")
def listening():
    with Upstream() as upstream:
        yield upstream


@pytest.fixture
def upstream(listening):
    """An upstream that answers 200, until it is told otherwise."""
    listening.reset()
    yield listening
    listening.hang_up()


@contextmanager
def told(folder, url, **options):
    """A proxy that tells all that it would, and that has told nothing secret at its end."""
    options = {"log_level": "debug", "confdir": folder / "confdir", **options}
    with live_proxy("serve", folder / "events.jsonl", upstream=url, options=options) as live:
        yield Proxy("serve", live)
    assert [form for form in FORMS if form in live.text()] == [], live.text()
    assert "Traceback" not in live.text()


@pytest.fixture(scope="module")
def telling(tmp_path_factory, listening):
    with told(tmp_path_factory.mktemp("plain"), listening.url) as proxy:
        yield proxy


@pytest.fixture
def plain(telling, upstream):
    """A proxy for several tests."""
    return telling.begin()


@pytest.fixture(scope="module")
def self_signed(tmp_path_factory):
    """A file with a certificate that is its own authority, and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    file = folder / "both.pem"
    file.write_text("".join(Path(one).read_text() for one in write_certificate(folder, "localhost")))
    return file


@pytest.fixture(scope="module")
def telling_over_tls(tmp_path_factory, listening, self_signed):
    with told(tmp_path_factory.mktemp("tls"), listening.url, cert=self_signed) as proxy:
        yield proxy


@pytest.fixture
def over_tls(telling_over_tls, upstream):
    """The same with TLS and so with HTTP/2."""
    return telling_over_tls.begin()


def wait_for(proxy, line):
    wait_until(lambda: line in proxy.said(), f"{line!r}")


def everywhere(target="/rest/api/2/user?password=" + SECRET, method="POST"):
    """A request with the secret wherever there is a place."""
    fields = ("Content-Type: application/json", f"Cookie: session={SECRET}", f"X-Token: {SECRET}")
    body = f'{{"name": "x", "password": "{SECRET}"}}'
    return request(method, target, body, *fields, f"Authorization: Basic {BASIC}", f"Referer: http://x/?{SECRET}")


def judged(proxy, _):
    assert status(exchange(proxy.port, everywhere())) == 200
    assert status(exchange(proxy.port, everywhere(f"/rest/api/2/user/password?{SECRET}", "PUT"))) == 410
    assert status(exchange(proxy.port, everywhere("/rest/api/2/user%2Fpassword", "PUT"))) == 400
    wait_for(proxy, "client disconnect")


def no_request_line(proxy, _):
    exchange(proxy.port, f"GET /?{SECRET} {SECRET}\r\n\r\n".encode())
    wait_for(proxy, "Bad HTTP request line [...]")


def credentials_of_another_site(proxy, _):
    exchange(proxy.port, everywhere(f"http://fred:{SECRET}@127.0.0.1/"))
    wait_for(proxy, "Bad HTTP request line [...]")


def no_header_field(proxy, _):
    exchange(proxy.port, f"GET / HTTP/1.1\r\nHost: x\r\n{SECRET}\r\n\r\n".encode())
    wait_for(proxy, "Invalid header line [...]")


def no_header_field_to_continue(proxy, _):
    exchange(proxy.port, f"GET / HTTP/1.1\r\n {SECRET}\r\n\r\n".encode())
    wait_for(proxy, "Invalid headers")


def two_lengths(proxy, _):
    exchange(proxy.port, everywhere() + f"Content-Length: {SECRET}\r\n\r\n".encode())
    raw = f"POST /?{SECRET} HTTP/1.1\r\nHost: x\r\nContent-Length: {SECRET}\r\nTransfer-Encoding: {SECRET}\r\n\r\n"
    assert status(exchange(proxy.port, raw.encode())) == 400


def a_head_that_breaks_off(proxy, _):
    with Client(proxy.port) as client:
        client.send(f"GET /?{SECRET} HTTP/1.1\r\nX: {SECRET}".encode()).end().rest()
    wait_for(proxy, "Client closed connection before completing request headers [...]")


def an_upstream_that_says_more(proxy, upstream):
    is_answered = threading.Event()

    def script(call):
        call.request()
        call.send(OK)
        is_answered.wait(PATIENCE)
        call.send(RAW)
        call.wait()

    upstream.script = script
    with Client(proxy.port) as client:
        assert client.send(b"GET /a HTTP/1.1\r\nHost: jira\r\n\r\n").answer().status == 200
        is_answered.set()
        wait_for(proxy, "Unexpected data from server [...]")


def an_upstream_that_is_no_http(proxy, upstream):
    upstream.script = then_closes(f"HTTP/1.1 {SECRET}\r\n\r\n".encode())
    assert status(exchange(proxy.port, request("GET", "/"))) == 502
    upstream.script = then_closes(f"HTTP/1.1 200 OK\r\n{SECRET}\r\n\r\n".encode())
    assert status(exchange(proxy.port, request("GET", "/"))) == 502


def frames_of_a_websocket(proxy, upstream):
    def script(call):
        call.request()
        call.send(SWITCH)
        call.wait(len(PING))
        call.send(b"\x89" + bytes([len(RAW)]) + RAW + b"\x88\x0e\x03\xe8" + RAW)
        call.wait()

    upstream.script = script
    with Client(proxy.port) as client:
        assert client.send(HANDSHAKE).answer().status == 101
        client.send(PING).rest()
    wait_for(proxy, "Received WebSocket ping from client [...]")
    wait_for(proxy, "Received WebSocket ping from server [...]")
    wait_for(proxy, "Ignoring unknown WebSocket extension [...]")


POKES = (
    *(judged, no_request_line, credentials_of_another_site, no_header_field, no_header_field_to_continue, two_lengths),
    *(a_head_that_breaks_off, an_upstream_that_says_more, an_upstream_that_is_no_http, frames_of_a_websocket),
)


@pytest.mark.parametrize("poke", POKES, ids=lambda poke: poke.__name__)
def test_nothing_that_came_with_a_request_is_told(plain, upstream, poke: Callable[..., None]):
    poke(plain, upstream)


def test_nor_by_several_workers_and_each_line_is_of_json(tmp_path, upstream):
    with told(tmp_path, upstream.url, workers=2, log_format="json") as proxy:
        for poke in POKES:
            upstream.reset()
            poke(proxy, upstream)
        upstream.hang_up()
    lines = [json.loads(line) for line in proxy.live.text().splitlines()]
    connects = [line for line in lines if line["message"] == "client connect"]
    assert connects
    for line in connects:
        assert (line["level"], line["logger"], line["client.address"]) == (
            "info",
            "mitmproxy.proxy.server",
            "127.0.0.1",
        )
    assert {line["process.pid"] for line in connects} & {proxy.live.process.pid} == set()


def test_nor_what_is_no_tls(over_tls):
    hello = b"\x01\0\0" + bytes([len(RAW)]) + RAW
    exchange(over_tls.port, b"\x16\x03\x01" + struct.pack("!H", len(hello)) + hello)
    wait_for(over_tls, "Cannot parse ClientHello [...]")


def test_nor_what_a_client_says_that_does_not_trust(over_tls):
    with pytest.raises(ssl.SSLError):
        Client(over_tls.port, tls=ssl.create_default_context())
    wait_for(over_tls, "Client TLS handshake failed. The client does not trust the proxy's certificate for localhost")


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ([(b"x-token", b" %b " % RAW)], "HTTP/2 protocol error [...]"),
        ([(b"%b\0" % RAW, b"x")], "HTTP/2 protocol error [...]"),
        ([(b"connection", RAW)], "HTTP/2 protocol error [...]"),
        ([(b"x-token", RAW), (b"cookie", RAW), (b"authorization", BASIC.encode())], "client connect"),
    ],
)
def test_nor_header_fields_of_http2(over_tls, fields, line):
    with Http2(over_tls.port) as client:
        stream = client.request(b"POST", b"/rest/api/2/user?%b" % RAW, fields, b'{"password": "%b"}' % RAW)
        if line == "client connect":
            assert client.status(stream) == 200
        else:
            client.until_gone(stream)
    wait_for(over_tls, line)


@pytest.mark.parametrize(
    ("kind", "stream", "content", "line"),
    [
        (0xFA, 1, RAW, "Ignoring unknown HTTP/2 frame type: 250"),
        (0, 1, RAW, "HTTP/2 protocol error [...]"),
        (1, 1, RAW, "HTTP/2 protocol error [...]"),
        (7, 0, bytes(8) + RAW, "client disconnect"),
    ],
    ids=["unknown", "DATA", "HEADERS", "GOAWAY"],
)
def test_nor_frames_of_http2_that_should_not_be(over_tls, kind, stream, content, line):
    with Client(over_tls.port, tls=untrusting()) as client:
        settings = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(3) + b"\4" + bytes(5)
        frame = struct.pack("!I", len(content))[1:] + struct.pack("!BBI", kind, 4, stream) + content
        client.send(settings + frame)
        wait_for(over_tls, line)


def test_nor_by_a_forward_proxy(tmp_path, upstream):
    with told(tmp_path, None, hosts="127.0.0.1") as proxy:
        for authority in (upstream.url, "http://127.0.0.1:9"):
            exchange(proxy.port, everywhere(f"{authority}/rest/api/2/user?{SECRET}"))
        exchange(proxy.port, everywhere(f"{upstream.url.replace('//', f'//fred:{SECRET}@')}/"))
        exchange(proxy.port, f"CONNECT fred:{SECRET}@127.0.0.1:80 HTTP/1.1\r\n\r\n".encode())
        wait_for(proxy, "Bad HTTP request line [...]")
        wait_for(proxy, "error establishing server connection: [Errno 111] Connect call failed ('127.0.0.1', 9)")
        wait_for(proxy, f"server connect 127.0.0.1:{upstream.port}")
        upstream.hang_up()


def test_by_default_connections_are_not_told_of(tmp_path, upstream):
    with told(tmp_path, upstream.url, log_level="warning") as proxy:
        judged_lines = proxy.live.text().splitlines()
        assert status(exchange(proxy.port, everywhere())) == 200
        exchange(proxy.port, b"GET\r\n\r\n")
    assert proxy.live.text().splitlines() == judged_lines


@pytest.mark.parametrize("workers", [1, 2])
def test_what_is_odd_about_the_certificate_is_told_once(tmp_path, upstream, self_signed, workers):
    with told(tmp_path, upstream.url, cert=self_signed, workers=workers) as proxy:
        with Http2(proxy.port) as client:
            assert client.status(client.request(b"GET", b"/a")) == 200
        wait_until(lambda: "listening on https://" in proxy.live.text(), "all workers to serve")
        upstream.hang_up()
    (line,) = [line for line in proxy.live.text().splitlines() if "certificate" in line]
    assert line.startswith(f'jira-compat: "{self_signed}" is a certificate authority and not a leaf certificate.')


def test_at_error_it_says_nothing_of_itself(tmp_path, upstream):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "jira_compat",
        "serve",
        "--listen",
        f"127.0.0.1:{port}",
        "--upstream",
        upstream.url,
    ]
    command += ["--confdir", str(tmp_path), "--log-level", "error"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        wait_until(lambda: accepts(port), "the proxy to listen")
        assert status(exchange(port, everywhere())) == 200
        process.terminate()
        assert process.communicate(timeout=PATIENCE)[1] == ""


def accepts(port):
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0
