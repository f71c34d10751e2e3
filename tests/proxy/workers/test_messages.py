"""What is told to a worker means there what it means here."""

import pickle

import pytest

from build import shipped_set
from jira_compat.decide import decide
from jira_compat.model import Request
from jira_compat.proxy.admin.state import State
from jira_compat.proxy.exchange.counters import Counts
from jira_compat.proxy.settings.preflight import ServeConfig
from jira_compat.proxy.workers.messages import Ping, Start, Started, StartFailed, Status, Stop


@pytest.mark.parametrize(
    "message",
    [
        Ping(1, ("127.0.0.1", 80)),
        Stop(at_once=True),
        Started(),
        StartFailed(("a", "b")),
        Status(State(Counts(3)), 1, is_own=True),
    ],
)
def test_messages_arrive_as_they_are(message):
    assert pickle.loads(pickle.dumps(message)) == message  # noqa: S301 - from ourselves


@pytest.mark.parametrize("profile", ["cloud", "staging"])
def test_rules_that_were_sent_decide_alike(profile):
    rules = shipped_set(profile)
    sent = Start(ServeConfig(("127.0.0.1", 0)), (3,), rules, "key")
    received = pickle.loads(pickle.dumps(sent))  # noqa: S301 - from ourselves
    assert (received.what, received.sockets, received.key) == (sent.what, sent.sockets, sent.key)
    assert received.rules.digest == rules.digest
    for entry in rules.entries:
        for path in entry.rule.endpoint.paths():
            target = "/" + "/".join("x" if segment is None else segment for segment in path)
            for body in (b"", b'{"password": "x", "active": true}'):
                request = Request(entry.rule.endpoint.methods[0], target.encode(), (), body)
                assert decide(received.rules, request) == decide(rules, request)
