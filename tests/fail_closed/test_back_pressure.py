"""What a peer does not take is not read: ``serve`` holds little of it. Floods of frames end their connection."""

import contextlib
import socket
import threading

import h2.config
import h2.connection
import h2.errors
import h2.events
import pytest

from e2e.certificate import write_certificate
from fail_closed.client import Client, ask
from fail_closed.http2 import Http2, untrusting
from fail_closed.upstream import Call, Upstream, answers
from jira_compat.proxy.patches.http2 import STREAM_WINDOW
from live import PATIENCE, request, wait_until

LARGE = 40_000_000
LITTLE = 20_000_000
"""Bytes; what the proxy may hold, and the system in the buffers of sockets."""
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n"


class Sender:
    """Sends without end until nobody takes it."""

    def __init__(self, connection: socket.socket, piece: bytes) -> None:
        self.sent = 0
        self._connection, self._piece = connection, piece
        connection.settimeout(1.0)

    def until_full(self, most: int) -> int:
        """Send at most so much; how much was sent when a second has gone by without more being taken."""
        with contextlib.suppress(TimeoutError):
            while self.sent < most:
                self.sent += self._connection.send(self._piece)
        return self.sent


@pytest.mark.parametrize("behind", [request("GET", "/rest/api/2/myself"), b"x" * 1000], ids=["requests", "bytes"])
def test_what_is_behind_a_request_that_is_being_answered_is_not_read(serve, upstream, behind):
    go = threading.Event()

    def script(call: Call) -> None:
        call.request()
        assert go.wait(PATIENCE)
        call.send(HEAD % 2 + b"ok")
        call.wait()

    upstream.script = script
    with serve.held(LITTLE), socket.create_connection(("127.0.0.1", serve.port), PATIENCE) as client:
        client.sendall(b"GET /slow HTTP/1.1\r\nHost: jira\r\n\r\n")
        wait_until(lambda: upstream.requests, "the first request")
        assert Sender(client, behind * 100).until_full(LARGE) < LITTLE
        go.set()
        client.settimeout(PATIENCE)
        assert client.recv(12) == b"HTTP/1.1 200"


def test_requests_that_came_at_once_are_answered_in_their_order(serve, upstream):
    number = 300
    raw = b"".join([b"GET /%d HTTP/1.1\r\nHost: jira\r\n\r\n" % at if at % 3 else REFUSED for at in range(number)])
    with Client(serve.port) as client:
        client.send(raw)
        assert [client.answer().status for _ in range(number)] == [200 if at % 3 else 410 for at in range(number)]


REFUSED = b"PUT /rest/api/2/user/password HTTP/1.1\r\nHost: jira\r\nContent-Length: 2\r\n\r\n{}"


def test_requests_whose_client_has_said_that_nothing_follows_are_answered(serve, upstream):
    with Client(serve.port) as client:
        assert client.send(REFUSED * 50).end().rest().count(b"HTTP/1.1 410 ") == 50


