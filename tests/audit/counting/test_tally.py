import pytest

from audit.audited import choices
from jira_compat.audit.counting import tally as tallying
from jira_compat.audit.counting.classify import Classifier
from jira_compat.audit.counting.inventory import Client, Inventory
from jira_compat.audit.counting.redaction import Redaction
from jira_compat.audit.counting.tally import Tally
from jira_compat.audit.files.problems import Skipped
from jira_compat.audit.readers.log_formats import COLUMNS

AT = 1_760_104_536  # 10/Oct/2025:13:55:36 +0000
STAMP = b"10/Oct/2025:13:55:36 +0000"


def a_row(line=b"PUT /rest/api/2/user/password?username=tulip7", status=b"204", **others):
    method, target = line.split(b" ")
    facts = {"client": b"192.0.2.1", "user": b"fred", "time": STAMP, "agent": b"curl/7.88.1", **others}
    facts = {"request_id": b"", "forwarded": b"", "method": method, "target": target, "status": status, **facts}
    return tuple(facts[column] for column in COLUMNS)


@pytest.fixture
def inventory():
    return Inventory()


@pytest.fixture
def skipped():
    return Skipped("a.log", ":")


@pytest.fixture
def tally(inventory, skipped):
    return Tally(Classifier(choices().policies, 1000), inventory, Redaction("shown"), skipped)


def count(tally, *rows, first=1):
    tally.count(rows, range(first, first + len(rows)))
    tally.flush()


def test_nothing_counted_is_nothing_told(tally, inventory):
    tally.flush()

    assert (inventory.rows, inventory.hours, tally.calls) == ({}, {}, 0)


def test_calls_of_a_rule_are_counted_by_client(tally, inventory):
    count(tally, a_row(), a_row(status=b"403"), a_row(user=b"-"), first=7)

    told = {(client, calls.count): calls.statuses for (_, client), calls in inventory.rows.items()}
    assert told == {
        (Client("curl", "7.88.1", "fred", "192.0.2.1"), 2): {204: 1, 403: 1},
        (Client("curl", "7.88.1", None, "192.0.2.1"), 1): {204: 1},
    }
    assert tally.calls == 3
    assert inventory.hours == {("user-management/refuse-password-change", AT // 3600): 3}


def test_the_first_call_is_the_example_without_its_query(tally, inventory):
    count(tally, a_row(), a_row(), first=204)
    ((calls),) = inventory.rows.values()

    assert (calls.example.place, calls.example.line) == ("a.log:204", "PUT /rest/api/2/user/password")


def test_first_and_last_are_the_earliest_and_the_latest(tally, inventory):
    stamps = [b"10/Oct/2025:13:55:36 +0000", b"10/Oct/2025:13:55:16 +0000", b"10/Oct/2025:15:55:36 +0000"]
    count(tally, *(a_row(time=stamp) for stamp in stamps))
    ((calls),) = inventory.rows.values()

    assert (calls.first, calls.last) == (AT - 20, AT + 7200)


def test_what_no_rule_names_is_told_by_product_alone(tally, inventory):
    count(tally, a_row(b"GET /rest/api/2/myself"), a_row(b"GET /rest/api/2/myself", user=b"other"))

    assert {client: calls.count for (_, client), calls in inventory.rows.items()} == {Client("curl"): 2}
    assert inventory.hours == {}


def test_what_is_no_request_and_what_is_answered_later_is_no_call(tally, inventory):
    count(tally, a_row(b" "), a_row(status=b"-"), a_row(status=b""))

    assert (tally.no_request, tally.calls) == (1, 1)
    ((calls),) = inventory.rows.values()
    assert calls.statuses == {}


@pytest.mark.parametrize("nobody", [b"", b"-", b"anonymous", b'"-"'])
def test_nobody_is_no_user(tally, inventory, nobody):
    count(tally, a_row(user=nobody, client=nobody.strip(b'"')))

    assert [client[2:] for _, client in inventory.rows] == [(None, None)]


def test_of_several_addresses_the_clients_own_is_told(tally, inventory):
    count(tally, a_row(client=b"192.0.2.1, 10.0.0.1"))

    assert [client.address for _, client in inventory.rows] == ["192.0.2.1"]


def test_a_clock_that_jumps_is_told_and_the_calls_are_counted(tally, inventory, skipped):
    stamps = [STAMP, b"10/Oct/2025:13:05:36 +0000", b"09/Oct/2025:13:55:36 +0000", b"nonsense"]
    count(tally, *(a_row(time=stamp) for stamp in stamps), first=10)

    assert tally.calls == 4
    assert [number for number, _ in skipped.remarks] == [12, 13]
    assert "goes back by 23.2 h" in skipped.remarks[0][1]
    assert skipped.count == 0


def test_a_call_without_a_time_has_none(tally, inventory):
    count(tally, a_row(time=b""))
    ((calls),) = inventory.rows.values()

    assert (calls.first, calls.last, inventory.hours) == (None, None, {})


@pytest.mark.parametrize(("bound", "most"), [("_MOST", 50), ("_MOST_BYTES", 50 * 12), ("_MOST_COUNTS", 50)])
def test_what_is_held_has_a_bound_and_nothing_is_lost(tally, inventory, monkeypatch, bound, most):
    monkeypatch.setattr(tallying, bound, most)
    held = []
    for number in range(1000):
        tally.count([a_row(user=b"user%d" % number, client=b"10.0.0.%d" % (number % 200))], [number])
        held.append(max(len(tally._rows), len(tally._statuses)))
    tally.flush()

    assert max(held) <= 51
    assert sum(calls.count for calls in inventory.rows.values()) == tally.calls == 1000
    assert sum(inventory.hours.values()) == 1000


def test_long_texts_are_not_kept(tally, inventory):
    long = b"x" * 100_000
    tally.count([a_row(b"PUT /rest/api/2/user/password?a=%b" % long, user=long, agent=long)], [1])
    assert {len(one.target) for one in tally._rows.values()} == {1000}
    assert tally._names == {}
    tally.flush()

    (((_, client), calls),) = inventory.rows.items()
    assert (len(client.user), len(calls.example.line)) == (256, len("PUT /rest/api/2/user/password"))
