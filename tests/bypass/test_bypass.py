"""The corpus against the real proxies."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from bypass import client, corpus
from bypass.corpus import SECRET, Case
from bypass.recorder import Recorder
from bypass.verdict import judge
from live import LiveProxy, live_proxy, wait_until


@dataclass
class Bench:
    """A proxy and the recorder behind it."""

    kind: str
    proxy: LiveProxy
    recorder: Recorder


@pytest.fixture(scope="module", params=["serve", "mitmdump"])
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    events = tmp_path_factory.mktemp("bypass") / "events.jsonl"
    with Recorder() as recorder, live_proxy(request.param, events, upstream=recorder.url) as proxy:
        yield Bench(request.param, proxy, recorder)


@pytest.mark.parametrize("case", corpus.load(), ids=lambda case: case.id)
def test_what_came_of_it(bench: Bench, case: Case):
    outcome = client.run(bench.proxy.port, case, bench.recorder)

    assert judge(case, outcome, kind=bench.kind) == []


def test_nothing_comes_late(bench: Bench):
    assert bench.recorder.take() == []


def test_events_hold_no_secret(bench: Bench):
    case = next(case for case in corpus.load() if case.id.endswith("/password-of-a-user"))
    before = len(bench.proxy.events())
    client.run(bench.proxy.port, case, bench.recorder)

    wait_until(lambda: len(bench.proxy.events()) > before, "the event of one more request")

    assert SECRET not in json.dumps(bench.proxy.all_events())


def test_output_holds_no_secret(bench: Bench):
    if bench.kind == "mitmdump":
        pytest.skip("mitmdump prints every target, and trailers where it crashes on them")

    assert SECRET not in bench.proxy.text()
