"""Old search calls through real proxies, in front of a stand-in that refuses what today's Cloud refuses."""

import contextlib
import json
import re
import shutil
import threading
from base64 import b64encode
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import quote

import pytest
import requests

from fail_closed.upstream import Call, Upstream
from jira_compat.standin import StandIn
from live import PATIENCE, ROOT, live_proxy, wait_until

LOGIN = {"Authorization": "Basic " + b64encode(b"admin@example.com:admin-token").decode()}
JQL = "project = DEMO ORDER BY key"
COUNT = 120


@pytest.fixture(scope="module")
def site():
    with StandIn("cloud-today") as standin:
        standin.seed_issues(COUNT)
        yield standin


@pytest.fixture(scope="module", params=["serve", "two workers", "mitmdump"])
def proxy(request, site, tmp_path_factory):
    folder = tmp_path_factory.mktemp("translate")
    kind = "mitmdump" if request.param == "mitmdump" else "serve"
    options = {"confdir": folder, **({"workers": 2} if request.param == "two workers" else {})}
    with live_proxy(kind, folder / "events.jsonl", upstream=site.url, options=options) as live:
        yield live
    assert "Traceback" not in live.text()


def port_of(site):
    return int(site.url.rpartition(":")[2])


def events(live, number, name="request_translated"):
    """The events of this name, once there are so many."""

    def found():
        return [event for event in live.events() if event["event"] == name]

    wait_until(lambda: len(found()) >= number, f"{number} events")
    assert len(found()) == number
    return found()


