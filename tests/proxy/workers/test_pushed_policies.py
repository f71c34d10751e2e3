from pathlib import Path

from build import a_rule, in_force
from jira_compat.events.log import EventLog
from jira_compat.proxy.exchange.counters import Counts
from jira_compat.proxy.exchange.hooks import Traffic
from jira_compat.proxy.settings.options import OPTIONS, read_options
from jira_compat.proxy.workers.pushed_policies import Given

SETTINGS = read_options({name: default for name, _, default, _, _ in OPTIONS}.__getitem__)
FIRST, SECOND = (in_force(a_rule(f"GET /rest/api/2/{name}")) for name in ("user", "group"))


def test_what_is_given_is_in_force_and_nothing_is_written_or_counted(tmp_path: Path):
    traffic = Traffic()
    traffic.log = EventLog(str(tmp_path / "events"))
    given = Given(traffic, FIRST)
    given.take(SECOND)
    assert not traffic.in_force
    assert given.read(SETTINGS) is SECOND
    given.put_in_force(SETTINGS, given.read(SETTINGS))
    given.take(FIRST)
    assert traffic.in_force is not None
    assert (traffic.in_force.settings, traffic.in_force.rules) == (SETTINGS, FIRST)
    assert given.read(SETTINGS) is FIRST
    assert traffic.counts == Counts()
    traffic.log.close()
    assert (tmp_path / "events").read_bytes() == b""
