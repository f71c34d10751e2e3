import json
from urllib.parse import urlencode

import pytest

from jira_compat.model import Request, Response
from jira_compat.translate.search_jql import correct, is_wrong
from translate.site import Driver, Site

PATH = b"/rest/api/3/search/jql"
IDS = [str(number) for number in range(1, 31)]
LIMIT = 10_000


def get(**call) -> Request:
    return Request("GET", PATH + b"?" + urlencode(call, doseq=True).encode())


def post(**call) -> Request:
    return Request("POST", PATH, (), json.dumps(call).encode())


@pytest.mark.parametrize(
    "call",
    [
        {"jql": "a = 1"},
        {"jql": "a = 1", "startAt": 0},
        {"jql": "a = 1", "maxResults": 1},
        {"jql": "a = 1", "maxResults": 5000},
        {"jql": "a = 1", "maxResults": None},
        {"jql": "a = 1", "nextPageToken": "CAEaAggD"},
        {"jql": "a = 1", "nextPageToken": "1234567890"},
        {"jql": "a = 1", "fields": ["a", "b"], "expand": "names,schema", "properties": ["p"]},
        {"jql": 5},
        {"jql": "a = 1", "startAt": "many"},
    ],
)
def test_a_right_call_and_one_that_is_not_understood_are_left_alone(call):
    assert not is_wrong(post(**call), LIMIT)
    if None not in call.values():
        assert not is_wrong(get(**call), LIMIT)


@pytest.mark.parametrize("body", [b"", b"{", b"hello", b"[1]"])
def test_a_body_that_cannot_be_read_is_the_sites_to_judge(body):
    assert not is_wrong(Request("POST", PATH, (), body), LIMIT) or not body


@pytest.mark.parametrize(
    "call",
    [
        {"jql": "a = 1", "startAt": 1},
        {"jql": "a = 1", "nextPageToken": "50"},
        {"jql": "a = 1", "nextPageToken": 50},
        {"jql": "a = 1", "maxResults": 0},
        {"jql": "a = 1", "maxResults": -1},
        {"jql": "a = 1", "maxResults": 5001},
        {"jql": "a = 1", "maxResults": 2147483647},
        {"jql": "ORDER BY key"},
        {"jql": ""},
        {},
    ],
)
def test_a_wrong_call_is_seen_either_way(call):
    assert is_wrong(get(**call), LIMIT)
    assert is_wrong(post(**call), LIMIT)


@pytest.mark.parametrize("call", [{"expand": ["names"]}, {"fields": "a,b"}, {"properties": "p"}, {"maxResults": False}])
def test_types_are_wrong_only_in_json(call):
    assert is_wrong(post(jql="a = 1", **call), LIMIT)


def run(driver: Driver, request: Request) -> dict:
    response = driver.run(correct(request, "search/correct-search-jql", limit=LIMIT))
    assert isinstance(response, Response)
    assert response.status == 200
    document: dict = json.loads(response.body or b"")
    return document


def test_one_that_needs_no_offset_is_one_call_and_the_sites_own_answer():
    driver = Driver(Site(IDS))
    request = post(
        jql="ORDER BY key", maxResults=-1, fields="a,b", expand=["names"], reconcileIssues=[7], fieldsByKeys=True
    )
    page = run(driver, request)
    [(path, sent)] = driver.site.sent
    assert path == "/rest/api/3/search/jql"
    assert sent == {
        "jql": 'created >= "1970-01-01" ORDER BY key',
        "maxResults": 5000,
        "fields": ["a", "b"],
        "expand": "names",
        "fieldsByKeys": True,
        "reconcileIssues": [7],
    }
    assert (len(page["issues"]), page["isLast"]) == (30, True)


def test_a_real_token_is_kept():
    driver = Driver(Site(IDS))
    run(driver, post(jql="a = 1", nextPageToken="0:10", fields="a"))
    assert driver.site.sent[0][1]["nextPageToken"] == "0:10"


@pytest.mark.parametrize("name", ["startAt", "nextPageToken"])
def test_a_loop_by_offset_gets_every_issue_in_the_new_shape(name):
    driver = Driver(Site(IDS))
    got: list[str] = []
    while True:
        where = {name: len(got)} if got else {"nextPageToken": "0"}
        page = run(driver, get(jql="a = 1", maxResults=7, **where))
        got += [issue["id"] for issue in page["issues"]]
        if page["isLast"]:
            break
        assert got == IDS[: len(got)]

    assert got == IDS
    assert (page["total"], page["startAt"], page["maxResults"]) == (30, 28, 7)
    assert "nextPageToken" not in page


def test_a_page_in_between_names_the_next_offset_as_its_token():
    page = run(Driver(Site(IDS)), post(jql="a = 1", startAt=10, maxResults=5))
    assert (page["isLast"], page["nextPageToken"]) == (False, "15")


def test_none_at_all_is_a_count():
    page = run(Driver(Site(IDS)), get(jql="a = 1", maxResults=0))
    assert (page["issues"], page["isLast"], page["total"]) == ([], True, 30)
