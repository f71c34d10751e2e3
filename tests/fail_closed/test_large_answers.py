"""What a plan reads is bounded by ``--max-body``: beyond it the client is answered 502 and nothing is held."""

import threading

import h2.config
import h2.connection
import h2.events
import pytest

from e2e.certificate import write_certificate
from fail_closed.client import ask
from fail_closed.http2 import Http2
from fail_closed.upstream import Upstream
from live import PATIENCE, request, wait_until

LIMIT = 100_000
DELETION = request("DELETE", "/rest/api/2/user?username=fred")
BIG = 50_000_000
TOLD = (
    "The request was replaced by a safer one, and Jira's answer has more than 100000 bytes, so the proxy did not "
    "read whether it was carried out. Look in Jira before you try again."
)


@pytest.fixture(params=["serve", "mitmdump"])
def staging(request, run, upstream):
    """Each of them, with little patience for large answers."""
    return run(request.param, upstream.url, profile="staging", max_body="100kB")


def confirmation(length: int) -> bytes:
    """A document of that length which shows that the replacement was carried out."""
    document = b'{"active": false, "pad": "'
    return document + b"x" * (length - len(document) - 2) + b'"}'


def declared(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


def chunked(body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


def closing(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + body


def send(upstream, answer: bytes) -> threading.Event:
    """Have the upstream answer once; is set when the proxy has ended that connection."""
    ended = threading.Event()

    def script(call):
        try:
            if call.request():
                call.send(answer)
                if b"Content-Length" in answer or b"chunked" in answer:
                    call.wait()
        finally:
            ended.set()

    upstream.script = script
    return ended


def over(version: str, proxy):
    """Delete the user over HTTP/1 or HTTP/2: status, mark, body."""
    if version == "HTTP/1":
        answer = ask(proxy.port, DELETION)
        return answer.status, answer.mark, answer.body
    with Http2(proxy.port) as client:
        stream = client.request(b"DELETE", b"/rest/api/2/user?username=fred")
        status, fields = client.status(stream), client.fields[stream]
        return status, fields[b"x-jira-compat"].decode(), client.bodies.get(stream, b"")


versions = pytest.mark.parametrize("version", ["HTTP/1", "HTTP/2"])


@versions
@pytest.mark.parametrize("framed", [declared, chunked, closing])
def test_an_answer_just_within_the_bound_is_read(staging, upstream, version, framed):
    send(upstream, framed(confirmation(LIMIT)))

    assert over(version, staging) == (204, "user-management/deactivate-instead-of-deleting", b"")
    event = staging.event()
    assert (event["event"], event["http.response.status_code"]) == ("request_replaced", 204)


@versions
@pytest.mark.parametrize("framed", [declared, chunked, closing])
def test_an_answer_just_beyond_it_is_502(staging, upstream, version, framed):
    ended = send(upstream, framed(confirmation(LIMIT + 1)))
    status, mark, body = over(version, staging)

    assert (status, mark) == (502, "error/answer_too_large")
    assert TOLD.encode() in body
    event = staging.event()
    assert (event["event"], event["applied"], event["http.response.status_code"]) == ("request_replaced", True, 502)
    if staging.kind == "serve":
        assert ended.wait(PATIENCE), "the upstream's connection is still open"


@pytest.mark.parametrize(
    ("kind", "framed"), [("serve", declared), ("serve", chunked), ("serve", closing), ("mitmdump", declared)]
)
def test_nothing_of_a_huge_answer_is_held(run, upstream, kind, framed):
    proxy = run(kind, upstream.url, profile="staging", max_body="100kB")
    send(upstream, framed(confirmation(BIG)))
    with proxy.held(BIG // 4):
        assert over("HTTP/1", proxy)[:2] == (502, "error/answer_too_large")


def test_the_next_request_is_served(staging, upstream):
    send(upstream, declared(confirmation(LIMIT + 1)))
    assert over("HTTP/1", staging)[0] == 502
    send(upstream, declared(confirmation(100)))

    assert over("HTTP/1", staging)[0] == 204
    staging.events(2)


@pytest.mark.parametrize("status", [b"304 Not Modified", b"204 No Content"])
def test_an_answer_without_content_is_not_too_large_whatever_it_declares(staging, upstream, status):
    send(upstream, b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n" % (status, LIMIT + 1))

    assert over("HTTP/1", staging)[:2] == (502, "user-management/deactivate-instead-of-deleting")
    staging.event()


class Http2Site:
    """Answers every request over HTTP/2 with one document, and notes the streams that the proxy ends."""

    def __init__(self, document: bytes) -> None:
        self.document = document
        self.reset: list[int] = []
        self.served = 0

    def __call__(self, call) -> None:
        """Serve one connection."""
        connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        connection.initiate_connection()
        call.send(connection.data_to_send())
        left: dict[int, bytes] = {}
        while chunk := call.chunk():
            for event in connection.receive_data(chunk):
                if isinstance(event, h2.events.StreamEnded):
                    connection.send_headers(event.stream_id, [(":status", "200"), ("content-type", "application/json")])
                    left[event.stream_id] = self.document
                    self.served += 1
                elif isinstance(event, h2.events.StreamReset):
                    left.pop(event.stream_id, None)
                    self.reset.append(event.stream_id)
            for stream in list(left):
                self._send(connection, stream, left)
            call.send(connection.data_to_send())

    def _send(self, connection, stream: int, left: dict[int, bytes]) -> None:
        """More than the bound, then nothing until the proxy says something."""
        for _ in range(2 * LIMIT // connection.max_outbound_frame_size):
            room = min(connection.local_flow_control_window(stream), connection.max_outbound_frame_size)
            piece, left[stream] = left[stream][:room], left[stream][room:]
            connection.send_data(stream, piece, end_stream=not left[stream])
            if not left[stream]:
                del left[stream]
                return


@pytest.fixture(scope="module")
def over_http2(tmp_path_factory):
    with Upstream(tls=write_certificate(tmp_path_factory.mktemp("tls")), protocols=["h2"]) as upstream:
        yield upstream


@pytest.mark.parametrize(("length", "status"), [(LIMIT, 204), (LIMIT + 1, 502), (BIG, 502)])
def test_the_same_of_an_upstream_that_speaks_http2(run, over_http2, length, status):
    over_http2.reset()
    over_http2.script = site = Http2Site(confirmation(length))
    proxy = run("serve", over_http2.url, profile="staging", max_body="100kB", insecure=True)
    with proxy.held(BIG // 4), Http2(proxy.port) as client:
        assert client.status(client.request(b"DELETE", b"/rest/api/2/user?username=fred")) == status
        if length == BIG:
            wait_until(lambda: site.reset, "the upstream's stream to be ended")
    assert site.served == 1
    assert proxy.event()["http.response.status_code"] == status
