"""The corpus against a real HAProxy as it is exported, and a real proxy behind it: no case gets around."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from balancer import Balancer, admin_port, balancer, layout, needs_haproxy, reserved_port
from build import shipped_set
from bypass import client, corpus
from bypass.corpus import SECRET, Case, Expected
from bypass.recorder import Recorder
from bypass.verdict import judge
from live import LiveProxy, live_proxy

pytestmark = needs_haproxy


@dataclass
class Bench:
    """HAProxy, the proxy behind it, and the recorder behind both."""

    front: Balancer
    proxy: LiveProxy
    recorder: Recorder


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Clients call HAProxy by the site's name, so that as much goes straight as ever does."""
    folder = tmp_path_factory.mktemp("haproxy")
    options = {"admin": "127.0.0.1:0"}
    with (
        Recorder() as recorder,
        live_proxy("serve", folder / "events.jsonl", upstream=recorder.url, options=options) as proxy,
        reserved_port() as port,
    ):
        chosen = layout(
            port,
            recorder.url,
            [proxy.port],
            site="http://jira.example.com",
            admin_port=admin_port(proxy),
            same_name=True,
        )
        with balancer(folder, shipped_set(), chosen) as front:
            yield Bench(front, proxy, recorder)


@pytest.mark.parametrize("case", corpus.load(), ids=lambda case: case.id)
def test_what_came_of_it(bench: Bench, case: Case):
    outcome = client.run(bench.front.port, case, bench.recorder)

    assert judge(case, outcome, kind="haproxy", strict=False) == []


def test_what_haproxy_itself_turns_away_is_not_ascii_or_names_another_host():
    turned_away = [case for case in corpus.load() if case.elsewhere.get("haproxy") == ((Expected("stopped"),),)]
    targets = [case.raw.split(b" ", 2)[1] for case in turned_away]

    assert targets
    assert [target for target in targets if target.isascii() and b"://elsewhere.example" not in target] == []


def test_some_of_it_went_straight(bench: Bench):
    assert " site/site " in bench.front.text()
    assert " workers/worker1 " in bench.front.text()


def test_no_output_holds_the_secret(bench: Bench):
    assert SECRET not in bench.front.text()
    assert SECRET not in bench.proxy.text()
    assert SECRET not in json.dumps(bench.proxy.all_events())
