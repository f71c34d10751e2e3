import asyncio
import contextlib
import socket
import threading
import time

import pytest

from jira_compat.proxy.admin import http_server as pages
from jira_compat.proxy.admin.http_server import Page, PageServer, json_page
from live import PATIENCE, exchange, wait_until

TREE = {"/one": lambda: json_page(200, number=1), "/plain": lambda: Page(503, b"no\n", "text/plain")}


@contextlib.contextmanager
def served(is_welcome=lambda _: True):
    """The port where the pages are."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def welcome(peer):
        return is_welcome(peer)

    server = PageServer(TREE, welcome)

    async def end():
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    try:
        asyncio.run_coroutine_threadsafe(server.listen("127.0.0.1", 0), loop).result(PATIENCE)
        yield server.addresses[0][1]
        asyncio.run_coroutine_threadsafe(end(), loop).result(PATIENCE)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE)
        loop.close()


@pytest.fixture(scope="module")
def port():
    with served() as port:
        yield port


def raw(method, target, *fields):
    return "\r\n".join([f"{method} {target} HTTP/1.1", "Host: admin", *fields, "", ""]).encode()


@pytest.mark.parametrize(
    ("request_", "status", "body"),
    [
        (raw("GET", "/one"), b"200 OK", b'{"number": 1}\n'),
        (raw("GET", "/one?verbose"), b"200 OK", b'{"number": 1}\n'),
        (raw("GET", "/plain"), b"503 Service Unavailable", b"no\n"),
        (b"GET /one HTTP/1.0\r\n\r\n", b"200 OK", b'{"number": 1}\n'),
        (raw("HEAD", "/one"), b"200 OK", b""),
        (raw("GET", "/"), b"404 Not Found", b'{"error": "there are only /one, /plain"}\n'),
        (raw("GET", "/one/"), b"404 Not Found", b'{"error": "there are only /one, /plain"}\n'),
        (raw("GET", "/../one"), b"404 Not Found", b'{"error": "there are only /one, /plain"}\n'),
        (raw("POST", "/nowhere"), b"404 Not Found", b'{"error": "there are only /one, /plain"}\n'),
        (raw("DELETE", "/one"), b"405 Method Not Allowed", b'{"error": "only GET and HEAD are answered"}\n'),
        (raw("OPTIONS", "/one"), b"405 Method Not Allowed", b'{"error": "only GET and HEAD are answered"}\n'),
        (
            raw("POST", "/one", "Content-Length: 3") + b"abc",
            b"405 Method Not Allowed",
            b'{"error": "only GET and HEAD are answered"}\n',
        ),
        (b"nonsense\r\n\r\n", b"400 Bad Request", b'{"error": "this request cannot be read"}\n'),
        (b"GET /one HTTP/1.1\r\n\r\n", b"400 Bad Request", b'{"error": "this request cannot be read"}\n'),
        (
            raw("GET", "/one", "X: " + "x" * 20_000),
            b"431 Request Header Fields Too Large",
            b'{"error": "this request cannot be read"}\n',
        ),
    ],
)
def test_a_request_is_answered(port, request_, status, body):
    head, _, content = exchange(port, request_).partition(b"\r\n\r\n")
    assert head.splitlines()[0] == b"HTTP/1.1 " + status
    assert content == body


def test_an_answer_says_what_it_is_and_ends_the_connection(port):
    head = exchange(port, raw("HEAD", "/plain") + raw("GET", "/one")).partition(b"\r\n\r\n")[0].decode().splitlines()
    assert set(head[1:]) == {
        "Content-Type: text/plain",
        "Content-Length: 3",
        "Cache-Control: no-store",
        "Connection: close",
    }


def test_a_method_that_is_not_answered_is_told_which_are(port):
    assert b"\r\nAllow: GET, HEAD\r\n" in exchange(port, raw("PUT", "/one"))


def test_a_request_may_come_in_pieces(port):
    request = raw("GET", "/one")
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for place in range(0, len(request), 9):
            client.sendall(request[place : place + 9])
            time.sleep(0.001)
        assert _rest(client).endswith(b'{"number": 1}\n')


def test_who_is_not_welcome_is_told_nothing():
    with served(is_welcome=lambda peer: peer[0] != "127.0.0.1") as port:
        assert exchange(port, raw("GET", "/one")) == b""


@pytest.mark.parametrize("begun", [b"", b"GET /one HTTP/1.1\r\n", b"GET /one HTTP/1.1\r\nHost: admin\r\n"])
def test_who_dawdles_is_left(port, monkeypatch, begun):
    monkeypatch.setattr(pages, "PATIENCE", 0.1)
    assert exchange(port, begun) == b""


def test_who_leaves_in_the_middle_is_not_missed(port):
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
        client.sendall(b"GET /one")
    assert exchange(port, raw("GET", "/one")).endswith(b'{"number": 1}\n')


def test_clients_beyond_those_that_are_borne_are_left_and_who_goes_makes_room(monkeypatch):
    monkeypatch.setattr(pages, "MOST", 2)
    with served() as port:
        idle = [socket.create_connection(("127.0.0.1", port), PATIENCE) for _ in range(2)]
        assert exchange(port, b"") == b""
        for one in idle:
            one.close()
        assert wait_until(lambda: exchange(port, raw("GET", "/one")), "an answer").startswith(b"HTTP/1.1 200")


def test_who_does_not_read_is_left(port, monkeypatch):
    monkeypatch.setattr(pages, "PATIENCE", 0.2)
    whole = b"x" * 50_000_000  # more than the sockets' buffers take
    monkeypatch.setitem(TREE, "/one", lambda: Page(200, whole))
    monkeypatch.setattr(pages, "MOST", 1)
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
        client.sendall(raw("GET", "/one"))
        # the one place that there is gets free only when that client has been left
        wait_until(lambda: exchange(port, raw("GET", "/plain")), "an answer to another")
        assert len(_rest(client)) < len(whole)


def _rest(client):
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while chunk := client.recv(1_000_000):
            received += chunk
    return received
