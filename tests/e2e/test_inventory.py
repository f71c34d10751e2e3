"""``--inventory``: every exchange is told once, as an event of its rule or in a count; what a month holds is small."""

import contextlib
import io
import signal
import socket
import threading
from base64 import b64encode

import pytest

from build import shipped_set
from e2e.recorder import Recorder
from e2e.site import SECRET
from fail_closed.upstream import OK, Upstream, silent
from jira_compat.audit.files.captures import find_captures
from jira_compat.audit.files.problems import Problem
from jira_compat.audit.files.progress import Progress
from jira_compat.audit.reader import ReadOptions
from jira_compat.audit.run import audit
from live import BIN, PATIENCE, exchange, live_proxy, request, start, wait_until

BASIC = f"Authorization: Basic {b64encode(f'fred:{SECRET}'.encode()).decode()}"
CALLS = [
    ("GET", "/rest/api/2/issue/ABC-1?fields=summary", "User-Agent: jira-python/3.10"),
    ("GET", "/rest/api/2/issue/10042", "User-Agent: jira-python/3.10"),
    ("GET", "/rest/api/2/issue/ABC-1", "User-Agent: curl/8.1"),
    ("PUT", "/rest/api/2/issue/ABC-2", "User-Agent: curl/8.1"),
    ("GET", f"/rest/api/2/user/{SECRET}?x={SECRET}", "User-Agent: curl/8.1"),
    ("GET", "/browse/ABC-1", "User-Agent: curl/8.1"),
    ("GET", "/secure/Dashboard.jspa", "User-Agent: curl/8.2"),
    ("POST", "/rest/api/2/group", "User-Agent: curl/8.1"),
    ("PUT", "/rest/api/2/user/password?username=fred", "User-Agent: curl/8.1"),
]
UNLISTED = {
    ("GET /rest/api/2/issue/{id}", "jira-python"): 2,
    ("GET /rest/api/2/issue/{id}", "curl"): 1,
    ("PUT /rest/api/2/issue/{id}", "curl"): 1,
    ("GET /rest/api/2/user/{id}", "curl"): 1,
    ("pages and files", "curl"): 2,
}
RULES = {("POST /rest/api/{2|3|latest}/group", "curl"): 1, ("PUT /rest/api/{2|3|latest}/user/password", "curl"): 1}


def can_connect(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), PATIENCE):
        return True
    return False


def rows_of(file):
    """What the audit makes of an event log: calls by endpoint and product."""
    choices = ReadOptions(shipped_set(), 10**7, "shown", b"")
    problems: list[Problem] = []
    found = audit(find_captures([str(file)], problems.append), choices, Progress(io.StringIO()))
    assert [*problems, *found.all_problems()] == []
    return {
        (subject.endpoint, client.product): calls.count for (subject, client), calls in found.inventory.rows.items()
    }


@pytest.fixture(scope="module")
def upstream():
    with Recorder() as recorder:
        yield recorder


@pytest.mark.parametrize("kind", ["serve", "mitmdump"])
@pytest.mark.parametrize("mode", ["enforce", "observe"])
def test_every_call_is_counted_once(kind, mode, upstream, tmp_path):
    file = tmp_path / "events.jsonl"
    options = {"mode": mode, "inventory": True, "confdir": tmp_path}
    with live_proxy(kind, file, upstream=f"http://{upstream.authority}", options=options) as proxy:
        for _ in range(3):
            for method, target, agent in CALLS:
                exchange(proxy.port, request(method, target, "", BASIC, agent))
        assert {event["event"] for event in proxy.events()} == {"rule_matched", "request_refused"}
        proxy.stop()

    counted = [event for event in proxy.events() if event["event"] == "endpoint_seen"]
    assert rows_of(file) == {key: 3 * count for key, count in (UNLISTED | RULES).items()}
    assert len(counted) == len(UNLISTED) + 1  # two versions of curl asked for pages
    assert {(event["user.name"], event["client.address"]) for event in counted} == {("fred", "127.0.0.1")}
    assert all(event["statuses"] == {"203": event["count"]} for event in counted)
    assert SECRET not in file.read_text()


def test_without_it_nothing_is_counted(upstream, tmp_path):
    with live_proxy("serve", tmp_path / "e", upstream=f"http://{upstream.authority}") as proxy:
        exchange(proxy.port, request("GET", "/rest/api/2/myself"))
        proxy.stop()
        assert proxy.events() == []


def test_what_ends_after_sigterm_is_counted_too(tmp_path):
    may_answer = threading.Event()

    def answer_late(call):
        call.request()
        may_answer.wait(PATIENCE)
        call.send(OK)

    file = tmp_path / "events.jsonl"
    with Upstream() as late:
        late.script = answer_late
        options = {"inventory": True, "confdir": tmp_path}
        with live_proxy("serve", file, upstream=f"http://127.0.0.1:{late.port}", options=options) as proxy:
            client = threading.Thread(target=exchange, args=(proxy.port, request("GET", "/rest/api/2/field")))
            client.start()
            wait_until(lambda: late.requests, "the request to reach Jira")
            proxy.process.send_signal(signal.SIGTERM)
            wait_until(lambda: not can_connect(proxy.port), "it to drain")
            assert proxy.events() == []
            may_answer.set()
            assert proxy.process.wait(PATIENCE) == 0
            client.join(PATIENCE)
        [event] = proxy.events()
    assert (event["endpoint"], event["count"], event["statuses"]) == ("GET /rest/api/2/field", 1, {"200": 1})


def test_what_broke_off_is_counted_without_a_status(tmp_path):
    with Upstream() as silent_one:
        silent_one.script = silent
        options = {"inventory": True, "confdir": tmp_path}
        upstream = f"http://127.0.0.1:{silent_one.port}"
        with live_proxy("serve", tmp_path / "events.jsonl", upstream=upstream, options=options) as proxy:
            with socket.create_connection(("127.0.0.1", proxy.port), PATIENCE) as client:
                client.sendall(request("GET", "/rest/api/2/field"))
                wait_until(lambda: silent_one.requests, "the request to reach Jira")
            proxy.stop()
        [event] = proxy.events()
    assert (event["count"], event["statuses"]) == (1, {})


def test_it_says_where_it_could_write(upstream, tmp_path):
    with (
        pytest.raises(AssertionError) as caught,
        start(
            [
                str(BIN / "jira-compat"),
                "serve",
                "--inventory",
                "--upstream",
                f"http://{upstream.authority}",
                "--listen",
                "127.0.0.1:0",
            ],
            tmp_path / "none",
        ),
    ):
        pass
    assert "jira-compat: --inventory: its counts are events, and no event file is named; name one" in str(caught.value)
