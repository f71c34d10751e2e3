"""Connections and upstreams that end in real proxies are in tests/fail_closed/test_limits.py and test_upstream.py."""

import asyncio
from time import monotonic

import pytest
from mitmproxy.addons.proxyserver import Proxyserver
from mitmproxy.proxy.mode_specs import ProxyMode
from mitmproxy.test import tflow, tutils

from jira_compat.proxy.addons.timeouts import ConnectionLimit, UpstreamTimeout
from jira_compat.proxy.exchange.exchange import ActivePolicy
from jira_compat.proxy.exchange.hooks import ExchangeHooks
from jira_compat.proxy.settings.client_address import networks
from jira_compat.proxy.settings.options import OPTIONS, read_options
from jira_compat.proxy.settings.policies import load_rules
from jira_compat.proxy.settings.scope import Scope


def traffic_with(flow, traffic=None):
    settings = read_options({name: default for name, _, default, _, _ in OPTIONS}.__getitem__)
    traffic = ExchangeHooks() if traffic is None else traffic
    traffic.activate(ActivePolicy(settings, load_rules(settings), Scope(settings.hosts)))
    traffic.requestheaders(flow)
    traffic.request(flow)
    return traffic


def a_flow():
    flow = tflow.tflow(req=tutils.treq(path=b"/rest/api/2/issue/A-1", content=b""))
    flow.client_conn.proxy_mode = ProxyMode.parse("reverse:https://jira.example.com")
    return flow


def test_as_many_as_are_borne_are_served_and_one_that_went_makes_room():
    limit = ConnectionLimit(2, 2, lambda: ())
    clients = [tflow.tclient_conn() for _ in range(4)]
    for client in clients[:3]:
        limit.client_connected(client)
    limit.client_disconnected(clients[2])
    limit.client_disconnected(clients[0])
    limit.client_connected(clients[3])
    assert [client.error for client in clients] == [None, None, "too many connections", None]
    assert limit.turned_away == 1


@pytest.mark.parametrize(
    ("trusted", "errors"),
    [((), [None, None, "too many connections", None]), (("192.0.2.0/24",), [None] * 4)],
    ids=["a client", "a balancer"],
)
def test_as_many_come_from_one_address_unless_it_is_a_balancer(trusted, errors):
    limit = ConnectionLimit(10, 2, lambda: networks(trusted))
    clients = [tflow.tclient_conn() for _ in range(4)]
    for client, address in zip(clients, ["192.0.2.7"] * 3 + ["198.51.100.7"], strict=True):
        client.peername = (address, 1)
        limit.client_connected(client)
    assert [client.error for client in clients] == errors
    for client in clients:
        limit.client_disconnected(client)
    again = tflow.tclient_conn()
    again.peername = ("192.0.2.7", 1)
    limit.client_connected(again)
    assert again.error is None


def test_only_exchanges_that_wait_too_long_are_ended():
    flow = a_flow()
    traffic = traffic_with(flow)

    async def watch(seconds):
        timeout = UpstreamTimeout(traffic, Proxyserver(), seconds)
        timeout.running()
        await asyncio.sleep(0.5)  # many looks at 0.05 s, one at 60 s
        timeout.done()
        return flow in traffic.timed_out

    assert not asyncio.run(watch(60))
    assert asyncio.run(watch(0.05))
    assert traffic.timed_out[flow] == 0.05


class Faulty(ExchangeHooks):
    """Fails the first time that it is asked."""

    has_failed_once = False

    def overdue(self, since):
        if not self.has_failed_once:
            self.has_failed_once = True
            raise KeyError("hunter2")
        return super().overdue(since)


def test_a_look_that_fails_is_not_the_last(caplog):
    flow = a_flow()
    traffic = traffic_with(flow, Faulty())

    async def watch():
        timeout = UpstreamTimeout(traffic, Proxyserver(), 0.05)
        timeout.running()
        async with asyncio.timeout(20):
            while flow not in traffic.timed_out:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.01)
        timeout.done()

    asyncio.run(watch())
    assert "KeyError while looking" in caplog.text
    assert "hunter2" not in caplog.text


def test_an_answer_that_has_begun_is_not_overdue():
    flow = a_flow()
    traffic = traffic_with(flow)
    assert traffic.overdue(monotonic() + 1) == [flow]
    flow.response = tutils.tresp()
    traffic.responseheaders(flow)
    assert traffic.overdue(monotonic() + 1) == []
