"""Links through real proxies: clients stay at the proxy, and what is no link stays as it was."""

import gzip
import json
import threading
from contextlib import closing
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from live import live_proxy

ELSEWHERE = "https://api.atlassian.com/ex/jira/1324a887"
LARGE = 20_000


class Site(ThreadingHTTPServer):
    """Gives one answer, and keeps what reached it."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer, self.got = ((), b""), []


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Site

    def do_POST(self):
        self.server.got.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
        fields, body = self.server.answer
        self.send_response(201)
        for name, value in (*fields, ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def upstream():
    server = Site()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module", params=[("serve", "on"), ("serve", "off"), ("mitmdump", "on")], ids=" ".join)
def site(request, upstream, tmp_path_factory):
    """A proxy, whether it turns links, and the site behind it."""
    kind, links = request.param
    folder = tmp_path_factory.mktemp("links")
    url = f"http://127.0.0.1:{upstream.server_port}"
    options = {"links": links, "site_url": ELSEWHERE, "max_body": LARGE, "confdir": folder}
    with live_proxy(kind, folder / "events.jsonl", upstream=url, options=options) as proxy:
        yield proxy, links == "on", upstream, url


def ask(site, body, *fields, sent=b"", headers=None):
    """The header fields and the body of the answer, and the request that reached the site."""
    proxy, _, upstream, _ = site
    upstream.answer, upstream.got = (fields, body), []
    with closing(HTTPConnection("127.0.0.1", proxy.port, timeout=20)) as client:
        client.request("POST", "/rest/api/2/issue", sent, headers or {})
        answer = client.getresponse()
        [got] = upstream.got
        return answer.headers, answer.read(), got


JSON = ("Content-Type", "application/json;charset=UTF-8")


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_links_in_json(site, packed):
    proxy, on, _, url = site
    text = '{"self":"%s/rest/api/2/issue/1", "next": "%s/rest/x", "note":"see %s/browse/A-1", "n":1e400}'
    body = (text % (url, ELSEWHERE, url)).encode()
    fields, got, _ = ask(
        site, gzip.compress(body) if packed else body, JSON, *([("Content-Encoding", "gzip")] if packed else [])
    )
    assert fields["Content-Length"] == str(len(got))
    assert (gzip.decompress(got) if packed else got) == ((text % (proxy.url, proxy.url, url)).encode() if on else body)


def test_header_fields(site):
    proxy, on, _, url = site
    home = proxy.url if on else url
    fields, _, _ = ask(
        site,
        b"",
        ("Location", f"{url}/browse/A-1"),
        ("Link", f'<{url}/rest?page=2>; rel="next"'),
        ("Set-Cookie", "JSESSIONID=1; Domain=127.0.0.1; Path=/; Secure; HttpOnly"),
    )
    assert (fields["Location"], fields["Link"]) == (f"{home}/browse/A-1", f'<{home}/rest?page=2>; rel="next"')
    attributes = " Path=/; HttpOnly" if on else " Domain=127.0.0.1; Path=/; Secure; HttpOnly"
    assert fields["Set-Cookie"] == f"JSESSIONID=1;{attributes}"


def test_of_a_request_only_origin_and_referer_are_turned_back(site):
    proxy, on, _, url = site
    sent = json.dumps({"self": f"{proxy.url}/rest", "note": f"see {proxy.url}/browse/A-1"}).encode()
    headers = {"Origin": proxy.url, "Referer": f"{proxy.url}/browse/A-1", "X-Page": f"{proxy.url}/", **dict([JSON])}
    _, _, (got, body) = ask(site, b"", sent=sent, headers=headers)
    home = url if on else proxy.url
    assert (got["Origin"], got["Referer"], got["X-Page"]) == (home, f"{home}/browse/A-1", f"{proxy.url}/")
    assert body == sent


@pytest.mark.parametrize("media", ["application/octet-stream", "text/html", "image/png"])
def test_other_bodies_stay(site, media):
    _, _, _, url = site
    body = f'\0\xff{{"self":"{url}/rest"}}'.encode("latin-1")
    assert ask(site, body, ("Content-Type", media))[1] == body


def test_json_without_a_link_stays_byte_for_byte(site):
    body = gzip.compress(b'{"a" : 1.0,"a":2, "self":"https://other.example/rest"}', 1, mtime=7)
    assert ask(site, body, JSON, ("Content-Encoding", "gzip"))[1] == body


def test_json_that_is_too_large_passes_and_is_told_of(site):
    proxy, on, _, url = site
    before = len(proxy.events())
    body = json.dumps({"self": f"{url}/rest", "pad": "x" * LARGE}).encode()
    assert ask(site, body, JSON)[1] == body
    if on:
        assert proxy.event(before + 1)["event"] == "links_left"
    else:
        assert len(proxy.events()) == before
