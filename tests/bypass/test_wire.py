import pytest

from bypass.wire import Malformed, read_answers, read_request, read_requests

HEAD = b"POST /a?b HTTP/1.1\r\nHost: x\r\nX:  y z \r\n"


def test_length():
    messages = read_requests(HEAD + b"Content-Length: 2\r\n\r\nabGET / HTTP/1.1\r\n\r\n")

    assert [(one.method, one.target, one.body) for one in messages] == [(b"POST", b"/a?b", b"ab"), (b"GET", b"/", b"")]
    assert messages[0].fields[:2] == ((b"Host", b"x"), (b"X", b"y z"))


def test_chunks():
    (message,) = read_requests(HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n2;x=y\r\nbc\r\n0\r\nT: u\r\n\r\n")

    assert (message.body, message.trailers) == (b"abc", ((b"T", b"u"),))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        HEAD,
        HEAD + b"Content-Length: 2\r\n\r\na",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\na",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\nT: u\r\n",
    ],
)
def test_not_whole(data: bytes):
    assert read_request(data) is None


@pytest.mark.parametrize(
    "data",
    [
        b"x\r\n\r\n",
        b"GET / HTTP/2.0\r\n\r\n",
        b"GET /\0 HTTP/1.1\r\n\r\n",
        b"G\0T / HTTP/1.1\r\n\r\n",
        HEAD + b"X : y\r\n\r\n",
        HEAD + b" folded\r\n\r\n",
        HEAD + b"X: a\rb\r\n\r\n",
        HEAD + b"X: a\nb\r\n\r\n",
        HEAD + b"X: a\0b\r\n\r\n",
        HEAD + b"Content-Length: +2\r\n\r\nab",
        HEAD + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nab",
        HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: x\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\nab\r\n0\r\n\r\n",
    ],
)
def test_malformed(data: bytes):
    with pytest.raises(Malformed):
        read_request(data)


def test_answers():
    data = (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
        b"HTTP/1.1 204 No Content\r\n\r\nHTTP/1.0 400 Bad\r\n\r\nto the end"
    )

    assert [(one.status, one.body) for one in read_answers(data, [b"HEAD", b"PUT", b"GET"])] == [
        (200, b""),
        (204, b""),
        (400, b"to the end"),
    ]
