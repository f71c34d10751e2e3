"""The vocabulary of a policy file. Its JSON Schema is ``docs/policy.schema.json``."""

import re
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import (
    Field,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
    create_model,
    model_validator,
)

from jira_compat.actions.action import Action
from jira_compat.actions.edit import text_of
from jira_compat.actions.registry import ACTIONS
from jira_compat.actions.respond import RefusalStatus
from jira_compat.actions.spec import Given, Spec
from jira_compat.actions.watch import Watch
from jira_compat.model import Change, Mode, Profile
from jira_compat.policy.endpoint import Endpoint, parse_endpoint
from jira_compat.policy.example import Example
from jira_compat.policy.text import Id, Source, Text

EndpointLine = Annotated[
    Endpoint,
    PlainValidator(lambda value: parse_endpoint(text_of(value))),
    PlainSerializer(lambda endpoint: endpoint.text, return_type=str),
    WithJsonSchema({"type": "string", "pattern": "^[A-Z]+(\\|[A-Z]+)* /rest/\\S+$"}),
]


class _Description(Spec):
    """The keys of a rule besides its action and examples."""

    id: Id = Field(description="Kebab-case, verb first, never reused: it is in every event.")
    endpoint: EndpointLine = Field(description="Methods and path, as in 'PUT|POST /rest/api/{2|3|latest}/user/{key}'.")
    change: Change = Field(description="What Atlassian did to the endpoint.")
    why: Text = Field(description="The reason, in Atlassian's words where there are any.")
    source: Given[Source] = Field(default=None, description="Where Atlassian says so; the policy's source by default.")
    mode: Given[Mode] = Field(default=None, description="'observe' only logs what 'enforce' would do.")
    profiles: Annotated[tuple[Profile, ...], Field(min_length=1)] = Field(
        default=("cloud", "staging"), description="Profiles in which the rule is active."
    )
    implied: bool = Field(default=False, description="Not in the source, but follows from it.")
    unknown: Given[Text] = Field(default=None, description="What is not known about Jira here.")


_KEYS_OF = {action: action.keys() for action in ACTIONS}
_KEYS = {name: kind for keys in _KEYS_OF.values() for name, kind in keys.items()}
if TYPE_CHECKING:
    _WithActions = _Description
else:
    _WithActions = create_model("_WithActions", __base__=_Description, **_KEYS)


class Rule(_WithActions):
    """A change of one endpoint, and what to do about it; at most one action."""

    examples: tuple[Example, ...] = Field(default=(), description="At least one that fires and one that must not.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len(self._actions) > 1:
            keys = " and ".join(repr(next(iter(values))) for _, values in self._actions)
            raise ValueError(f"a rule has one action, this one has {keys}; make it two rules")
        for _, values in self._actions:
            if self.change == "unchanged":
                name = next(iter(values))
                raise ValueError(f"an unchanged endpoint needs no action; take {name!r} out or correct 'change'")
        objection = self.action.objection(self.change)
        if objection is not None:
            raise ValueError(objection)
        return self

    @cached_property
    def action(self) -> Action:
        """The rule's action."""
        return next((action.read(values) for action, values in self._actions), Watch())

    @property
    def _actions(self) -> list[tuple[type[Action], dict[str, Any]]]:
        """The actions of which a key stands in the rule, with those keys."""
        given = {key: value for key in _KEYS if (value := getattr(self, key)) is not None}
        values = [(action, {key: given[key] for key in keys if key in given}) for action, keys in _KEYS_OF.items()]
        return [(action, some) for action, some in values if some]


class Policy(Spec):
    """One change that Atlassian announced, and its rules."""

    policy: Id = Field(description="The policy's id.")
    title: Text
    source: Source = Field(description="The announcement.")
    mode: Given[Mode] = Field(default=None, description="For all rules that name none.")
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]


class Override(Spec):
    """The parts of a shipped rule that a site may change without editing it."""

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
