"""One call at a time, step by step; what holds for every loop is in test_search_properties.py."""

import json

import pytest

from jira_compat.model import Request, Response
from jira_compat.plan import PlanError
from jira_compat.translate.search import search
from translate.site import Driver, Site, ok

PATH = b"/jira/rest/api/2/search"
IDS = [str(number) for number in range(1, 31)]


def post(driver: Driver, **document: object) -> Response:
    return answer(driver, Request("POST", PATH, (), json.dumps(document).encode()))


def answer(driver: Driver, request: Request) -> Response:
    response = driver.run(search(request, "search/translate", limit=100_000))
    assert response is not None
    return response


def document(response: Response) -> dict:
    assert response.status == 200, response
    read: dict = json.loads(response.body or b"")
    return read


def test_a_page_that_fits_is_one_call_with_the_old_defaults():
    driver = Driver(Site(IDS))
    page = document(post(driver, jql="project = ABC"))

    assert driver.site.sent == [
        ("/jira/rest/api/2/search/jql", {"jql": "project = ABC", "maxResults": 50, "fields": ["*navigable"]})
    ]
    assert (page["startAt"], page["maxResults"], page["total"], len(page["issues"])) == (0, 50, 30, 30)
    assert driver.notes == [("search.total", "exact")]


def test_all_that_was_asked_is_passed_on_in_todays_form():
    driver = Driver(Site(IDS), written=(7, 9))
    call = {"fields": "a,b", "expand": ["names", "changelog"], "properties": ["p"], "fieldsByKeys": True}
    post(driver, jql="x = 1", maxResults=100, validateQuery="strict", **call)

    [(_, sent)] = driver.site.sent
    assert sent == {
        "jql": "x = 1",
        "maxResults": 100,
        "fields": ["a", "b"],
        "expand": "names,changelog",
        "properties": ["p"],
        "fieldsByKeys": True,
        "reconcileIssues": [7, 9],
    }


def test_a_query_longer_than_an_address_goes_in_the_body():
    driver = Driver(Site(IDS))
    jql = f"project = ABC AND summary ~ '{'x' * 50_000}'"
    post(driver, jql=jql, maxResults=10)

    assert [len(path) < 50 for path, _ in driver.site.sent] == [True, True]
    assert {sent["jql"] for _, sent in driver.site.sent} == {jql}


def test_the_first_page_of_more_is_two_calls_and_the_next_one():
    driver = Driver(Site(IDS), written=(7,))
    assert document(post(driver, jql="x = 1", maxResults=20))["total"] == 30
    assert driver.requests == 2
    driver.written = (8,)
    page = document(post(driver, jql="x = 1", maxResults=20, startAt=20))
    assert driver.requests == 1
    assert [issue["id"] for issue in page["issues"]] == IDS[20:]
    assert [sent.get("reconcileIssues") for _, sent in driver.site.sent] == [[7]] * 3


@pytest.mark.parametrize("other", [{"jql": "y = 2"}, {"fields": "a"}, {"expand": "names"}, {"maxResults": 19}])
def test_a_token_is_for_the_very_same_search(other):
    driver = Driver(Site(IDS))
    post(driver, jql="x = 1", maxResults=20)
    page = document(post(driver, **{"jql": "x = 1", "maxResults": 20, "startAt": 20, **other}))

    assert [path.rpartition("/")[2] for path, _ in driver.site.sent[2:]] == ["jql", "bulkfetch"]
    assert [issue["id"] for issue in page["issues"]][:10] == IDS[20:]


def test_a_count_asks_for_no_issue():
    driver = Driver(Site(IDS))
    page = document(post(driver, jql="x = 1", maxResults=0))

    assert (page["total"], page["maxResults"], page["issues"]) == (30, 0, [])
    assert [sent["fields"] for _, sent in driver.site.sent] == [["id"]]


def test_more_than_a_call_counts_are_estimated():
    driver = Driver(Site([str(number) for number in range(6000)], estimate=lambda _: 5500))

    assert document(post(driver, jql="x = 1", maxResults=0))["total"] == 5500
    assert driver.notes == [("search.total", "estimated")]
    driver.site.estimate = lambda _: 3
    assert document(post(driver, jql="x = 1", maxResults=0))["total"] == 5001


def test_an_unbounded_query_is_restricted_for_every_step():
    driver = Driver(Site([str(number) for number in range(6000)]))
    post(driver, jql="ORDER BY key", maxResults=10)

    assert {sent["jql"] for _, sent in driver.site.sent} == {'created >= "1970-01-01" ORDER BY key'}


