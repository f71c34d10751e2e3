"""A rule without an action: requests are counted and forwarded as they came."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self, override

from jira_compat.actions.action import Action, Context


@dataclass(frozen=True, slots=True)
class Watch(Action):
    """Do nothing but write an event."""

    name: ClassVar = "none"
    event: ClassVar = "rule_matched"
    event_meaning: ClassVar = "A rule matched and there was nothing to change."
    outcome: ClassVar = "forwarded unchanged"

    @override
    @classmethod
    def keys(cls) -> dict[str, Any]:
        return {}

    @override
    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Self:
        del values
        return cls()

    @override
    def does(self) -> str:
        return "forwards it unchanged"

    @override
    def remedy(self, rule: Context) -> str:
        return f"Check that it copes: {rule.why}"
