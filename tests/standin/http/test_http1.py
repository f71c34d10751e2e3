import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jira_compat.standin.http import http1
from jira_compat.standin.http.messages import Answer


def head(raw: bytes) -> http1.Head | None:
    return http1.read_head(io.BytesIO(raw))


def content(fields: bytes, raw: bytes) -> bytes:
    source = io.BytesIO(b"POST / HTTP/1.1\r\n" + fields + b"\r\n" + raw)
    asked = http1.read_head(source)
    assert asked is not None
    return b"".join(http1.read_content(source, asked))


def test_the_end_is_no_request():
    assert head(b"") is None


def test_an_empty_line_before_a_request_is_skipped():
    assert head(b"\r\nGET / HTTP/1.1\r\n\r\n") == http1.Head("GET", b"/", 1)


def test_a_head_is_read_to_the_letter():
    asked = head(b"pUT //a/%2e?x=\xc3\xa4;y HTTP/1.1\r\nhOST: a\r\nX-A:  b c\t \r\nx-a: \xff\r\nX-E:\r\n\r\n")

    assert asked == http1.Head(
        "pUT", b"//a/%2e?x=\xc3\xa4;y", 1, (("hOST", "a"), ("X-A", "b c"), ("x-a", "\xff"), ("X-E", ""))
    )
    assert asked.value("x-a") == "b c, \xff"


@pytest.mark.parametrize(
    "raw",
    [
        b"GET /\r\n\r\n",
        b"GET  / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/2.0\r\n\r\n",
        b"GET / HTTP/1.1\n\r\n",
        b"G(T / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nA : b\r\n\r\n",
        b"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
        b"GET / HTTP/1.1\r\nA b\r\n\r\n",
        b"GET / HTTP/1.1\r\nA: b\n\r\n",
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 300 + b"\r\n",
    ],
    ids=range(11),
)
def test_what_is_not_http_is_malformed(raw):
    with pytest.raises(http1.MalformedError):
        head(raw)


@pytest.mark.parametrize("raw", [b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nA: b\r\n"])
def test_what_ends_too_early_is_cut_off(raw):
    with pytest.raises(http1.CutOffError):
        head(raw)


@pytest.mark.parametrize(
    ("fields", "raw", "body"),
    [
        (b"", b"", b""),
        (b"", b"next", b""),
        (b"Content-Length: 0\r\n", b"next", b""),
        (b"Content-Length: 3\r\n", b"abcnext", b"abc"),
        (b"Transfer-Encoding: chunked\r\n", b"0\r\n\r\nnext", b""),
        (b"Transfer-Encoding: Chunked\r\n", b"3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nT: x\r\n\r\n", b"abc0123456789"),
    ],
)
def test_content(fields, raw, body):
    assert content(fields, raw) == body


@pytest.mark.parametrize(
    ("fields", "raw"),
    [
        (b"Content-Length: -1\r\n", b""),
        (b"Content-Length: +1\r\n", b"a"),
        (b"Content-Length: 1\r\nContent-Length: 2\r\n", b"ab"),
        (b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"),
        (b"Transfer-Encoding: gzip, chunked\r\n", b"0\r\n\r\n"),
        (b"Transfer-Encoding: chunked\r\n", b"x\r\n"),
        (b"Transfer-Encoding: chunked\r\n", b"0x3\r\nabc\r\n0\r\n\r\n"),
        (b"Transfer-Encoding: chunked\r\n", b"3\r\nabcd\r\n0\r\n\r\n"),
        (b"Transfer-Encoding: chunked\r\n", b"3\nabc\r\n0\r\n\r\n"),
    ],
)
def test_framing_that_is_not_certain_is_malformed(fields, raw):
    with pytest.raises(http1.MalformedError):
        content(fields, raw)


@pytest.mark.parametrize(
    ("fields", "raw"),
    [
        (b"Content-Length: 3\r\n", b"ab"),
        (b"Transfer-Encoding: chunked\r\n", b""),
        (b"Transfer-Encoding: chunked\r\n", b"3\r\nab"),
        (b"Transfer-Encoding: chunked\r\n", b"0\r\n"),
    ],
)
def test_content_that_ends_too_early_is_cut_off(fields, raw):
    with pytest.raises(http1.CutOffError):
        content(fields, raw)


@given(st.lists(st.binary(min_size=1)))
def test_chunks_are_put_together(pieces):
    raw = b"".join(b"%X\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"

    assert content(b"Transfer-Encoding: chunked\r\n", raw) == b"".join(pieces)


@given(st.binary())
def test_any_octets_are_read_or_refused(raw):
    source = io.BytesIO(raw)
    try:
        asked = http1.read_head(source)
        if asked:
            list(http1.read_content(source, asked))
    except (http1.MalformedError, http1.CutOffError):
        pass


@pytest.mark.parametrize(
    ("minor", "connection", "alive"),
    [(1, "", True), (1, "close", False), (1, "Close, TE", False), (0, "", False), (0, "Keep-Alive", True)],
)
def test_connections_live_as_their_version_says(minor, connection, alive):
    assert http1.Head("GET", b"/", minor, (("Connection", connection),)).keeps_alive is alive


@pytest.mark.parametrize(("minor", "waits"), [(0, False), (1, True)])
def test_http_1_0_waits_for_no_continue(minor, waits):
    assert http1.Head("POST", b"/", minor, (("Expect", "100-Continue"),)).awaits_continue is waits


def sent(answer: Answer, method: str = "GET", minor: int = 1) -> tuple[bytes, bytes]:
    section, _, rest = b"".join(http1.written(answer, http1.Head(method, b"/", minor))).partition(b"\r\n\r\n")
    return section, rest


@pytest.mark.parametrize(
    ("answer", "method", "minor", "framing", "body"),
    [
        (Answer(200, body=b"abc"), "GET", 1, b"Content-Length: 3", b"abc"),
        (Answer(200, body=b"abc"), "HEAD", 1, b"Content-Length: 3", b""),
        (Answer(200, body=b"abc", chunked=True), "GET", 1, b"Transfer-Encoding: chunked", b"3\r\nabc\r\n0\r\n\r\n"),
        (Answer(200, chunked=True), "GET", 1, b"Transfer-Encoding: chunked", b"0\r\n\r\n"),
        (Answer(200, body=b"abc", chunked=True), "GET", 0, b"Content-Length: 3", b"abc"),
        (Answer(200, body=b"abc", chunked=True), "HEAD", 1, b"Transfer-Encoding: chunked", b""),
        (Answer(200, stream=iter((b"a", b"", b"b")), length=2), "GET", 1, b"Content-Length: 2", b"ab"),
        (Answer(204, chunked=True), "GET", 1, b"204 No Content", b""),
    ],
)
def test_answers_are_framed_by_what_they_answer(answer, method, minor, framing, body):
    section, rest = sent(answer, method, minor)

    assert framing in section
    assert rest == body
    assert section.count(b"Content-Length") + section.count(b"Transfer-Encoding") == (answer.status != 204)


def test_a_small_answer_is_one_piece_and_a_large_one_is_many():
    assert len(list(http1.written(Answer(200, body=b"x" * 1000), http1.Head("GET", b"/", 1)))) == 1
    stream = Answer(200, stream=iter([b"x" * 65_536] * 10), length=655_360)
    assert max(map(len, http1.written(stream, http1.Head("GET", b"/", 1)))) <= 65_536
