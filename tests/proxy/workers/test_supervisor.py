"""When a worker is replaced, and what it is told; the rest is tried from outside: tests/e2e/test_workers.py."""

import asyncio
import os

from build import a_rule, policy_set
from e2e.processes import children
from jira_compat.proxy.settings.options import OPTIONS, read_options
from jira_compat.proxy.settings.preflight import ServeConfig
from jira_compat.proxy.workers.sockets import listen
from jira_compat.proxy.workers.supervisor import LONGEST_PAUSE, STEADY, Supervisor, next_pause
from proxy.workers.alone import NOBODY

SETTINGS = read_options({name: default for name, _, default, _, _ in OPTIONS}.__getitem__)
FIRST, SECOND = (policy_set(a_rule(f"GET /rest/api/2/{name}")) for name in ("user", "group"))


def pauses(*lives):
    found: list[float] = []
    for lived in lives:
        found.append(next_pause(found[-1] if found else None, lived))
    return found


def test_the_first_time_at_once():
    assert pauses(0.1) == [0]


def test_then_more_slowly_each_time_up_to_a_bound():
    assert pauses(*[0.1] * 9) == [0, 1, 2, 4, 8, 16, LONGEST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE]


def test_who_has_lived_a_while_is_replaced_at_once():
    assert pauses(0.1, 0.1, 0.1, STEADY, 0.1) == [0, 1, 2, 0, 1]


def test_policies_that_change_while_a_worker_starts_are_in_force_in_it(tmp_path):
    async def run():
        serving = ServeConfig(("127.0.0.1", 0), "http://127.0.0.1:9", {"confdir": str(tmp_path)})
        crew, served = Supervisor(serving, None), asyncio.Event()
        crew.judge_by(SETTINGS, FIRST)
        before = len(children(os.getpid()))
        at_work = asyncio.create_task(crew.serve(listen("127.0.0.1", 0), served.set))
        while len(children(os.getpid())) == before:  # noqa: ASYNC110 - the process is there, and the start goes on
            await asyncio.sleep(0)
        crew.judge_by(SETTINGS, SECOND)
        await served.wait()
        assert await crew.is_welcome(NOBODY)
        state = crew.state()
        crew.end()
        await at_work
        return state.unready, state.digest

    assert asyncio.run(asyncio.wait_for(run(), 60)) == (None, SECOND.digest)
