"""Clients, a real HAProxy as it is exported, real workers, and a Jira: where links lead, and what is refused."""

import json
import re
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from answering import Answering
from balancer import admin_port, balancer, layout, needs_haproxy, reserved_port
from build import policy_set, shipped_set
from e2e.anywhere import Client
from e2e.certificate import write_certificate
from jira_compat.message.links.address import parse_address
from jira_compat.standin import StandIn
from live import exchange, live_proxy, request, status, wait_until

pytestmark = needs_haproxy

NAME = "jira.test"
CHANGE = ("PUT", "/rest/api/2/user/password?username=fred", '{"password": "x"}')
_LOGGED = re.compile(r" clients~? (\w+)/\S+ .* [A-Z]+ (\S+) HTTP/")
ODD = ("GET", "/rest/api/2/%70roject")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Certificate, its key, and both in one file."""
    folder = tmp_path_factory.mktemp("certificate")
    pem, key = write_certificate(folder, NAME)
    both = folder / "both.pem"
    both.write_text(Path(pem).read_text() + Path(key).read_text())
    return pem, key, str(both)


@contextmanager
def worker(folder, jira, **options):
    """A worker with health pages."""
    chosen = {"admin": "127.0.0.1:0", **options}
    with live_proxy("serve", folder / "events.jsonl", upstream=jira, options=chosen) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A Jira and a worker before it."""
    with StandIn() as jira, worker(tmp_path_factory.mktemp("worker"), jira.url) as proxy:
        yield jira, proxy


def went(front, number):
    """Where so many requests went, by HAProxy's log, whose lines come when connections end: backends and paths."""
    found = wait_until(lambda: len(lines := _LOGGED.findall(front.text())) == number and lines, f"{number} log lines")
    return sorted(found)


def links(body):
    return [project["self"] for project in json.loads(body)]


# Where links lead


def test_under_the_sites_name_a_link_of_an_answer_that_went_straight_leads_to_haproxy_again(tmp_path):
    with reserved_port() as port:
        site = f"http://{NAME}:{port}"
        with StandIn(site_url=site) as jira, worker(tmp_path, jira.url) as proxy:
            chosen = layout(port, jira.url, [proxy.port], site=site, same_name=True, admin_port=admin_port(proxy))
            with balancer(tmp_path, shipped_set(), chosen) as front:
                first = Client().get(f"{site}/rest/api/2/project")
                link = links(first[2])[0]
                second = Client().get(link)
                removed = Client().get(f"{link.partition('/rest/')[0]}/rest/api/2/password/policy")

                assert link.startswith(f"{site}/")
                assert (first[0], second[0], removed[0]) == (200, 200, 410)
                assert went(front, 3) == [
                    ("site", "/rest/api/2/project"),
                    ("site", urlsplit(link).path),
                    ("workers", "/rest/api/2/password/policy"),
                ]
                assert json.loads(second[2])["self"] == link


@pytest.mark.parametrize("same_name", [False, True], ids=["elsewhere", "same name"])
def test_under_another_name_links_are_made_to_lead_to_haproxy(served, same_name, tmp_path):
    jira, proxy = served
    with reserved_port() as port:
        chosen = layout(port, jira.url, [proxy.port], same_name=same_name, admin_port=admin_port(proxy))
        with balancer(tmp_path, shipped_set(), chosen) as front:
            ours = f"http://127.0.0.1:{port}"
            first = Client().get(f"{ours}/rest/api/2/project")
            link = links(first[2])[0]
            second = Client().get(link)
            Client().get(f"{ours}/images/icons/a.png")

            assert link.startswith(f"{ours}/")
            assert (first[0], second[0]) == (200, 200)
            assert went(front, 3) == [
                ("site", "/images/icons/a.png"),
                ("workers", "/rest/api/2/project"),
                ("workers", urlsplit(link).path),
            ]


@pytest.mark.parametrize("address", ["https://jira.test", "http://jira.test:443", "//jira.test", "https://b.test/ex/1"])
def test_under_another_name_a_redirect_of_what_went_straight_stays_here(address, tmp_path):
    fields = (f"Location: {address}/secure/a.png?b", f"Content-Location: {address}", 'Alt-Svc: h3="elsewhere:443"')
    with Answering("site", "302 Found", fields) as site, reserved_port() as port:
        more = {"site_urls": (parse_address("https://b.test/ex/1"),)}
        chosen = layout(port, site.url, [1], site=f"https://{NAME}", **more)
        with balancer(tmp_path, shipped_set(), chosen):
            _, head, _ = Client().get(f"http://127.0.0.1:{port}/a.png")

    assert "location: /secure/a.png?b" in head.splitlines()
    assert "content-location: /" in head.splitlines()
    assert "alt-svc" not in head
    assert site.asked[0].lower().count(b"host: jira.test\r\n") == 1


# Fail closed


