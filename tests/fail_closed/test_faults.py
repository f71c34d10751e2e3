"""Every function that could raise does, in a real proxy: nothing goes on, the client is answered, and it is told of.

``faulty.py`` is the proxy that they run in.
"""

import contextlib
import gzip
import http.client
import json
import re
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from fail_closed.client import Answer, Client, ask
from fail_closed.faulty import SECRET
from fail_closed.proxies import Proxy
from fail_closed.upstream import Upstream, answers, then_closes
from live import PATIENCE, _command, request, start, wait_until

JSON = "Content-Type: application/json"
BODY = f'{{"name": "fred", "password": "{SECRET}"}}'
CREATION = request("POST", "/rest/api/2/user", BODY, JSON)
CODED = request("POST", "/rest/api/2/user", gzip.compress(BODY.encode()), JSON, "Content-Encoding: gzip")
DELETION = request("DELETE", "/rest/api/2/user?username=fred")
REFUSED = request("PUT", "/rest/api/2/user/password", BODY, JSON)
READ = request("GET", "/rest/api/2/issue/ABC-1")
REFERRED = request("GET", "/rest/api/2/issue/ABC-1", "", "Referer: http://proxy/")
UPLOAD = request("POST", "/rest/api/2/issue/ABC-1/attachments", "x" * 1000)
CHUNKED = request(
    "POST", "/rest/api/2/user", f"{len(BODY):x}\r\n{BODY}\r\n0\r\n\r\n", "Transfer-Encoding: chunked", JSON
)

BEFORE = [
    ("jira_compat.policy.index:PolicySet.at", CREATION, "requestheaders"),
    ("jira_compat.proxy.exchange.hooks:read_target", CREATION, "requestheaders"),
    ("jira_compat.proxy.exchange.exchange:decide", CREATION, "requestheaders"),
    ("jira_compat.proxy.exchange.exchange:decide", READ, "requestheaders"),
    ("jira_compat.proxy.exchange.exchange:decide", REFUSED, "requestheaders"),
    ("jira_compat.proxy.exchange.exchange:ActivePolicy.is_bound_for_jira", CREATION, "requestheaders"),
    ("jira_compat.proxy.exchange.flow:pass_on", CREATION, "requestheaders"),
    ("jira_compat.proxy.exchange.flow:to_exchange", CREATION, "requestheaders"),
    ("jira_compat.message.body.edit:coding", CODED, "request"),
    ("jira_compat.message.body.edit:read_text", CODED, "request"),
    ("jira_compat.actions.remove:edit", CREATION, "request"),
    ("jira_compat.actions.remove:edit", CHUNKED, "request"),
]
"""What is asked for on the way to Jira: the function, a request that comes to it, the hook in which it does."""
ENFORCING = [
    ("jira_compat.proxy.exchange.flow:write_request", CREATION, "request"),
    ("jira_compat.actions.replace:replace", DELETION, "requestheaders"),
    ("jira_compat.proxy.exchange.exchange:edit_step", DELETION, "request"),
    ("jira_compat.proxy.exchange.hooks:links_of", READ, "requestheaders"),
    ("jira_compat.proxy.exchange.hooks:rewrite_request_headers", REFERRED, "requestheaders"),
    ("jira_compat.proxy.exchange.links:_links", READ, "requestheaders"),
]
"""The same, for what an observer does not do."""
AFTER = [
    ("jira_compat.proxy.exchange.conversation:Conversation.receive", DELETION, "response"),
    ("jira_compat.proxy.exchange.hooks:rewrite_response_headers", READ, "responseheaders"),
    ("jira_compat.proxy.exchange.exchange:rewritten_body", READ, "response"),
    ("jira_compat.events.vocabulary:rule_event", CREATION, "response"),
]
"""What is asked for on the way back."""
ERRORS = ["RecursionError", "MemoryError", "UnicodeDecodeError", "KeyError", "CancelledError"]
UNREADABLE = {"UnicodeDecodeError", "ValueError"}


