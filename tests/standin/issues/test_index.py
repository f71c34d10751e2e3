import math

import pytest

from jira_compat.standin.state import State, seeded


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def state(clock) -> State:
    state = seeded("cloud-today")
    state.index.clock = clock
    state.index.delay = 10.0
    return state


def summaries(state: State, *fresh: str) -> dict[str, str]:
    return {issue.key: issue.summary for issue in state.index.issues(state.issues, fresh)}


def test_without_changes_every_issue_is_seen_as_it_is(state):
    assert list(state.index.issues(state.issues)) == list(state.issues.values())


def test_without_delay_changes_are_seen_at_once(state):
    state.index.delay = 0.0
    state.index.changing("10001", state.issues["DEMO-1"])
    state.issues["DEMO-1"].summary = "new"

    assert summaries(state)["DEMO-1"] == "new"


@pytest.mark.parametrize("catches_up", ["time", "call", "named"])
def test_a_change_is_seen_later(state, clock, catches_up):
    for summary in ("second", "third"):
        state.index.changing("10001", state.issues["DEMO-1"])
        state.issues["DEMO-1"].summary = summary

    assert summaries(state)["DEMO-1"] == "Something to do, number 1"
    if catches_up == "time":
        clock.now = 10.0
    elif catches_up == "call":
        state.index.catch_up()
    assert summaries(state, *(["10001"] if catches_up == "named" else []))["DEMO-1"] == "third"


def test_a_deleted_issue_is_seen_until_then(state):
    state.index.delay = math.inf
    state.index.changing("10001", state.issues["DEMO-1"])
    del state.issues["DEMO-1"]

    assert "DEMO-1" in summaries(state)
    assert "DEMO-1" not in summaries(state, "10001")
    state.index.catch_up()
    assert "DEMO-1" not in summaries(state)


def test_a_new_issue_is_not_seen_until_then(state):
    state.index.changing("10001", None)

    assert "DEMO-1" not in summaries(state)
    assert "DEMO-1" in summaries(state, "10001")
