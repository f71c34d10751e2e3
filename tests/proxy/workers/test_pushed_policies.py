from pathlib import Path

from build import a_rule, policy_set
from jira_compat.events.log import EventLog
from jira_compat.proxy.exchange.counters import Counts
from jira_compat.proxy.exchange.hooks import ExchangeHooks
from jira_compat.proxy.settings.options import OPTIONS, read_options
from jira_compat.proxy.workers.pushed_policies import PushedPolicies

SETTINGS = read_options({name: default for name, _, default, _, _ in OPTIONS}.__getitem__)
FIRST, SECOND = (policy_set(a_rule(f"GET /rest/api/2/{name}")) for name in ("user", "group"))


def test_what_is_given_is_in_force_and_nothing_is_written_or_counted(tmp_path: Path):
    traffic = ExchangeHooks()
    traffic.log = EventLog(str(tmp_path / "events"))
    given = PushedPolicies(traffic, FIRST)
    given.take(SECOND)
    assert not traffic.active
    assert given.read(SETTINGS) is SECOND
    given.activate(SETTINGS, given.read(SETTINGS))
    given.take(FIRST)
    assert traffic.active is not None
    assert (traffic.active.settings, traffic.active.rules) == (SETTINGS, FIRST)
    assert given.read(SETTINGS) is FIRST
    assert traffic.counts == Counts()
    traffic.log.close()
    assert (tmp_path / "events").read_bytes() == b""
