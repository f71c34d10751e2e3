import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from jira_compat.standin import StandIn
from live import PATIENCE, ROOT, wait_until


@pytest.fixture
def unusable(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        (tmp_path / "broken.yaml").write_text("policy: [")
        yield {"port": str(taken.getsockname()[1]), "folder": str(tmp_path)}


@pytest.mark.parametrize(
    ("words", "starts"),
    [
        ("--upstream ftp://jira", ["--upstream: "]),
        ("--upstream http://jira --listen 127.0.0.1:{port}", ["--listen: 127.0.0.1:{port} "]),
        ("--upstream http://jira --policies {folder}/a --policies {folder}/b", ["{folder}/a: ", "{folder}/b: "]),
        ("--upstream http://jira --events {folder}/missing/events", ["--events: "]),
        ("--upstream http://jira --cert {folder}/broken.yaml", ["--cert: "]),
    ],
)
def test_what_keeps_the_proxy_from_starting_is_a_line_each(words, starts, unusable):
    command = [sys.executable, "-m", "jira_compat", "serve", "--listen", "127.0.0.1:0"]
    command += ["--confdir", f"{unusable['folder']}/ca", *words.format(**unusable).split()]

    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)

    lines = result.stderr.splitlines()
    assert (result.returncode, result.stdout, len(lines)) == (1, "", len(starts)), result.stderr
    for line, start in zip(lines, starts, strict=True):
        assert line.startswith(f"jira-compat: {start.format(**unusable)}")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "jira-compat: Name the site with --upstream URL, or run a forward proxy with --forward; "),
        (["--forward", "--upstream", "http://jira"], "jira-compat: --forward and --upstream exclude each other; "),
    ],
)
def test_it_is_for_one_site_or_for_those_that_clients_name(words, told):
    command = [sys.executable, "-m", "jira_compat", "serve", *words]

    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)

    assert (result.returncode, result.stdout, len(result.stderr.splitlines())) == (2, "", 1)
    assert result.stderr.startswith(told)


def test_who_reads_json_is_told_so_why_it_does_not_start(unusable):
    command = [sys.executable, "-m", "jira_compat", "serve", "--log-format", "json", "--upstream", "http://jira"]
    command += ["--policies", f"{unusable['folder']}/%d", "--policies", f"{unusable['folder']}/b"]

    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)

    lines = [json.loads(line) for line in result.stderr.splitlines()]
    assert (result.returncode, result.stdout, len(lines)) == (1, "", 2), result.stderr
    assert {(line["level"], line["logger"]) for line in lines} == {("error", "jira_compat.cli.serve")}
    assert lines[0]["message"].startswith(f"{unusable['folder']}/%d: ")


class Served:
    """``serve`` in a process, with its two streams in files."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.out, self.err = folder / "out", folder / "err"
        command = [sys.executable, "-m", "jira_compat", "serve", "--listen", "127.0.0.1:0", *words]
        with self.out.open("w") as out, self.err.open("w") as err:
            self.process = subprocess.Popen(
                [*command, "--confdir", str(folder)], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=err
            )

    def __enter__(self):
        listening = wait_until(lambda: self.process.poll() is not None or self.said("listening on "), "the proxy")
        assert listening is not True, self.err.read_text()
        self.url = listening.partition("listening on ")[2].partition(",")[0]
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(PATIENCE)

    def said(self, words):
        return next((line for line in self.err.read_text().splitlines() if words in line), None)

    def events(self):
        return [json.loads(line)["event"] for line in self.out.read_text().splitlines()]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_it_is_told_to_end(tmp_path, number):
    with StandIn() as standin, Served(tmp_path, "--upstream", standin.url, "--events", "-") as proxy:
        assert requests.get(f"{proxy.url}/rest/api/2/serverInfo", timeout=PATIENCE).status_code == 200
        answer = requests.post(f"{proxy.url}/rest/api/2/group", json={"name": "readers"}, timeout=PATIENCE)
        assert answer.status_code == 201
        proxy.process.send_signal(number)

        assert proxy.process.wait(PATIENCE) == 0
        assert proxy.events() == ["policies_loaded", "rule_matched"]
        assert [line for line in proxy.err.read_text().splitlines() if "listening on" not in line] == []
        assert [received.method for received in standin.received] == ["GET", "POST"]


def test_an_upstream_that_is_down_does_not_keep_it_from_starting(tmp_path):
    with Served(tmp_path, "--upstream", "http://127.0.0.1:1") as proxy:
        assert proxy.process.poll() is None


def test_what_is_exposed_is_said_before_it_is(tmp_path):
    words = ("--forward", "--insecure", "--listen", "0.0.0.0:0", "--mode", "observe", "--profile", "staging")
    with Served(tmp_path, *words) as proxy:
        lines = proxy.err.read_text().splitlines()

    told = ("0.0.0.0", "--insecure", "no events are written", "(observe, staging)")
    assert [word in line for word, line in zip(told, lines, strict=True)] == [True] * 4