@dataclass
class Faulty:
    """A proxy, and what it is told to fail on."""

    proxy: Proxy
    armed: Path
    admin: int | None

    @contextlib.contextmanager
    def fails(self, function: str, error: str) -> Iterator[None]:
        """Meanwhile that function raises that error."""
        self.armed.write_text(f"{function} {error}")
        try:
            yield
        finally:
            self.armed.write_text("")

    def page(self, path: str) -> str:
        """A page of ``--admin``."""
        assert self.admin is not None
        with closing(http.client.HTTPConnection("127.0.0.1", self.admin, timeout=PATIENCE)) as client:
            client.request("GET", path)
            return client.getresponse().read().decode()

    def failures(self) -> dict[str, float]:
        """``jira_compat_failures`` by event; nothing where there are no metrics."""
        if self.admin is None:
            return {}
        families = text_string_to_metric_families(self.page("/metrics"))
        [failures] = (family for family in families if family.name == "jira_compat_failures")
        return {one.labels["event"]: one.value for one in failures.samples if one.name.endswith("_total")}

    @contextlib.contextmanager
    def counts(self, name: str) -> Iterator[None]:
        """Meanwhile one failure of that name is counted, and told of by an event with nothing of the content."""
        before = self.failures()
        yield
        after = self.failures()
        assert {event: after[event] - before[event] for event in after if after[event] != before[event]} == (
            {} if self.admin is None else {name: 1}
        )


@pytest.fixture(scope="session")
def faulty_proxies(tmp_path_factory, confdir):
    """Start a proxy when it is first asked for; it ends with the tests, and must not have shown a secret."""
    running: dict[tuple[str, str], Faulty] = {}
    with contextlib.ExitStack() as stack, Upstream() as upstream:

        def run(kind: str, manner: str) -> Faulty:
            if (kind, manner) not in running:
                folder = tmp_path_factory.mktemp(f"{kind}-{manner}")
                options = {"confdir": confdir, "profile": "staging"} | MANNERS[manner]
                if kind == "serve":
                    options["admin"] = "127.0.0.1:0"
                command = _command(kind, folder / "events.jsonl", upstream.url, options)
                arguments = command[4:] if kind == "serve" else command[1:]
                armed = folder / "armed"
                armed.write_text("")
                faulty = [sys.executable, str(Path(__file__).with_name("faulty.py")), str(armed), kind, *arguments]
                live = stack.enter_context(start(faulty, folder / "events.jsonl"))
                found = re.search(r"health and metrics on http://127\.0\.0\.1:(\d+)", live.text())
                running[kind, manner] = Faulty(Proxy(kind, live), armed, int(found[1]) if found else None)
            return running[kind, manner]

        yield run, upstream
        for one in running.values():
            one.proxy.live.process.terminate()  # all of them, before the first is waited for
    for one in running.values():
        assert SECRET not in one.proxy.live.text()
        assert SECRET not in one.proxy.live.events_file.read_text()


MANNERS = {
    "closed": {},
    "open": {"on_error": "open"},
    "observe": {"mode": "observe"},
    "open, cloud": {"on_error": "open", "profile": "cloud"},
}


@pytest.fixture
def upstream(faulty_proxies):
    """Answers JSON with a link, as Jira does."""
    running = faulty_proxies[1]
    running.reset()
    body = b'{"self": "http://127.0.0.1:%d/rest/api/2/issue/1", "active": false}' % running.port
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-A: b\r\nContent-Length: %d\r\n\r\n" % len(body)
    running.script = then_closes(head + body)
    yield running
    running.hang_up()


@pytest.fixture(params=["serve", "mitmdump"])
def kind(request):
    return request.param


@pytest.fixture
def closed(faulty_proxies, upstream, kind) -> Faulty:
    return begun(faulty_proxies[0](kind, "closed"))


@pytest.fixture
def open_(faulty_proxies, upstream, kind) -> Faulty:
    return begun(faulty_proxies[0](kind, "open"))


