"""What operations.md names is there, and what it has people type does what it says."""

import os
import re
import shutil
import subprocess

import click
import pytest

from deploy.shown import METRICS
from jira_compat.cli.main import main
from jira_compat.events import vocabulary
from jira_compat.standin import StandIn
from live import BIN, ROOT, exchange, live_proxy, request

PAGE = (ROOT / "docs" / "operations.md").read_text()
MARKED = set(re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)))
SOURCES = "".join(path.read_text() for path in (ROOT / "addon").rglob("*.py"))
TYPED = re.findall(r"^ *\$ (.+)$", PAGE, re.MULTILINE)

needs_jq = pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed; apt-get install jq")


def flags(command):
    below = command.commands.values() if isinstance(command, click.Group) else ()
    return {flag for one in command.params for flag in one.opts}.union(*map(flags, below))


def typed(beginning, folder):
    """Have a shell run the one line of the page that begins so; what it prints."""
    [line] = [line for line in TYPED if line.startswith(beginning)]
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
    return subprocess.run(
        ["bash", "-ec", line], cwd=folder, env=environment, capture_output=True, text=True, check=True
    ).stdout


def test_its_options_exist():
    named = {word.split()[0] for word in MARKED if word.startswith("--")}
    assert "--override" in named
    assert named <= flags(main)


def test_its_metrics_exist():
    named = {word for word in MARKED if re.match("(jira_compat|process)_", word)}
    assert "jira_compat_policies_current" in named
    assert named <= METRICS


def test_its_events_and_reasons_exist():
    named = {word.removeprefix("error/") for word in MARKED if re.fullmatch("(error/)?[a-z]+(_[a-z]+)+", word)}
    unknown = {word for word in named - METRICS - vocabulary.NAMES.keys() if f'"{word}"' not in SOURCES}
    assert "rewrite_failed" in named
    assert {word for word in unknown if f'"error/{word}"' not in SOURCES} == set()


@needs_jq
def test_what_would_happen_and_to_whom_is_read_from_the_events(tmp_path):
    file = tmp_path / "events.jsonl"
    with StandIn() as jira, live_proxy("serve", file, upstream=jira.url, options={"mode": "observe"}) as proxy:
        exchange(proxy.port, request("PUT", "/rest/api/2/myself", "{}", "User-Agent: old-script/1.0"))
        exchange(proxy.port, request("POST", "/rest/auth/1/session", "{}"))
        proxy.event(2)

    assert typed("jq -r 'select(.applied", tmp_path).split() == [
        "1",
        "refuse-myself-update",
        "old-script/1.0",
        "127.0.0.1",
    ]
    typed("jira-compat report", tmp_path)
    assert "old-script" in (tmp_path / "report.html").read_text()


@needs_jq
def test_rules_are_enforced_one_after_the_other(tmp_path):
    typed("jira-compat rules", tmp_path)
    override = tmp_path / "override.yaml"
    observed = override.read_text()
    asked = "jira-compat explain PUT /rest/api/2/user/password"

    assert len(observed.splitlines()) > 10
    assert "the rule is in observe mode" in typed(asked, tmp_path)
    override.write_text(observed.replace("refuse-password-change: {mode: observe}\n", ""))
    assert "the rule is in observe mode" not in typed(asked, tmp_path)
    override.write_text("{}\n")
    assert "the rule is in observe mode" not in typed(asked, tmp_path)
