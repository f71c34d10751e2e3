import pytest
from mitmproxy import http
from mitmproxy.proxy.mode_specs import ProxyMode
from mitmproxy.test import tflow, tutils

from jira_compat.message.target.target import read_target
from jira_compat.proxy.exchange import flow as flows
from jira_compat.proxy.exchange.exchange import METADATA, ActivePolicy, LiveExchange
from jira_compat.proxy.settings.options import OPTIONS, read_options
from jira_compat.proxy.settings.policies import load_rules
from jira_compat.proxy.settings.scope import Scope


def active_policy(**changed):
    settings = read_options({**{name: default for name, _, default, _, _ in OPTIONS}, **changed}.__getitem__)
    return ActivePolicy(settings, load_rules(settings), Scope(settings.hosts))


def a_flow(method="GET", path="/rest/api/2/issue/A-1", mode="reverse:https://jira.example.com"):
    flow = tflow.tflow(req=tutils.treq(method=method.encode(), path=path.encode(), content=b"", headers=http.Headers()))
    flow.client_conn.proxy_mode = ProxyMode.parse(mode)
    return flow


def opened(flow, rules):
    facts = flows.to_exchange(flow, "shown", b"")
    return LiveExchange(rules, facts, "an-id", read_target(facts.request.target), rules.judge(facts.request))


def test_what_no_rule_names_is_left_alone_and_not_written_down():
    flow = a_flow()
    one = opened(flow, active_policy())
    before = flow.get_state()
    one.act(flow, one.facts.request)
    one.show(flow)
    assert flow.get_state() == before
    assert not one.is_changed
    assert one.event(flow) is None


def test_a_refusal_answers_and_shows_itself():
    flow = a_flow("PUT", "/rest/api/2/user/password")
    one = opened(flow, active_policy())
    one.act(flow, one.facts.request)
    assert flow.response is not None
    assert flow.response.status_code == 410
    assert not one.is_changed
    assert flow.metadata == {}
    one.show(flow)
    assert flow.metadata[METADATA] == ["user-management/refuse-password-change"]
    event = one.event(flow)
    assert event is not None
    assert (event["event"], event["http.response.status_code"], event["request_id"]) == (
        "request_refused",
        410,
        "an-id",
    )


@pytest.mark.parametrize(
    ("mode", "changed", "turns"),
    [
        ("reverse:https://jira.example.com", {}, True),
        ("reverse:https://jira.example.com", {"jira_links": "off"}, False),
        ("reverse:https://jira.example.com", {"jira_mode": "observe"}, False),
        ("regular", {}, False),
    ],
)
def test_links_are_turned_in_reverse_mode_and_not_by_who_observes(mode, changed, turns):
    assert active_policy(**changed).rewrites_links(a_flow(mode=mode)) is turns


@pytest.mark.parametrize(
    ("length", "large"),
    [(None, False), ("1000", False), ("1001", True), ("9" * 400, True), ("-5", False), ("x", False)],
)
def test_large_is_what_is_declared_longer_than_rules_read(length, large):
    flow = a_flow()
    if length is not None:
        flow.request.headers["content-length"] = length
    assert active_policy(jira_max_body="1k").is_large(flow.request) is large