@pytest.fixture
def serve(faulty_proxies, upstream) -> Faulty:
    return begun(faulty_proxies[0]("serve", "closed"))


@pytest.fixture(params=["closed", "open"])
def either_serve(request, faulty_proxies, upstream) -> Faulty:
    return begun(faulty_proxies[0]("serve", request.param))


@pytest.fixture(params=["open", "observe"])
def forwarding(request, faulty_proxies, upstream, kind) -> Faulty:
    return begun(faulty_proxies[0](kind, request.param))


def begun(faulty: Faulty) -> Faulty:
    faulty.proxy.begin()
    return faulty


def check_failed(answer: Answer) -> None:
    assert (answer.status, answer.mark) == (502, "error/rewrite_failed")
    assert answer.told.startswith("The proxy failed on this request")


def check_forwarded(faulty: Faulty, upstream: Upstream, function: str, raw: bytes, stage: str) -> None:
    with faulty.counts("rewrite_skipped"), faulty.fails(function, "RecursionError"):
        assert ask(faulty.proxy.port, raw).status == 200
    sent, got = (one.partition(b"\r\n\r\n") for one in (raw, upstream.request()))
    assert (got[0].split(b"\r\n")[0], got[2]) == (sent[0].split(b"\r\n")[0], sent[2])
    event = faulty.proxy.event()
    assert (event["event"], event["error"], event["stage"]) == ("rewrite_skipped", "RecursionError", stage)


def names(cases):
    return [f"{function.partition(':')[2]}-{raw.split(b' ')[0].decode()}" for function, raw, _ in cases]


def test_without_a_fault_all_is_well(closed, upstream):
    for raw in (READ, REFERRED, UPLOAD, CREATION, CODED, CHUNKED):
        assert ask(closed.proxy.port, raw).status == 200
    assert ask(closed.proxy.port, DELETION).status == 204
    assert ask(closed.proxy.port, REFUSED).status == 410
    assert len(upstream.requests) == 7
    assert SECRET.encode() not in upstream.received
    assert [event["event"] for event in closed.proxy.events(5)] == [
        *["fields_removed"] * 3,
        "request_replaced",
        "request_refused",
    ]


def test_a_translation_that_it_fails_on_is_a_502_that_names_the_step_even_where_it_may_forward(
    faulty_proxies, upstream, kind
):
    translating = begun(faulty_proxies[0](kind, "open, cloud"))
    with (
        translating.counts("rewrite_failed"),
        translating.fails("jira_compat.translate.search_steps:read_page", "RecursionError"),
    ):
        check_failed(ask(translating.proxy.port, request("GET", "/rest/api/2/search?jql=a")))
    assert [sent.split(b" ")[1] for sent in upstream.requests] == [b"/rest/api/2/search/jql"]
    event = translating.proxy.event()
    assert (event["event"], event["stage"]) == ("rewrite_failed", "request, search/jql")


@pytest.mark.parametrize(("function", "raw", "stage"), BEFORE + ENFORCING, ids=names(BEFORE + ENFORCING))
def test_nothing_is_forwarded_of_what_it_fails_on(closed, upstream, function, raw, stage):
    with closed.counts("rewrite_failed"), closed.fails(function, "RecursionError"):
        check_failed(ask(closed.proxy.port, raw))
    assert (upstream.connections, upstream.received) == (0, b"")
    event = closed.proxy.event()
    assert (event["event"], event["error"], event["stage"]) == ("rewrite_failed", "RecursionError", stage)
    line = f"jira-compat: RecursionError in {stage}; the request was answered 502"
    wait_until(lambda: line in closed.proxy.said(), "the line")
    assert ask(closed.proxy.port, READ).status == 200


