"""What the hooks do to a flow; the whole way through a real proxy is in tests/e2e."""

import json
from typing import Any, cast

import pytest
from mitmproxy import http
from mitmproxy.proxy.mode_specs import ProxyMode
from mitmproxy.test import tflow, tutils

from jira_compat.events.log import EventLog
from jira_compat.proxy.exchange.exchange import METADATA, ActivePolicy
from jira_compat.proxy.exchange.hooks import ExchangeHooks
from jira_compat.proxy.settings.options import OPTIONS, read_options
from jira_compat.proxy.settings.policies import load_rules
from jira_compat.proxy.settings.scope import Scope

SECRET = "hunter2-7f3a"


class Live:
    """Traffic that is in force, and its events."""

    def __init__(self, folder, **options):
        self.file = folder / "events.jsonl"
        settings = read_options({**{name: default for name, _, default, _, _ in OPTIONS}, **options}.__getitem__)
        self.traffic = ExchangeHooks()
        self.traffic.activate(ActivePolicy(settings, load_rules(settings), Scope(settings.hosts)))
        self.traffic.log = self.log = EventLog(str(self.file))

    def events(self):
        return [json.loads(line) for line in self.file.read_text().splitlines()]

    def drive(self, flow, upstream=None):
        """The hooks in mitmproxy's order; ``upstream`` answers what is forwarded."""
        self.traffic.requestheaders(flow)
        self.traffic.request(flow)
        if flow.response is None and upstream is not None:
            flow.response = upstream
        if flow.response is not None:
            self.traffic.responseheaders(flow)
            self.traffic.response(flow)
        return flow


@pytest.fixture
def live(tmp_path):
    made = []

    def make(**options):
        made.append(Live(tmp_path, **options))
        return made[-1]

    yield make
    for one in made:
        one.log.close()


def to_jira(method, path, document=None, mode="reverse:https://jira.example.com", **headers):
    content = b"" if document is None else json.dumps(document).encode()
    fields = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    if content:
        fields += [(b"Content-Type", b"application/json"), (b"Content-Length", str(len(content)).encode())]
    flow = tflow.tflow(
        req=tutils.treq(method=method.encode(), path=path.encode(), content=content, headers=http.Headers(fields))
    )
    flow.client_conn.proxy_mode = ProxyMode.parse(mode)
    return flow


def ok(document=None, status=200):
    return http.Response.make(status, json.dumps(document or {}))


def test_what_no_rule_names_passes_without_a_trace(live):
    one = live()
    flow = to_jira("GET", "/rest/api/2/issue/ABC-1")
    before = flow.request.get_state()
    one.drive(flow, ok())
    assert flow.request.get_state() == before
    assert "x-jira-compat" not in flow.response.headers
    assert one.events() == []
    assert METADATA not in flow.metadata


def test_other_hosts_pass_in_forward_mode(live):
    one = live()
    flow = to_jira("PUT", "/rest/api/2/user/password", {"password": SECRET}, mode="regular", Host="example.com")
    flow.server_conn.address = ("example.com", 80)
    one.drive(flow, ok())
    assert flow.response.status_code == 200
    assert one.events() == []


def test_an_answer_that_another_addon_gave_stays(live):
    one = live()
    flow = to_jira("PUT", "/rest/api/2/user/password")
    flow.response = ok(status=418)
    one.drive(flow)
    assert flow.response.status_code == 418


def test_a_password_goes_and_the_answer_is_marked(live):
    one = live()
    flow = one.drive(to_jira("POST", "/rest/api/2/user", {"name": "fred", "password": SECRET}), ok(status=201))
    assert json.loads(flow.request.content) == {"name": "fred"}
    assert flow.request.headers["content-length"] == str(len(flow.request.raw_content))
    assert flow.response.headers["x-jira-compat"] == "user-management/ignore-password-on-user-create"
    [event] = one.events()
    assert (event["event"], event["fields"], event["applied"]) == ("fields_removed", ["/password"], True)
    assert event["http.response.status_code"] == 201
    assert SECRET not in json.dumps(event)
    assert flow.metadata[METADATA] == ["user-management/ignore-password-on-user-create"]
    assert flow.marked == ":pencil2:"
    assert "/password" in flow.comment


def test_a_removed_endpoint_is_answered(live):
    one = live()
    flow = one.drive(to_jira("PUT", "/rest/api/2/user/password", {"password": SECRET}, X_Request_Id="job-17"))
    assert flow.response.status_code == 410
    assert flow.response.headers["x-request-id"] == "job-17"
    assert flow.marked == ":no_entry:"
    [event] = one.events()
    assert (event["event"], event["reason"], event["request_id"]) == ("request_refused", "rule", "job-17")


def test_observe_touches_nothing_and_says_what_it_would_do(live):
    one = live(jira_mode="observe")
    for method, path in [("POST", "/rest/api/2/user"), ("PUT", "/rest/api/2/user/password")]:
        flow = to_jira(method, path, {"password": SECRET})
        before = flow.request.get_state()
        one.drive(flow, ok())
        assert flow.request.get_state() == before
        assert flow.response.status_code == 200
        assert "x-jira-compat" not in flow.response.headers
        assert flow.marked == ""
    assert [(event["event"], event["applied"]) for event in one.events()] == [
        ("fields_removed", False),
        ("request_refused", False),
    ]


