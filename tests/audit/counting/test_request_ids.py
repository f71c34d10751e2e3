import pytest

from jira_compat.audit.counting import request_ids
from jira_compat.audit.counting.request_ids import RequestIds, join

NOON = 20_783 * 86_400 + 43_200.0
MIDNIGHT = NOON + 43_200


def kept(*requests):
    ids = RequestIds()
    for request in requests:
        assert not ids.is_known(*request)
    return ids


def test_without_ids_nothing_is_known():
    assert not RequestIds(set()).is_known(b"o1x2x3", b"GET", NOON)


@pytest.mark.parametrize(
    ("request_", "known"),
    [
        ((b"o1x2x3", b"PUT", NOON), True),
        ((b"o1x2x3", b"PUT", NOON + 40), True),
        ((b"o1x2x4", b"PUT", NOON), False),
        ((b"o1x2x3", b"GET", NOON), False),
        ((b"o1x2x3", b"PUT", NOON + 86_400), False),
    ],
)
def test_the_same_id_method_and_day_are_the_same_request(request_, known):
    assert RequestIds(set(kept((b"1x2x3", b"PUT", NOON)).kept)).is_known(*request_) == known


def test_a_request_may_be_answered_behind_midnight():
    known = set(kept((b"1439x2x3", b"PUT", MIDNIGHT - 1)).kept)

    assert RequestIds(known).is_known(b"o1439x2x3", b"PUT", MIDNIGHT + 5)
    assert not RequestIds(known).is_known(b"o1439x2x3", b"PUT", MIDNIGHT + 7_200)


def test_what_is_kept_has_a_bound_and_says_so(monkeypatch):
    monkeypatch.setattr(request_ids, "MOST", 2)
    ids = kept((b"1x1x1", b"GET", NOON), (b"1x2x1", b"GET", NOON))
    assert not ids.is_full
    ids.is_known(b"1x3x1", b"GET", NOON)

    assert (ids.is_full, len(ids.kept)) == (True, 2)
    known: set[int] = set()
    assert join(known, ids.kept)
    assert not join(known, [1])
    assert len(known) == 2
