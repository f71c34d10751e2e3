"""An audit: every capture read, on as many cores as there are, and what was found put together."""

import os
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from jira_compat.audit.counting.inventory import Inventory
from jira_compat.audit.files.captures import Capture
from jira_compat.audit.files.problems import Problem, Skipped
from jira_compat.audit.files.progress import Progress
from jira_compat.audit.pool import results_of_workers
from jira_compat.audit.reader import Part, PartResult, Reader, ReadOptions, empty_result
from jira_compat.audit.readers.detect import Kind
from jira_compat.audit.split import PART, parts

_MOST_CORES = 4


@dataclass(slots=True)
class Input:
    """A capture, as far as it was read."""

    name: str
    skipped: Skipped
    kind: Kind | None = None
    calls: int = 0
    lines: int = 0


@dataclass(slots=True)
class Audit:
    """What an audit found.

    Args:
        inventory: Who calls what.
        inputs: The captures, by name.
        problems: What could not be read, besides what inputs skipped.
        interrupted: Whether it was ended before its end.
    """

    inventory: Inventory = field(default_factory=Inventory)
    inputs: dict[str, Input] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    interrupted: bool = False

    def all_problems(self) -> list[Problem]:
        """Everything that was wrong."""
        lines = [line for one in self.inputs.values() for line in one.skipped.problems()]
        if self.inventory.folded:
            what = (
                f"too many different clients to tell apart; {self.inventory.folded:,} calls stand under 'other clients'"
            )
            lines.append(Problem("all captures", what, unread=False))
        return [*self.problems, *lines]

    def add(self, found: PartResult) -> None:
        """Add the next part."""
        name = found.capture.name
        one = self.inputs.setdefault(name, Input(name, Skipped(name, found.skipped.mark)))
        one.skipped.mark = found.skipped.mark
        self.inventory.merge(found.inventory, {name: one.lines})
        one.skipped.merge(found.skipped, one.lines)
        one.kind = found.kind or one.kind
        one.calls += found.calls
        one.lines += found.lines
        self.problems += found.problems


def audit(captures: Iterable[Capture], options: ReadOptions, progress: Progress, cores: int | None = None) -> Audit:
    """Read captures; Ctrl-C ends it with what was found so far.

    Args:
        captures: The files.
        options: How to read them.
        progress: Is told how far it is.
        cores: How many to use; ``None`` for as many as this process may, at most four.
    """
    done = Audit()
    try:
        planned = parts(captures, options.kind)
        progress.start(sum({part.capture.name: part.capture.size for part in planned}.values()))
        with closing(_found(planned, options, progress, cores or _cores())) as found:
            for one in found:
                if one is None:
                    done.interrupted = True
                else:
                    done.add(one)
    except KeyboardInterrupt:
        done.interrupted = True
    progress.end()
    return done


def _cores() -> int:
    """How many this process may use, fewer than the machine has in a container; more than a few cost only memory."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(usable, _MOST_CORES)


def _found(
    planned: Sequence[Part], options: ReadOptions, progress: Progress, cores: int
) -> Generator[PartResult | None, None, None]:
    """What is in each part; ``None`` behind the one that was interrupted."""
    large = sum(part.capture.size if part.end is None else part.end - part.start for part in planned) > 2 * PART
    if cores > 1 and large and len(planned) > 1:
        yield from results_of_workers(planned, options, progress, cores)
        return
    reader = Reader(options)
    for part in planned:
        found = empty_result(part.capture)
        try:
            reader.read(part, found, progress.advance)
        except KeyboardInterrupt:
            yield found
            yield None
            return
        yield found