@pytest.mark.parametrize("error", ERRORS)
def test_whatever_it_is_that_was_raised(closed, upstream, error):
    with closed.counts("rewrite_failed"), closed.fails("jira_compat.actions.remove:edit", error):
        check_failed(ask(closed.proxy.port, CREATION))
    assert (upstream.connections, upstream.received) == (0, b"")
    assert closed.proxy.event()["error"] == error


@pytest.mark.parametrize(("function", "raw", "stage"), AFTER, ids=names(AFTER))
def test_an_answer_that_it_fails_on_does_not_reach_the_client(closed, upstream, function, raw, stage):
    with closed.counts("rewrite_failed"), closed.fails(function, "KeyError"), Client(closed.proxy.port) as client:
        client.send(raw)
        check_failed(client.answer())
        client.end().rest()
    assert SECRET.encode() not in upstream.request()
    event = closed.proxy.event()
    assert (event["event"], event["error"], event["stage"]) == ("rewrite_failed", "KeyError", stage)


@pytest.mark.parametrize(("function", "raw", "stage"), BEFORE, ids=names(BEFORE))
def test_who_asked_for_it_has_it_forwarded_unedited(forwarding, upstream, function, raw, stage):
    check_forwarded(forwarding, upstream, function, raw, stage)


@pytest.mark.parametrize(("function", "raw", "stage"), ENFORCING, ids=names(ENFORCING))
def test_the_same_for_what_an_observer_does_not_do(open_, upstream, function, raw, stage):
    check_forwarded(open_, upstream, function, raw, stage)


@pytest.mark.parametrize(("function", "raw", "stage"), AFTER, ids=names(AFTER))
def test_who_asked_for_it_has_answers_passed_on_as_they_came(open_, upstream, function, raw, stage):
    with open_.counts("rewrite_skipped"), open_.fails(function, "KeyError"):
        answer = ask(open_.proxy.port, raw)
    assert (answer.status, answer.field("X-A")) == (200, "b")
    event = open_.proxy.event()
    assert (event["event"], event["error"], event["stage"]) == ("rewrite_skipped", "KeyError", stage)


@pytest.mark.parametrize("function", ["jira_compat.events.log:EventLog.write", "jira_compat.events.writers:File.info"])
def test_nothing_is_forwarded_for_want_of_an_event(closed, upstream, function):
    with closed.fails(function, "MemoryError"):
        assert ask(closed.proxy.port, REFUSED).status in {410, 502}
        assert (upstream.connections, upstream.received) == (0, b"")
        ask(closed.proxy.port, CREATION)
    assert SECRET.encode() not in upstream.request()
    assert ask(closed.proxy.port, REFUSED).status == 410
    assert closed.proxy.event()["event"] == "request_refused"


def test_who_cannot_even_be_answered_is_cut_off(closed, upstream):
    with closed.fails("jira_compat.proxy.exchange.flow:answer", "MemoryError"), Client(closed.proxy.port) as client:
        assert client.send(REFUSED).rest() == b""
    assert (upstream.connections, upstream.received) == (0, b"")
    wait_until(lambda: "MemoryError while failing; the client was cut off" in closed.proxy.said(), "the line")
    assert ask(closed.proxy.port, REFUSED).status == 410


EXCHANGE = [
    ("ExchangeHooks.needs_body", CREATION, 0),
    ("ExchangeHooks.overflow", CREATION, 0),
    ("ExchangeHooks.connected", UPLOAD, 1),
]


@pytest.mark.parametrize(("name", "raw", "connections"), EXCHANGE)
def test_an_exchange_that_fails_on_its_way_is_answered(either_serve, upstream, name, raw, connections):
    one = either_serve
    with one.counts("rewrite_failed"), one.fails(f"jira_compat.proxy.exchange.hooks:{name}", "RecursionError"):
        check_failed(ask(one.proxy.port, raw))
    wait_until(lambda: upstream.connections >= connections, "the upstream to accept who came")
    assert (upstream.connections, upstream.received) == (connections, b"")
    event = one.proxy.event()
    assert (event["event"], event["error"], event["stage"]) == ("rewrite_failed", "RecursionError", "exchange")


