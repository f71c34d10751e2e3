"""Cloud's search over real HTTP."""

import json
import math
import time
from collections.abc import Callable, Iterator
from typing import Any

import jira
import pytest
import requests

from jira_compat.standin import StandIn

LOGIN = ("admin@example.com", "admin-token")
NEW = {"fields": {"project": {"key": "DEMO"}, "summary": "New", "issuetype": {"name": "Bug"}}}
BAD_TOKEN = "The provided next page token is invalid."


@pytest.fixture(scope="module")
def running() -> Iterator[StandIn]:
    with StandIn("cloud-today") as standin:
        yield standin


@pytest.fixture
def site(running: StandIn) -> StandIn:
    running.reset()
    return running


@pytest.fixture
def ask(site) -> Iterator[Callable[..., requests.Response]]:
    with requests.Session() as session:

        def send(method: str, path: str, content: Any = None, **options: Any) -> requests.Response:
            return session.request(
                method, f"{site.url}/rest/api/3/{path}", **{"auth": LOGIN, "json": content, "timeout": 10, **options}
            )

        yield send


@pytest.fixture
def search(ask) -> Callable[..., Any]:
    def page(jql: str = "project = DEMO order by key", **parameters: Any) -> Any:
        return ask("POST", "search/jql", {"jql": jql, **parameters}).json()

    return page


def ids(page: Any) -> list[str]:
    return [issue["id"] for issue in page["issues"]]


