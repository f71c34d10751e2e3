import asyncio
import http.client
import json
from contextlib import closing

import pytest

from jira_compat.proxy.admin.endpoints import health
from jira_compat.proxy.admin.state import State
from jira_compat.proxy.exchange.counters import Counts


def asked(state, path, *, is_welcome=True):
    """The answer to a GET of a page about a proxy in that state."""

    async def welcome(_):
        return is_welcome

    async def run():
        pages = health(lambda: state, welcome)
        await pages.listen("127.0.0.1", 0)
        try:
            return await asyncio.to_thread(get, pages.addresses[0][1], path)
        finally:
            pages.close()

    return asyncio.run(run())


def get(port, path):
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as client:
        client.request("GET", path)
        answer = client.getresponse()
        return answer.status, answer.read().decode()


@pytest.mark.parametrize(
    ("state", "status", "said"),
    [
        (State(digest="sha256:x", rules=2), 200, {"ready": True, "policies": "sha256:x", "rules": 2}),
        (State(digest="sha256:x", unready="draining"), 503, {"ready": False, "reason": "draining"}),
        (State(unready="workers_disagree", workers=2), 503, {"ready": False, "reason": "workers_disagree"}),
    ],
)
def test_ready_is_what_says_so(state, status, said):
    code, text = asked(state, "/readyz")
    assert (code, json.loads(text)) == (status, said)
    assert asked(state, "/healthz") == (200, '{"alive": true}\n')


@pytest.mark.parametrize(("workers", "lines"), [(None, 0), (3, 2)])
def test_workers_are_counted_where_there_are_several(workers, lines):
    text = asked(State(Counts(requests=7), workers=workers, replaced=1), "/metrics")[1].splitlines()
    assert "jira_compat_requests_total 7.0" in text
    assert len([line for line in text if line.startswith("jira_compat_workers")]) == lines


def test_who_is_not_welcome_is_told_nothing():
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        asked(State(), "/healthz", is_welcome=False)
