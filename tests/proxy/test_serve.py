"""``serve`` as a whole is tried as it is used, in tests/cli/test_main.py, tests/e2e and tests/fail_closed."""

import asyncio
import socket

import pytest

from jira_compat.proxy.serve import serve
from jira_compat.proxy.settings.preflight import ServeConfig, StartError


@pytest.mark.parametrize(
    ("what", "line"),
    [
        (ServeConfig(("127.0.0.1", 0), "https://jira.example.com/jira"), "has a path"),
        (ServeConfig(("127.0.0.1", 0), "ftp://jira.example.com"), "is not a valid site URL"),
        (
            ServeConfig(("127.0.0.1", 0), "https://a.example", options={"jira_mode": "audit"}),
            "jira_mode: 'audit' is not a valid value",
        ),
        (ServeConfig(("127.0.0.1", 0), "https://a.example", options={"jira_override": "/none"}), "/none"),
    ],
)
def test_what_cannot_be_served_is_a_line(what, line):
    with pytest.raises((StartError, ValueError)) as caught:
        asyncio.run(serve(what))
    assert line in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_address_that_is_taken_is_a_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartError) as caught:
            asyncio.run(serve(ServeConfig(("127.0.0.1", port), "https://a.example")))
    assert f"127.0.0.1:{port} cannot be listened on" in str(caught.value)
