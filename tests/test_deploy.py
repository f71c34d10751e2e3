"""What deploy/ holds is what the commands in its README write, and what the tools that read it take."""

import re
import shlex
import shutil
import subprocess

import click
import pytest
from click.testing import CliRunner

from jira_compat.cli.main import main
from jira_compat.proxy.settings.limits import Limits
from live import BIN, ROOT, exchange, request, start, status

DEPLOY = ROOT / "deploy"
EXPORTS = re.findall(r"^\$ jira-compat (export haproxy .*)$", (DEPLOY / "README.md").read_text(), re.MULTILINE)
EDITED = re.findall("```ini\n(.*?)```", (DEPLOY / "README.md").read_text(), re.DOTALL)
"""What `systemctl edit` adds."""
UNIT = (DEPLOY / "systemd" / "jira-compat.service").read_text()


@pytest.mark.parametrize("name", ["same-name", "elsewhere"])
def test_a_command_of_the_readme_writes_each_example(name, tmp_path):
    (words,) = (shlex.split(line) for line in EXPORTS if ("--same-name" in line) == (name == "same-name"))
    words[2] = str(tmp_path)

    result = CliRunner().invoke(main, words)

    assert result.exit_code == 0, result.output
    written = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert written == {path.name: path.read_text() for path in (DEPLOY / "haproxy" / name).iterdir()}


def test_the_unit_starts_a_worker_with_options_that_there_are():
    (command,) = re.findall("^ExecStart=(.*)$", UNIT, re.MULTILINE)
    (arguments,) = re.findall("^ARGUMENTS=(.*)$", (DEPLOY / "README.md").read_text(), re.MULTILINE)
    serve = main.get_command(click.Context(main), "serve")
    assert serve is not None

    named = {word for word in shlex.split(f"{command} {arguments}") if word.startswith("--")}

    assert named == {"--confdir", "--events", "--upstream", "--listen", "--admin", "--trusted-proxy"}
    assert named <= {flag for option in serve.params for flag in option.opts}


def test_what_the_unit_starts_serves(tmp_path):
    (command,) = re.findall("^ExecStart=(.*)$", UNIT, re.MULTILINE)
    for old, new in {"%S": tmp_path / "state", "%L": tmp_path / "log", "/opt/jira-compat/bin": BIN}.items():
        command = command.replace(old, str(new))
    for folder in ("state", "log"):
        (tmp_path / folder / "jira-compat").mkdir(parents=True)
    arguments = "--upstream http://127.0.0.1:9 --listen 127.0.0.1:0 --admin 127.0.0.1:0 --trusted-proxy 10.0.0.10"

    with start(
        shlex.split(command.replace("$ARGUMENTS", arguments)), tmp_path / "log/jira-compat/events.jsonl"
    ) as proxy:
        assert status(exchange(proxy.port, request("GET", "/rest/api/2/password/policy"))) == 410
        assert proxy.event()["event"] == "request_refused"


def test_the_unit_waits_longer_for_the_end_than_requests_may_take():
    (seconds,) = re.findall(r"^TimeoutStopSec=(\d+)$", UNIT, re.MULTILINE)

    assert int(seconds) > Limits().drain_timeout


@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed; apt-get install systemd"
)
@pytest.mark.parametrize("more", ["", *EDITED], ids=["as it is", "edited"])
def test_systemd_can_read_the_unit(more, tmp_path):
    unit = tmp_path / "jira-compat.service"
    unit.write_text(UNIT.replace("/opt/jira-compat/bin", str(BIN)) + more)

    read = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, check=False)

    assert read.returncode == 0, read.stderr
    assert "jira-compat.service" not in read.stderr
