"""Projects, issues and attachments, and the ones that are there from the first day."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

ISSUE_TYPES = {"Bug": "1", "Task": "3", "Story": "10001"}
STATUSES = {"To Do": ("10000", "new"), "In Progress": ("3", "indeterminate"), "Done": ("10001", "done")}
PRIORITIES = {"Highest": "1", "High": "2", "Medium": "3", "Low": "4", "Lowest": "5"}
FIELDS = {
    "summary": ("Summary", "string"),
    "issuetype": ("Issue Type", "issuetype"),
    "project": ("Project", "project"),
    "description": ("Description", "string"),
    "status": ("Status", "status"),
    "priority": ("Priority", "priority"),
    "resolution": ("Resolution", "resolution"),
    "reporter": ("Reporter", "user"),
    "creator": ("Creator", "user"),
    "assignee": ("Assignee", "user"),
    "labels": ("Labels", "array"),
    "created": ("Created", "datetime"),
    "updated": ("Updated", "datetime"),
    "attachment": ("Attachment", "array"),
}
"""Name and type of each system field, by its id."""

SETTABLE = ("summary", "issuetype", "project", "description", "priority", "reporter", "assignee", "labels")
"""Fields that the sender of a new issue may give."""


@dataclass(frozen=True, slots=True)
class Project:
    """A project; its key starts the keys of its issues."""

    id: str
    key: str
    name: str


PROJECTS = {
    "DEMO": Project("10000", "DEMO", "Demonstration"),
    "OPS": Project("10001", "OPS", "Operations"),
}


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file at an issue.

    Args:
        id: Number, as text.
        name: File name.
        size: Octets.
        author: Key of the user who attached it.
        content: The octets. ``None``: they were too many to keep.
        made: The content is :func:`made_up`, while it is sent.
    """

    id: str
    name: str
    size: int
    author: str
    content: bytes | None = field(default=None, repr=False)
    made: bool = False

    def stream(self) -> Iterator[bytes] | None:
        """The content, in pieces; ``None`` if it was not kept."""
        if self.made:
            return made_up(self.size)
        return None if self.content is None else iter((self.content,))


@dataclass(slots=True)
class Issue:
    """An issue. Users stand in it by their keys, types, states and priorities by their names."""

    id: str
    key: str
    summary: str
    type: str
    reporter: str
    created: str
    updated: str
    description: object = None
    status: str = "To Do"
    priority: str = "Medium"
    assignee: str | None = None
    labels: list[str] = field(default_factory=list)
    attachments: list[str] = field(default_factory=list)
    custom: dict[str, object] = field(default_factory=dict)
    properties: dict[str, object] = field(default_factory=dict)

    @property
    def project(self) -> Project:
        """The project it is in."""
        return PROJECTS[self.key.rpartition("-")[0]]


def made_up(size: int, block: int = 65_536) -> Iterator[bytes]:
    """Content of any size that needs no memory: blocks that begin with their number, so that none can go astray."""
    filling = bytes(range(256)) * (block // 256)
    for number in itertools.count():
        left = size - number * block
        if left <= 0:
            return
        yield (number.to_bytes(8) + filling[8:])[:left]


def seeded_issues(reporter: str, assignee: str) -> Iterator[Issue]:
    """Yield DEMO-1 to DEMO-100 and OPS-1 to OPS-20; every third issue has no assignee."""
    keys = [f"DEMO-{number}" for number in range(1, 101)] + [f"OPS-{number}" for number in range(1, 21)]
    for number, key in enumerate(keys, 1):
        yield numbered_issue(key, number, reporter, assignee)


def numbered_issue(key: str, number: int, reporter: str, assignee: str) -> Issue:
    """Return the issue with a key; its number decides all else, and every third issue has no assignee."""
    stamp = f"2018-10-{number % 28 + 1:02}T09:{number % 60:02}:00.000+0000"
    return Issue(
        id=str(10_000 + number),
        key=key,
        summary=f"Something to do, number {number}",
        type=tuple(ISSUE_TYPES)[number % 3],
        reporter=reporter,
        created=stamp,
        updated=stamp,
        description=f"Description of {key}",
        status=tuple(STATUSES)[number % 3],
        assignee=assignee if number % 3 else None,
        labels=["seed"],
    )
