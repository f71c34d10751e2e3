"""Proxies that run as long as these tests do, before an upstream that does as it is told."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fail_closed.proxies import SECRET, Proxy
from fail_closed.upstream import Upstream
from live import live_proxy

type Run = Callable[..., Proxy]


@pytest.fixture(scope="session")
def listening() -> Iterator[Upstream]:
    with Upstream() as upstream:
        yield upstream


@pytest.fixture
def upstream(listening: Upstream) -> Iterator[Upstream]:
    """The upstream, which answers 200 until it is told otherwise."""
    listening.reset()
    yield listening
    listening.hang_up()


@pytest.fixture(scope="session")
def confdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """mitmproxy's folder; its authority is made once, for all."""
    return tmp_path_factory.mktemp("confdir")


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory, confdir: Path) -> Iterator[Run]:
    """Start a proxy when it is first asked for; it ends with the tests, and must not have shown a secret."""
    running: dict[str, Proxy] = {}
    with contextlib.ExitStack() as stack:

        def run(kind: str, upstream: str | None, **options: Any) -> Proxy:
            key = repr((kind, upstream, options))
            if key not in running:
                events = tmp_path_factory.mktemp("events") / "events.jsonl"
                live = stack.enter_context(
                    live_proxy(kind, events, upstream=upstream, options=options | {"confdir": confdir})
                )
                running[key] = Proxy(kind, live)
            return running[key].begin()

        yield run
    for proxy in running.values():
        assert SECRET not in proxy.live.text()
        assert SECRET not in proxy.live.events_file.read_text()


@pytest.fixture
def serve(run: Run, upstream: Upstream) -> Proxy:
    """``jira-compat serve``."""
    return run("serve", upstream.url)


@pytest.fixture
def mitmdump(run: Run, upstream: Upstream) -> Proxy:
    """``mitmdump -s``."""
    return run("mitmdump", upstream.url)


@pytest.fixture(params=["serve", "mitmdump"])
def proxy(request: pytest.FixtureRequest, run: Run, upstream: Upstream) -> Proxy:
    """Each of them."""
    return run(request.param, upstream.url)
