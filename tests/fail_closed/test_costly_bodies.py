"""Bodies that are small to send and costly to read: refused at a bound, below which they are read."""

import gzip
import json

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard

from fail_closed.client import ask
from live import request

ENDPOINT = "/rest/api/2/user"
JSON = "Content-Type: application/json"
CODINGS = {"gzip": gzip.compress, "br": brotli.compress, "zstd": zstandard.compress}
SOUND = b'{"name":"fred","password":"hunter2-7f3a","x":%b}'


def post(body: bytes, *fields: str) -> bytes:
    head = "\r\n".join([f"POST {ENDPOINT} HTTP/1.1", "Host: jira", f"Content-Length: {len(body)}", *fields, "", ""])
    return head.encode() + body


def nested(depth: int) -> bytes:
    return SOUND % (b"[" * depth + b"]" * depth)


def deep(number: int) -> bytes:
    return SOUND % (b"[" + b",".join([b"[[[1]]]"] * number) + b"]")


JUST_WITHIN = {
    "levels": nested(999),
    "steps": deep(24_000),
    "names": SOUND % (b'{"' + b"a" * 9_998 + b'":[[[1]]]}'),
}
JUST_BEYOND = {
    "levels": (nested(1000), "its JSON nests deeper than 1000 levels"),
    "steps": (deep(34_000), "reading its JSON takes more than 100000 steps"),
    "names": (b'{"' + b"\\u0061" * 1_667 + b'":1}', "a name in its JSON has more than 10000 bytes"),
}


@pytest.mark.parametrize("body", JUST_WITHIN.values(), ids=JUST_WITHIN)
def test_what_is_within_the_bounds_is_read(proxy, upstream, body):
    assert ask(proxy.port, post(body, JSON)).status == 200

    sent = upstream.request().partition(b"\r\n\r\n")[2]
    assert sent == body.replace(b'"password":"hunter2-7f3a",', b"")


@pytest.mark.parametrize(("body", "told"), JUST_BEYOND.values(), ids=JUST_BEYOND)
@pytest.mark.parametrize("coding", ["identity", *CODINGS])
def test_what_is_beyond_a_bound_is_refused(proxy, upstream, body, told, coding):
    sent = CODINGS[coding](body) if coding in CODINGS else body

    answer = ask(proxy.port, post(sent, JSON, f"Content-Encoding: {coding}"))

    assert (answer.status, answer.mark) == (400, "error/unreadable_body")
    assert told in answer.told
    assert upstream.connections == 0


@pytest.mark.parametrize("coding", CODINGS)
def test_what_is_too_dense_is_413(proxy, upstream, coding):
    body = CODINGS[coding](b'{"name":"%b"}' % (b"a" * 9_000_000))

    answer = ask(proxy.port, post(body, JSON, f"Content-Encoding: {coding}"))

    assert (answer.status, answer.mark) == (413, "error/too_large")
    assert "it is larger than 250 times its compressed size" in answer.told
    assert upstream.connections == 0


@pytest.mark.parametrize("coding", CODINGS)
def test_what_is_dense_as_texts_are_passes(proxy, upstream, coding):
    text = json.dumps([{"id": number, "name": f"user {number}"} for number in range(30_000)]).encode()

    assert ask(proxy.port, post(CODINGS[coding](SOUND % text), JSON, f"Content-Encoding: {coding}")).status == 200


def test_a_large_body_is_judged_as_a_small_one_is(proxy, upstream):
    large = SOUND % (b'"' + b"a" * 5_000_000 + b'"')

    assert ask(proxy.port, post(large, JSON)).status == 200
    assert b"hunter2" not in upstream.request()
    assert ask(proxy.port, request("GET", "/rest/api/2/myself")).status == 200
    event = proxy.event()
    assert (event["event"], event["fields"]) == ("fields_removed", ["/password"])
