"""A plan with requests of its own, driven without a network; the real one is in tests/e2e/test_translate.py."""

import asyncio
import json
import threading

import pytest

from jira_compat.model import Request, Response
from jira_compat.plan import Note, PlanError, Recall, Remember, Send, SendAll, StepRefusedError, Written
from jira_compat.proxy.exchange.dialogue import LIGHT, REASONS, Dialogue, Held
from jira_compat.proxy.exchange.memory import Memory
from jira_compat.proxy.offload import Busy
from jira_compat.proxy.settings.translation import TranslationLimits
from jira_compat.proxy.upstream import LargeAnswerError, UpstreamError, UpstreamTimeoutError

ASK = Request("POST", b"/rest/api/3/search/jql", ((b"Content-Type", b"application/json"),), b"{}")
OK = Response(200, (), b"{}")


class Site:
    """Answers with what it is given, in order, then with 200; what is an exception is raised."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []
        self.together = self.most = 0

    async def send(self, request, hold):
        self.asked.append(request)
        self.together += 1
        self.most = max(self.most, self.together)
        await asyncio.sleep(0)
        self.together -= 1
        answer = self.answers.pop(0) if self.answers else OK
        if isinstance(answer, Exception):
            raise answer
        hold(len(answer.body or b""))
        return answer


def dialogue(site, **limits):
    headers = ((b"Authorization", b"Basic x"),)
    return Dialogue(site.send, lambda step: (step, ()), headers, Memory(), b"c", (7, 9), TranslationLimits(**limits))


def run(site, plan, **limits):
    driver = dialogue(site, **limits)
    return asyncio.run(driver.run(plan)), driver


def plan_of(*steps, returns=None):
    for step in steps:
        _ = yield step
    return returns


def outcome(answer):
    mark = dict(answer.headers)[b"X-Jira-Compat"].decode()
    return answer.status, mark, json.loads(answer.body)["errorMessages"][0]


def test_a_plan_without_a_step_answers_what_it_returns():
    site = Site()
    answer, driver = run(site, plan_of(returns=OK))
    assert (answer, site.asked, driver.statuses, driver.notes) == (OK, [], [], {})


def test_a_step_has_the_clients_fields_and_the_last_answer_may_be_the_answer():
    site = Site(Response(404, (), b"no"))
    answer, driver = run(site, plan_of(Send(ASK)))
    assert answer == Response(404, (), b"no")
    [request] = site.asked
    assert request.headers == (
        (b"Authorization", b"Basic x"),
        (b"Accept", b"application/json"),
        (b"Content-Type", b"application/json"),
    )
    assert driver.statuses == [404]


def test_several_run_together_within_their_bound_and_answer_in_their_order():
    site = Site(*(Response(200, (), str(number).encode()) for number in range(10)))
    seen = []

    def plan():
        seen.append((yield SendAll((ASK,) * 10)))
        return OK

    run(site, plan(), parallel=3)
    assert [answer.body for answer in seen[0]] == [str(number).encode() for number in range(10)]
    assert site.most == 3


@pytest.mark.parametrize("together", [1, 5])
def test_one_that_fails_ends_the_others_and_is_the_answer(together):
    ended = []

    class Failing:
        async def send(self, request, _):
            if request.target == ASK.target:
                raise UpstreamTimeoutError("late")
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(request)

    async def drive():
        others = (Request("POST", b"/rest/api/3/issue/bulkfetch", (), b"{}"),) * (together - 1)
        driver = dialogue(Failing(), parallel=10)
        driver.edit = lambda step: (step, ())
        running = asyncio.ensure_future(driver.run(plan_of(SendAll((*others, ASK)), returns=OK)))
        await asyncio.wait([running])
        return running.cancelled(), running.cancelled() or running.result().status

    assert asyncio.run(drive()) == (False, 504)
    assert len(ended) == together - 1


@pytest.mark.parametrize("together", [1, 2])
def test_one_that_fails_at_once_cancels_nothing_but_the_others(together):
    def refuse(_):
        raise StepRefusedError("one applies to the other")

    async def drive():
        asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)  # as mitmproxy does
        driver = dialogue(Site())
        driver.edit = refuse
        answer = await asyncio.ensure_future(driver.run(plan_of(SendAll((ASK,) * together), returns=OK)))
        return answer.status

    assert asyncio.run(drive()) == 502


def test_memory_notes_and_what_was_written():
    seen = []

    def plan():
        seen.append((yield Recall("a")))
        seen.append((yield Remember("a", 5)))
        seen.append((yield Recall("a")))
        seen.append((yield Written()))
        seen.append((yield Note("search.total", "exact")))
        return OK

    _, driver = run(Site(), plan())
    assert seen == [None, None, 5, (7, 9), None]
    assert driver.notes == {"search.total": "exact"}


@pytest.mark.parametrize(
    ("failure", "wanted"),
    [
        (UpstreamTimeoutError("late"), (504, "error/upstream_timeout")),
        (LargeAnswerError("large"), (502, "error/answer_too_large")),
        (PlanError("search/jql: odd"), (502, "error/unexpected_answer")),
    ],
)
def test_what_goes_wrong_with_the_site_is_an_answer(failure, wanted):
    answer, _ = run(Site(failure), plan_of(Send(ASK)))
    assert outcome(answer)[:2] == wanted


def test_a_rule_against_a_step_is_a_502_that_names_both():
    def refuse(_):
        raise StepRefusedError("policy/other applies to POST /rest/api/3/search/jql, a step of policy/translate")

    site = Site()
    driver = dialogue(site)
    driver.edit = refuse
    answer = asyncio.run(driver.run(plan_of(Send(ASK))))
    status, mark, text = outcome(answer)
    assert (status, mark, site.asked) == (502, "error/step_refused", [])
    assert "policy/other" in text
    assert "policy/translate" in text


def test_it_knows_what_failed_and_which_pages_were_remembered():
    def plan():
        yield Recall("site", is_counted=False)
        yield Recall("a")
        yield Remember("a", 5)
        yield Recall("a")
        yield Send(ASK)

    _, driver = run(Site(), plan())
    assert (driver.cursors, driver.failure) == ([False, True], None)
    _, driver = run(Site(PlanError("odd")), plan())
    assert driver.failure == "unexpected_answer"
    assert driver.failure in REASONS


@pytest.mark.parametrize("retries", [0, 1, 2])
def test_how_often_a_step_is_repeated_is_bounded(retries):
    for failed in (UpstreamError("broke"), busy(b"0")):
        site = Site(*[failed] * 5)
        answer, _ = run(site, plan_of(Send(ASK)), retries=retries)
        assert answer.status in {502, 503}
        assert len(site.asked) == 1 + retries


def test_a_connection_that_failed_is_tried_once_more():
    site = Site(UpstreamError("broke"))
    assert run(site, plan_of(Send(ASK)))[0] == OK
    site = Site(UpstreamError("broke"), UpstreamError("broke"))
    answer, _ = run(site, plan_of(Send(ASK)))
    assert outcome(answer) == (502, "error/upstream_failed", "The proxy got no answer from Jira: broke.")
    assert len(site.asked) == 2


def busy(after):
    return Response(429, ((b"Retry-After", after),), b"")


def test_a_429_is_waited_for_within_its_bound():
    site = Site(busy(b"0"))
    answer, driver = run(site, plan_of(Send(ASK)))
    assert (answer, driver.statuses) == (OK, [429, 200])


@pytest.mark.parametrize(
    ("answers", "after"),
    [
        ([busy(b"11")], b"11"),
        ([busy(b"soon")], b"60"),
        ([busy(b"9" * 50)], b"9" * 50),
        ([Response(429)], b"60"),
        ([busy(b"0"), busy(b"0")], b"0"),
    ],
)
def test_one_that_cannot_be_waited_for_is_a_503_and_never_a_429(answers, after):
    answer, _ = run(Site(*answers), plan_of(Send(ASK)))
    assert outcome(answer)[:2] == (503, "error/upstream_busy")
    assert dict(answer.headers)[b"Retry-After"] == after


@pytest.mark.parametrize(("steps", "status"), [(5, 200), (6, 400)])
def test_the_requests_of_a_call_are_bounded(steps, status):
    site = Site()
    answer, _ = run(site, plan_of(*[Send(ASK)] * steps, returns=OK), requests=5)
    assert answer.status == status
    assert len(site.asked) == 5
    if status == 400:
        assert outcome(answer)[1] == "error/too_many_steps"


@pytest.mark.parametrize(("size", "status"), [(50, 200), (51, 502)])
def test_the_bytes_of_a_call_are_bounded(size, status):
    site = Site(Response(200, (), b"x" * 50), Response(200, (), b"x" * size))
    answer, _ = run(site, plan_of(Send(ASK), Send(ASK), returns=OK), call=100)
    assert answer.status == status


@pytest.mark.parametrize(("size", "status"), [(50, 200), (51, 502)])
def test_the_bytes_of_a_response_are_bounded(size, status):
    answer, driver = run(Site(Response(200, (), b"x" * size)), plan_of(Send(ASK), returns=OK), response=50)
    assert answer.status == status
    assert driver.failure == (None if status == 200 else "answer_too_large")


def test_the_bytes_of_all_calls_are_bounded_and_given_back():
    held = Held()

    async def both(size):
        drivers = [dialogue(Site(Response(200, (), b"x" * size)), memory=100) for _ in range(2)]
        for driver in drivers:
            driver.everywhere = held
        return await asyncio.gather(*(driver.run(plan_of(Send(ASK), Send(ASK), returns=OK)) for driver in drivers))

    assert [answer.status for answer in asyncio.run(both(48))] == [200, 200]
    assert held.bytes == 0
    crowded = [answer for answer in asyncio.run(both(51)) if answer.status != 200]
    assert [outcome(answer)[:2] for answer in crowded] == [(503, "error/busy")]
    assert dict(crowded[0].headers)[b"Retry-After"] == b"1"
    assert held.bytes == 0


def test_the_time_of_a_call_is_bounded():
    class Silent:
        async def send(self, *_):
            await asyncio.Event().wait()

    answer, _ = run(Silent(), plan_of(Send(ASK)), time=0.05)
    assert outcome(answer)[:2] == (504, "error/upstream_timeout")


def test_a_fault_of_ours_is_raised_and_ends_the_plan():
    ended = []

    def plan():
        try:
            yield Send(ASK)
        finally:
            ended.append(True)

    driver = dialogue(Site(KeyError("hunter2")))
    with pytest.raises(KeyError):
        asyncio.run(driver.run(plan()))
    assert (ended, driver.failure) == ([True], "exception")


def test_a_client_that_leaves_cancels_what_runs():
    async def leave():
        class Silent:
            async def send(self, *_):
                await asyncio.Event().wait()

        driver = dialogue(Silent())
        running = asyncio.ensure_future(driver.run(plan_of(SendAll((ASK, ASK)))))
        await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert driver.failure == "client_left"

    asyncio.run(leave())


def test_what_takes_long_to_read_is_read_apart():
    apart: list[bool] = []

    async def elsewhere(work):
        apart.append(True)
        return await asyncio.to_thread(work)

    def plan():
        yield Send(ASK)
        answers = yield SendAll((ASK, ASK))
        return answers[1]

    large, coded = Response(200, (), b"x" * (LIGHT // 2 + 1)), Response(200, ((b"Content-Encoding", b"gzip"),), b"x")
    for answer in (large, coded):
        apart.clear()
        driver = dialogue(Site(OK, answer, answer))
        driver.apart = elsewhere
        assert asyncio.run(driver.run(plan())) == answer
        assert (len(apart), driver.step) == (1, "search/jql")


def test_where_too_much_else_waits_it_is_a_503():
    async def crowded(_):
        raise Busy

    driver = dialogue(Site(Response(200, (), b"x" * (LIGHT + 1))))
    driver.apart = crowded
    answer = asyncio.run(driver.run(plan_of(Send(ASK), returns=OK)))
    assert outcome(answer)[:2] == (503, "error/busy")


def test_a_client_may_leave_while_its_plan_reads():
    entered, may_end = threading.Event(), threading.Event()

    def plan():
        yield Send(ASK)
        entered.set()
        assert may_end.wait(30)
        return OK

    async def leave():
        driver = dialogue(Site(Response(200, (), b"x" * (LIGHT + 1))))
        driver.apart = asyncio.to_thread
        running = asyncio.ensure_future(driver.run(plan()))
        assert await asyncio.to_thread(entered.wait, 30)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        may_end.set()
        assert (driver.failure, driver.everywhere.bytes) == ("client_left", 0)

    asyncio.run(leave())
