import threading

import pytest

from jira_compat.standin.http.recorder import Received, Record

SECRET = Received(
    "POST",
    b"/rest/api/2/user;s=topsecret?password=topsecret",
    (("Authorization", "topsecret"), ("X-A", "1"), ("x-a", "2")),
    b"topsecret",
    9,
    "topsecret",
    201,
)


def test_a_repr_shows_no_secret():
    assert repr(SECRET) == "<POST /rest/api/2/user, 9 octets, answered 201>"


def test_fields_are_found_in_any_case():
    assert (SECRET.header("x-A"), SECRET.header("nothing")) == ("1", None)


def test_the_path_has_no_query():
    assert SECRET.path == "/rest/api/2/user;s=topsecret"


def test_a_record_gives_copies():
    record = Record()
    before = record.received
    record.add(SECRET)

    assert (before, record.received) == ([], [SECRET])


def test_only_the_newest_are_kept_but_all_are_counted():
    record = Record(newest=2)
    for _ in range(5):
        record.add(SECRET)

    assert (len(record.received), record.requests) == (2, 5)
    assert len(record.wait_for(5, 0.0)) == 2


def test_reset_forgets_everything():
    record = Record()
    record.add(SECRET)
    record.add_connection()
    record.reset()

    assert (record.received, record.requests, record.connections) == ([], 0, 0)


def test_waiting_ends_when_it_happens():
    record = Record()
    threading.Timer(0.02, record.add, [SECRET]).start()

    assert record.wait_for(1, 5.0) == [SECRET]
    assert record.wait_for(lambda came: came[-1].status == 201, 0.0) == [SECRET]


def test_waiting_in_vain_ends_too_and_tells_no_secret():
    record = Record()
    record.add(SECRET)

    with pytest.raises(TimeoutError) as error:
        record.wait_for(2, 0.01)
    assert "answered 201" in str(error.value)
    assert "topsecret" not in str(error.value)