def test_an_answer_that_is_held_fails_too(serve, upstream):
    with (
        serve.counts("rewrite_failed"),
        serve.fails("jira_compat.proxy.exchange.hooks:ExchangeHooks.response_overflow", "KeyError"),
    ):
        check_failed(ask(serve.proxy.port, READ))
    assert serve.proxy.event()["stage"] == "exchange"


def test_who_cannot_be_told_of_the_upstream_is_told_that(serve, upstream):
    upstream.script = then_closes(b"")
    with (
        serve.counts("rewrite_failed"),
        serve.fails("jira_compat.proxy.exchange.hooks:ExchangeHooks.error_response", "KeyError"),
    ):
        check_failed(ask(serve.proxy.port, READ))
    assert serve.proxy.event()["stage"] == "exchange"


HTTP = "mitmproxy.proxy.layers.http:HttpStream"
"""mitmproxy's exchange: what it fails on stands for what its own code, or our part of it, could."""


def test_an_upload_that_fails_in_its_middle_is_answered(serve, upstream):
    with Client(serve.proxy.port) as client:
        head, _, body = UPLOAD.partition(b"\r\n\r\n")
        client.send(head + b"\r\n\r\n")
        wait_until(lambda: upstream.connections, "the upload to begin")
        with serve.counts("rewrite_failed"), serve.fails(f"{HTTP}.state_stream_request_body", "KeyError"):
            check_failed(client.send(body).answer())
            assert client.rest() == b""
    assert b"x" * 10 not in upstream.received
    assert serve.proxy.event()["stage"] == "exchange"


def test_an_answer_that_fails_in_its_middle_is_cut_off(serve, upstream):
    upstream.script = answers(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nab")
    with (
        serve.counts("rewrite_failed"),
        serve.fails(f"{HTTP}.state_stream_response_body", "KeyError"),
        Client(serve.proxy.port) as client,
    ):
        assert client.send(READ).rest() == b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n"
    assert serve.proxy.event()["stage"] == "exchange"


def test_mitmdump_leaves_a_client_waiting_whose_exchange_mitmproxy_fails_on(faulty_proxies, upstream):
    one = begun(faulty_proxies[0]("mitmdump", "closed"))
    with one.fails(f"{HTTP}.state_consume_request_body", "RecursionError"):
        with Client(one.proxy.port) as client:
            client.send(CREATION)
            wait_until(lambda: "mitmproxy has crashed!" in one.proxy.said(), "the line")
            assert client.quiet(0.5)
        # It fails on the client's end as well; if it did not, it would contact the upstream, to tell it of that.
        wait_until(lambda: one.proxy.said().count("mitmproxy has crashed!") == 2, "the line again")
    assert (upstream.connections, upstream.received) == (0, b"")


THROWS = """
def thrown(_):
    raise RecursionError

def requestheaders(flow):
    flow.request.stream = thrown
"""


def test_a_stream_callable_of_another_addon_that_fails_sends_nothing_on(tmp_path, confdir, upstream):
    (tmp_path / "throws.py").write_text(THROWS)
    options = {"confdir": confdir}
    command = _command("mitmdump", tmp_path / "events.jsonl", upstream.url, options)
    with (
        start([*command, "-s", str(tmp_path / "throws.py")], tmp_path / "events.jsonl") as live,
        Client(live.port) as client,
    ):
        client.send(UPLOAD)
        wait_until(lambda: "mitmproxy has crashed!" in live.text(), "the line")
        assert client.quiet(0.5)
    assert b"x" * 10 not in upstream.received


def test_who_cannot_judge_is_not_ready(serve):
    assert json.loads(serve.page("/readyz"))["ready"] is True
    with serve.fails("jira_compat.policy.index:PolicySet.at", "KeyError"):
        assert json.loads(serve.page("/readyz")) == {"ready": False, "reason": "self_check"}
        assert json.loads(serve.page("/healthz")) == {"alive": True}
