from dataclasses import replace

import pytest

from jira_compat.proxy.admin.state import State, ended, together
from jira_compat.proxy.exchange.counters import Counts

OWN = State(digest="sha256:new", rules=3, replaced=2)
BUSY = State(Counts(requests=5), in_flight=2, events_lost=1, turned_away=4, digest="sha256:new", rules=3)
OLD = replace(BUSY, digest="sha256:old")


def test_what_has_ended_has_nothing_in_flight_and_no_policies():
    assert ended(BUSY) == State(Counts(requests=5), events_lost=1, turned_away=4)


def test_several_are_summed_with_those_that_have_ended():
    whole = together(OWN, [BUSY, BUSY], [ended(BUSY)])
    assert (whole.counts.requests, whole.in_flight, whole.events_lost, whole.turned_away) == (15, 4, 3, 12)
    assert (whole.digest, whole.rules, whole.workers, whole.replaced) == ("sha256:new", 3, 2, 2)


@pytest.mark.parametrize(
    ("own", "workers", "why"),
    [
        (OWN, [BUSY], None),
        (OWN, [BUSY, BUSY], None),
        (OWN, [], "no_workers"),
        (OWN, [BUSY, OLD], "workers_disagree"),
        (OWN, [OLD, OLD], "workers_disagree"),
        (OWN, [BUSY, State()], "workers_disagree"),
        (OWN, [BUSY, replace(BUSY, unready="self_check")], "self_check"),
        (OWN, [BUSY, replace(BUSY, unready="draining")], None),
        (OWN, [BUSY, replace(OLD, unready="draining")], None),
        (OWN, [replace(BUSY, unready="draining")], "no_workers"),
        (replace(OWN, unready="draining"), [], "draining"),
        (replace(OWN, unready="draining"), [BUSY, OLD], "draining"),
    ],
)
def test_they_are_ready_if_all_that_serve_are_and_judge_alike(own, workers, why):
    assert together(own, workers, []).unready == why


def test_when_one_is_replaced_nothing_that_was_counted_falls():
    before = together(OWN, [BUSY, BUSY], [])
    after = together(OWN, [BUSY, State()], [ended(BUSY)])
    assert after.counts == before.counts
    assert (after.events_lost, after.turned_away) == (before.events_lost, before.turned_away)
