import io
import multiprocessing
import os
import signal

import pytest

from audit.audited import SAMPLES, audited, calls, choices, told
from jira_compat.audit import run as running
from jira_compat.audit.files.captures import find_captures
from jira_compat.audit.files.progress import Progress
from jira_compat.audit.pool import results_of_workers
from jira_compat.audit.split import parts

LINES = (SAMPLES / "combined.log").read_bytes()


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "a.log"
    path.write_bytes(LINES * 50 + b"nonsense\n" + LINES * 50)
    return path


def planned(path, size=10_000):
    return parts(find_captures([str(path)], lambda _: None), None, size)


def test_no_part_starts_no_process():
    assert list(results_of_workers([], choices(), Progress(io.StringIO()), 2)) == []


def test_several_processes_find_what_one_finds(log, monkeypatch):
    alone = audited(log)
    monkeypatch.setattr(running, "PART", 10)
    monkeypatch.setattr(running, "parts", lambda captures, kind: parts(captures, kind, 5000))
    together = audited(log, cores=2)

    assert len(planned(log, 5000)) > 5
    assert calls(together) == calls(alone)
    assert together.inventory.rows == alone.inventory.rows
    assert together.inventory.hours == alone.inventory.hours
    assert told(together) == told(alone) == ["a.log:201: not a line of the format combined: a"]
    (one,) = together.inputs.values()
    assert (one.lines, one.calls) == (401, 300)


class Stopping(Progress):
    """Ctrl-C, as soon as it is told how far it is."""

    said = 0

    def at(self, _):
        self.said += 1
        if self.said == 1:
            os.kill(os.getpid(), signal.SIGINT)


def test_interrupted_it_gives_what_was_read_and_then_none(log):
    found = list(results_of_workers(planned(log), choices(), Stopping(io.StringIO()), 2))

    assert found[-1] is None
    assert len(found) < len(planned(log)) + 1
    assert all(one is not None and one.whole for one in found[:-2])


class Killing(Progress):
    """Ends the processes that read, once."""

    done = False

    def at(self, _):
        if not self.done:
            self.done = True
            for process in multiprocessing.active_children():
                process.kill()


def test_a_process_that_was_ended_is_a_problem_of_its_parts(log):
    found = list(results_of_workers(planned(log), choices(), Killing(io.StringIO()), 1))

    assert len(found) == len(planned(log))
    lines = {str(problem) for one in found if one is not None for problem in one.problems}
    assert {line.partition(";")[0] for line in lines} == {f"{log}: the process that read this was ended from outside"}
