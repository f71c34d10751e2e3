"""One exchange, told by everything that can tell of it: the same findings."""

import itertools
import json
import subprocess

import pytest

from audit.audited import audited
from jira_compat.standin import StandIn
from live import BIN, PATIENCE, exchange, live_proxy, request, wait_until

JSON = "Content-Type: application/json"
HEADERS = (JSON, "User-Agent: python-requests/2.31.0", "Authorization: Basic YWRtaW46dHVsaXA3")
EXCHANGES = {
    "ignore-password-on-user-create": (
        "POST",
        "/rest/api/2/user",
        {"name": "eve", "password": "tulip7"},
        ["/password"],
    ),
    "keep-only-active-on-user-update": ("PUT", "/rest/api/2/user?username=eve", {"displayName": "E"}, ["/displayName"]),
    "refuse-password-change": ("PUT", "/rest/api/2/user/password?username=eve", {"password": "tulip7"}, []),
    "leave-login": ("POST", "/rest/auth/1/session", {"username": "eve", "password": "tulip7"}, []),
}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Exchanges through a real proxy, as events, as flow file, and as the HAR that mitmproxy makes of that."""
    folder = tmp_path_factory.mktemp("told")
    options = {"mode": "observe", "save_stream_file": str(folder / "flows")}
    with (
        StandIn() as jira,
        live_proxy("mitmdump", folder / "events.jsonl", upstream=jira.url, options=options) as proxy,
    ):
        for method, target, document, _ in EXCHANGES.values():
            exchange(proxy.port, request(method, target, json.dumps(document), *HEADERS))
        wait_until(lambda: len(proxy.events()) == len(EXCHANGES), "an event of each exchange")
    words = ["-n", "-q", "-r", str(folder / "flows"), "--set", f"hardump={folder / 'flows.har'}"]
    subprocess.run([BIN / "mitmdump", *words], check=True, timeout=PATIENCE, capture_output=True)
    with (folder / "access.log").open("w") as log:
        for event in proxy.events():
            place = f"{event['http.request.method']} {event['url.path']}"
            status = event["http.response.status_code"]
            log.write(
                f'{event["client.address"]} - admin [26/Nov/2026:11:31:54 +0000] "{place} HTTP/1.1" {status} 2 "-" '
            )
            log.write(f'"{event["user_agent.original"]}"\n')
    return folder


def findings(path):
    """All that is told of each rule but where and when."""
    found = audited(path)
    assert found.all_problems() == []
    return {
        subject.rule: (subject, client, calls.statuses, calls.carried, calls.fields)
        for (subject, client), calls in found.inventory.rows.items()
    }


def test_live_flow_and_har_tell_the_same(told):
    live = findings(told / "events.jsonl")

    assert {rule: list(fields) for rule, (*_, fields) in live.items()} == {
        rule: fields for rule, (*_, fields) in EXCHANGES.items()
    }
    assert findings(told / "flows") == live
    har = findings(told / "flows.har")
    assert har.keys() == live.keys()
    for rule, (subject, client, *rest) in har.items():
        assert (subject, client._replace(address=live[rule][1].address), *rest) == live[rule]  # a HAR has no client's


def test_times_are_those_of_the_exchanges(told):
    times = [
        [calls.first for calls in audited(told / name).inventory.rows.values()]
        for name in ("events.jsonl", "flows", "flows.har")
    ]

    for one, other in itertools.pairwise(zip(*times, strict=True)):
        assert max(abs(first - second) for first, second in itertools.combinations(one, 2)) < 5
        assert one[0] <= other[0]


def test_a_log_line_tells_the_same_rule_and_what_it_cannot_know_is_unknown(told):
    live, log = findings(told / "events.jsonl"), findings(told / "access.log")

    assert log.keys() == live.keys()
    for rule, (subject, client, statuses, carried, fields) in log.items():
        assert (subject, client, statuses) == live[rule][:3]
        assert (carried, fields) == ({"unknown": 1} if live[rule][3] else {}, ())
