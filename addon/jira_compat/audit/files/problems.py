"""What was wrong with an input, in one line."""

from dataclasses import dataclass, field

SHOWN = 3
"""Problems of one kind in one file that are told with their place; the rest is a number."""


class UnreadableError(Exception):
    """The rest of an input cannot be read: one clause, and the remedy behind a semicolon."""


class EmptyError(UnreadableError):
    """An input has no content."""


class OtherLogError(Exception):
    """An input is a log without requests."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A line about an input.

    Args:
        place: File, and where in it.
        what: What is wrong; the remedy behind a semicolon.
        unread: Whether something was not read because of it; else it is a remark.
    """

    place: str
    what: str
    unread: bool = True

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"


@dataclass(slots=True)
class Skipped:
    """What was skipped in one part of a file: all counted, the first few with their place.

    Args:
        file: The file's name.
        mark: What stands between it and a number: ``:`` for lines, ``#`` for entries.
        count: How many lines or entries could not be read.
        no_request: How many were read and are not about a request.
        twice: How many requests stand in Jira's other log, too.
    """

    file: str
    mark: str
    count: int = 0
    no_request: int = 0
    twice: int = 0
    first: list[tuple[int, str]] = field(default_factory=list)
    remarks: list[tuple[int, str]] = field(default_factory=list)
    notes: dict[str, None] = field(default_factory=dict)

    def skip(self, number: int, what: str) -> None:
        """Count something that was not read."""
        self.count += 1
        if len(self.first) < SHOWN:
            self.first.append((number, what))

    def remark(self, number: int, what: str) -> None:
        """Note something that was read all the same."""
        if len(self.remarks) < SHOWN:
            self.remarks.append((number, what))

    def note(self, what: str) -> None:
        """Note something of the whole file, once."""
        if len(self.notes) < SHOWN:
            self.notes[what] = None

    def merge(self, other: "Skipped", before: int) -> None:
        """Add what was skipped in the part behind this one, before which there are so many lines."""
        self.count += other.count
        self.no_request += other.no_request
        self.twice += other.twice
        for note in other.notes:
            self.note(note)
        self.first = [*self.first, *((number + before, what) for number, what in other.first)][:SHOWN]
        self.remarks = [*self.remarks, *((number + before, what) for number, what in other.remarks)][:SHOWN]

    def problems(self) -> list[Problem]:
        """The lines to tell."""
        lines = [Problem(f"{self.file}{self.mark}{number}", what) for number, what in self.first]
        if self.count > len(self.first):
            lines.append(Problem(self.file, f"{self.count - len(self.first):,} more like these were skipped"))
        lines += (Problem(f"{self.file}{self.mark}{number}", what, unread=False) for number, what in self.remarks)
        lines += (Problem(self.file, note, unread=False) for note in self.notes)
        if self.twice:
            what = f"{self.twice:,} requests stand in Jira's other log, too, under the same id; each is counted once"
            lines.append(Problem(self.file, what, unread=False))
        return lines
