"""The corpus itself: that its cases are what they say, and that each can fail."""

from collections import Counter
from collections.abc import Iterator

import pytest

from bypass import client, corpus, wire
from bypass.corpus import SECRET, UNCHANGED, Case
from bypass.recorder import Recorder
from bypass.secret import holds
from bypass.verdict import judge

CASES = corpus.load()
ATTACKS = [case for case in CASES if case.group != "6-near-misses"]
HARMLESS = [case for case in CASES if all(one == (UNCHANGED,) for one in case.expected) and not holds(case.raw, SECRET)]
LARGE = 1 << 20


@pytest.fixture(scope="module")
def recorder() -> Iterator[Recorder]:
    with Recorder() as recorder:
        yield recorder


def test_no_case_hides_another():
    assert [name for name, number in Counter(case.id for case in CASES).items() if number > 1] == []


def test_there_are_enough_of_each_group():
    numbers = Counter(case.group for case in CASES)

    assert len(numbers) == 6
    assert min(numbers.values()) >= 25
    assert sum(numbers.values()) >= 400


def test_each_says_why():
    assert [case.id for case in CASES if not case.why.endswith(".")] == []


@pytest.mark.parametrize("case", HARMLESS, ids=lambda case: case.id)
def test_what_goes_on_as_it_came_is_whole(case: Case):
    assert len(wire.read_requests(case.raw)) == len(case.expected)


def test_what_is_edited_holds_the_secret():
    """Else nothing would show that it went."""
    edited = [case for case in ATTACKS if any(one.forwarded for alternatives in case.expected for one in alternatives)]

    assert [case.id for case in edited if not holds(case.raw, SECRET)] == []


def test_near_misses_hold_none():
    assert [case.id for case in CASES if case not in ATTACKS and holds(case.raw, SECRET)] == []


@pytest.mark.parametrize(
    "case", [case for case in ATTACKS if case not in HARMLESS and len(case.raw) < LARGE], ids=lambda case: case.id
)
def test_without_a_proxy_each_attack_is_noticed(case: Case, recorder: Recorder):
    outcome = client.run(recorder.port, case, recorder)

    assert judge(case, outcome) != []
    assert judge(case, outcome, strict=False) != []


@pytest.mark.parametrize("case", HARMLESS, ids=lambda case: case.id)
def test_without_a_proxy_what_is_harmless_passes(case: Case, recorder: Recorder):
    outcome = client.run(recorder.port, case, recorder)

    assert judge(case, outcome) == []
