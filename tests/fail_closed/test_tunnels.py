"""What could carry requests past the hooks: tunnels, upgrades, UDP, options that let bodies pass."""

import subprocess
from pathlib import Path

import pytest

from fail_closed.client import Client, ask
from fail_closed.upstream import Call
from live import BIN, ROOT

SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: %b\r\nConnection: Upgrade\r\n%b\r\n"
HANDSHAKE = (
    b"GET %b HTTP/1.1\r\nHost: jira\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
SMUGGLED = b"PUT /rest/api/2/user/password HTTP/1.1\r\nHost: jira\r\nContent-Length: 2\r\n\r\n{}"


@pytest.fixture(params=["serve", "mitmdump"])
def forward(request, run):
    """A forward proxy."""
    return run(request.param, None, hosts=["127.0.0.1"])


@pytest.mark.parametrize("first", [b"", b"\r\n", b"\n", b"\0", b"\0\r\n", b"\x16", b"SSH-2.0-x\r\n"])
def test_nothing_but_http_passes_through_connect(forward, upstream, first):
    with Client(forward.port) as client:
        authority = f"127.0.0.1:{upstream.port}".encode()
        assert (
            client.send(b"CONNECT %b HTTP/1.1\r\nHost: %b\r\n\r\n" % (authority, authority)).answer("CONNECT").status
            == 200
        )
        answers = client.send(first + SMUGGLED).end().rest()
    assert answers.startswith((b"", b"HTTP/1.1 4"))
    assert b"password" not in upstream.received
    assert upstream.requests == []


def test_a_request_through_connect_is_judged(forward, upstream):
    with Client(forward.port) as client:
        authority = f"127.0.0.1:{upstream.port}".encode()
        assert (
            client.send(b"CONNECT %b HTTP/1.1\r\nHost: %b\r\n\r\n" % (authority, authority)).answer("CONNECT").status
            == 200
        )
        assert client.send(SMUGGLED).answer().status == 410
    assert upstream.connections == 0


def test_an_upgrade_to_another_protocol_ends_the_connection(proxy, upstream):
    def script(call: Call) -> None:
        call.request()
        call.send(SWITCH % (b"foo", b"") + b"after")
        call.wait()

    upstream.script = script
    with Client(proxy.port) as client:
        client.send(b"GET /a HTTP/1.1\r\nHost: jira\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n")
        assert client.answer().status == 101
        client.send(SMUGGLED)
        assert client.rest() == b""
    assert b"password" not in upstream.received


def test_an_upgrade_to_http2_does_not_reach_jira(proxy, upstream):
    fields = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n"
    assert ask(proxy.port, b"GET /a HTTP/1.1\r\nHost: jira\r\n" + fields + b"\r\n").status == 200
    assert b"h2c" not in upstream.request()


def test_frames_of_a_websocket_pass_once_its_handshake_has(proxy, upstream):
    accept = b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
    upwards, downwards = b"\x81\x82\0\0\0\0hi", b"\x81\x02ho"

    def script(call: Call) -> None:
        call.request()
        call.send(SWITCH % (b"websocket", accept))
        call.wait(len(upwards))
        call.send(downwards)
        call.wait()

    upstream.script = script
    with Client(proxy.port) as client:
        assert client.send(HANDSHAKE % b"/a").answer().status == 101
        received = client.send(upwards).piece()
    assert received == downwards
    assert upstream.connections == 1


def test_a_websocket_is_judged_by_its_handshake(proxy, upstream):
    assert ask(proxy.port, HANDSHAKE % b"/rest/api/2/password/policy").status == 410
    assert upstream.connections == 0


@pytest.mark.parametrize(("kind", "opened"), [("serve", 0), ("mitmdump", 1)])
def test_a_reverse_proxy_to_https_opens_udp_only_in_mitmdump(run, kind, opened):
    proxy = run(kind, "https://127.0.0.1:9")
    assert len(_udp_ports(proxy.live.process.pid)) == opened


def _udp_ports(pid: int) -> set[str]:
    """Local addresses of the UDP sockets of a process."""
    inodes = {link.readlink().name for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()}
    rows = [line.split() for table in ("udp", "udp6") for line in _table(pid, table)]
    return {row[1] for row in rows if f"socket:[{row[9]}]" in inodes}


def _table(pid: int, name: str) -> list[str]:
    path = Path(f"/proc/{pid}/net/{name}")
    return path.read_text().splitlines()[1:] if path.exists() else []


@pytest.mark.parametrize(
    ("option", "line"),
    [
        ("stream_large_bodies=1m", "stream_large_bodies: bodies would pass before a rule has read them; leave it out"),
        ("body_size_limit=1m", "body_size_limit: mitmproxy would answer instead of the policy; use jira_max_body"),
        ("validate_inbound_headers=false", "validate_inbound_headers: malformed requests would reach Jira"),
    ],
)
def test_mitmdump_does_not_start_with_an_option_that_opens_a_hole(option, line):
    command = [BIN / "mitmdump", "-s", "addon/main.py", "--listen-port", "0", "--set", option]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)
    assert ended.returncode == 1
    assert line in ended.stdout + ended.stderr
