import pytest

from jira_compat.model import Request, Response
from jira_compat.plan import PlanError
from jira_compat.translate.search_call import SearchCall
from jira_compat.translate.search_steps import EndedError, ExpiredError, SearchSteps, Walk
from translate.site import Driver, Site, ok

CALL = SearchCall(b"/rest/api/3/search", "x = 1", size=2)
IDS = ["1", "2", "3", "4", "5"]


class Saying(Site):
    """Answers everything the same."""

    def __init__(self, response: Response) -> None:
        super().__init__(IDS)
        self._response = response

    def answer(self, request: Request) -> Response:
        super().answer(request)
        return self._response


def result(driver: Driver, steps):
    """Run the steps as a plan of their own."""
    kept = []

    def plan():
        kept.append((yield from steps))

    driver.run(plan())
    return kept[0]


def test_a_token_that_is_refused_has_expired_and_without_one_the_call_ends():
    driver, steps = Driver(Site(IDS)), SearchSteps(CALL, ())
    token = result(driver, steps.page(2, None)).token
    driver.site.age += 1
    with pytest.raises(ExpiredError):
        result(driver, steps.page(2, token))
    with pytest.raises(EndedError) as caught:
        result(Driver(Saying(ok({"errorMessages": ["no"]}, 400))), steps.page(2, None))
    assert caught.value.response.status == 400


def test_more_issues_than_asked_for_are_not_believed():
    three = ok({"issues": [{"id": "1"}, {"id": "2"}, {"id": "3"}]})
    with pytest.raises(PlanError):
        result(Driver(Saying(three)), SearchSteps(CALL, ()).page(2, None))


def test_a_walk_goes_no_further_than_asked_and_leaves_out_what_is_gone():
    driver = Driver(Site(IDS, ids_page=2))
    walk = Walk(SearchSteps(CALL, ()), frozenset({"3"}))
    result(driver, walk.reach(1))
    assert (walk.ids, walk.is_whole, driver.requests) == (["1", "2"], False, 1)
    result(driver, walk.reach(3))
    assert (walk.ids, walk.is_whole, driver.requests) == (["1", "2", "4"], False, 1)
    result(driver, walk.reach(99))
    assert (walk.ids, walk.is_whole, driver.requests) == (["1", "2", "4", "5"], True, 1)


def test_bulk_keeps_the_order_that_was_asked_and_splits_by_a_hundred():
    ids = [str(number) for number in range(250, 0, -1)]
    driver = Driver(Site(ids))
    found = result(driver, SearchSteps(CALL, ()).bulk(ids))

    assert [number for number, _ in found.issues] == ids
    assert [len(sent["issueIdsOrKeys"]) for _, sent in driver.site.sent] == [100, 100, 50]
    assert {path for path, _ in driver.site.sent} == {"/rest/api/3/issue/bulkfetch"}
