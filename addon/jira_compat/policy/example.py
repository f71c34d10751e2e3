"""The examples of a rule, as they stand in a policy file; :mod:`jira_compat.explain.examples` runs them."""

from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from jira_compat.actions.spec import Given, Json, Spec
from jira_compat.policy.text import AbsolutePath, Text


class Content(Spec):
    """A body in an example; at most one of its keys."""

    json_: Json = Field(default=None, alias="json")
    form: Given[dict[str, str]] = None
    text: Given[str] = None

    @model_validator(mode="after")
    def _one_body(self) -> Self:
        if len(self.model_fields_set & {"json_", "form", "text"}) > 1:
            raise ValueError("there is more than one body; leave one of 'json', 'form' and 'text'")
        return self

    @property
    def has_body(self) -> bool:
        """Return whether a body was written down, ``null`` included."""
        return bool(self.model_fields_set & {"json_", "form", "text"})


class ExampleRequest(Content):
    """The client's request. ``method`` and ``path`` where the endpoint leaves a choice."""

    method: Given[str] = None
    path: Given[AbsolutePath] = None
    query: Given[str] = None


class Forwarded(Content):
    """The forwarded request: its body, and the method and query where the rule changes those."""

    method: Given[str] = None
    query: Given[str] = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("nothing is expected; write 'unchanged', or what is forwarded")
        return self


def _kind(value: object) -> str:
    return "a word" if isinstance(value, str) else "a mapping"


Forwards = Annotated[
    Annotated[Forwarded, Tag("a mapping")] | Annotated[Literal["unchanged"], Tag("a word")], Discriminator(_kind)
]


class Expected(Spec):
    """A request that a translation sends."""

    path: AbsolutePath
    method: str = "POST"
    json_: Json = Field(default=None, alias="json")


class Reply(Spec):
    """The site's answer to it."""

    status: Annotated[int, Field(ge=100, le=599)] = 200
    json_: Json = Field(default=None, alias="json")


class Step(Spec):
    """One request of a translation to the site, and the site's answer."""

    expects: Expected
    replies: Reply


class Example(Spec):
    """One executable example; ``check`` and the tests run it."""

    name: Text
    request: ExampleRequest = Field(default_factory=ExampleRequest)
    forwards: Given[Forwards] = None
    answers: Given[Annotated[int, Field(ge=200, le=499)]] = None
    upstream: tuple[Step, ...] = Field(default=(), description="The requests of a translation, in order.")
    returns: Json = Field(default=None, description="The document that a translation answers.")

    @model_validator(mode="after")
    def _one_outcome(self) -> Self:
        if (self.answers is None) == (self.forwards is None):
            found = "nothing is" if self.answers is None else "two outcomes are"
            raise ValueError(f"{found} expected; write one of 'forwards' and 'answers'")
        return self
