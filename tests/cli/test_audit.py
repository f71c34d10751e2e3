import contextlib
import fcntl
import gzip
import json
import multiprocessing
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from audit.audited import SAMPLES, SECRET
from jira_compat.audit.report.write import FORMS
from jira_compat.cli.main import main
from live import PATIENCE, ROOT, wait_until

LINE = '10.0.0.1 - fred [10/Oct/2025:13:55:36 +0000] "{} HTTP/1.1" 200 2 "-" "curl/8"\n'
REMOVED, MODIFIED = LINE.format("PUT /rest/api/2/user/password"), LINE.format("POST /rest/api/2/user")
MESSAGE = "26-Nov-2026 11:31:54.123 INFO [main] a.b.Catalina.start Server startup\n"
HARMLESS = LINE.format("GET /rest/api/2/myself")


def run(*words, stdin=None):
    return CliRunner().invoke(main, [str(word) for word in words], input=stdin, catch_exceptions=False)


def rows(text):
    """Calls by rule or endpoint, as JSON has them."""
    report = json.loads(text)
    rules = {row["rule"]: row["calls"] for row in report["rules"] if row["calls"]}
    return rules | {row["endpoint"]: row["calls"] for row in report["endpoints"]}


@pytest.fixture
def log(tmp_path):
    def write(*lines):
        (tmp_path / "a.log").write_text("".join(lines))
        return tmp_path / "a.log"

    return write


def test_samples_of_every_kind_are_audited():
    result = run("audit", SAMPLES, "--format", "json")

    assert rows(result.stdout)["refuse-password-change"] >= 1
    assert result.exit_code == 1
    assert [line.rpartition("/")[2] for line in result.stderr.splitlines()] == ["browser.har#2: no request.url"]


def test_a_translated_call_still_counts_as_one_that_must_change(log):
    lines = [LINE.format("GET /rest/api/2/search?jql=a&startAt=50"), LINE.format("POST /rest/api/3/search")]
    result = run("audit", log(*lines), "--fail-on", "removed")

    assert result.exit_code == 3
    assert "1 client: 2 calls to removed endpoints" in result.stdout
    assert "Call POST /rest/api/3/search/jql" in result.stdout
    assert "jira-compat translates the call meanwhile" in " ".join(result.stdout.split())


@pytest.mark.parametrize(
    ("lines", "fail_on", "status"),
    [
        ([HARMLESS], None, 0),
        ([HARMLESS], "modified", 0),
        ([MODIFIED], None, 0),
        ([MODIFIED], "modified", 3),
        ([MODIFIED], "removed", 0),
        ([REMOVED], None, 0),
        ([REMOVED], "modified", 3),
        ([REMOVED], "removed", 3),
        ([HARMLESS, "nonsense\n"], None, 1),
        ([MODIFIED, "nonsense\n"], "removed", 1),
        ([REMOVED, "nonsense\n"], "removed", 3),
        ([HARMLESS, "unfinished"], None, 0),
        ([], "removed", 1),
    ],
)
def test_the_exit_status_says_how_it_was(log, lines, fail_on, status):
    words = ["--fail-on", fail_on] if fail_on else []

    assert run("audit", log(*lines), *words).exit_code == status


@pytest.mark.parametrize(("fields", "status"), [(["/password"], 3), ([], 0), (None, 3)])
def test_a_call_that_had_nothing_to_take_out_is_no_failure(tmp_path, fields, status):
    event = {"v": 1, "event": "rule_matched", "policy": "p", "rule": "r", "change": "modified", "action": "remove"}
    (tmp_path / "events").write_text(json.dumps({**event, "fields": fields}) + "\n")

    assert run("report", tmp_path / "events", "--fail-on", "modified").exit_code == status


def test_standard_input_is_a_capture():
    result = run("audit", "-", "--format", "json", stdin=REMOVED)

    assert (result.exit_code, rows(result.stdout)) == (0, {"refuse-password-change": 1})


def test_a_kind_and_a_pattern_are_taken(log):
    path = log("PUT -> /rest/api/2/user/password\n")

    assert run("audit", path).exit_code == 1
    assert run("audit", path, "--kind", "combined").exit_code == 1
    result = run("audit", path, "--pattern", "(?P<method>[A-Z]+) -> (?P<target>.+)", "--format", "json")
    assert (result.exit_code, rows(result.stdout)) == (0, {"refuse-password-change": 1})


@pytest.mark.parametrize(
    ("words", "status", "start"),
    [
        ((), 2, "Missing argument"),
        (("x", "--kind", "nonsense"), 2, "Invalid value for '--kind'"),
        (("x", "--kind", "har", "--pattern", "x"), 2, "--pattern and --kind exclude each other"),
        (("x", "--line-format", "%r", "--pattern", "x"), 2, "--pattern and --line-format exclude each other"),
        (("x", "--line-format", "%h"), 1, "--line-format: it must have a request"),
        (("x", "--trusted-proxy", "nonsense"), 1, "--trusted-proxy: 'nonsense' is"),
        (("x", "--pattern", "("), 1, "--pattern: not a regular expression"),
        (("x", "--pattern", "x"), 1, "--pattern: it must have the groups method and target"),
        (("x", "--policies", "/nonexistent"), 1, "/nonexistent: "),
        (("x", "--max-body", "much"), 1, "--max-body: "),
        ((SAMPLES / "combined.log", "-o", "/nonexistent/x"), 1, "--output: /nonexistent/x cannot be written (no such"),
    ],
)
def test_what_cannot_be_done_is_one_line(words, status, start):
    result = run("audit", *words)
    (line,) = result.stderr.splitlines()

    assert (result.exit_code, result.stdout) == (status, "")
    assert line.startswith(f"jira-compat: {start}")


