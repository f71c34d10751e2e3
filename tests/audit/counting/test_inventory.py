import pytest
from hypothesis import given
from hypothesis import strategies as st

from jira_compat.audit.counting import inventory as inventories
from jira_compat.audit.counting.inventory import FURTHER, OTHERS, Calls, Client, Example, Inventory, Subject, Verdict

RULE = Subject("PUT /rest/api/2/user", "p", "r", "removed", "respond")
LISTED, UNLISTED = Verdict(RULE), Verdict(Subject("GET /rest/api/2/myself"))
FRED, EVE = Client("curl", "8", "fred", "192.0.2.1"), Client("curl", "8", "eve", "192.0.2.2")
HOUR = 500_000


def some(count=1, first=HOUR * 3600.0, **others):
    return Calls(count, first, others.pop("last", first), **others)


def test_an_empty_inventory_has_no_subjects():
    assert list(Inventory().subjects()) == []


def test_calls_are_added_up_by_subject_and_client():
    inventory = Inventory()
    inventory.add(LISTED, FRED, some(2, statuses={200: 2}, carried={"yes": 2}, fields=("/a",), applied=1))
    inventory.add(
        LISTED, FRED, some(1, HOUR * 3600.0 + 5, statuses={200: 1, 403: 1}, carried={"no": 1}, fields=("/b", "/a"))
    )
    inventory.add(LISTED, EVE, some())

    row = inventory.rows[RULE, FRED]
    assert (row.count, row.first, row.last, row.applied) == (3, HOUR * 3600.0, HOUR * 3600.0 + 5, 1)
    assert (row.statuses, row.carried, row.fields) == ({200: 3, 403: 1}, {"yes": 2, "no": 1}, ("/a", "/b"))
    assert [(subject, set(clients)) for subject, clients in inventory.subjects()] == [(RULE, {FRED, EVE})]
    assert inventory.hours == {("p/r", HOUR): 4}


def test_where_no_rule_says_anything_only_the_product_is_told():
    inventory = Inventory()
    inventory.add(UNLISTED, FRED, some())
    inventory.add(UNLISTED, EVE, some())

    assert {client: calls.count for (_, client), calls in inventory.rows.items()} == {Client("curl"): 2}
    assert inventory.hours == {}


def test_the_first_example_stays():
    inventory = Inventory()
    assert inventory.wants_example(RULE, FRED)
    for number in (7, 8):
        inventory.add(LISTED, FRED, some(example=Example("a.log", ":", number, "PUT /")))

    assert inventory.rows[RULE, FRED].example == Example("a.log", ":", 7, "PUT /")
    assert not inventory.wants_example(RULE, FRED)


def test_a_place_without_a_number_is_the_file():
    assert Example("a.log", ":", 0, "").place == "a.log"


def test_an_inventory_of_what_stands_behind_is_put_to_it():
    first, second = Inventory(), Inventory(failures={"rewrite_failed": 1}, folded=2)
    first.add(LISTED, FRED, some(2))
    second.add(LISTED, FRED, some(3, example=Example("a.log", ":", 5, "PUT /")))
    second.add(LISTED, EVE, some(1, example=Example("b.log", ":", 5, "PUT /")))
    first.merge(second, {"a.log": 100})

    assert first.rows[RULE, FRED].count == 5
    assert [calls.example and calls.example.place for calls in first.rows.values()] == ["a.log:105", "b.log:5"]
    assert (first.hours, first.failures, first.folded) == ({("p/r", HOUR): 6}, {"rewrite_failed": 1}, 2)


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(inventories, "MOST_ROWS", 10)
    monkeypatch.setattr(inventories, "MOST_ENDPOINTS", 5)
    monkeypatch.setattr(inventories, "_MOST_HOURS", 20)


def test_clients_that_are_too_many_are_folded_and_counted(small):
    inventory = Inventory()
    for number in range(100):
        inventory.add(LISTED, Client("curl", "8", f"user{number}"), some())

    assert len(inventory.rows) == 11
    assert inventory.rows[RULE, OTHERS].count == inventory.folded == 90


def test_endpoints_that_are_too_many_are_one(small):
    inventory = Inventory()
    for number in range(100):
        inventory.add(Verdict(Subject(f"GET /{number}")), FRED, some())

    assert len(inventory.rows) == 6
    assert inventory.rows[FURTHER, Client("curl")].count == 95


def test_rules_that_are_too_many_are_one(small):
    inventory = Inventory()
    for number in range(1000):
        inventory.add(Verdict(Subject("GET /", "p", f"r{number}")), FRED, some(first=number * 3600.0))

    assert len(inventory.rows) <= 12
    assert sum(calls.count for calls in inventory.rows.values()) == 1000
    assert len(inventory.hours) <= 20


def test_hours_that_are_too_many_become_days(small):
    inventory = Inventory()
    for hour in range(100):
        inventory.add(LISTED, FRED, some(first=hour * 3600.0))

    assert (inventory.width, sum(inventory.hours.values())) == (86400, 100)
    assert inventory.hours == {("p/r", 0): 24, ("p/r", 1): 24, ("p/r", 2): 24, ("p/r", 3): 24, ("p/r", 4): 4}


def test_hours_are_put_to_days_and_days_to_hours(small):
    days, hours = Inventory(), Inventory()
    for hour in range(30):
        days.add(LISTED, FRED, some(first=hour * 3600.0))
    hours.add(LISTED, FRED, some(first=25 * 3600.0))
    for one, other in ((days, hours), (hours, days)):
        one.merge(other, {})
        assert one.width == 86400
    assert days.hours == {("p/r", 0): 24, ("p/r", 1): 7}
    assert hours.hours == {("p/r", 0): 24, ("p/r", 1): 8}


@given(
    st.lists(
        st.tuples(st.sampled_from([LISTED, UNLISTED]), st.sampled_from([FRED, EVE]), st.integers(1, 9)), max_size=20
    )
)
def test_no_call_is_lost_however_it_is_put_together(told):
    whole, halves = Inventory(), [Inventory(), Inventory()]
    for number, (verdict, client, count) in enumerate(told):
        for inventory in (whole, halves[number % 2]):
            inventory.add(verdict, client, some(count, first=number * 1800.0, statuses={200: count}))
    halves[0].merge(halves[1], {})

    assert halves[0].rows == whole.rows
    assert halves[0].hours == whole.hours
