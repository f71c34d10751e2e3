"""A forward proxy goes where the target of a request says, and nowhere if it says nothing: not where its Host says."""

import pytest

from fail_closed.client import Client, ask
from fail_closed.http2 import Http2, untrusting
from live import live_proxy, request, wait_until

MARK = "error/sent_directly"
HOSTS = ["127.0.0.1", "localhost"]


@pytest.fixture
def forward(run):
    """A forward proxy for which both names of this machine are Jira's."""
    return run("serve", None, hosts=HOSTS)


def is_turned_away(answer):
    assert (answer.status, answer.mark) == (400, MARK)
    assert answer.field("X-Request-Id")
    return all(words in answer.told for words in ("forward proxy", "curl -x", "CONNECT", "--upstream"))


def test_what_names_its_site_goes_there(forward, upstream):
    assert ask(forward.port, request("GET", f"{upstream.url}/a", host="elsewhere.test")).status == 200
    assert upstream.request().startswith(b"GET /a HTTP/1.1\r\n")


def test_a_target_with_bytes_beyond_ascii_goes_as_it_came(forward, upstream):
    target = b"/rest/api/2/group?groupname=Gr\xfcppe"
    head = b"DELETE http://127.0.0.1:%d%b HTTP/1.1\r\nHost: jira\r\n\r\n" % (upstream.port, target)
    assert ask(forward.port, head).status == 200
    assert upstream.request().startswith(b"DELETE %b HTTP/1.1\r\n" % target)


def test_a_removed_endpoint_is_refused_whatever_its_query_has(forward, upstream):
    target = b"http://127.0.0.1:%d/rest/api/2/user/password?username=Gr\xfcn" % upstream.port
    assert ask(forward.port, b"PUT %b HTTP/1.1\r\nHost: jira\r\nContent-Length: 2\r\n\r\n{}" % target).status == 410
    assert upstream.connections == 0


@pytest.mark.parametrize(
    "target", [b"http://", b"http:///a", b"http://\xfc/a", b"http://a:b/a", b"ftp:/a", b"http://a\xfc"]
)
def test_an_absolute_target_without_a_sound_authority_is_400(forward, upstream, target):
    assert ask(forward.port, b"GET %b HTTP/1.1\r\nHost: jira\r\n\r\n" % target).status == 400
    assert upstream.connections == 0


@pytest.mark.parametrize("host", ["{upstream}", "{proxy}", "LOCALHOST:{port}", "localhost.", "jira.test", "", "a b"])
@pytest.mark.parametrize("target", ["/rest/api/2/user", "/", "//jira.test/", "*"])
def test_what_names_none_is_turned_away_whatever_its_host(forward, upstream, host, target):
    names = {"upstream": f"127.0.0.1:{upstream.port}", "proxy": f"127.0.0.1:{forward.port}", "port": forward.port}
    assert is_turned_away(ask(forward.port, request("OPTIONS", target, host=host.format(**names))))
    assert upstream.connections == 0
    forward.events(0)


@pytest.mark.parametrize(
    "raw",
    [
        b"GET / HTTP/1.0\r\n\r\n",
        b"OPTIONS / HTTP/1.1\r\n\r\n",
        request("POST", "/rest/api/2/user", '{"password": "hunter2"}'),
        request("POST", "/rest/api/2/user", "2\r\n{}\r\n0\r\n\r\n", "Transfer-Encoding: chunked"),
        b"POST /a HTTP/1.1\r\nHost: jira\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
    ids=["health check", "no Host", "body", "chunked", "expects", "h2c"],
)
def test_so_is_whatever_else_was_meant_for_the_site(forward, upstream, raw):
    assert is_turned_away(ask(forward.port, raw))
    assert upstream.connections == 0


def test_head_has_no_body(forward, upstream):
    with Client(forward.port) as client:
        answer = client.send(b"HEAD / HTTP/1.1\r\nHost: jira\r\n\r\n").answer("HEAD")
        assert (answer.status, answer.mark, client.rest()) == (400, MARK, b"")


def test_who_only_observes_turns_it_away_too(run, upstream):
    proxy = run("serve", None, hosts=HOSTS, mode="observe")
    assert is_turned_away(ask(proxy.port, request("GET", "/a", host=f"127.0.0.1:{upstream.port}")))
    assert upstream.connections == 0


def test_over_tls_too(forward, upstream):
    """As from a client for which the site's name leads to the proxy."""
    without_http2 = untrusting()
    without_http2.set_alpn_protocols(["http/1.1"])
    with Client(forward.port, tls=without_http2) as client:
        assert is_turned_away(client.send(request("GET", "/a", host=f"localhost:{upstream.port}")).answer())
    assert upstream.connections == 0


def test_in_http2_the_authority_names_the_site(forward, upstream):
    with Http2(forward.port) as client:
        site = (b"http", f"127.0.0.1:{upstream.port}".encode())
        assert client.status(client.request(b"GET", b"/a", site=site)) == 200
    assert upstream.request().startswith(b"GET /a HTTP/1.1\r\n")


def test_nor_does_it_go_round_in_a_circle_there(forward, upstream):
    with Http2(forward.port) as client:
        stream = client.request(b"GET", b"/a", site=(b"http", f"LOCALHOST:{forward.port}".encode()))
        assert client.status(stream) == 400
        assert client.fields[stream][b"x-jira-compat"] == MARK.encode()
    assert upstream.connections == 0


@pytest.mark.parametrize(
    ("target", "host", "times"),
    [
        ("/a", "127.0.0.1:{}", 1),
        ("/a", "LOCALHOST:{}", 1),
        ("http://LOCALHOST:{}/a", "LOCALHOST:{}", 2),  # a name by which mitmproxy does not know its own address
    ],
)
def test_no_request_goes_round_in_a_circle(tmp_path, confdir, target, host, times):
    options = {"hosts": HOSTS, "confdir": confdir, "log_level": "info"}
    with live_proxy("serve", tmp_path / "events.jsonl", upstream=None, options=options) as live:
        assert is_turned_away(ask(live.port, request("GET", target.format(live.port), host=host.format(live.port))))
        wait_until(lambda: live.text().count("client disconnect") >= times, "every connection to end")
    assert live.text().count("client connect") == times


def test_who_asks_the_proxy_for_itself_is_told_so(forward):
    answer = ask(forward.port, request("GET", f"http://127.0.0.1:{forward.port}/a"))
    assert (answer.status, answer.mark) == (502, "error/upstream_failed")
    assert answer.told.endswith(f"127.0.0.1:{forward.port}: that is this proxy itself.")


def test_mitmdump_goes_where_host_says(run, upstream):
    proxy = run("mitmdump", None, hosts=HOSTS)
    assert ask(proxy.port, request("GET", "/a", host=f"127.0.0.1:{upstream.port}")).status == 200
    assert upstream.connections == 1


def test_in_a_tunnel_the_site_is_known(forward, upstream):
    with Client(forward.port) as client:
        tunnel = f"CONNECT 127.0.0.1:{upstream.port} HTTP/1.1\r\n\r\n"
        assert client.send(tunnel.encode()).answer("CONNECT").status == 200
        assert client.send(request("GET", "/a")).answer().status == 200
    assert upstream.connections == 1
