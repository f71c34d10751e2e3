"""Audits of files, and what they found as plain values."""

import io
from pathlib import Path

from build import shipped_set
from jira_compat.audit.files.captures import find_captures
from jira_compat.audit.files.problems import Problem
from jira_compat.audit.files.progress import Progress
from jira_compat.audit.reader import ReadOptions
from jira_compat.audit.run import Audit, audit

SAMPLES = Path(__file__).parent / "samples"
SECRET = "tulip7"


def choices(**others):
    return ReadOptions(shipped_set(mode="observe"), 10_000_000, **{"identity": "shown", "key": b"key", **others})


def audited(*paths, cores=1, **others) -> Audit:
    problems: list[Problem] = []
    captures = find_captures(map(str, paths), problems.append)
    found = audit(captures, choices(**others), Progress(io.StringIO()), cores)
    found.problems[:0] = problems
    return found


def calls(found):
    """Calls by endpoint or rule."""
    counted: dict[str, int] = {}
    for (subject, _), one in found.inventory.rows.items():
        name = subject.rule or subject.endpoint
        counted[name] = counted.get(name, 0) + one.count
    return counted


def told(found):
    """What was wrong, without the folder of the file."""
    return [str(problem).rpartition("/")[2] for problem in found.all_problems()]


def everything(found):
    """All that a report can show, as text."""
    parts = [repr(found.inventory.rows), repr(found.inventory.hours), *map(str, found.all_problems())]
    return "\n".join(parts)