def test_issues_that_fail_once_are_asked_again_and_twice_end_the_plan():
    driver = Driver(Site(IDS, flaky={"5": 1}))
    page = document(post(driver, jql="x = 1", startAt=3, maxResults=4))
    assert [issue["id"] for issue in page["issues"]] == ["4", "5", "6", "7"]

    driver.site.flaky = {"5": 2}
    with pytest.raises(PlanError, match="issue/bulkfetch"):
        post(driver, jql="x = 1", startAt=3, maxResults=4)


@pytest.mark.parametrize(("start", "size"), [(0, 20), (7, 5)])
def test_a_site_that_leads_in_a_circle_is_left(start, size):
    class Circle(Site):
        def answer(self, request: Request) -> Response:
            super().answer(request)
            return ok({"issues": [], "isLast": False, "nextPageToken": "again"})

    driver = Driver(Circle(IDS))
    with pytest.raises(PlanError, match="leads to itself"):
        post(driver, jql="x = 1", startAt=start, maxResults=size)
    assert driver.requests == 2


class Refusing(Site):
    """Refuses the call of this number."""

    def __init__(self, number: int, refusal: Response) -> None:
        super().__init__(IDS)
        self.number, self.refusal = number, refusal

    def answer(self, request: Request) -> Response:
        response = super().answer(request)
        return self.refusal if len(self.sent) == self.number else response


@pytest.mark.parametrize(
    ("number", "status"), [*((1, status) for status in (400, 401, 403, 500, 503)), (2, 400), (2, 404), (2, 503)]
)
def test_a_refused_step_is_the_answer_and_never_half_a_result(status, number):
    refusal = ok({"errorMessages": ["no"], "errors": {}}, status)
    driver = Driver(Refusing(number, refusal))

    assert post(driver, jql="x = 1", maxResults=20) == refusal


@pytest.mark.parametrize("status", [404, 405])
def test_a_site_that_does_not_know_search_jql_is_asked_the_old_call_from_then_on(status):
    class Old(Site):
        def answer(self, request: Request) -> Response:
            asked.append((request.method, request.target.decode(), request.headers, request.body))
            return ok({"total": 0}, 200) if request.target.endswith(b"/search") else ok({}, status)

    asked: list[tuple] = []
    driver = Driver(Old(IDS))
    call = ((b"Content-Type", b"application/json"), (b"Host", b"proxy"), (b"Connection", b"close"))
    for _ in range(2):
        assert answer(driver, Request("POST", PATH, call, b'{"jql":"x"}')).body == b'{"total": 0}'
    old = (b"Content-Type", b"application/json"), (b"Content-Length", b"11")
    assert asked[1:] == [("POST", "/jira/rest/api/2/search", old, b'{"jql":"x"}')] * 2


INVALID = "The value 'x' does not exist for the field 'project'."


@pytest.mark.parametrize(
    ("validation", "jql", "message", "wanted"),
    [
        ("strict", "project = x", INVALID, None),
        ("warn", "project = x", INVALID, [INVALID]),
        ("warn", "project = x OR a = 1", INVALID, [INVALID]),
        ("none", "project = x", INVALID, []),
        ("none", "project = x OR a = 1", INVALID, None),
        ("warn", "project =", "Error in the JQL Query: Expecting either a value", None),
        ("none", "project =", "Error in the JQL Query: Expecting either a value", None),
    ],
)
def test_what_validate_query_promised(validation, jql, message, wanted):
    driver = Driver(Refusing(1, ok({"errorMessages": [message], "errors": {}}, 400)))
    response = post(driver, jql=jql, validateQuery=validation)

    if wanted is None:
        assert response.status == 400
    else:
        page = document(response)
        assert (page["issues"], page["total"], page.get("warningMessages", [])) == ([], 0, wanted)


@pytest.mark.parametrize(
    ("body", "status", "clause"),
    [
        (b'{"startAt": "many"}', 400, "startAt must be a whole number"),
        (b'{"jql":', 400, "its JSON is malformed"),
        (b"{" + b" " * 200_000 + b"}", 413, "larger than"),
    ],
)
def test_a_call_that_cannot_be_read_asks_the_site_nothing(body, status, clause):
    driver = Driver(Site(IDS))
    response = answer(driver, Request("POST", PATH, (), body))

    assert (response.status, driver.requests) == (status, 0)
    assert clause in json.loads(response.body or b"")["errorMessages"][0]
