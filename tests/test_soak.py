"""``make soak`` and the weighing of memory, in short: where something is wrong they do not pass."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def soak(*arguments, benchmark="soak"):
    command = [sys.executable, "-m", f"benchmarks.{benchmark}", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr


def test_nothing_is_lost_in_two_thousand_requests():
    status, said = soak("--requests", "2000")
    assert status == 0, said
    assert said.endswith("soak: passed\n")
    assert "2000 requests in" in said
    assert re.search(r", hostile [1-9]", said)
    assert re.search(r"events: [1-9]\d+, lost 0\n", said)


def test_a_proxy_that_does_nothing_does_not_pass():
    status, said = soak("--requests", "200", "--", "--mode", "observe")
    assert status == 1
    for what in ("wrongly forwarded", "wrongly answered", "requests with other events"):
        assert re.search(rf"WRONG: \d+ {what}: ", said), said
    assert said.endswith("soak: failed\n")


def test_a_proxy_that_does_not_start_is_told_of():
    status, said = soak("--", "--no-such-option")
    assert status == 1
    assert "soak: the proxy did not start: jira-compat: No such option '--no-such-option'" in said


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of memory so")
def test_large_bodies_are_not_held():
    status, said = soak("--requests", "300", "--megabytes", "60", benchmark="memory")
    assert status == 0, said
    started, *rows = re.findall(r"^\| .* \| (\d+) \| (\d*) ?\|$", said, re.MULTILINE)
    assert len(rows) == 5
    assert max(int(peak) for _, peak in rows) < int(started[0]) + 25