def test_a_report_goes_into_a_file(log, tmp_path):
    result = run("audit", log(REMOVED), "--format", "json", "-o", tmp_path / "out")

    assert (result.exit_code, result.output) == (0, "")
    assert rows((tmp_path / "out").read_text()) == {"refuse-password-change": 1}


def test_users_are_shown_as_chosen(log, monkeypatch):
    monkeypatch.setenv("JIRA_COMPAT_IDENTITY_KEY", "key")
    users = []
    for identity in ("shown", "hashed", "none"):
        result = run("audit", log(REMOVED), "--format", "json", "--identity", identity)
        users += [row["user"] for row in json.loads(result.stdout)["uses"]]

    assert (users[0], len(users[1]), users[2]) == ("fred", 16, None)


def test_event_logs_have_a_command_of_their_own():
    result = run("report", SAMPLES / "events.jsonl", "--format", "json")

    assert (result.exit_code, rows(result.stdout)["GET /rest/api/2/issue/{id}/comment"]) == (0, 412)
    assert run("report", SAMPLES / "combined.log").exit_code == 1


def test_it_goes_by_the_policies_that_are_named(log, tmp_path):
    (tmp_path / "override.yaml").write_text("refuse-password-change: {status: 404}")
    words = ("--policies", ROOT / "policies", "--override", tmp_path / "override.yaml", "--profile", "staging")

    assert rows(run("audit", log(REMOVED), *words, "--format", "json").stdout) == {"refuse-password-change": 1}


# In a process of its own


def started(*words, **others):
    command = [sys.executable, "-m", "jira_compat", "audit", *map(str, words)]
    return subprocess.Popen(command, cwd=ROOT, **others)


def is_empty(pipe):
    """Whether all that was written was read."""
    return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4))) == (0,)


def named(result):
    """What was said of a file, and the exit status."""
    return [line.rpartition("/")[2] for line in result.stderr.splitlines()], result.exit_code


def test_a_report_on_another_log_says_to_use_audit():
    what = "this is not an event log (it looks like combined); use `jira-compat audit`"
    assert named(run("report", SAMPLES / "combined.log")) == ([f"combined.log: {what}"], 1)


@pytest.mark.parametrize("words", [("report",), ("audit",), ("audit", "--kind", "combined")])
def test_an_empty_file_is_no_all_clear(tmp_path, words):
    (tmp_path / "empty.jsonl").touch()

    command, *others = words
    result = run(command, tmp_path / "empty.jsonl", *others)
    assert named(result) == (["empty.jsonl: this is empty; no request was seen"], 1)


def test_a_folder_with_other_logs_is_audited_without_complaint(tmp_path):
    (tmp_path / "access_log").write_text(REMOVED)
    (tmp_path / "host-manager.log").touch()
    (tmp_path / "catalina.log").write_text(
        "26-Nov-2026 11:31:54.123 INFO [main] a.b.Catalina.start Server startup\n" * 3
    )
    (tmp_path / "error.log").write_text("2026/11/26 11:31:54 [warn] 7#7: a message\n")
    result = run("audit", tmp_path, "--format", "json")

    assert (result.exit_code, rows(result.stdout)) == (0, {"refuse-password-change": 1})
    assert sorted(line.partition(": ")[0] for line in named(result)[0]) == [
        "catalina.log", "error.log", "host-manager.log",
    ]  # fmt: skip
    result = run("audit", tmp_path / "catalina.log")
    assert result.exit_code == 1
    assert "no request was seen" in result.stderr


def test_messages_in_json_are_no_all_clear(tmp_path):
    (tmp_path / "messages.json").write_text('{"level": "info", "msg": "started"}\n' * 30)
    told = "messages.json: these JSON lines have no method and path under any usual name; "

    result = run("audit", tmp_path / "messages.json")
    assert (result.exit_code, told in result.stderr) == (1, True)
    assert named(run("audit", tmp_path))[1] == 1
    (tmp_path / "access_log").write_text(REMOVED)
    result = run("audit", tmp_path)
    assert (result.exit_code, told in result.stderr) == (0, True)


def test_json_that_may_be_about_requests_is_unreadable_also_in_a_folder(tmp_path):
    (tmp_path / "other.json").write_text('{"verb": "PUT", "where": "/rest/api/2/user/password"}\n')
    (tmp_path / "access_log").write_text(REMOVED)

    assert named(run("audit", tmp_path))[1] == 1


