"""The vocabulary of a policy file. Its JSON Schema is ``docs/policy.schema.json``."""

import re
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import (
    Field,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
    model_validator,
)

from jira_compat.actions.edit import Edit
from jira_compat.actions.replace import Replace
from jira_compat.actions.respond import RefusalStatus, Respond
from jira_compat.actions.spec import Given, Spec
from jira_compat.message.body.pointers import Pointer, Selection, format_pointer, parse_pointer
from jira_compat.model import Change, Mode, Profile
from jira_compat.policy.endpoint import Endpoint, parse_endpoint
from jira_compat.policy.example import Example
from jira_compat.policy.text import Id, Source, Text

ACTIONS = ("remove", "keep", "respond", "replace")
ActionName = Literal["none", "remove", "keep", "respond", "replace"]


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("this is no text; write it as one line")  # noqa: TRY004 - pydantic collects ValueErrors
    return value


EndpointLine = Annotated[
    Endpoint,
    PlainValidator(lambda value: parse_endpoint(_text(value))),
    PlainSerializer(lambda endpoint: endpoint.text, return_type=str),
    WithJsonSchema({"type": "string", "pattern": "^[A-Z]+(\\|[A-Z]+)* /rest/\\S+$"}),
]
FieldPointer = Annotated[
    Pointer,
    PlainValidator(lambda value: parse_pointer(_text(value))),
    PlainSerializer(format_pointer, return_type=str),
    WithJsonSchema({"type": "string", "pattern": "^/"}),
]
Pointers = Annotated[tuple[FieldPointer, ...], Field(min_length=1)]
Names = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]


class Rule(Spec):
    """What happened to one endpoint, and what to do about it; at most one action."""

    id: Id = Field(description="Kebab-case, verb first, never reused: it is in every event.")
    endpoint: EndpointLine = Field(description="Methods and path, as in 'PUT|POST /rest/api/{2|3|latest}/user/{key}'.")
    change: Change = Field(description="What Atlassian did to the endpoint.")
    why: Text = Field(description="The reason, in Atlassian's words where there are any.")
    source: Given[Source] = Field(default=None, description="Where it says so; the policy's source where left out.")
    mode: Given[Mode] = Field(default=None, description="'observe' decides and logs, and touches nothing.")
    profiles: Annotated[tuple[Profile, ...], Field(min_length=1)] = Field(
        default=("cloud", "staging"), description="In which profiles the rule is in force."
    )
    implied: bool = Field(default=False, description="Not in the source, but follows from it.")
    unknown: Given[Text] = Field(default=None, description="What is not known about Jira here.")
    remove: Given[Pointers] = Field(default=None, description="Body fields to take out, as JSON Pointers.")
    remove_query: Given[Names] = Field(default=None, description="Query parameters to take out.")
    keep: Given[Pointers] = Field(default=None, description="The only body fields that go on.")
    respond: Given[Respond] = Field(default=None, description="Refuse: nothing reaches Jira.")
    replace: Given[Replace] = Field(default=None, description="Send another request instead.")
    examples: tuple[Example, ...] = Field(default=(), description="At least one that fires and one that must not.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        actions = [name for name in ACTIONS if getattr(self, name) is not None]
        if self.remove_query is not None and "remove" not in actions:
            actions.append("remove_query")
        if len(actions) > 1:
            raise ValueError(
                f"a rule has one action, this one has {' and '.join(map(repr, actions))}; make it two rules"
            )
        if actions and self.change == "unchanged":
            raise ValueError(f"an unchanged endpoint needs no action; take {actions[0]!r} out or correct 'change'")
        if "respond" in actions and self.change != "removed":
            raise ValueError("only a removed endpoint is refused; write 'change: removed' or another action")
        return self

    @property
    def action(self) -> ActionName:
        """The name of the rule's action."""
        if self.respond is not None:
            return "respond"
        if self.replace is not None:
            return "replace"
        if self.keep is not None:
            return "keep"
        return "none" if self.remove is None and self.remove_query is None else "remove"

    @cached_property
    def edit(self) -> Edit | None:
        """What ``remove`` or ``keep`` take out, compiled once."""
        names = frozenset(self.remove_query or ())
        if self.keep is not None:
            return Edit(Selection("keep", self.keep))
        if self.remove is not None:
            return Edit(Selection("remove", self.remove), names)
        return Edit(None, names) if names else None


class Policy(Spec):
    """One change that Atlassian announced, and its rules."""

    policy: Id = Field(description="The policy's id.")
    title: Text
    source: Source = Field(description="The announcement.")
    mode: Given[Mode] = Field(default=None, description="For all rules that name none.")
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]


class Override(Spec):
    """What a site may change of a shipped rule without editing it."""

    mode: Given[Mode] = None
    status: Given[RefusalStatus] = None
    text: Given[Text] = None


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a policy file, for editors."""
    schema = Policy.model_json_schema(by_alias=True)
    plain = re.sub(r"\s+", " ", Policy.__doc__ or "")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_without_null(schema), "description": plain}


def _without_null(node: Any) -> Any:  # noqa: ANN401 - whatever JSON may be
    """A key may be left out, but not stand without a value."""
    if isinstance(node, list):
        return [_without_null(below) for below in node]
    if not isinstance(node, dict):
        return node
    plain = {key: _without_null(below) for key, below in node.items() if (key, below) != ("default", None)}
    some = [one for one in plain.pop("anyOf", ()) if one != {"type": "null"}]
    return plain | (some[0] if len(some) == 1 else {"anyOf": some} if some else {})
