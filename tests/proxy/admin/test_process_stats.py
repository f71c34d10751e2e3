import os
import subprocess
import sys
from pathlib import Path

import pytest

from jira_compat.proxy.admin.process_stats import Processes

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc here")

BUSY = "x = 0\nfor n in range(3_000_000): x += n\nprint(flush=True)\ninput()"


@pytest.fixture
def other():
    """A process that has used some time, and waits."""
    words = [sys.executable, "-c", BUSY]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


def values(processes):
    return {one.name: one.value for metric in processes.collect() for one in metric.samples}


def test_one_process_is_itself():
    found = values(Processes(lambda: [os.getpid()]))
    assert found["process_resident_memory_bytes"] > 1e6
    assert found["process_open_fds"] > 2
    assert found["process_cpu_seconds_total"] > 0


def test_of_several_there_is_the_sum(other):
    one, both = Processes(lambda: [os.getpid()]), Processes(lambda: [os.getpid(), other.pid])
    alone, found = values(one), values(both)
    for name in ("process_resident_memory_bytes", "process_virtual_memory_bytes", "process_open_fds"):
        assert found[name] > alone[name], name
    for name in ("process_start_time_seconds", "process_max_fds"):
        assert found[name] == alone[name], name


def test_time_that_was_used_stays_used(other):
    pids = [os.getpid(), other.pid]
    processes = Processes(lambda: pids)
    before = values(processes)["process_cpu_seconds_total"]
    alone = values(Processes(lambda: [os.getpid()]))["process_cpu_seconds_total"]
    assert before > alone
    pids.remove(other.pid)
    for _ in range(2):
        assert values(processes)["process_cpu_seconds_total"] >= before
    assert values(processes)["process_resident_memory_bytes"] > 0


def test_a_process_that_is_gone_is_nothing(other):
    other.kill()
    other.wait()
    assert values(Processes(lambda: [os.getpid(), other.pid]))["process_open_fds"] > 2
