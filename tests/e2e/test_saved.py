"""What a person sees of a judged flow: in mitmweb, and in a file of flows."""

import http.client
import json
import socket
from contextlib import closing

from mitmproxy.http import HTTPFlow
from mitmproxy.io import FlowReader
from mitmproxy.utils.emoji import emoji

from e2e.site import SECRET
from jira_compat.proxy.exchange.exchange import METADATA
from live import BIN, PATIENCE, exchange, live_proxy, request, start, status, wait_until

CALLS = {
    ("GET", "/rest/api/2/issue/DEMO-1"): ("", "", None),
    ("POST", "/rest/api/2/user"): (
        ":pencil2:",
        "fields removed /password [user-management/ignore-password-on-user-create]",
        ["user-management/ignore-password-on-user-create"],
    ),
    ("PUT", "/rest/api/2/user/password"): (
        ":no_entry:",
        "request refused [user-management/refuse-password-change]",
        ["user-management/refuse-password-change"],
    ),
    ("DELETE", "/rest/auth/1/session"): (
        "",
        "rule matched (not applied) [user-management/leave-logout]",
        ["user-management/leave-logout"],
    ),
}
"""Mark, comment and metadata by request."""


def send_all(port):
    for method, path in CALLS:
        body = "" if method in {"GET", "DELETE"} else json.dumps({"name": "zoe", "password": SECRET})
        assert status(exchange(port, request(method, path, body, "Content-Type: application/json")))


def test_a_file_of_flows_says_which_rules_were_behind_them(jira, tmp_path):
    file, events = tmp_path / "saved.flow", tmp_path / "events.jsonl"
    with live_proxy("mitmdump", events, upstream=jira.url, options={"save_stream_file": file}) as proxy:
        send_all(proxy.port)
        assert proxy.stop() == 0
    with file.open("rb") as saved:
        flows = [flow for flow in FlowReader(saved).stream() if isinstance(flow, HTTPFlow)]
    assert {
        (flow.request.method, flow.request.path): (flow.marked, flow.comment, flow.metadata.get(METADATA))
        for flow in flows
    } == CALLS


def test_mitmweb_shows_what_was_done_to_a_flow(jira, tmp_path):
    events, port = tmp_path / "events.jsonl", free_port()
    command = [str(BIN / "mitmweb"), "-s", "addon/main.py", "--listen-host", "127.0.0.1", "-p", "0"]
    command += ["--mode", f"reverse:{jira.url}", "--set", f"jira_events={events}", "--set", "web_password=a-token"]
    with start([*command, "--no-web-open-browser", "--web-port", str(port)], events) as proxy:
        wait_until(lambda: "Web server listening" in proxy.text(), "the web interface")
        send_all(proxy.port)
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as browser:
            browser.request("GET", "/flows", headers={"Authorization": "Bearer a-token"})
            flows = json.load(browser.getresponse())
        assert proxy.stop() == 0
    assert {
        (flow["request"]["method"], flow["request"]["path"]): (flow["marked"], flow["comment"]) for flow in flows
    } == {call: (emoji.get(mark, mark), comment) for call, (mark, comment, _) in CALLS.items()}
    assert {event["rule"] for event in proxy.events()} == {
        rule.partition("/")[2] for _, _, rules in CALLS.values() for rule in rules or ()
    }


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]
