"""The steps of a translation, found without a site."""

import json

import pytest

from jira_compat.decide import decide
from jira_compat.decision import Converse
from jira_compat.explain.steps import Sent, Steps, steps
from jira_compat.model import Request
from jira_compat.policy.files import policy_files, shipped_policies
from jira_compat.policy.index import RunOptions, compile_policies
from jira_compat.policy.load import load_policies

RULES = compile_policies(load_policies(policy_files([shipped_policies()])), RunOptions(profile="cloud"))
API = "/rest/api/2"


def of(request: Request) -> Steps:
    decision = decide(RULES, request)
    assert isinstance(decision, Converse)
    return steps(RULES, decision, max_body=100_000)


def get(query: str, path: str = "search") -> Steps:
    return of(Request("GET", f"{API}/{path}?{query}".encode(), (), b""))


def search(*more: str, times: int = 1) -> Sent:
    return Sent("POST", f"{API}/search/jql", ("jql", "maxResults", "fields", *more), times)


def bulk(times: int = 1) -> Sent:
    return Sent("POST", f"{API}/issue/bulkfetch", ("issueIdsOrKeys", "fields"), times)


COUNT = Sent("POST", f"{API}/search/approximate-count", ("jql",))


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        ("jql=a", (search(times=2), COUNT)),
        ("jql=a&maxResults=0", (search(), COUNT)),
        ("jql=a&startAt=50", (search(), bulk(), COUNT)),
        ("jql=a&startAt=5050&maxResults=1000", (search(), search("nextPageToken"), bulk(10), COUNT)),
    ],
)
def test_a_search_costs_so_many_requests(query, sent):
    assert get(query).sent == sent


def test_a_call_of_todays_search_is_corrected_in_one_request():
    assert get("jql=", "search/jql").sent == (search(),)


def test_a_page_far_away_is_too_much():
    assert get("jql=a&startAt=1000000") == Steps((), get("jql=a").premise, is_too_much=True)


def test_a_call_that_cannot_be_read_sends_nothing():
    found = get("jql=a&startAt=x")
    assert found.sent == ()
    assert found.answer is not None
    assert found.answer.status == 400


def test_no_value_of_the_call_is_shown():
    document = {"jql": "summary ~ tulip", "fields": ["tulip"], "startAt": 9}
    headers = ((b"Content-Type", b"application/json"),)
    found = of(Request("POST", f"{API}/search".encode(), headers, json.dumps(document).encode()))
    assert found.sent
    assert "tulip" not in repr(found)
