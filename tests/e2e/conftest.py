"""Proxies that run as long as the tests do, and a Jira behind them that is new for each test."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from mitmproxy.certs import CertStore

from e2e.certificate import write_certificate
from e2e.site import HOSTS, LOGIN, SECRET, Site
from jira_compat.standin import StandIn
from live import LiveProxy, live_proxy


@pytest.fixture(scope="session")
def confdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """mitmproxy's folder, with its authority: ``mitmproxy-ca-cert.pem``."""
    folder = tmp_path_factory.mktemp("confdir")
    CertStore.create_store(folder, "mitmproxy", 2048)
    return folder


@pytest.fixture(scope="session")
def authority(confdir: Path) -> Path:
    """What clients trust."""
    return confdir / "mitmproxy-ca-cert.pem"


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """The stand-in's certificate and its key."""
    return write_certificate(tmp_path_factory.mktemp("certificate"), *HOSTS)


@pytest.fixture(scope="session")
def jira() -> Iterator[StandIn]:
    """A Jira Server, where everything in the article still works."""
    with StandIn() as standin:
        yield standin


@pytest.fixture(scope="session")
def jira_over_tls(certificate: tuple[str, str]) -> Iterator[StandIn]:
    """The same with TLS."""
    with StandIn(tls=certificate) as standin:
        yield standin


type Run = Callable[..., LiveProxy]


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory, confdir: Path, certificate: tuple[str, str]) -> Iterator[Run]:
    """Start a proxy when it is first asked for; it ends with the tests, and must not have shown a secret."""
    running: dict[tuple[str, ...], LiveProxy] = {}
    trust = {"confdir": confdir, "upstream_ca": certificate[0]}
    with contextlib.ExitStack() as stack:

        def run(kind: str, upstream: str | None = None, **options: Any) -> LiveProxy:
            key = (kind, str(upstream), repr(options))
            if key not in running:
                events = tmp_path_factory.mktemp("events") / "events.jsonl"
                proxy = live_proxy(kind, events, upstream=upstream, options=trust | options)
                running[key] = stack.enter_context(proxy)
            return running[key]

        yield run
        for proxy in running.values():
            proxy.process.terminate()  # all of them, before the first is waited for
    for (kind, *_), proxy in running.items():
        assert "Traceback" not in proxy.text(), proxy.text()
        # What mitmdump itself says of a request that it cannot read is its own affair.
        said = proxy.events_file.read_text() + (proxy.text() if kind == "serve" else "")
        assert not [secret for secret in (SECRET, LOGIN) if secret in said]


@dataclass(frozen=True, slots=True)
class Way:
    """A way to Jira: which proxy, whether clients know that it is one, whether they speak TLS to Jira."""

    kind: str
    forward: bool = False
    tls: bool = False

    def __str__(self) -> str:
        return " ".join([self.kind, "forward" if self.forward else "reverse", *["tls"] * self.tls])


WAYS = [Way("serve"), Way("mitmdump"), Way("mitmdump", forward=True), Way("serve", forward=True, tls=True)]


@pytest.fixture(params=WAYS, ids=str)
def site(request: pytest.FixtureRequest, run: Run, authority: Path) -> Site:
    """A proxy on each way to Jira."""
    way: Way = request.param
    jira: StandIn = request.getfixturevalue("jira_over_tls" if way.tls else "jira")
    if not way.forward:
        proxy = run(way.kind, jira.url)
        return Site(proxy, jira, proxy.url)
    url = jira.url.replace("127.0.0.1", "localhost")
    return Site(run(way.kind, hosts=HOSTS), jira, url, authority if way.tls else None, forward=True)


@pytest.fixture(params=["serve", "mitmdump"])
def reverse(request: pytest.FixtureRequest, run: Run, jira: StandIn) -> Site:
    """A reverse proxy of each kind."""
    proxy = run(request.param, jira.url)
    return Site(proxy, jira, proxy.url)
