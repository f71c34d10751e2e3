import http.client
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from jira_compat.standin import StandIn

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "jira_compat.standin"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "addon")}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], env=ENVIRONMENT, capture_output=True, text=True, timeout=20, check=False
    )


@pytest.mark.parametrize(
    ("mode", "number"), [("server", signal.SIGINT), ("cloud", signal.SIGTERM), ("cloud-today", signal.SIGTERM)]
)
def test_it_says_where_it_is_and_ends_when_told(mode, number):
    with subprocess.Popen(
        [*COMMAND, "--mode", mode, "--port", "0"],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        url = first.split()[-1]
        connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=5)
        connection.request("GET", "/rest/api/2/serverInfo")
        assert connection.getresponse().status == 200
        connection.close()
        process.send_signal(number)
        _, errors = process.communicate(timeout=10)

    assert f"({mode})" in first
    assert (process.returncode, errors) == (0, "")


@pytest.mark.parametrize("port", ["taken", "99999"])
def test_a_port_that_cannot_be_had_is_one_line(port):
    with StandIn() as standin:
        ended = run("--port", standin.url.rpartition(":")[2] if port == "taken" else port)

    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1
    assert "--port" in ended.stderr


@pytest.mark.parametrize("option", ["--mode", "--manners"])
def test_wrong_usage(option):
    assert run(option, "rude").returncode == 2