def sends(size: int, taken: list[int]) -> object:
    """A script that sends a response of that size, and notes how much of it was taken."""

    def script(call: Call) -> None:
        call.request()
        call.send(HEAD % size)
        at = len(taken)
        taken.append(0)
        for _ in range(size // 100_000):
            call.send(bytes(100_000))
            taken[at] += 100_000
        call.wait()

    return script


@pytest.mark.parametrize("streams", [1, 4])
def test_what_an_http2_client_has_no_window_for_is_not_read(serve, upstream, streams):
    taken: list[int] = []
    upstream.script = sends(LARGE, taken)
    with serve.held(LITTLE), Http2(serve.port) as client:
        asked = [client.request(b"GET", b"/attachment") for _ in range(streams)]
        client.ping()
        wait_until(lambda: len(taken) == streams and min(taken) > 0, "the responses to begin")
        still(lambda: sum(taken))
        assert sum(taken) < streams * LITTLE
        assert ask(serve.port, request("GET", "/rest/api/2/user/password", "{}")).status == 200
        for stream in asked:
            assert client.status(stream) == 200
            assert len(client.bodies.pop(stream)) == LARGE


def still(number) -> None:
    """Wait until a number has stopped to grow: it is the same at the end of each of two tenths of a second."""
    seen = [-1, -2]

    def stands() -> bool:
        seen.append(number())
        threading.Event().wait(0.1)
        return seen[-1] == seen[-2] == seen[-3]

    wait_until(stands, "what is sent to come to a stop")


class SlowHttp2:
    """An upstream that speaks HTTP/2, and opens no window beyond the first."""

    def __init__(self, call: Call) -> None:
        self._socket = call._connection
        self._h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        self._h2.initiate_connection()
        self.received = 0
        self.go = threading.Event()

    def serve(self) -> None:
        self._socket.sendall(self._h2.data_to_send())
        owed = 0
        while data := self._socket.recv(1 << 16):
            for event in self._h2.receive_data(data):
                if isinstance(event, h2.events.DataReceived):
                    self.received += len(event.data)
                    owed += event.flow_controlled_length
                    if self.go.is_set() and owed:
                        self._h2.acknowledge_received_data(owed, event.stream_id)
                        owed = 0
                elif isinstance(event, h2.events.StreamEnded):
                    self._h2.send_headers(
                        event.stream_id, [(":status", "200"), ("content-length", "0")], end_stream=True
                    )
            self._socket.sendall(self._h2.data_to_send())
            if self.received >= 65_535 and owed:
                assert self.go.wait(PATIENCE)
                self._h2.acknowledge_received_data(owed, 1)
                owed = 0
                self._socket.sendall(self._h2.data_to_send())


@pytest.fixture
def http2_upstream(tmp_path):
    with Upstream(write_certificate(tmp_path), protocols=["h2"]) as upstream:
        yield upstream


def test_what_an_http2_upstream_has_no_window_for_is_not_read(run, http2_upstream):
    slow: list[SlowHttp2] = []

    def script(call: Call) -> None:
        slow.append(SlowHttp2(call))
        slow[0].serve()

    http2_upstream.script = script
    proxy = run("serve", http2_upstream.url, insecure=True)
    with proxy.held(LITTLE), Http2(proxy.port) as client:
        stream = client.request(b"POST", b"/rest/api/2/issue/A-1/attachments", ends=False)
        sent = client.upload(stream, LARGE)
        assert STREAM_WINDOW <= sent < STREAM_WINDOW + 4 * 65_535
        wait_until(lambda: slow and slow[0].received >= 65_535, "the first window to be used")
        slow[0].go.set()
        client.upload(stream, LARGE - sent, until_sent=True)
        assert client.status(stream) == 200
    assert slow[0].received == LARGE


class Raw:
    """A connection on which any frames are sent."""

    def __init__(self, port: int) -> None:
        plain = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self._socket = untrusting().wrap_socket(plain, server_hostname="localhost")
        self._h2 = h2.connection.H2Connection(h2.config.H2Configuration())
        self._h2.initiate_connection()
        self._socket.sendall(self._h2.data_to_send())

    def __enter__(self):
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def flood(self, frames: bytes) -> int | None:
        """Send frames; the error code with which the proxy goes away, or ``None`` if it answers a ping behind them."""
        with contextlib.suppress(OSError):
            self._socket.sendall(frames + frame(6, b"the last"))
        with contextlib.suppress(OSError):
            while data := self._socket.recv(1 << 16):
                for event in self._h2.receive_data(data):
                    if isinstance(event, h2.events.ConnectionTerminated):
                        return int(event.error_code or 0)
                    if isinstance(event, h2.events.PingAckReceived) and event.ping_data == b"the last":
                        return None
        return -1

    def headers(self, stream: int, path: bytes) -> bytes:
        fields = [(b":method", b"GET"), (b":scheme", b"https"), (b":authority", b"localhost"), (b":path", path)]
        return frame(1, self._h2.encoder.encode(fields), flags=5, stream=stream)


def frame(kind: int, payload: bytes = b"", *, flags: int = 0, stream: int = 0) -> bytes:
    return len(payload).to_bytes(3) + bytes([kind, flags]) + stream.to_bytes(4) + payload


FLOODS = {
    "pings": lambda _: frame(6, b"8 octets"),
    "settings": lambda _: frame(4),
    "priorities": lambda at: frame(2, (0).to_bytes(4) + b"\x10", stream=2 * at + 1),
    "unknown frames": lambda _: frame(200, b"x"),
}


@pytest.mark.parametrize("kind", FLOODS)
@pytest.mark.parametrize(("number", "error"), [(400, None), (2_000, h2.errors.ErrorCodes.ENHANCE_YOUR_CALM)])
def test_a_flood_of_frames_ends_its_connection(serve, upstream, kind, number, error):
    with Raw(serve.port) as client:
        assert client.flood(b"".join(FLOODS[kind](at) for at in range(number))) == error
    assert ask(serve.port, request("GET", "/a")).status == 200


@pytest.mark.parametrize(("number", "error"), [(150, None), (1_000, h2.errors.ErrorCodes.ENHANCE_YOUR_CALM)])
def test_a_rapid_reset_ends_its_connection(serve, upstream, number, error):
    upstream.script = answers()
    with Raw(serve.port) as client:
        resets = [
            client.headers(2 * at + 1, b"/a") + frame(3, (8).to_bytes(4), stream=2 * at + 1) for at in range(number)
        ]
        assert client.flood(b"".join(resets)) == error
    assert upstream.connections <= 300
    assert ask(serve.port, request("GET", "/a")).status == 200


@pytest.mark.parametrize(("number", "error"), [(400, None), (2_000, h2.errors.ErrorCodes.ENHANCE_YOUR_CALM)])
def test_a_flood_of_empty_data_ends_its_connection(serve, upstream, number, error):
    with Raw(serve.port) as client:
        head = client.headers(1, b"/a")
        begin = head[:4] + b"\x04" + head[5:]  # more is to follow
        assert client.flood(begin + frame(0, stream=1) * number) == error
    assert ask(serve.port, request("GET", "/a")).status == 200
