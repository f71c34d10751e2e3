"""What an operator of mitmproxy does while the addon runs: commands and options."""

import json

import pytest

from e2e.article import reached
from e2e.site import Site
from live import BIN, exchange, request, start, status

CHANGE = request(
    "PUT", "/rest/api/2/user/password?username=fred", '{"password": "x"}', "Content-Type: application/json"
)
POLICY = """\
policy: local
title: One rule
source: https://example.com/
rules:
  - id: refuse-password-change
    endpoint: PUT /rest/api/{2|3|latest}/user/password
    change: removed
    why: It was removed.
    respond: {status: 404}
"""


@pytest.fixture
def policies(tmp_path):
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "local.yaml").write_text(POLICY)
    return folder


@pytest.fixture
def site(jira, policies, tmp_path):
    events = tmp_path / "events.jsonl"
    options = {"jira_policies": policies, "jira_events": events, "listen_host": "127.0.0.1", "listen_port": 0}
    command = [
        str(BIN / "mitmdump"),
        "-s",
        "addon/main.py",
        "-s",
        "tests/e2e/remote.py",
        "--mode",
        f"reverse:{jira.url}",
    ]
    command += [word for name, value in options.items() for word in ("--set", f"{name}={value}")]
    with start(command, events) as proxy:
        yield Site(proxy, jira, proxy.url)


def remote(site, words, body=""):
    """What came of a command: whether it was done, and the result or the error."""
    answer = exchange(site.proxy.port, request("POST", f"/remote?{words}", body))
    content = answer.partition(b"\r\n\r\n")[2].decode()
    return (True, json.loads(content)) if status(answer) == 200 else (False, content)


def judged(site):
    """The status that a removed endpoint answers."""
    return status(exchange(site.proxy.port, CHANGE))


def loaded(site):
    return [event["event"] for event in site.proxy.all_events() if event["event"].startswith("policies_")]


def test_options_and_commands(site, policies):
    """One proxy for all of it: a start takes longer than the test."""
    assert judged(site) == 404
    assert remote(site, "get=connection_strategy") == (True, "lazy")
    assert remote(site, "get=rawtcp") == (True, False)
    rule = "local/refuse-password-change enforce respond PUT /rest/api/{2|3|latest}/user/password"
    assert remote(site, "call=jira.rules") == (True, [rule])

    done, why = remote(site, "set=jira_mode", "audit")
    assert (done, why) == (False, "jira_mode: 'audit' is not a valid value; write 'enforce' or 'observe'")
    assert judged(site) == 404

    done, why = remote(site, "set=stream_large_bodies", "1m")
    assert (done, why.partition(":")[0]) == (False, "stream_large_bodies")
    assert judged(site) == 404

    assert remote(site, "set=jira_mode", "observe") == (True, "observe")
    assert judged(site) == 204
    assert remote(site, "set=jira_mode", "enforce") == (True, "enforce")
    assert judged(site) == 404

    (policies / "local.yaml").write_text(POLICY.replace("404", "410"))
    assert remote(site, "call=jira.reload") == (True, None)
    assert judged(site) == 410

    (policies / "local.yaml").write_text(POLICY.replace("removed\n", "vanished\n"))
    done, why = remote(site, "call=jira.reload")
    assert done is False
    assert f"{policies / 'local.yaml'}:7:13: " in why
    assert judged(site) == 410

    assert reached(site) == [("PUT /rest/api/2/user/password?username=fred", b'{"password": "x"}')]
    *before, last = loaded(site)
    assert (set(before), last) == ({"policies_loaded"}, "policies_rejected")
    assert "Traceback" not in site.proxy.text()
    assert site.proxy.stop() == 0
