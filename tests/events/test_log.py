import contextlib
import io
import json
import os
import pty
import re
import select
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jira_compat.events.log import EventLog

EVENT = {"v": 1, "event": "rule_matched", "policy": "p", "fields": ["/a"], "applied": False, "url.path": "/rest/x"}


full_disk = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")


def lines_of(path: Path):
    return [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]]


@pytest.fixture
def log_to():
    """``EventLog``, closed at the end."""
    with contextlib.ExitStack() as stack:

        def opened(destination, stream=None):
            log = EventLog(str(destination), stream)
            stack.callback(log.close)
            return log

        yield opened


class Broken(io.StringIO):
    def write(self, _):
        raise BrokenPipeError(32, "Broken pipe")


def test_an_event_is_a_line_of_json(log_to, tmp_path):
    log = log_to(tmp_path / "events.jsonl")

    assert log.write(EVENT)
    assert log.write({**EVENT, "policy": "q"})
    assert log.lost == 0
    first, second = lines_of(tmp_path / "events.jsonl")
    assert {key: first[key] for key in EVENT} == EVENT
    assert second["policy"] == "q"


def test_version_time_and_name_come_first(log_to, tmp_path):
    log_to(tmp_path / "events.jsonl").write({"policy": "p", "event": "rule_matched", "v": 1})

    (line,) = lines_of(tmp_path / "events.jsonl")
    assert list(line) == ["v", "timestamp", "event", "policy"]
    assert line["timestamp"].endswith("Z")
    assert datetime.now(UTC) - datetime.fromisoformat(line["timestamp"]) < timedelta(minutes=1)


def test_a_line_is_there_as_soon_as_it_is_written(log_to, tmp_path):
    log = log_to(tmp_path / "events.jsonl")
    for number in range(3):
        log.write(EVENT)
        assert len(lines_of(tmp_path / "events.jsonl")) == number + 1


def test_what_is_in_the_file_stays(log_to, tmp_path):
    (tmp_path / "events.jsonl").write_text("{}\n")
    log_to(tmp_path / "events.jsonl").write(EVENT)

    assert len(lines_of(tmp_path / "events.jsonl")) == 2


def test_several_may_append_to_one_file(log_to, tmp_path):
    logs = [log_to(tmp_path / "events.jsonl") for _ in range(3)]
    for log in logs * 5:
        log.write({**EVENT, "policy": "x" * 20_000})

    assert len(lines_of(tmp_path / "events.jsonl")) == 15


@pytest.mark.parametrize("text", ["é ü", "\u2028\x85", "\x1b[31m", "\ud800", "a\nb", '"\\', "\x00", "🙂"], ids=ascii)
def test_whatever_text_there_is_a_line_is_ascii_and_says_it(log_to, tmp_path, text):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")

    assert log_to(tmp_path / "events.jsonl").write({**EVENT, "policy": text})
    assert log_to("-", stream).write({**EVENT, "policy": text})
    for content in ((tmp_path / "events.jsonl").read_bytes(), stream.buffer.getvalue()):
        assert content.isascii()
        assert content.count(b"\n") == 1
        assert json.loads(content)["policy"] == text


def test_a_stream_gets_lines_too_and_stays_open(log_to):
    stream = io.StringIO()
    log = log_to("-", stream)
    log.write(EVENT)
    log.close()

    assert not stream.closed
    assert json.loads(stream.getvalue())["policy"] == "p"


def test_without_a_stream_it_is_standard_output(log_to, capsys):
    log_to("-").write(EVENT)

    assert json.loads(capsys.readouterr().out)["policy"] == "p"


def test_a_file_that_was_moved_or_removed_is_made_anew(log_to, tmp_path):
    path = tmp_path / "events.jsonl"
    log = log_to(path)
    log.write({**EVENT, "policy": "one"})
    path.rename(tmp_path / "events.jsonl.1")
    log.write({**EVENT, "policy": "two"})
    path.unlink()
    log.write({**EVENT, "policy": "three"})

    assert [line["policy"] for line in lines_of(tmp_path / "events.jsonl.1")] == ["one"]
    assert [line["policy"] for line in lines_of(path)] == ["three"]
    assert log.lost == 0


def test_a_folder_that_vanished_loses_events_until_it_is_back(log_to, tmp_path, capsys):
    folder = tmp_path / "logs"
    folder.mkdir()
    log = log_to(folder / "events.jsonl")
    (folder / "events.jsonl").unlink()
    folder.rmdir()

    assert [log.write(EVENT), log.write(EVENT), log.lost] == [False, False, 2]
    folder.mkdir()
    assert log.write(EVENT)
    assert len(lines_of(folder / "events.jsonl")) == 1
    assert capsys.readouterr().err == (
        f"jira-compat: {folder}/events.jsonl: events are being lost (no such file or directory); "
        "free the disk or fix the path\n"
    )


@full_disk
def test_a_full_disk_loses_events_and_is_said_once(log_to, capsys):
    log = log_to("/dev/full")

    assert [log.write(EVENT) for _ in range(200)] == [False] * 200
    assert log.lost == 200
    assert capsys.readouterr().err == (
        "jira-compat: /dev/full: events are being lost (no space left on device); free the disk or fix the path\n"
    )
    log.close()