def test_a_request_among_messages_is_no_all_clear(tmp_path):
    (tmp_path / "catalina.log").write_text(MESSAGE * 2000 + f"x {REMOVED}")
    lines, status = named(run("audit", tmp_path))

    assert status == 1
    assert lines[0].startswith("catalina.log:2001: this looks like a request among messages")


@pytest.mark.parametrize(
    ("words", "addresses"),
    [
        ((), {"10.0.0.5", "10.0.0.6"}),
        (("--trusted-proxy", "10.0.0.5"), {"203.0.113.8", "10.0.0.6"}),
        (("--trusted-proxy", "10.0.0.0/8"), {"203.0.113.8", "198.51.100.1"}),
    ],
)
def test_the_client_behind_balancers_is_the_nearest_that_is_not_trusted(tmp_path, words, addresses):
    line = REMOVED.partition(" - ")[2].rstrip()
    lines = [f'10.0.0.5 - {line} "198.51.100.1, 203.0.113.8"', f'10.0.0.6 - {line} "198.51.100.1, 10.0.0.7"']
    (tmp_path / "access.log").write_text("\n".join(lines) + "\n")
    result = run("audit", tmp_path, "--format", "json", *words)

    assert {use["address"] for use in json.loads(result.stdout)["uses"]} == addresses
    assert ("name your balancers with --trusted-proxy" in result.stderr) == (not words)


def test_a_format_string_of_a_server_is_taken(tmp_path):
    (tmp_path / "access.log").write_text("anna|PUT|/rest/api/2/user/password|204\n")
    result = run("audit", tmp_path, "--line-format", "%u|%m|%U%q|%s", "--format", "json")

    assert rows(result.stdout) == {"refuse-password-change": 1}
    assert "no call has a known time" in result.stderr


def test_ctrl_c_prints_what_was_found_so_far():
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with started("-", "--format", "json", **pipes) as audit:
        for _ in range(2):  # what is read a second time shows that the first was counted
            audit.stdin.write(REMOVED.encode() * 1000)
            audit.stdin.flush()
            wait_until(lambda: is_empty(audit.stdin), "it to be read")
        audit.send_signal(signal.SIGINT)
        out, err = audit.communicate(timeout=PATIENCE)

    assert (audit.returncode, err) == (130, b"")
    assert 1000 <= rows(out)["refuse-password-change"] <= 2000


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs /proc")
def test_ctrl_c_ends_all_processes_and_none_complains(tmp_path):
    with (tmp_path / "big.log").open("w") as file:
        for _ in range(24):
            file.write((REMOVED + HARMLESS * 9) * 4000)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with started(tmp_path / "big.log", "--format", "json", start_new_session=True, **pipes) as audit:
        children = Path(f"/proc/{audit.pid}/task/{audit.pid}/children")
        several = multiprocessing.cpu_count() > 1
        wait_until(lambda: not several or len(children.read_text().split()) > 2, "processes that read")
        os.killpg(audit.pid, signal.SIGINT)
        out, err = audit.communicate(timeout=PATIENCE)

    assert (audit.returncode, err) == (130, b"")
    assert json.loads(out) is not None


TERMINAL = {**os.environ, "TERM": "xterm"}


def test_progress_is_on_a_terminal_alone():
    ours, theirs = pty.openpty()
    seen = []
    with started("-", stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=theirs, env=TERMINAL) as audit:
        os.close(theirs)
        reader = threading.Thread(target=lambda: seen.extend(pieces(ours)))
        reader.start()
        wait_until(lambda: says_more(audit.stdin, seen), "progress")
        audit.stdin.close()
        assert audit.wait(PATIENCE) == 0
        reader.join(PATIENCE)
    os.close(ours)

    written = b"".join(seen).decode()
    assert "password" not in written
    assert written.endswith("\x1b[1A\x1b[2K")


def says_more(stdin, seen):
    """Give it something to read; whether it has said how far it is."""
    stdin.write(REMOVED.encode() * 10)
    stdin.flush()
    return b"B/s" in b"".join(seen) or b"bytes/s" in b"".join(seen)


def pieces(terminal):
    """What is written to a terminal, until nobody holds its other end."""
    with contextlib.suppress(OSError):
        while piece := os.read(terminal, 4096):
            yield piece


def test_nobody_who_reads_is_no_reason_for_a_traceback():
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as closed, started(SAMPLES, stdout=closed, stderr=subprocess.PIPE) as audit:
        _, err = audit.communicate(timeout=PATIENCE)

    assert b"Traceback" not in err


def test_no_secret_is_in_any_output():
    for form in FORMS:
        for identity in ("shown", "hashed", "none"):
            result = run("audit", SAMPLES, "--format", form, "--identity", identity)
            assert SECRET not in result.output + result.stderr


def test_gzip_with_a_broken_tail_is_audited_up_to_there(tmp_path):
    (tmp_path / "a.log.gz").write_bytes(gzip.compress(REMOVED.encode()) + gzip.compress(MODIFIED.encode() * 100)[:-8])
    result = run("audit", tmp_path / "a.log.gz", "--format", "json")

    assert (result.exit_code, rows(result.stdout)["refuse-password-change"]) == (1, 1)
    assert "the gzip data ends too early, behind " in result.stderr
