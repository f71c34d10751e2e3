"""``keep``: of a body only the named fields are forwarded."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self, override

from jira_compat.actions.action import Context, Editing, Removing, code, key, listed
from jira_compat.actions.edit import EVENT, EVENT_MEANING, OUTCOME, Edit, Pointers, covers, edit, overlaps
from jira_compat.actions.remove import Remove
from jira_compat.message.body.pointers import Pointer, Selection, format_pointer
from jira_compat.model import Request


@dataclass(frozen=True)
class Keep(Removing):
    """Take out all fields but these."""

    name: ClassVar = "keep"
    event: ClassVar = EVENT
    event_meaning: ClassVar = EVENT_MEANING
    outcome: ClassVar = OUTCOME

    pointers: tuple[Pointer, ...]

    @override
    @classmethod
    def keys(cls) -> dict[str, Any]:
        return {"keep": key(Pointers, "The only body fields that go on.")}

    @override
    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Self:
        return cls(values["keep"])

    @cached_property
    def taken(self) -> Edit:
        """The edits, compiled once."""
        return Edit(Selection("keep", self.pointers))

    @property
    @override
    def reads_body(self) -> bool:
        return True

    @property
    @override
    def parameters(self) -> frozenset[str]:
        return frozenset()

    @override
    def edit(self, request: Request, *, limit: int) -> tuple[Request, tuple[str, ...]]:
        return edit(request, self.taken, limit=limit)

    @override
    def does(self) -> str:
        return f"forwards only {code(map(format_pointer, self.pointers))} of the body"

    @override
    def remedy(self, rule: Context) -> str:
        return f"Send only {self._listed()}."

    @override
    def remedy_if_found(self, fields: Sequence[str]) -> str:
        return f"Leave out {listed(fields)}. Only {self._listed()} is taken."

    @override
    def remedy_if_unseen(self) -> str:
        return f"Check what it sends; only {self._listed()} is taken."

    @override
    def flaws(self) -> Iterator[tuple[str, str]]:
        for flaw in overlaps(self.pointers):
            yield "keep", flaw

    @override
    def clashes(self, other: Editing, rule: str) -> Iterator[tuple[str, str]]:
        if isinstance(other, Keep):
            yield "keep", f"{rule!r} keeps other fields of this endpoint; make it one rule"
        elif isinstance(other, Remove):
            for pointer in other.pointers:
                yield from self._clashes(pointer, rule)

    def _clashes(self, removed: Pointer, rule: str) -> Iterator[tuple[str, str]]:
        if any(covers(removed, kept) for kept in self.pointers):
            yield "keep", f"{rule!r} and this rule keep and remove {format_pointer(removed)!r}; take one out"
        elif not any(covers(kept, removed) for kept in self.pointers):
            name = format_pointer(removed)
            yield "keep", f"{name!r} is dropped by 'keep' already, so 'remove' never finds it; take it out"

    def _listed(self) -> str:
        return listed(map(format_pointer, self.pointers))
