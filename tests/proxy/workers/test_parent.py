"""What is wrong before any worker is started; with workers: tests/e2e/test_workers.py."""

import asyncio
import socket
import subprocess
import sys

import pytest

from jira_compat.proxy.settings.preflight import ServeConfig, StartError
from jira_compat.proxy.workers.parent import serve

HERE = ("127.0.0.1", 0)
SITE = "http://127.0.0.1:9"


def line(what):
    with pytest.raises(StartError) as caught:
        asyncio.run(serve(what))
    (only,) = caught.value.lines
    return only


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (ServeConfig(HERE, "http://jira.example.com/jira", workers=2), "has a path"),
        (ServeConfig(HERE, SITE, {"jira_mode": "audit"}, workers=2), "jira_mode: 'audit' is not a valid value"),
        (ServeConfig(HERE, SITE, {"jira_override": "/none"}, workers=2), "/none"),
        (
            ServeConfig(HERE, SITE, {"jira_events": "/none/events"}, workers=2),
            "jira_events: /none/events cannot be opened",
        ),
        (ServeConfig(HERE, SITE, {"ssl_verify_upstream_trusted_ca": "/none"}, workers=2), "--upstream-ca: /none"),
    ],
)
def test_what_cannot_be_served_is_a_line(what, said):
    assert said in line(what)


def test_an_address_that_is_taken_is_a_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = taken.getsockname()
        where = f"127.0.0.1:{address[1]} cannot be listened on (address already in use); choose another address"
        assert line(ServeConfig(address, SITE, workers=2)) == f"--listen: {where}"
        assert line(ServeConfig(HERE, SITE, admin=address, workers=2)) == f"--admin: {where}"


def test_on_windows_there_is_one(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    assert line(ServeConfig(HERE, SITE, workers=2)).startswith("--workers: Windows cannot")


def test_the_parent_does_without_mitmproxy():
    code = "import sys, jira_compat.proxy.workers.parent; print('mitmproxy' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout
    assert said == "False\n"