def test_without_a_worker_what_a_rule_could_touch_is_refused_and_the_rest_passes(tmp_path):
    with StandIn() as jira, reserved_port() as port, reserved_port() as nobody:
        chosen = layout(port, jira.url, [nobody], site=f"http://{NAME}", same_name=True, admin_port=nobody)
        with balancer(tmp_path, shipped_set(), chosen):
            refused = [exchange(port, request(*call, host=NAME)) for call in (CHANGE, ODD)]
            straight = exchange(port, request("GET", "/rest/api/2/project", host=NAME))

            assert [one.path for one in jira.received] == ["/rest/api/2/project"]
    assert status(straight) == 200
    for answer in refused:
        head, _, body = answer.partition(b"\r\n\r\n")
        assert status(answer) == 503
        assert b"x-jira-compat: error/no_worker" in head.lower()
        assert b"content-type: application/json;charset=utf-8" in head.lower()
        page = json.loads(body)
        assert page.keys() == {"errorMessages", "errors"}
        assert len(page["errorMessages"]) == 1


@pytest.mark.parametrize("case", ["not ready", "other policies"])
def test_a_worker_that_is_not_ready_gets_nothing(served, case, tmp_path):
    jira, proxy = served
    rules = policy_set() if case == "other policies" else shipped_set()
    with Answering("drains", "503 Service Unavailable") as drains, reserved_port() as port:
        health = admin_port(proxy) if case == "other policies" else drains.port
        chosen = layout(port, jira.url, [proxy.port], admin_port=health, pinned=case == "other policies")
        with balancer(tmp_path, rules, chosen, impatient=True) as front:
            wait_until(lambda: "Server workers/worker1 is DOWN" in front.text(), "the worker to be found out")
            before = len(jira.received)

            assert status(exchange(port, request(*CHANGE))) == 503
            assert len(jira.received) == before


def test_a_worker_with_the_very_policies_gets_all_of_it(served, tmp_path):
    jira, proxy = served
    with reserved_port() as port:
        chosen = layout(port, jira.url, [proxy.port, 1], admin_port=admin_port(proxy), pinned=True)
        with balancer(tmp_path, shipped_set(), chosen) as front:
            Client().get(f"http://127.0.0.1:{port}/rest/api/2/project")

            assert status(exchange(port, request(*CHANGE))) == 410
            assert "worker1 is DOWN" not in front.text()


# TLS


def test_tls_on_both_sides(certificate, tmp_path):
    pem, key, both = certificate
    with reserved_port() as port:
        site = f"https://{NAME}:{port}"
        known = {"upstream_ca": pem, "site_url": site}
        with StandIn(tls=(pem, key), site_url=site) as jira, worker(tmp_path, jira.url, **known) as proxy:
            chosen = layout(
                port,
                jira.url,
                [proxy.port],
                site=site,
                same_name=True,
                admin_port=admin_port(proxy),
                certificate=both,
                authorities=pem,
            )
            with balancer(tmp_path, shipped_set(), chosen) as front:
                client = Client(pem)
                straight = client.get(f"{site}/rest/api/2/project")
                followed = client.get(links(straight[2])[0])
                elsewhere = client.get(f"https://127.0.0.1:{port}/rest/api/2/project")

                assert (straight[0], followed[0], elsewhere[0]) == (200, 200, 200)
                assert links(straight[2])[0].startswith(f"{site}/")
                assert links(elsewhere[2])[0].startswith(f"https://127.0.0.1:{port}/")
                assert [backend for backend, _ in went(front, 3)] == ["site", "site", "workers"]


@pytest.mark.parametrize(
    ("site", "trusts", "answered"),
    [(NAME, True, 200), ("other.test", True, 503), (NAME, False, 503)],
    ids=["its certificate", "another name", "another authority"],
)
def test_the_sites_certificate_is_checked(site, trusts, answered, certificate, tmp_path):
    pem, key, _ = certificate
    trust = {"authorities": pem} if trusts else {}
    with StandIn(tls=(pem, key)) as jira, reserved_port() as port:
        chosen = layout(port, jira.url, [1], site=f"https://{site}", **trust)
        with balancer(tmp_path, shipped_set(), chosen):
            answer = exchange(port, request("GET", "/images/icons/a.png"))

        assert status(answer) == (404 if answered == 200 else answered)
        assert len(jira.received) == (1 if answered == 200 else 0)


# Who the client is


@pytest.mark.parametrize(("trusted", "client"), [({}, "127.0.0.1"), ({"trusted_proxy": "127.0.0.1"}, "127.0.0.9")])
def test_events_know_the_client_if_haproxy_is_trusted(trusted, client, tmp_path):
    with StandIn() as jira, worker(tmp_path, jira.url, **trusted) as proxy, reserved_port() as port:
        chosen = layout(port, jira.url, [proxy.port], admin_port=admin_port(proxy))
        with balancer(tmp_path, shipped_set(), chosen):
            Client(address="127.0.0.9").get(f"http://127.0.0.1:{port}/rest/api/2/password/policy")

            assert proxy.event()["client.address"] == client
