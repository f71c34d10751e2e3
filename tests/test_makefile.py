"""`make` alone says what there is."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TARGETS = {"setup", "demo", "run", "test", "test-fast", "check", "fuzz", "format", "lock", "wheel", "clean"}

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def make(*arguments: str) -> str:
    """What make prints; it fails the test if make fails."""
    command = ["make", "--no-print-directory", *arguments]
    # Nothing else: a make that runs these tests hands its own variables down.
    clean = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
    done = subprocess.run(command, cwd=ROOT, env=clean, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_make_alone_lists_the_targets():
    listed = dict(re.findall(r"^  make (\S+) +(\S.*)$", make(), re.MULTILINE))

    assert listed.keys() >= TARGETS


@pytest.mark.parametrize("target", ["demo", "run", "test", "test-fast", "check", "fuzz", "format", "wheel"])
def test_a_target_makes_the_set_up_it_needs(target):
    assert "tools/setup " in make("--dry-run", target, "VENV=.venv-none")


@pytest.mark.parametrize("target", ["setup", "test"])
def test_the_tests_have_old_clients(target):
    assert "tools/setup-old-clients" in make("--dry-run", target)


def test_fuzzing_adds_what_only_it_needs():
    planned = make("--dry-run", "fuzz", "VENV=.venv-none", "ARGS=body --seconds 5")
    steps = ["tools/setup ", 'tools/setup-fuzz ".venv-none"', "fuzz/run.py body --seconds 5"]

    assert sorted(steps, key=planned.index) == steps


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["demo"], "jira-compat demo"),
        (["run"], "jira-compat demo --keep"),
        (["run", "UPSTREAM=http://127.0.0.1:8090"], 'jira-compat serve --upstream "http://127.0.0.1:8090"'),
        (["test", "TESTS=-k demo"], "-m pytest -n 3 --dist worksteal -k demo"),
        (["soak", "ARGS=--requests 9"], "-m benchmarks.soak --requests 9"),
        (["starve", "ARGS=ping links"], "-m benchmarks.starve ping links"),
    ],
)
def test_a_target_runs_the_command(arguments, command):
    assert command in make("--dry-run", *arguments)
