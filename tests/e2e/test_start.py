"""A start that must not succeed: exit status 1, lines that say why, no traceback."""

import subprocess
import sys

import pytest

from live import BIN, ROOT

POLICY = """\
policy: broken
title: A policy with faults
source: https://example.com/
rules:
  - id: one
    endpoint: PUT /rest/api/2/user
    change: modified
    why: It has a key that is none.
    remvoe: [/password]
  - id: one
    endpoint: GET /rest/api/2/user
    change: vanished
    why: Its change is none, and its id is taken.
"""


@pytest.fixture
def policies(tmp_path):
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "broken.yaml").write_text(POLICY)
    return folder


def run(*command):
    ended = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL, check=False
    )
    return ended.returncode, ended.stdout + ended.stderr


def of_mitmproxy(tool, *options):
    words = [word for option in options for word in ("--set", option)]
    tools = ["--no-web-open-browser", "--web-port", "0"] if tool == "mitmweb" else []
    return run(str(BIN / tool), "-s", "addon/main.py", "--listen-host", "127.0.0.1", "-p", "0", *tools, *words)


def serve(*options):
    line = (sys.executable, "-m", "jira_compat", "serve", "--upstream", "http://127.0.0.1:9", "--listen", "127.0.0.1:0")
    return run(*line, *options)


@pytest.mark.parametrize(
    "start",
    [
        lambda folder: of_mitmproxy("mitmdump", f"jira_policies={folder}"),
        lambda folder: of_mitmproxy("mitmweb", f"jira_policies={folder}"),
        lambda folder: serve("--policies", str(folder)),
    ],
    ids=["mitmdump", "mitmweb", "serve"],
)
def test_a_bad_policy_ends_the_start_with_every_error(start, policies):
    status, said = start(policies)
    assert (status, "Traceback" in said) == (1, False), said
    for place, words in {"9:5": "did you mean 'remove'", "10:9": "one", "12:13": "vanished"}.items():
        assert any(f"broken.yaml:{place}: " in line and words in line for line in said.splitlines()), (place, said)


@pytest.mark.parametrize(
    ("option", "line"),
    [
        ("stream_large_bodies=1m", "stream_large_bodies: bodies would pass before a rule has read them; leave it out"),
        ("body_size_limit=1m", "body_size_limit: mitmproxy would answer instead of the policy"),
        ("validate_inbound_headers=false", "validate_inbound_headers: malformed requests would reach Jira"),
        ("jira_mode=audit", "jira_mode: 'audit' is not a valid value; write 'enforce' or 'observe'"),
        ("jira_events=/nowhere/at/all", "jira_events: /nowhere/at/all cannot be opened"),
    ],
)
def test_mitmdump_does_not_start_beside_an_option_that_opens_a_hole(option, line):
    status, said = of_mitmproxy("mitmdump", option)
    assert (status, "Traceback" in said) == (1, False), said
    assert line in said


def test_serve_says_what_is_wrong_with_a_flag():
    status, said = serve("--max-body", "much")
    assert (status, said) == (1, "jira-compat: --max-body: 'much' is not a size up to 10GB; write one like '10MB'\n")
