"""Health and metrics of a running proxy, and that they are nowhere else."""

import contextlib
import http.client
import json
import re
import signal
import socket
import threading
from contextlib import closing, contextmanager

import pytest

from e2e.several import get, samples
from live import PATIENCE, exchange, live_proxy, request, status, wait_until

PAGES = ["/healthz", "/readyz", "/metrics"]
_ADMIN = re.compile(r"health and metrics on http://127\.0\.0\.1:(\d+)\n")


class Slow:
    """An upstream that answers when it is told to."""

    def __init__(self):
        self.may_answer = threading.Event()
        self.paths = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._listen, daemon=True)]

    def __enter__(self):
        self._threads[0].start()
        return self

    def __exit__(self, *_):
        self.may_answer.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(PATIENCE)

    @property
    def url(self):
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def _listen(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                thread = threading.Thread(target=self._answer, args=(connection,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _answer(self, connection):
        with connection, connection.makefile("rb") as lines:
            line = lines.readline().split()
            while lines.readline().strip():
                pass
            self.paths.append(line[1].decode())
            assert self.may_answer.wait(PATIENCE)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\nConnection: close\r\n\r\nupstream")


@contextmanager
def administered(tmp_path, upstream, **options):
    options = {"admin": "127.0.0.1:0", "confdir": tmp_path / "confdir", **options}
    with live_proxy("serve", tmp_path / "events.jsonl", upstream=upstream, options=options) as proxy:
        found = _ADMIN.search(proxy.text())
        assert found is not None, proxy.text()
        yield proxy, int(found[1])


@pytest.fixture(scope="module")
def upstream():
    with Slow() as slow:
        slow.may_answer.set()
        yield slow


@pytest.fixture(scope="module")
def both(tmp_path_factory, upstream):
    """A reverse proxy, and the port of its pages."""
    with administered(tmp_path_factory.mktemp("admin"), upstream.url) as both:
        yield both


def test_without_the_option_there_is_nothing(run, jira):
    assert not _ADMIN.search(run("serve", jira.url).text())


def test_it_is_alive_and_ready(both):
    proxy, admin = both
    assert get(admin, "/healthz") == (200, '{"alive": true}\n')
    code, ready = get(admin, "/readyz")
    [loaded] = (event for event in proxy.all_events() if event["event"] == "policies_loaded")
    assert code == 200
    assert json.loads(ready) == {"ready": True, "policies": loaded["digest"], "rules": loaded["rules"]}
    assert samples(admin)["jira_compat_policies_info", loaded["digest"]] == 1


def test_requests_are_counted_and_not_told_of(both):
    proxy, admin = both
    before = samples(admin)
    assert status(exchange(proxy.port, request("PUT", "/rest/api/2/user/password?username=tulip7"))) == 410
    assert status(exchange(proxy.port, request("GET", "/rest/api/2/issue/TULIP-7"))) == 200
    assert status(exchange(proxy.port, request("POST", "/rest/api/2/user", "{", "Content-Type: text/json"))) == 400
    after = samples(admin)
    assert {
        name: value - before.get(name, 0)
        for name, value in after.items()
        if name[0].endswith(("_total", "_count")) and name[0].startswith("jira_") and value != before.get(name)
    } == {
        ("jira_compat_requests_total",): 3,
        ("jira_compat_rule_matches_total", "respond", "removed", "user-management", "refuse-password-change"): 1,
        (
            "jira_compat_rule_matches_total",
            "remove",
            "modified",
            "user-management",
            "ignore-password-on-user-create",
        ): 1,
        ("jira_compat_refusals_total", "rule"): 1,
        ("jira_compat_refusals_total", "unreadable_body"): 1,
        ("jira_compat_decision_seconds_count",): 4,
    }
    assert after["jira_compat_requests_in_flight",] == 0
    text = get(admin, "/metrics")[1]
    assert "tulip" not in text.lower()
    assert "127.0.0.1" not in text


def test_connections_turned_away_are_counted(tmp_path, upstream):
    with administered(tmp_path, upstream.url, max_connections=1) as (proxy, admin):
        with closing(_connected(proxy.port)):
            assert exchange(proxy.port, request("GET", "/rest")) == b""
        assert samples(admin)["jira_compat_connections_turned_away_total",] == 1


def test_policies_that_were_rejected_are_seen(tmp_path, upstream):
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "one.yaml").write_text(
        "policy: p\ntitle: T\nsource: https://example.com\nrules:\n"
        "  - {id: r, endpoint: GET /rest/api/2/user, change: unchanged, why: Why.}\n"
    )
    with administered(tmp_path, upstream.url, policies=folder) as (proxy, admin):
        (folder / "two.yaml").write_text("policy: [")
        proxy.process.send_signal(signal.SIGHUP)
        wait_until(lambda: samples(admin)["jira_compat_reloads_total", "rejected"], "the rejection")
        assert samples(admin)["jira_compat_policies_current",] == 0
        assert get(admin, "/readyz")[0] == 200
        (folder / "two.yaml").unlink()
        wait_until(lambda: samples(admin)["jira_compat_policies_current",], "the end of it")


@pytest.mark.parametrize("path", PAGES)
def test_a_reverse_proxys_own_port_has_none_of_it(path, both, upstream):
    proxy, admin = both
    before = len(upstream.paths)
    assert exchange(proxy.port, request("GET", path)).endswith(b"upstream")
    absolute = request("GET", f"http://127.0.0.1:{admin}{path}", host=f"127.0.0.1:{admin}")
    assert exchange(proxy.port, absolute).endswith(b"upstream")
    assert upstream.paths[before:] == [path] * 2


def test_a_forward_proxy_is_no_way_to_it(tmp_path):
    with administered(tmp_path, None) as (proxy, admin):
        for host in ("127.0.0.1", "localhost", "127.1", "0.0.0.0", "[::ffff:127.0.0.1]"):
            for path in PAGES:
                asked = request("GET", f"http://{host}:{admin}{path}", host=f"{host}:{admin}")
                assert status(exchange(proxy.port, asked)) == 502, host
        tunnel = f"CONNECT 127.0.0.1:{admin} HTTP/1.1\r\nHost: 127.0.0.1:{admin}\r\n\r\n".encode()
        established, _, inside = exchange(proxy.port, tunnel + request("GET", "/metrics")).partition(b"\r\n\r\n")
        assert (status(established), status(inside)) == (200, 502)
        assert get(admin, "/healthz")[0] == 200


def test_while_it_drains_it_says_so(tmp_path, upstream):
    upstream.may_answer.clear()
    upstream.paths.clear()
    with administered(tmp_path, upstream.url) as (proxy, admin), closing(_connected(proxy.port)) as client:
        client.sendall(request("GET", "/rest/api/2/issue/A"))
        wait_until(lambda: upstream.paths, "the request to reach Jira")
        assert samples(admin)["jira_compat_requests_in_flight",] == 1
        proxy.process.send_signal(signal.SIGTERM)
        wait_until(lambda: get(admin, "/readyz")[0] == 503, "it to drain")
        assert get(admin, "/readyz") == (503, '{"ready": false, "reason": "draining"}\n')
        assert get(admin, "/healthz")[0] == 200
        assert samples(admin)["jira_compat_requests_in_flight",] == 1
        upstream.may_answer.set()
        answer = http.client.HTTPResponse(client)
        answer.begin()
        assert answer.read() == b"upstream"
        assert proxy.process.wait(PATIENCE) == 0
        with pytest.raises(ConnectionRefusedError):
            get(admin, "/healthz")


def test_an_address_that_is_taken_ends_the_start(tmp_path, upstream):
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(AssertionError) as caught,
            live_proxy("serve", tmp_path / "e", upstream=upstream.url, options={"admin": port, "confdir": tmp_path}),
        ):
            pass
    line = f"--admin: 127.0.0.1:{port} cannot be listened on (address already in use); choose another address"
    assert f"jira-compat: {line}" in str(caught.value)


def _connected(port):
    return socket.create_connection(("127.0.0.1", port), PATIENCE)