@pytest.mark.parametrize(
    ("upstream", "status"),
    [
        (ok({"active": False}), 204),
        (ok({"active": True}), 502),
        (ok({"errorMessages": []}, 404), 404),
        (http.Response.make(302, b"", {"Location": "/login.jsp"}), 502),
    ],
)
def test_a_replaced_request_is_settled_by_the_answer(live, upstream, status):
    one = live(jira_profile="staging")
    flow = one.drive(to_jira("DELETE", "/rest/api/2/user?username=fred"), upstream)
    assert (flow.request.method, flow.request.path) == ("PUT", "/rest/api/2/user?username=fred")
    assert json.loads(flow.request.content) == {"active": False}
    assert flow.response.status_code == status
    assert flow.response.headers["x-jira-compat"] == "user-management/deactivate-instead-of-deleting"
    [event] = one.events()
    assert (event["event"], event["http.response.status_code"]) == ("request_replaced", status)


@pytest.mark.parametrize("length", [1000, 1001])
def test_what_a_plan_reads_is_bounded(live, length):
    one = live(jira_profile="staging", jira_max_body="1k")
    document = b'{"active": false, "a": "%s"}'
    body = document % (b"x" * (length - len(document % b"")))
    flow = one.drive(to_jira("DELETE", "/rest/api/2/user?username=fred"), http.Response.make(200, body))
    assert flow.response.status_code == (204 if length == 1000 else 502)
    [event] = one.events()
    assert (event["event"], event["http.response.status_code"]) == ("request_replaced", flow.response.status_code)


def test_what_another_addon_answers_in_the_place_of_a_plan_stays(live):
    one = live(jira_profile="staging")
    flow = to_jira("DELETE", "/rest/api/2/user?username=fred")
    one.traffic.requestheaders(flow)
    flow.response = ok(status=418)
    one.drive(flow)
    assert flow.response.status_code == 418
    assert flow.request.method == "DELETE"


def test_a_move_that_the_table_does_not_have_fails_closed(live):
    one = live()
    flow = to_jira("GET", "/rest/api/2/issue/A-1")
    one.traffic.requestheaders(flow)
    one.traffic.request(flow)
    one.traffic.request(flow)
    assert flow.response.status_code == 502
    [event] = one.events()
    assert (event["event"], event["error"], event["stage"]) == ("rewrite_failed", "IllegalMove", "request")


def test_a_broken_exchange_is_written_down_once(live):
    one = live()
    flow = to_jira("POST", "/rest/api/2/user", {"password": SECRET})
    one.traffic.requestheaders(flow)
    one.traffic.request(flow)
    one.traffic.error(flow)
    one.traffic.error(flow)
    [event] = one.events()
    assert event["event"] == "fields_removed"
    assert "http.response.status_code" not in event


def test_an_exchange_is_judged_by_one_set_to_its_end(live):
    one = live()
    flow = to_jira("POST", "/rest/api/2/user", {"password": SECRET})
    one.traffic.requestheaders(flow)
    observing = read_options(
        {**{name: default for name, _, default, _, _ in OPTIONS}, "jira_mode": "observe"}.__getitem__
    )
    one.traffic.active = ActivePolicy(observing, load_rules(observing), Scope(observing.hosts))
    one.traffic.request(flow)
    assert json.loads(flow.request.content) == {}


class Exploding:
    """Settings or rules that fail when they are looked at, with a secret in the exception."""

    def __getattr__(self, name):
        raise KeyError(f"{name} {SECRET}")


@pytest.mark.parametrize("part", ["rules", "settings", "scope"])
def test_an_exception_is_answered_502_and_its_text_goes_nowhere(live, caplog, part):
    one = live()
    sound = one.traffic.active
    broken = {"settings": sound.settings, "rules": sound.rules, "scope": sound.scope, part: Exploding()}
    mode = "regular" if part == "scope" else "reverse:https://jira.example.com"
    one.traffic.active = ActivePolicy(**broken)
    flow = to_jira("POST", "/rest/api/2/user", {"password": SECRET}, mode=mode)
    one.traffic.requestheaders(flow)
    assert flow.response.status_code == 502
    assert flow.response.headers["x-jira-compat"] == "error/rewrite_failed"
    [event] = one.events()
    assert (event["event"], event["error"], event["stage"]) == ("rewrite_failed", "KeyError", "requestheaders")
    assert SECRET not in json.dumps(event) + caplog.text
    assert one.traffic.counts.failures == {"rewrite_failed": 1}


def test_with_on_error_open_the_request_goes_on_unedited(live):
    one = live(jira_on_error="open")
    sound = one.traffic.active
    one.traffic.active = ActivePolicy(sound.settings, cast("Any", Exploding()), sound.scope)
    flow = to_jira("POST", "/rest/api/2/user", {"password": SECRET})
    one.traffic.requestheaders(flow)
    assert flow.response is None
    assert [event["event"] for event in one.events()] == ["rewrite_skipped"]
