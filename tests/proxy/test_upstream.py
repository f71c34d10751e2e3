import asyncio
import logging
import ssl

import pytest

from fail_closed.upstream import Upstream as Listener
from fail_closed.upstream import answers, resets, silent
from jira_compat.model import Request
from jira_compat.proxy.upstream import (
    CONNECTIONS,
    LargeAnswerError,
    Origin,
    Upstream,
    UpstreamError,
    UpstreamTimeoutError,
    steps_headers,
    tls_context,
)

ASK = Request("POST", b"/rest/api/2/%e2//x;y?a=%zz", ((b"Content-Length", b"2"), (b"X-A", b"\xfc")), b"{}")


@pytest.fixture
def site():
    with Listener() as listener:
        yield listener


def up_to(limit):
    """Hold so many bytes and no more."""
    length = 0

    def hold(more):
        nonlocal length
        length += more
        if length > limit:
            raise LargeAnswerError

    return hold


def send(site, request=ASK, *, limit=1000, seconds=30.0, times=1):
    async def sending():
        upstream = Upstream(ssl.create_default_context())
        origin = Origin("http", "127.0.0.1", site.port, "jira.example.com")
        try:
            return [
                await upstream.send(origin, request, client="c", hold=up_to(limit), seconds=seconds)
                for _ in range(times)
            ][-1]
        finally:
            await upstream.close()

    return asyncio.run(sending())


def test_the_bytes_on_the_wire_are_those_of_the_request(site, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    send(site)
    assert site.request() == (
        b"POST /rest/api/2/%e2//x;y?a=%zz HTTP/1.1\r\nHost: jira.example.com\r\n"
        b"Content-Length: 2\r\nX-A: \xfc\r\n\r\n{}"
    )


def test_an_answer_comes_without_the_fields_of_its_connection(site):
    site.script = answers(
        b"HTTP/1.1 302 Found\r\nTransfer-Encoding: chunked\r\nConnection: X-Hop\r\nX-Hop: 1\r\n"
        b"Location: http://elsewhere/\r\nSet-Cookie: a=b\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    )
    response = send(site)
    assert (response.status, response.body) == (302, b"abc")
    assert response.headers == (
        (b"Location", b"http://elsewhere/"),
        (b"Set-Cookie", b"a=b"),
        (b"Content-Length", b"3"),
    )
    assert site.connections == 1


def test_no_level_of_the_log_has_header_fields(site, caplog):
    caplog.set_level(logging.DEBUG)
    site.script = answers(b"HTTP/1.1 200 OK\r\nSet-Cookie: hunter2-7f3a\r\nContent-Length: 0\r\n\r\n")
    send(site, Request("POST", b"/", ((b"Authorization", b"hunter2-7f3a"), (b"Content-Length", b"0"))))
    assert "hunter2" not in caplog.text


def test_no_cookie_is_kept_and_nothing_is_decoded(site):
    body = b"\x1f\x8b no gzip"
    site.script = answers(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nSet-Cookie: a=b\r\nContent-Length: %d\r\n\r\n%s"
        % (len(body), body)
    )
    assert send(site, times=2).body == body
    assert b"ookie" not in site.received


@pytest.mark.parametrize(("limit", "fits"), [(4, True), (3, False)])
def test_an_answer_is_held_up_to_its_limit(site, limit, fits):
    site.script = answers(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd")
    if fits:
        assert send(site, limit=limit).body == b"abcd"
    else:
        with pytest.raises(LargeAnswerError):
            send(site, limit=limit)


def test_a_site_that_says_nothing_is_late(site):
    site.script = silent
    with pytest.raises(UpstreamTimeoutError):
        send(site, seconds=0.2)


@pytest.mark.parametrize("script", [resets, answers(b"hunter2 is no HTTP\r\n\r\n")])
def test_a_site_that_breaks_is_an_error_that_quotes_nothing(site, script):
    site.script = script
    with pytest.raises(UpstreamError) as caught:
        send(site)
    assert str(caught.value) == "the connection failed"


UNCHECKED = (b"X-Atlassian-Token", b"no-check")


@pytest.mark.parametrize(
    ("sent", "passed"),
    [
        ((), ()),
        (((b"User-Agent", b"python-requests/2.9"),), ((b"User-Agent", b"python-requests/2.9"),)),
        (((b"user-agent", b"Mozilla/5.0 (X11)"),), ((b"User-Agent", b"jira-compat"),)),
        (((b"X-Atlassian-Token", b"x"),), ()),
    ],
)
def test_steps_are_never_taken_for_a_browsers(sent, passed):
    assert steps_headers(sent) == (*passed, UNCHECKED)


def test_steps_have_who_and_what_language_of_their_client():
    fields = [
        (b"Authorization", b"a"),
        (b"COOKIE", b"b"),
        (b"Accept-Language", b"c"),
        (b"X-Request-Id", b"d"),
        (b"traceparent", b"e"),
    ]
    others = [
        (b"Range", b"x"),
        (b"If-None-Match", b"x"),
        (b"Connection", b"x"),
        (b"Content-Type", b"x"),
        (b"X-HTTP-Method-Override", b"PUT"),
        (b"Accept-Encoding", b"gzip"),
        (b"Proxy-Authorization", b"x"),
    ]
    assert steps_headers((*fields, *others)) == (*fields, UNCHECKED)


def test_certificates_are_checked_unless_told_otherwise():
    assert tls_context({}).verify_mode is ssl.CERT_REQUIRED
    assert tls_context({"ssl_insecure": True}).verify_mode is ssl.CERT_NONE


def test_clients_take_turns_for_connections(site):
    """One that asks for much does not make another wait for all of it."""
    served = []

    async def sending():
        upstream = Upstream(ssl.create_default_context())
        origin = Origin("http", "127.0.0.1", site.port, "jira.example.com")

        async def ask(client):
            await upstream.send(origin, ASK, client=client, hold=up_to(1000), seconds=30)
            served.append(client)

        try:
            await asyncio.gather(*(ask("busy") for _ in range(10 * CONNECTIONS)), ask("modest"))
        finally:
            await upstream.close()

    asyncio.run(sending())
    assert site.connections <= CONNECTIONS
    assert served.index("modest") < 5 * CONNECTIONS