def ask(port, path, document=None, method=None, login=LOGIN):
    with closing(HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as client:
        body = None if document is None else json.dumps(document)
        headers = {**login, **({} if body is None else {"Content-Type": "application/json"})}
        client.request(method or ("GET" if body is None else "POST"), path, body, headers)
        answer = client.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()


def by_get(port, start, size, version="2"):
    status, headers, body = ask(
        port, f"/rest/api/{version}/search?jql={quote(JQL)}&startAt={start}&maxResults={size}&fields=summary"
    )
    assert status == 200, body
    assert headers["X-Jira-Compat"] == "search/translate-search"
    return json.loads(body)


def by_post(port, start, size, version="2"):
    call = {"jql": JQL, "startAt": start, "maxResults": size, "fields": ["summary"]}
    status, _, body = ask(port, f"/rest/api/{version}/search", call)
    assert status == 200, body
    return json.loads(body)


def loop(page, port, size):
    """A loop as scripts write it."""
    keys: list[str] = []
    pages = 0
    while True:
        found = page(port, len(keys), size)
        keys += [issue["key"] for issue in found["issues"]]
        pages += 1
        if len(keys) >= found["total"]:
            return keys, pages


ALL = [f"DEMO-{number}" for number in range(1, COUNT + 1)]


def test_straight_to_the_site_the_old_search_is_gone(site):
    assert ask(port_of(site), f"/rest/api/2/search?jql={quote(JQL)}")[0] == 410


@pytest.mark.parametrize("page", [by_get, by_post])
@pytest.mark.parametrize("size", [50, 7, 120, 1000])
def test_a_loop_gets_every_issue_once_and_in_order(proxy, page, size):
    keys, pages = loop(page, proxy.port, size)
    assert keys == ALL
    assert pages == -(-COUNT // size)


@pytest.mark.parametrize("version", ["2", "3", "latest"])
def test_every_version_jumps_to_any_page(proxy, version):
    found = by_get(proxy.port, 110, 50, version)
    assert [issue["key"] for issue in found["issues"]] == ALL[110:]
    assert (found["startAt"], found["maxResults"], found["total"]) == (110, 50, COUNT)
    assert by_post(proxy.port, 500, 50, version)["issues"] == []


def test_eight_loops_at_once(proxy):
    results = []
    threads = [
        threading.Thread(target=lambda size=size: results.append(loop(by_get, proxy.port, size)[0]))
        for size in (10, 20, 30, 40, 50, 60, 70, 80)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert results == [ALL] * 8


def test_links_lead_to_the_proxy(proxy):
    found = by_get(proxy.port, 0, 1)
    assert found["issues"][0]["self"].startswith(f"http://127.0.0.1:{proxy.port}/rest/api/2/issue/")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_browsers_search_is_not_taken_for_a_forged_one(proxy, site, method):
    login = LOGIN | {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/126.0.0.0"}
    document = {"jql": JQL, "maxResults": 5}
    assert ask(port_of(site), "/rest/api/2/search/jql", document, login=login)[::2] == (403, b"XSRF check failed")
    if method == "GET":
        answer = ask(proxy.port, f"/rest/api/2/search?jql={quote(JQL)}&maxResults=5", login=login)
    else:
        answer = ask(proxy.port, "/rest/api/2/search", document, login=login)
    assert (answer[0], json.loads(answer[2])["total"]) == (200, COUNT)


@pytest.mark.parametrize("kind", ["serve", "mitmdump"])
@pytest.mark.parametrize("way", ["reverse", "forward", "reverse, untrusted"])
def test_its_own_requests_speak_tls_as_the_proxy_does(kind, way, certificate, confdir, tmp_path):
    with StandIn("cloud-today", tls=certificate) as standin, requests.Session() as client:
        standin.seed_issues(3)
        url = standin.url.replace("127.0.0.1", "localhost") if way == "forward" else standin.url
        options = {"confdir": confdir} | ({} if way == "reverse, untrusted" else {"upstream_ca": certificate[0]})
        options |= {"hosts": ["localhost"]} if way == "forward" else {}
        upstream = None if way == "forward" else url
        with live_proxy(kind, tmp_path / "e.jsonl", upstream=upstream, options=options) as live:
            client.trust_env = False
            client.headers.update(LOGIN)
            if way == "forward":
                client.proxies, client.verify = {"https": live.url}, str(confdir / "mitmproxy-ca-cert.pem")
            site = url if way == "forward" else live.url
            answer = client.get(f"{site}/rest/api/2/search", params={"jql": JQL}, timeout=PATIENCE)
    if way == "reverse, untrusted":
        assert (answer.status_code, answer.headers["X-Jira-Compat"]) == (502, "error/upstream_failed")
        assert standin.received == []
    else:
        assert (answer.status_code, answer.json()["total"]) == (200, 3)
        link = answer.json()["issues"][0]["self"]
        assert link.startswith(standin.url if way == "forward" else live.url)
        assert [call.header("Host") for call in standin.received] == [url.removeprefix("https://")]


def test_a_wrong_token_is_answered_as_the_site_answers_it(proxy, site):
    login = {"Authorization": "Basic " + b64encode(b"admin@example.com:hunter2").decode()}
    path = f"/rest/api/2/search/jql?jql={quote(JQL)}"
    direct = ask(port_of(site), path, login=login)
    status, headers, body = ask(proxy.port, f"/rest/api/2/search?jql={quote(JQL)}", login=login)
    assert (status, body) == (direct[0], direct[2])
    assert headers["Content-Type"] == direct[1]["Content-Type"]


def test_head_has_no_content(proxy):
    status, headers, body = ask(proxy.port, f"/rest/api/2/search?jql={quote(JQL)}&maxResults=5", method="HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) > 1000


def test_what_was_created_through_the_proxy_is_found_and_counted_at_once(tmp_path):
    with StandIn("cloud-today") as standin:
        standin.seed_issues(3)
        standin.index.delay = float("inf")
        with live_proxy("serve", tmp_path / "e.jsonl", upstream=standin.url, options={"confdir": tmp_path}) as live:
            fields = {"project": {"key": "DEMO"}, "summary": "new", "issuetype": {"name": "Task"}}
            status, _, body = ask(live.port, "/rest/api/2/issue", {"fields": fields})
            assert status == 201, body
            key = json.loads(body)["key"]
            found = by_get(live.port, 0, 50)
            counted = by_get(live.port, 0, 0)
    assert key in [issue["key"] for issue in found["issues"]]
    assert (found["total"], counted["total"]) == (4, 4)


@pytest.mark.parametrize("path", ["/rest/api/2/search.json", "/rest/api/2.0/search", "//rest/api/2.0.alpha1//search/"])
def test_every_spelling_of_the_endpoint_is_translated(proxy, path):
    status, _, body = ask(proxy.port, f"{path}?jql={quote(JQL)}&maxResults=2")
    assert (status, json.loads(body)["total"]) == (200, COUNT)


@pytest.mark.parametrize("by_token", [False, True])
def test_a_tool_that_was_migrated_by_half_gets_every_issue(proxy, by_token):
    keys: list[str] = []
    for _ in range(3):
        where = {"nextPageToken": str(len(keys))} if by_token and keys else {"startAt": len(keys)}
        call = {"jql": JQL, "maxResults": 50, "fields": ["summary"], "expand": ["names"], **where}
        status, _, body = ask(proxy.port, "/rest/api/3/search/jql", call)
        assert status == 200, body
        page = json.loads(body)
        keys += [issue["key"] for issue in page["issues"]]
    assert keys == ALL
    assert (page["isLast"], page["total"], "nextPageToken" in page) == (True, COUNT, False)


def test_a_right_call_of_todays_search_is_forwarded_as_it_came(proxy, site):
    body = '{"jql" : "project = DEMO","maxResults":5, "fields":["summary"]}'
    with closing(HTTPConnection("127.0.0.1", proxy.port, timeout=PATIENCE)) as client:
        client.request("POST", "/rest/api/3/search/jql", body, {**LOGIN, "Content-Type": "application/json"})
        answer = client.getresponse()
        assert (answer.status, answer.getheader("X-Jira-Compat")) == (200, None)
        answer.read()
    assert site.received[-1].body == body.encode()


def test_one_event_for_each_call(site, tmp_path):
    with live_proxy("serve", tmp_path / "events.jsonl", upstream=site.url, options={"confdir": tmp_path}) as live:
        by_get(live.port, 0, 50)
        by_get(live.port, 50, 50)
        found = events(live, 2)
    assert [(event["upstream.requests"], event["upstream.statuses"], event["search.total"]) for event in found] == [
        (2, [200, 200], "exact"),
        (1, [200], "remembered"),
    ]
    assert {event["translation"] for event in found} == {"search"}
    assert "DEMO" not in json.dumps(found)


def test_large_pages_are_read_apart_and_are_the_same(tmp_path):
    with StandIn("cloud-today") as standin:
        standin.seed_issues(60, description=20_000)
        with live_proxy("serve", tmp_path / "e.jsonl", upstream=standin.url, options={"confdir": tmp_path}) as live:
            path = f"/rest/api/2/search?jql={quote(JQL)}&fields=*all&maxResults=30&startAt="
            pages = [ask(live.port, f"{path}{start}") for start in (0, 30, 20)]
    assert [status for status, _, _ in pages] == [200] * 3
    assert all(len(body) > 500_000 for _, _, body in pages)
    keys = [[issue["key"] for issue in json.loads(body)["issues"]] for _, _, body in pages]
    assert keys == [ALL[:30], ALL[30:60], ALL[20:50]]


def test_metrics_and_limits(site, tmp_path):
    options = {"confdir": tmp_path, "admin": "127.0.0.1:0", "translate_limit": ["requests=2", "time=50s"]}
    with live_proxy("serve", tmp_path / "events.jsonl", upstream=site.url, options=options) as live:
        by_get(live.port, 0, 50)
        by_get(live.port, 50, 50)
        by_get(live.port, 50, 50)
        status, headers, body = ask(live.port, f"/rest/api/2/search?jql={quote(JQL)}&startAt=3&maxResults=101")
        assert (status, headers["X-Jira-Compat"]) == (400, "error/too_many_steps")
        assert "more than 2 requests" in body.decode()
        [admin] = re.findall(r"health and metrics on http://127\.0\.0\.1:(\d+)\n", live.text())
        page = ask(int(admin), "/metrics")[2].decode()
    for line in (
        'jira_compat_translations_total{translation="search"} 4.0',
        "jira_compat_translation_steps_total 5.0",
        'jira_compat_translation_failures_total{reason="too_many_steps"} 1.0',
        'jira_compat_translation_cursors_total{result="hit"} 2.0',
        'jira_compat_translation_cursors_total{result="miss"} 1.0',
    ):
        assert line in page, page


AGAINST = """\
policy: own
title: Our own
source: https://example.com
rules:
  - id: no-bulk
    endpoint: POST /rest/api/{2|3|latest}/issue/bulkfetch
    change: removed
    why: Too much.
    respond: {status: 410}
    examples:
      - {name: it, request: {json: {}}, answers: 410}
      - {name: another, request: {path: /rest/api/2/issue}, forwards: unchanged}
"""


def test_a_rule_against_a_step_is_a_502_that_names_both(site, tmp_path):
    policies = tmp_path / "policies"
    shutil.copytree(ROOT / "policies", policies)
    (policies / "own.yaml").write_text(AGAINST)
    options = {"confdir": tmp_path, "policies": policies}
    with live_proxy("serve", tmp_path / "events.jsonl", upstream=site.url, options=options) as live:
        by_get(live.port, 0, 50)
        status, headers, body = ask(live.port, f"/rest/api/2/search?jql={quote(JQL)}&startAt=3")
        [event] = [event for event in events(live, 2) if event["http.response.status_code"] == 502]
    assert (status, headers["X-Jira-Compat"]) == (502, "error/step_refused")
    names = "own/no-bulk applies to POST /rest/api/2/issue/bulkfetch, a step of search/translate-search"
    assert json.loads(body)["errorMessages"] == [
        f"The policies contradict each other: {names}. Change one of the two rules."
    ]
    assert event["upstream.requests"] == 1


def test_in_mode_observe_nothing_is_translated(site, tmp_path):
    options = {"confdir": tmp_path, "mode": "observe"}
    with live_proxy("serve", tmp_path / "events.jsonl", upstream=site.url, options=options) as live:
        assert ask(live.port, f"/rest/api/2/search?jql={quote(JQL)}")[0] == 410
        assert ask(live.port, "/rest/api/2/search", {"jql": JQL})[0] == 410
        found = events(live, 2)
    assert [(event["applied"], "upstream.requests" in event) for event in found] == [(False, False)] * 2


def test_a_restart_in_the_middle_costs_requests_and_no_issue(site, tmp_path):
    keys: list[str] = []
    for run in range(3):
        options = {"confdir": tmp_path}
        with live_proxy("serve", tmp_path / f"{run}.jsonl", upstream=site.url, options=options) as live:
            keys += [issue["key"] for issue in by_get(live.port, len(keys), 50)["issues"]]
    assert keys == ALL


@pytest.mark.parametrize("kind", ["serve", "mitmdump"])
def test_a_client_that_leaves_cancels_its_plan(kind, tmp_path):
    asked, gone = threading.Event(), threading.Event()

    def script(call: Call) -> None:
        call.request()
        asked.set()
        call.wait()
        gone.set()

    with Upstream() as upstream:
        upstream.script = script
        options = {"confdir": tmp_path}
        with live_proxy(kind, tmp_path / "events.jsonl", upstream=upstream.url, options=options) as live:
            client = HTTPConnection("127.0.0.1", live.port, timeout=PATIENCE)
            client.request("GET", "/rest/api/2/search?jql=a", headers=LOGIN)
            assert asked.wait(PATIENCE)
            client.close()
            assert gone.wait(PATIENCE), "the proxy did not end its request"
            [event] = events(live, 1)
        assert "http.response.status_code" not in event
        assert "jira-compat: CancelledError" not in live.text()


def test_a_site_that_is_not_there_is_a_502_in_jiras_shape(tmp_path):
    with Upstream() as upstream:
        url = upstream.url
    with live_proxy("serve", tmp_path / "events.jsonl", upstream=url, options={"confdir": tmp_path}) as live:
        status, headers, body = ask(live.port, "/rest/api/2/search?jql=a")
    assert (status, headers["X-Jira-Compat"]) == (502, "error/upstream_failed")
    assert json.loads(body)["errorMessages"][0].startswith("The proxy got no answer from Jira")


def test_a_body_beyond_the_limit_is_413_and_asks_the_site_nothing(site, tmp_path):
    options = {"confdir": tmp_path, "max_body": "10k"}
    before = len(site.received)
    with live_proxy("serve", tmp_path / "events.jsonl", upstream=site.url, options=options) as live:
        for size, wanted in ((9_000, 400), (11_000, 413)):  # the stand-in refuses such a query itself
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                assert ask(live.port, "/rest/api/2/search", {"jql": "x" * size})[0] == wanted
    wait_until(lambda: len(site.received) > before, "the first")
    assert len(site.received) == before + 1