def test_a_line_that_was_torn_spoils_no_other(tmp_path):
    """A disk that fills up in the middle of a line, as the file size limit of a process shows it."""
    script = f"""
import resource, signal, sys
from jira_compat.events.log import EventLog
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
log = EventLog({str(tmp_path / "events.jsonl")!r})
event = {{"v": 1, "event": "rule_matched", "policy": "x" * 100}}
assert log.write(event)
resource.setrlimit(resource.RLIMIT_FSIZE, (250, resource.RLIM_INFINITY))
assert not log.write(event)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert log.write(event)
assert log.lost == 1
"""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "addon")}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False, timeout=30
    )
    lines = (tmp_path / "events.jsonl").read_text().splitlines()

    assert done.returncode == 0, done.stderr
    assert [len(json.loads(line)["policy"]) for line in (lines[0], lines[2])] == [100, 100]
    assert len(lines) == 3


def test_a_closed_file_loses_events(log_to, tmp_path, capsys):
    log = log_to(tmp_path / "events.jsonl")
    log.close()
    log.close()

    assert (log.write(EVENT), log.lost) == (False, 1)
    assert "events are being lost (valueerror)" in capsys.readouterr().err


@pytest.mark.parametrize("broken", ["closed", "pipe"])
def test_a_stream_that_nobody_reads_loses_events(log_to, broken, capsys):
    stream = Broken() if broken == "pipe" else io.StringIO()
    log = log_to("-", stream)
    if broken == "closed":
        stream.close()

    assert [log.write(EVENT), log.write(EVENT), log.lost] == [False, False, 2]
    assert capsys.readouterr().err.count("events are being lost") == 1
    log.close()


@full_disk
def test_not_even_standard_error_is_needed(log_to, monkeypatch):
    log = log_to("/dev/full")
    monkeypatch.setattr(sys, "stderr", Broken())

    assert not log.write(EVENT)


@pytest.mark.parametrize("destination", ["", ".", "/dev/null/events.jsonl", "/nowhere/events.jsonl"])
def test_a_file_that_cannot_be_opened_is_an_error_at_once(log_to, destination):
    with pytest.raises(OSError):
        log_to(destination)


def on_a_terminal(*events):
    """What a terminal is sent, without and with its colours."""
    reader, writer = pty.openpty()
    with os.fdopen(reader, "rb", buffering=0) as shown, os.fdopen(writer, "w", encoding="utf-8") as terminal:
        log = EventLog("-", terminal)
        assert [log.write(event) for event in events] == [True] * len(events)
        text = b""
        while select.select([shown], [], [], 5 if text.count(b"\n") < len(events) else 0)[0]:
            text += shown.read(65536)
    coloured = text.decode()
    return re.sub(r"\x1b\[[0-9]*m", "", coloured), coloured


def test_a_terminal_gets_lines_for_people(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    plain, coloured = on_a_terminal(EVENT, {**EVENT, "event": "fields_removed"})

    first, second = plain.splitlines()
    assert re.fullmatch(
        r"\d\d:\d\d:\d\d rule_matched +policy=p fields=\['/a'\] applied=False url\.path=/rest/x", first.rstrip()
    )
    assert second.split()[1] == "fields_removed"
    assert "\x1b[" in coloured


def test_a_terminal_without_colours_gets_none(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    plain, coloured = on_a_terminal(EVENT)

    assert plain == coloured


@pytest.mark.parametrize("text", ["\x1b]0;owned\x07", "\x1b[2J", "\x9b31m", "a\rb", "\u202e", "\ud800"], ids=ascii)
def test_what_a_client_sends_does_not_steer_a_terminal(monkeypatch, text):
    monkeypatch.setenv("NO_COLOR", "1")
    plain, _ = on_a_terminal({**EVENT, "user_agent.original": text})

    assert plain.replace("\r\n", "").isprintable()
    assert "user_agent.original=" in plain


def test_what_another_log_has_made_is_passed_on_as_it_is(log_to, tmp_path):
    log = log_to(tmp_path / "events.jsonl")
    log_to(tmp_path / "others.jsonl").write({**EVENT, "user_agent.original": "\u2028 x"})
    (line,) = (tmp_path / "others.jsonl").read_text().splitlines()

    assert log.pass_on(line)
    assert log.lost == 0
    assert (tmp_path / "events.jsonl").read_text() == f"{line}\n"


def test_what_cannot_be_passed_on_is_counted(log_to, capsys):
    log = log_to("-", Broken())

    assert not log.pass_on("{}")
    assert log.lost == 1
    assert "events are being lost" in capsys.readouterr().err


def test_on_a_terminal_what_is_passed_on_is_as_readable_as_ones_own(log_to):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    log = log_to("-", terminal)
    log.pass_on(json.dumps({**EVENT, "timestamp": "2026-11-23T23:37:39Z"}))

    assert "rule_matched" in terminal.getvalue()
    assert "{" not in terminal.getvalue()
    assert "2026-11-23" not in terminal.getvalue()
