import contextlib
import socket
from collections.abc import Iterator

import pytest

from jira_compat.standin import StandIn

INFO = b"GET /rest/api/2/serverInfo HTTP/1.1\r\nHost: x\r\n"


@pytest.fixture
def standin() -> Iterator[StandIn]:
    with StandIn() as running:
        yield running


@contextlib.contextmanager
def connected(standin: StandIn) -> Iterator[socket.socket]:
    host, _, port = standin.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        yield connection


def until_end(connection: socket.socket) -> bytes:
    received = b""
    while piece := connection.recv(65_536):
        received += piece
    return received


def until(connection: socket.socket, end: bytes) -> bytes:
    received = b""
    while end not in received:
        piece = connection.recv(65_536)
        assert piece, "the connection ended"
        received += piece
    return received


def test_one_connection_serves_many_requests(standin):
    with connected(standin) as connection:
        connection.sendall(INFO + b"\r\n" + INFO + b"Connection: close\r\n\r\n")
        answers = until_end(connection)

    assert answers.count(b"HTTP/1.1 200 OK") == 2
    assert (standin.connections, len(standin.received)) == (1, 2)


def test_head_gets_the_length_and_no_content(standin):
    with connected(standin) as connection:
        connection.sendall(INFO.replace(b"GET", b"HEAD") + b"Connection: close\r\n\r\n")
        section, _, rest = until_end(connection).partition(b"\r\n\r\n")

    assert rest == b""
    assert b"Content-Length: 0" not in section
    assert standin.received[0].method == "HEAD"


def test_who_waits_for_a_continue_gets_it(standin):
    with connected(standin) as connection:
        connection.sendall(
            b"PUT /rest/api/2/user/password?username=fred HTTP/1.1\r\nContent-Type: application/json\r\n"
            b"Content-Length: 18\r\nExpect: 100-continue\r\n\r\n"
        )
        assert until(connection, b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert standin.received == []
        connection.sendall(b'{"password":"new"}')
        assert until(connection, b"\r\n\r\n").startswith(b"HTTP/1.1 204")

    assert standin.state.named("fred").password == "new"


def test_chunks_are_read(standin):
    with connected(standin) as connection:
        connection.sendall(
            b"POST /rest/api/2/group HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
            b'9\r\n{"name":"\r\n6\r\ngang"}\r\n0\r\n\r\n'
        )
        assert until_end(connection).startswith(b"HTTP/1.1 201")

    assert standin.received[0].body == b'{"name":"gang"}'


@pytest.mark.parametrize(
    "raw",
    [b"rubbish\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
)
def test_what_is_malformed_is_400_on_record_and_the_end(standin, raw, capfd):
    with connected(standin) as connection:
        connection.sendall(raw + INFO + b"\r\n")
        connection.shutdown(socket.SHUT_WR)
        answer = until_end(connection)

    assert answer.count(b"HTTP/1.1 400 Bad Request") == 1
    assert b'{"errorMessages":["The request is malformed' in answer
    assert [came.status for came in standin.received] == [400]
    assert capfd.readouterr().err == ""


def test_what_breaks_off_is_on_record_with_what_came(standin):
    with connected(standin) as connection:
        connection.sendall(b"POST /rest/api/2/user HTTP/1.1\r\nContent-Length: 50\r\n\r\n" + b'{"password":')
    [came] = standin.wait_for(1)

    assert (came.status, came.body) == (0, b'{"password":')


def test_a_connection_without_a_request_is_counted_and_leaves_nothing_on_record(standin):
    with connected(standin) as connection:
        standin.wait_for(lambda _: standin.connections == 1)
        connection.sendall(INFO)
    with connected(standin) as connection:
        connection.sendall(INFO + b"Connection: close\r\n\r\n")
        until_end(connection)

    assert standin.connections == 2
    assert [came.status for came in standin.received] == [200]


def test_stopping_ends_idle_connections():
    with StandIn() as standin, connected(standin) as connection:
        connection.sendall(INFO + b"\r\n")
        until(connection, b"}")
        standin.stop()
        assert connection.recv(1) == b""


def test_a_client_that_leaves_a_download_breaks_nothing(standin, capfd):
    path = standin.add_attachment("big.bin", 50_000_000)
    with connected(standin) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\n\r\n".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 200 OK")
    with connected(standin) as connection:
        connection.sendall(INFO + b"Connection: close\r\n\r\n")
        assert until_end(connection).startswith(b"HTTP/1.1 200 OK")

    assert capfd.readouterr().err == ""


def test_ipv6():
    with StandIn(host="::1") as standin:
        host, _, port = standin.url.removeprefix("http://").rpartition(":")
        assert host == "[::1]"
        with socket.create_connection(("::1", int(port)), timeout=5) as connection:
            connection.sendall(INFO + b"Connection: close\r\n\r\n")
            assert until_end(connection).startswith(b"HTTP/1.1 200 OK")