@pytest.mark.parametrize("version", ["2", "3", "latest"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_old_search_is_gone(ask, version, method):
    reply = ask(method, f"../{version}/search", {"jql": ""})

    assert (reply.status_code, reply.json()["errors"]) == (410, {})
    assert "CHANGE-2046" in reply.json()["errorMessages"][0]


@pytest.mark.parametrize(
    ("auth", "headers", "words"),
    [
        (("admin@example.com", "admin"), {}, "Basic authentication with passwords is deprecated.  For"),
        (("admin", "admin-token"), {}, "Basic authentication with passwords is deprecated.  For"),
        (None, {"Authorization": "Bearer admin-token"}, "Client must be authenticated to access this resource."),
    ],
)
def test_passwords_names_and_bare_tokens_are_refused(ask, auth, headers, words):
    reply = ask("GET", "serverInfo", auth=auth, headers=headers)

    assert reply.status_code == 401
    assert words in reply.text


def test_there_is_no_login_by_password(site):
    reply = requests.post(f"{site.url}/rest/auth/1/session", json={"username": "fred", "password": "fred"}, timeout=10)

    assert reply.status_code == 404
    site.state.sessions["x"] = site.state.named("fred").key
    cookie = requests.get(f"{site.url}/rest/api/3/myself", cookies={"JSESSIONID": "x"}, timeout=10)
    assert cookie.status_code == 401


def test_new_users_need_products(ask):
    new = {"emailAddress": "new@example.com"}

    assert ask("POST", "user", new).json()["errorMessages"] == ["You must specify the products that user can access."]
    assert ask("POST", "user", new | {"products": ["jira-software"]}).status_code == 201


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(("version", "kind"), [("2", str), ("3", dict), ("latest", str)])
def test_a_page_has_the_new_shape(ask, method, version, kind):
    given = {"jql": "project = DEMO order by key", "maxResults": 2, "fields": ["description"], "expand": "names,schema"}
    content = {"params": given} if method == "GET" else {"content": given}
    page = ask(method, f"../{version}/search/jql", **content).json()

    assert page.keys() == {"issues", "isLast", "nextPageToken", "names", "schema"}
    assert [issue["key"] for issue in page["issues"]] == ["DEMO-1", "DEMO-2"]
    assert isinstance(page["issues"][0]["fields"]["description"], kind)


def test_without_parameters_fifty_ids_come(search):
    page = search()

    assert page["issues"][0] == {"id": "10001"}
    assert len(page["issues"]) == 50


@pytest.mark.parametrize(
    ("parameters", "length"),
    [
        ({"maxResults": 5000}, 5000),
        ({"maxResults": 5000, "fields": ["id", "key"]}, 5000),
        ({"maxResults": 5000, "fields": ["summary"]}, 100),
        ({"maxResults": 70, "fields": ["*all"]}, 70),
        ({"startAt": 40, "maxResults": 7}, 7),
    ],
)
def test_pages_are_as_long_as_their_fields_allow(site, search, parameters, length):
    site.seed_issues(5001)
    page = search(**parameters)

    assert (len(page["issues"]), page["issues"][0]["id"], page["isLast"]) == (length, "1000001", False)


@pytest.mark.parametrize(
    "given",
    [
        {"jql": ""},
        {"jql": "order by key"},
        {"jql": "colour = red"},
        {"maxResults": 0},
        {"maxResults": -1},
        {"maxResults": 5001},
        {"maxResults": "many"},
        {"expand": ["names"]},
        {"fields": "summary"},
        {"properties": list("abcdef")},
        {"reconcileIssues": list(range(51))},
        {"reconcileIssues": ["DEMO-1"]},
        {"jql": "project = DEMO order by key, id, status, created, updated, summary, priority, reporter"},
        {"nextPageToken": "50"},
        {"nextPageToken": "x"},
    ],
)
def test_what_the_new_search_does_not_take_is_400(ask, given):
    reply = ask("POST", "search/jql", {"jql": "project = DEMO", **given})

    assert (reply.status_code, reply.json().keys()) == (400, {"errorMessages", "errors"})


@pytest.mark.parametrize("jql", ["summary ~ 'order by'", 'summary ~ "x ORDER BY key" order by key'])
def test_an_order_in_a_text_is_none(search, jql):
    assert search(jql) == {"issues": [], "isLast": True}


def test_pages_hold_every_issue_once(site, search):
    site.seed_issues(250)
    page = search(maxResults=100)
    seen = ids(page)
    while not page["isLast"]:
        page = search(maxResults=100, nextPageToken=page["nextPageToken"])
        seen += ids(page)

    assert seen == [str(1_000_000 + number) for number in range(1, 251)]
    assert "nextPageToken" not in page


@pytest.mark.parametrize("change", ["query", "reconciled", "caller", "told", "time"])
def test_a_token_belongs_to_its_query_and_expires(site, ask, change):
    given = {"jql": "project = DEMO", "maxResults": 10}
    given["nextPageToken"] = ask("POST", "search/jql", given).json()["nextPageToken"]
    assert ask("POST", "search/jql", given).status_code == 200

    options: dict[str, Any] = {}
    match change:
        case "query":
            given["jql"] = "project = DEMO order by key"
        case "reconciled":
            given["reconcileIssues"] = [10001]
        case "caller":
            options["auth"] = ("fred@example.com", "fred-token")
        case "told":
            site.faults.expire_tokens()
        case "time":
            site.faults.token_lifetime = 0.0

    reply = ask("POST", "search/jql", given, **options)
    assert (reply.status_code, reply.json()["errorMessages"]) == (400, [BAD_TOKEN])


def test_pages_may_be_short_though_not_last(site, search):
    site.faults.page_limit = 3
    site.faults.page_lengths.extend([2, 0])
    lengths: list[tuple[int, bool]] = []
    page: dict[str, Any] = {}
    for _ in range(4):
        token = {"nextPageToken": page["nextPageToken"]} if page else {}
        page = search(maxResults=10, fields=["summary"], **token)
        lengths.append((len(page["issues"]), page["isLast"]))

    assert lengths == [(2, False), (0, False), (3, False), (3, False)]


def test_a_change_is_found_later_unless_it_is_named(site, ask, search):
    site.index.delay = math.inf
    new = ask("POST", "issue", NEW).json()["id"]
    ask("PUT", "issue/DEMO-1", {"fields": {"summary": "Other"}})
    ask("DELETE", "issue/DEMO-2")

    assert new not in ids(search(maxResults=5000))
    assert ids(search("summary ~ Other")) == []
    assert "10002" in ids(search())
    assert new in ids(search(maxResults=5000, reconcileIssues=[int(new)]))
    assert ids(search("summary ~ Other", reconcileIssues=["10001"])) == ["10001"]
    assert "10002" not in ids(search(reconcileIssues=[10002]))
    assert ask("POST", "search/approximate-count", {"jql": "project = DEMO"}).json() == {"count": 100}
    site.index.catch_up()
    assert new in ids(search(maxResults=5000))
    assert ids(search("summary ~ Other")) == ["10001"]
    assert "10002" not in ids(search())


@pytest.mark.parametrize(("factor", "count"), [(1.0, 100), (0.5, 50), (1.2, 120), (0.0, 0)])
def test_the_count_may_be_off(site, ask, factor, count):
    site.faults.estimate = factor

    assert ask("POST", "search/approximate-count", {"jql": "project = DEMO"}).json() == {"count": count}
    assert ask("POST", "search/approximate-count", {"jql": ""}).status_code == 400


def test_issues_come_in_bulk_in_the_order_of_their_ids(site, ask):
    site.faults.unfetchable["10002"] = 1
    given = {"issueIdsOrKeys": ["demo-3", "10001", "DEMO-2", "DEMO-1", "DEMO-999"], "expand": ["names", "schema"]}
    first, second = (ask("POST", "issue/bulkfetch", given).json() for _ in range(2))

    assert first.keys() == {"expand", "issues", "issueErrors"}
    assert (ids(first), [error["id"] for error in first["issueErrors"]]) == (["10001", "10003"], ["10002"])
    assert (ids(second), second["issueErrors"]) == (["10001", "10002", "10003"], [])
    issue = second["issues"][0]
    assert issue["names"]["summary"] == "Summary"
    assert issue["schema"].keys() == issue["fields"].keys()
    assert "attachment" not in issue["fields"]


@pytest.mark.parametrize("wanted", [None, [], [str(number) for number in range(101)], "DEMO-1"])
def test_bulk_has_its_bounds(ask, wanted):
    assert ask("POST", "issue/bulkfetch", {"issueIdsOrKeys": wanted}).status_code == 400


def test_calls_are_throttled_or_fail_when_told(site, ask):
    site.faults.throttle(1, 7, after=1)
    site.faults.fail(1, 502)
    replies = [ask("GET", "serverInfo") for _ in range(4)]

    assert [(reply.status_code, reply.headers.get("Retry-After")) for reply in replies] == [
        (200, None),
        (429, "7"),
        (502, None),
        (200, None),
    ]


def test_answers_are_late_when_told(site, ask):
    site.faults.latency = 0.05
    start = time.monotonic()
    ask("GET", "serverInfo")

    assert time.monotonic() - start >= 0.05


def test_a_reset_ends_what_was_told(site):
    site.faults.latency, site.index.delay = 9.0, math.inf
    site.seed_issues(3)
    site.reset()

    assert (site.faults.latency, site.index.delay, len(site.state.issues)) == (0.0, 0.0, 120)


def test_seeded_issues_are_the_same_each_time(site):
    site.seed_issues(300, description=5000)
    first = json.dumps([str(issue) for issue in site.state.issues.values()])
    site.seed_issues(300, description=5000)

    assert json.dumps([str(issue) for issue in site.state.issues.values()]) == first
    assert {len(str(issue.description)) for issue in site.state.issues.values()} == {5000}


def test_the_client_jira_of_today_pages_through_all(site):
    client = jira.JIRA(site.url, basic_auth=LOGIN, max_retries=0)
    try:
        found = client.enhanced_search_issues("created >= '1970-01-01' order by key", maxResults=0, fields="summary")
        assert [issue.key for issue in found][:100] == [f"DEMO-{number}" for number in range(1, 101)]
        assert len(found) == 120
        assert client.approximate_issue_count("project = OPS") == 20
        with pytest.raises(jira.JIRAError) as error:
            client._get_json("search")
        assert error.value.status_code == 410
    finally:
        client.close()
