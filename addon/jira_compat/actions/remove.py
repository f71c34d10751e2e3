"""``remove`` and ``remove_query``: named fields are taken out of the body and the query."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self, override

from jira_compat.actions.action import Context, Editing, Removing, code, key, listed
from jira_compat.actions.edit import EVENT, EVENT_MEANING, OUTCOME, Edit, Names, Pointers, covers, edit, overlaps
from jira_compat.message.body.pointers import Pointer, Selection, format_pointer
from jira_compat.model import Request


@dataclass(frozen=True)
class Remove(Removing):
    """Take these fields out, and leave all others."""

    name: ClassVar = "remove"
    event: ClassVar = EVENT
    event_meaning: ClassVar = EVENT_MEANING
    outcome: ClassVar = OUTCOME

    pointers: tuple[Pointer, ...] = ()
    names: tuple[str, ...] = ()

    @override
    @classmethod
    def keys(cls) -> dict[str, Any]:
        return {
            "remove": key(Pointers, "Body fields to take out, as JSON Pointers."),
            "remove_query": key(Names, "Query parameters to take out."),
        }

    @override
    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Self:
        return cls(values.get("remove") or (), values.get("remove_query") or ())

    @cached_property
    def taken(self) -> Edit:
        """The edits, compiled once."""
        return Edit(Selection("remove", self.pointers) if self.pointers else None, self.parameters)

    @property
    @override
    def reads_body(self) -> bool:
        return bool(self.pointers)

    @property
    @override
    def parameters(self) -> frozenset[str]:
        return frozenset(self.names)

    @override
    def edit(self, request: Request, *, limit: int) -> tuple[Request, tuple[str, ...]]:
        return edit(request, self.taken, limit=limit)

    @override
    def does(self) -> str:
        taken = [f"{code(map(format_pointer, self.pointers))} from the body"] if self.pointers else []
        taken += [f"{code(self.names)} from the query"] if self.names else []
        return f"removes {' and '.join(taken)}"

    @override
    def remedy(self, rule: Context) -> str:
        return f"Leave out {self._listed()}."

    @override
    def remedy_if_found(self, fields: Sequence[str]) -> str:
        return f"Leave out {listed(fields)}."

    @override
    def remedy_if_unseen(self) -> str:
        return f"Check whether it sends {self._listed()}; if so, leave that out."

    @override
    def flaws(self) -> Iterator[tuple[str, str]]:
        for flaw in overlaps(self.pointers):
            yield "remove", flaw

    @override
    def clashes(self, other: Editing, rule: str) -> Iterator[tuple[str, str]]:
        if not isinstance(other, Remove):
            return
        for pointer in self.pointers:
            if any(covers(their, pointer) or covers(pointer, their) for their in other.pointers):
                what = f"{rule!r} removes {format_pointer(pointer)!r} too, or what is around it; take one out"
                yield "remove", what
        for name in sorted(self.parameters & other.parameters):
            yield "remove_query", f"{rule!r} removes {name!r} from the query too; take one out"

    def _listed(self) -> str:
        return listed([*map(format_pointer, self.pointers), *(f"?{name}" for name in self.names)])
