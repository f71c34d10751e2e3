import json

import pytest
from mitmproxy.addons.proxyserver import Proxyserver
from prometheus_client.parser import text_string_to_metric_families

from build import a_request, a_rule, policy_set
from jira_compat.decide import decide
from jira_compat.events.log import EventLog
from jira_compat.proxy.addons.drain import Drain
from jira_compat.proxy.addons.timeouts import ConnectionLimit
from jira_compat.proxy.admin.addon import ProxyStatus
from jira_compat.proxy.admin.metrics import Metrics
from jira_compat.proxy.exchange.counters import BOUNDS
from jira_compat.proxy.exchange.dialogue import REASONS
from jira_compat.proxy.exchange.exchange import ActivePolicy
from jira_compat.proxy.exchange.hooks import ExchangeHooks
from jira_compat.proxy.settings.options import OPTIONS, read_options
from jira_compat.proxy.settings.scope import Scope

RULES = policy_set(a_rule("PUT /rest/api/2/user/password", respond={"status": 410}))


@pytest.fixture
def traffic():
    settings = read_options({name: default for name, _, default, _, _ in OPTIONS}.__getitem__)
    made = ExchangeHooks()
    made.activate(ActivePolicy(settings, RULES, Scope(settings.hosts)))
    return made


@pytest.fixture
def limit():
    return ConnectionLimit(1, 1, lambda: ())


def samples(traffic, limit):
    """Each sample by its name and the values of its labels."""
    proxyserver = Proxyserver()
    about = ProxyStatus(traffic, Drain(traffic, proxyserver, 1), limit, proxyserver)
    page = Metrics(about.state).page()
    assert (page.status, page.content_type) == (200, "text/plain; version=0.0.4; charset=utf-8")
    families = text_string_to_metric_families(page.body.decode())
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


def test_before_anything_has_happened_all_is_there_to_rise(traffic, limit):
    found = {name: value for name, value in samples(traffic, limit).items() if not name[0].startswith("process_")}
    standing = {("jira_compat_policies_current",), ("jira_compat_policies_info", RULES.digest), ("jira_compat_rules",)}
    assert {name for name, value in found.items() if value} == standing
    assert {name for name in found if not name[0].startswith("jira_compat_decision_seconds")} == standing | {
        ("jira_compat_requests_total",),
        ("jira_compat_requests_in_flight",),
        ("jira_compat_refusals_total", "rule"),
        ("jira_compat_refusals_total", "ambiguous_target"),
        ("jira_compat_refusals_total", "unreadable_body"),
        ("jira_compat_refusals_total", "too_large"),
        ("jira_compat_refusals_total", "busy"),
        ("jira_compat_failures_total", "rewrite_failed"),
        ("jira_compat_failures_total", "rewrite_skipped"),
        ("jira_compat_reloads_total", "ok"),
        ("jira_compat_reloads_total", "rejected"),
        ("jira_compat_events_lost_total",),
        ("jira_compat_connections_turned_away_total",),
        ("jira_compat_connections_flooded_total",),
        ("jira_compat_translations_total", "search"),
        ("jira_compat_translations_total", "search-jql"),
        ("jira_compat_translation_steps_total",),
        ("jira_compat_translation_cursors_total", "hit"),
        ("jira_compat_translation_cursors_total", "miss"),
        *(("jira_compat_translation_failures_total", reason) for reason in REASONS),
    }


def test_without_policies_there_is_nothing_of_them(limit):
    assert not any(name[0].startswith("jira_compat_policies_info") for name in samples(ExchangeHooks(), limit))


def test_what_was_counted_is_there(traffic, limit):
    counts = traffic.counts
    counts.requests = 3
    counts.ended(decide(RULES, a_request("PUT /rest/api/2/user/password")))
    counts.failures["rewrite_failed"] = 2
    counts.reloads["rejected"] = 4
    counts.is_current = False
    counts.translated("search", 3, "upstream_busy", [True, False, True])
    found = samples(traffic, limit)
    labels = ("some-policy", "respond-put-rest-api-2-user-password", "removed", "respond")
    assert found["jira_compat_rule_matches_total", *sorted(labels, key=_in_their_order(labels))] == 1
    assert found["jira_compat_requests_total",] == 3
    assert found["jira_compat_refusals_total", "rule"] == 1
    assert found["jira_compat_failures_total", "rewrite_failed"] == 2
    assert found["jira_compat_reloads_total", "rejected"] == 4
    assert found["jira_compat_policies_current",] == 0
    assert found["jira_compat_translations_total", "search"] == 1
    assert found["jira_compat_translation_steps_total",] == 3
    assert found["jira_compat_translation_failures_total", "upstream_busy"] == 1
    assert found["jira_compat_translation_cursors_total", "hit"] == 2


def _in_their_order(labels):
    """The text has labels sorted by name: action, change, policy, rule."""
    order = [labels[3], labels[2], labels[0], labels[1]]
    return order.index


def test_decision_times_add_up(traffic, limit):
    for seconds in (0.00002, 0.00004, 0.5, 2.0):
        traffic.counts.decided(seconds)
    found = samples(traffic, limit)
    name = "jira_compat_decision_seconds"
    assert [found[f"{name}_bucket", str(bound)] for bound in (*BOUNDS[:4], 0.1, 1.0)] == [0, 1, 2, 2, 2, 3]
    assert found[f"{name}_bucket", "+Inf"] == found[f"{name}_count",] == 4
    assert found[f"{name}_sum",] == pytest.approx(2.50006)


def test_lost_events_are_counted(traffic, limit, tmp_path):
    traffic.log = EventLog(str(tmp_path / "events.jsonl"))
    traffic.log.close()
    traffic.write({"v": 1, "event": "policies_loaded"})
    assert samples(traffic, limit)["jira_compat_events_lost_total",] == 1


def test_no_label_comes_from_a_client(traffic, limit):
    for number in range(20):
        request = a_request(f"PUT /rest/api/2/user/password?username=fred-{number}")
        traffic.counts.ended(decide(RULES, request))
    found = samples(traffic, limit)
    assert "fred" not in json.dumps([*found])
    assert len([name for name in found if name[0] == "jira_compat_rule_matches_total"]) == 1


def test_the_process_is_measured_too(traffic, limit):
    assert samples(traffic, limit)["process_resident_memory_bytes",] > 1e6
