"""What holds for every client that pages by ``startAt``, whatever the site and the cache do."""

import json
import random
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jira_compat.model import Request
from jira_compat.translate.search import search
from translate.site import MOST, Driver, Site, TooManyError

SEARCHES = st.one_of(
    st.tuples(st.integers(0, 30), st.integers(1, 12)),
    st.tuples(st.integers(0, 300), st.sampled_from([50, 100, 101, 250, 1000])),
    st.tuples(st.sampled_from([4999, 5000, 5001, 10_001]), st.just(1000)),
)
"""How many issues there are, and how large the pages that a client asks for."""


def ask(driver: Driver, start: int, size: int) -> dict:
    query = urlencode({"jql": "project = ABC", "startAt": start, "maxResults": size}).encode()
    response = driver.run(search(Request("GET", b"/rest/api/2/search?" + query), "search/translate", limit=10_000))
    assert response is not None
    assert response.status == 200
    document: dict = json.loads(response.body or b"")
    return document


def most(site: Site, size: int) -> int:
    return 1 + -(-len(site.ids) // 5000) + -(-size // 100)


@given(
    search_of=SEARCHES,
    seed=st.integers(0, 2**16),
    evicted=st.sampled_from([0.0, 0.3, 1.0]),
    page=st.sampled_from([100, 1000, 7]),
    factor=st.sampled_from([0.0, 0.5, 1.0, 3.0]),
    expire=st.booleans(),
)
def test_a_loop_gets_every_issue_once_and_in_order_and_ends(*, search_of, seed, evicted, page, factor, expire):
    count, size = search_of
    chance = random.Random(seed)  # noqa: S311 - a test's dice
    site = Site([str(number) for number in chance.sample(range(10_000, 10_000 + 2 * count + 1), count)], page=page)
    site.estimate = lambda number: int(number * factor)
    driver = Driver(site, most=10_000)
    got: list[str] = []
    expired = False
    while True:
        answer = ask(driver, len(got), size)
        if page >= 100 and not expired and size <= 100:
            assert driver.requests <= most(site, size)
        got += [issue["id"] for issue in answer["issues"]]
        assert answer["maxResults"] == size
        if len(answer["issues"]) < size:
            assert answer["total"] == count
        if not answer["issues"] or len(got) >= answer["total"]:
            break
        if chance.random() < evicted:
            driver.memory.clear()
        expired = expire and chance.random() < 0.3
        site.age += expired

    assert got == site.ids


@given(
    search_of=st.tuples(st.integers(0, 2000), st.sampled_from([50, 100, 1000])),
    page=st.sampled_from([1, 7, 30, 100]),
    ids_page=st.sampled_from([40, 500, 5000]),
    starts=st.lists(st.integers(0, 2100), max_size=3),
)
def test_a_call_stays_within_its_bound_or_ends_in_an_error_and_never_in_a_short_page(search_of, page, ids_page, starts):
    count, size = search_of
    site = Site([str(number) for number in range(count)], page=page, ids_page=ids_page)
    driver = Driver(site)
    for start in [0, *starts]:
        try:
            answer = ask(driver, start, size)
        except TooManyError:
            continue
        finally:
            assert driver.requests <= MOST + 1  # the last of these was not sent
        assert [issue["id"] for issue in answer["issues"]] == site.ids[start : start + size]


@given(search_of=SEARCHES, starts=st.lists(st.integers(0, 11_000), max_size=2))
def test_any_page_is_what_it_is(search_of, starts):
    count, size = search_of
    site = Site([str(number) for number in range(count, 0, -1)])
    driver = Driver(site)
    for start in [*starts, max(0, count - 1), count, count + 1]:
        answer = ask(driver, start, size)
        assert [issue["id"] for issue in answer["issues"]] == site.ids[start : start + size]
        assert answer["startAt"] == start
        assert driver.requests <= most(site, size)
        if count <= 5000:
            assert answer["total"] == count


@given(count=st.integers(1, 120), size=st.sampled_from([1, 7, 50, 120]), seed=st.integers(0, 2**16))
def test_ids_that_nobody_can_fetch_shorten_no_page(count, size, seed):
    chance = random.Random(seed)  # noqa: S311 - a test's dice
    ids = [str(number) for number in range(1, count + 1)]
    site = Site(ids, gone=frozenset(chance.sample(ids[1:], chance.randrange(count))))
    driver = Driver(site, most=200)
    got = ids[:1]
    while True:
        answer = ask(driver, len(got), size)  # the page before was never asked for, so this is a walk
        got += [issue["id"] for issue in answer["issues"]]
        if len(answer["issues"]) < size:
            break

    assert got == [number for number in ids if number not in site.gone]
    assert answer["total"] == len(got)


@pytest.mark.parametrize("factor", [0, 1, 10])
def test_the_last_page_and_beyond_tell_the_true_number(factor):
    site = Site([str(number) for number in range(12_000)], estimate=lambda number: number * factor)
    driver = Driver(site)

    assert ask(driver, 11_950, 50)["total"] == 12_000
    assert ask(driver, 12_000, 50) | {"issues": []} == ask(driver, 12_000, 50)
    assert ask(driver, 20_000, 50)["total"] == 12_000
