"""An audit: every capture read, on as many cores as there are, and what was found put together."""

import os
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from jira_compat.audit.counting.inventory import Inventory
from jira_compat.audit.counting.request_ids import MOST, join
from jira_compat.audit.files.captures import Capture
from jira_compat.audit.files.problems import Problem, Skipped
from jira_compat.audit.files.progress import Progress
from jira_compat.audit.overlap import Span, overlaps, split_twins
from jira_compat.audit.pool import results_of_workers
from jira_compat.audit.reader import Part, PartResult, Reader, ReadOptions, empty_result
from jira_compat.audit.readers.detect import WITH_LINES, Kind
from jira_compat.audit.readers.json_lines import NO_REQUEST
from jira_compat.audit.split import PART, parts

_MOST_CORES = 4
_BEYOND = f"of more than {MOST:,} requests the further ones may be counted twice, once for each of Jira's logs"


@dataclass(slots=True)
class Input:
    """A capture, as far as it was read."""

    name: str
    skipped: Skipped
    kind: Kind | None = None
    calls: int = 0
    lines: int = 0
    span: Span = field(default_factory=Span)
    is_listed: bool = False

    @property
    def is_capture(self) -> bool:
        """Whether it is of a kind that has requests, be it none this time."""
        return self.kind is not None and not (self.kind == "json" and not self.calls)

    def problems(self) -> Iterator[Problem]:
        """What is wrong with it as a whole."""
        yield from self.skipped.problems()
        if self.kind == "json" and not self.calls and self.lines:
            yield Problem(self.name, NO_REQUEST, unread=not self.is_listed)
        elif self.kind == "events" and not self.calls and self.lines and not self.skipped.count:
            yield Problem(self.name, "no request was seen in this event log", unread=False)
        elif self.calls and self.span.first is None and self.kind in WITH_LINES:
            yield Problem(self.name, "no call has a known time; first, last and timeline lack them", unread=False)


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
        lines = [line for read in self.inputs.values() for line in read.problems()]
        lines += overlaps([(read.name, read.kind, read.span) for read in self.inputs.values()])
        if self.inventory.folded:
            what = (
                f"too many different clients to tell apart; {self.inventory.folded:,} calls stand under 'other clients'"
            )
            lines.append(Problem("all captures", what, unread=False))
        everything = [*self.problems, *lines]
        none_read = self.inputs and not any(read.is_capture for read in self.inputs.values())
        if none_read and not self.interrupted and not any(line.unread for line in everything):
            everything.append(Problem("all captures", "no request was seen; give access logs, HARs or flow files"))
        return everything

    def add(self, found: PartResult) -> None:
        """Add the next part."""
        name = found.capture.name
        skipped = Skipped(name, found.skipped.mark)
        read = self.inputs.setdefault(name, Input(name, skipped, is_listed=found.capture.is_listed))
        read.span.add(found.inventory)
        read.skipped.mark = found.skipped.mark
        self.inventory.merge(found.inventory, {name: read.lines})
        read.skipped.merge(found.skipped, read.lines)
        read.kind = found.kind or read.kind
        read.calls += found.calls
        read.lines += found.lines
        self.problems += found.problems


def audit(captures: Iterable[Capture], options: ReadOptions, progress: Progress, cores: int | None = None) -> Audit:
    """Read captures; Ctrl-C ends it with what was found so far.

    Args:
        captures: The files.
        options: How to read them.
        progress: Gets how many bytes were read.
        cores: How many to use; ``None`` for as many as this process may, at most four.
    """
    done = Audit()
    try:
        first, twins = split_twins([*captures]) if options.kind in {None, "jira"} else ([*captures], [])
        options = replace(options, keep_ids=bool(twins))
        planned = parts(first, options.kind)
        progress.start(sum(capture.size for capture in (*first, *twins)))
        known: set[int] = set()
        with closing(_results(planned, options, progress, cores or _cores())) as results:
            for result in results:
                if result is None:
                    done.interrupted = True
                    continue
                done.add(result)
                if not (join(known, result.request_ids) and result.all_ids):
                    done.inputs[result.capture.name].skipped.note(_BEYOND)
        if twins and not done.interrupted:
            _read_twins(parts(twins, options.kind), Reader(options, known), progress, done)
    except KeyboardInterrupt:
        done.interrupted = True
    progress.end()
    return done


def _read_twins(planned: Sequence[Part], reader: Reader, progress: Progress, done: Audit) -> None:
    """Read Jira's own log here, where the ids of the requests in Tomcat's are."""
    for part in planned:
        result = empty_result(part.capture)
        try:
            reader.read(part, result, progress.advance)
        except KeyboardInterrupt:
            done.interrupted = True
        done.add(result)
        if done.interrupted:
            return


def _cores() -> int:
    """How many this process may use, fewer than the machine has in a container; more than a few cost only memory."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(usable, _MOST_CORES)


def _results(
    planned: Sequence[Part], options: ReadOptions, progress: Progress, cores: int
) -> Generator[PartResult | None, None, None]:
    """What is in each part; ``None`` behind the one that was interrupted."""
    large = sum(part.capture.size if part.end is None else part.end - part.start for part in planned) > 2 * PART
    if cores > 1 and large and len(planned) > 1:
        yield from results_of_workers(planned, options, progress, cores)
        return
    reader = Reader(options)
    for part in planned:
        result = empty_result(part.capture)
        try:
            reader.read(part, result, progress.advance)
        except KeyboardInterrupt:
            yield result
            yield None
            return
        yield result
