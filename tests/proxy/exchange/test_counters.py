import pytest

from build import a_request, a_rule, policy_set
from jira_compat.decide import decide
from jira_compat.proxy.exchange.counters import BOUNDS, Counts, total

RULES = policy_set(
    a_rule("GET /rest/api/2/user"),
    a_rule("POST /rest/api/2/user", remove=("/password",)),
    a_rule("POST /rest/api/2/user", remove_query=("password",)),
    a_rule("PUT /rest/api/2/user/password", respond={"status": 410}),
)


def test_nothing_is_counted_of_what_no_rule_names():
    counts = Counts()
    counts.ended(decide(RULES, a_request("GET /rest/api/2/issue/ABC-1")))
    assert counts == Counts()


@pytest.mark.parametrize(
    ("request_", "rules", "refusals"),
    [
        (a_request("GET /rest/api/2/user"), [("watch-get-rest-api-2-user", "unchanged", "none")], {}),
        (
            a_request("POST /rest/api/2/user", password="x"),
            [
                ("remove-post-rest-api-2-user", "modified", "remove"),
                ("remove-query-post-rest-api-2-user", "modified", "remove"),
            ],
            {},
        ),
        (
            a_request("PUT /rest/api/2/user/password"),
            [("respond-put-rest-api-2-user-password", "removed", "respond")],
            {"rule": 1},
        ),
        (
            a_request("POST /rest/api/2/user", "{", {"Content-Type": "application/json"}),
            [
                ("remove-post-rest-api-2-user", "modified", "remove"),
                ("remove-query-post-rest-api-2-user", "modified", "remove"),
            ],
            {"unreadable_body": 1},
        ),
    ],
)
def test_an_exchange_counts_for_every_rule_that_it_matched(request_, rules, refusals):
    counts = Counts()
    counts.ended(decide(RULES, request_))
    assert counts.rules == {("some-policy", *labels): 1 for labels in rules}
    assert counts.refusals == refusals


def test_what_is_only_observed_is_no_refusal():
    counts = Counts()
    observed = policy_set(a_rule("PUT /rest/api/2/user/password", respond={"status": 410}), mode="observe")
    counts.ended(decide(observed, a_request("PUT /rest/api/2/user/password")))
    assert counts.rules.total() == 1
    assert counts.refusals == {}


@pytest.mark.parametrize(
    ("seconds", "place"), [(0.0, 0), (0.00001, 0), (0.000011, 1), (1.0, len(BOUNDS) - 1), (1.1, len(BOUNDS))]
)
def test_a_decision_time_counts_up_to_its_bound(seconds, place):
    counts = Counts()
    counts.decided(seconds)
    assert [number for number, count in enumerate(counts.decision_times) if count] == [place]
    assert counts.decision_seconds == seconds


def test_a_translated_call_counts_with_its_steps_and_what_failed():
    counts = Counts()
    counts.translated("search", 2, None, [])
    counts.translated("search", 1, None, [True])
    counts.translated("search-jql", 3, "upstream_busy", [False])
    assert counts.translations == {"search": 2, "search-jql": 1}
    assert (counts.translation_steps, counts.translation_failures) == (6, {"upstream_busy": 1})
    assert counts.cursors == {"hit": 1, "miss": 1}
    both = total([counts, counts])
    assert (both.translations, both.translation_steps) == ({"search": 4, "search-jql": 2}, 12)
    assert (both.translation_failures, both.cursors) == ({"upstream_busy": 2}, {"hit": 2, "miss": 2})


def test_of_none_the_total_is_nothing():
    assert total([]) == Counts()


def test_the_total_of_several():
    one, other = Counts(requests=2), Counts(requests=3, is_current=False, decision_seconds=1.5)
    one.ended(decide(RULES, a_request("PUT /rest/api/2/user/password")))
    for counts in (one, one, other):
        counts.decided(BOUNDS[3])
        counts.reloads["ok"] += 1
        counts.failures["rewrite_failed"] += 1
    both = total([one, other])
    assert (both.requests, both.is_current, sum(both.decision_times), both.decision_times[3]) == (5, False, 3, 3)
    assert both.decision_seconds == one.decision_seconds + other.decision_seconds
    assert (both.reloads, both.failures, both.refusals) == ({"ok": 3}, {"rewrite_failed": 3}, {"rule": 1})
    assert both.rules == one.rules
    both.requests += 1
    assert one.requests == 2
