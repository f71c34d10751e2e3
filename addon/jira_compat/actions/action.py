"""What an action is: all that the rest of the project asks of one.

A rule's action does one of three things: it edits a request, answers it, or converses with the site in its place.
Whoever needs to know what an action does asks it, and knows none by name.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from pydantic import Field

from jira_compat.actions.spec import Given
from jira_compat.model import Change, Request, Response
from jira_compat.plan import Start

MOST_LISTED = 4
"""Names in a sentence."""


@dataclass(frozen=True, slots=True)
class Context:
    """What an action may need to know of its rule.

    Args:
        endpoint: The endpoint line as the policy writes it.
        why: The reason.
        mark: ``POLICY/RULE``.
        source: Where Atlassian says so.
    """

    endpoint: str
    why: str
    mark: str = ""
    source: str = ""


class Action(ABC):
    """What a rule does: a frozen value, read from the rule's keys."""

    name: ClassVar[str]
    """As it stands in events."""

    event: ClassVar[str]
    """The event of an exchange in which it took effect."""

    event_meaning: ClassVar[str]
    """What that event says, in a sentence. Actions of the same event say the same."""

    outcome: ClassVar[str]
    """What happens to a request, as in "It is ...", with ``{}`` for the fields found."""

    key_description: ClassVar[str]
    """What its key in a rule is for."""

    @classmethod
    def keys(cls) -> dict[str, Any]:
        """Its keys in a rule, as fields of a pydantic model; one key, the action's name, unless it has others."""
        return {cls.name: key(cls, cls.key_description)}

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Self:
        """The action that a rule's keys ask for; ``values`` has one of them at least."""
        action: Self = values[cls.name]
        return action

    def objection(self, change: Change) -> str | None:
        """Why it is not an action for such a change, and what to do about it; most are for any."""
        del change
        return None

    @abstractmethod
    def does(self) -> str:
        """What the proxy does, in a clause with code in backticks."""

    @abstractmethod
    def remedy(self, rule: Context) -> str:
        """What a client must do, in a sentence."""


class Editing(Action):
    """Takes effect where it finds something in a request, and forwards the rest as it came."""

    @property
    @abstractmethod
    def reads_body(self) -> bool:
        """Whether it looks into bodies."""

    @property
    @abstractmethod
    def parameters(self) -> frozenset[str]:
        """The query parameters that it looks at."""

    @abstractmethod
    def edit(self, request: Request, *, limit: int) -> tuple[Request, tuple[str, ...]]:
        """Edit a request; the very same one comes back when there was nothing to edit.

        Args:
            request: The request, with its body when the action looks at bodies.
            limit: The most bytes a body may decode to.

        Returns:
            The request to forward, and what was edited: ``/pointer`` in the body, ``?name`` in the query.

        Raises:
            Unreadable: The body holds something that cannot be read, so what it holds is unknown.
        """

    @abstractmethod
    def flaws(self) -> Iterator[tuple[str, str]]:
        """What is wrong within it: a key, and what is wrong there and how to correct it."""

    @abstractmethod
    def clashes(self, other: "Editing", rule: str) -> Iterator[tuple[str, str]]:
        """What is wrong with it beside another on the same endpoint, as in :meth:`flaws`.

        Args:
            other: Its own kind, or one that stands above it in the registry; the lower one knows the upper ones.
            rule: The id of the rule that came first; it is either's.
        """


class Removing(Editing):
    """Takes fields out that Jira ignores, so that reports tell clients which send some from those that send none."""

    @abstractmethod
    def remedy_if_found(self, fields: Sequence[str]) -> str:
        """What a client must do whose calls had these fields, in a sentence."""

    @abstractmethod
    def remedy_if_unseen(self) -> str:
        """What a client must check whose bodies were not seen, in a sentence."""


class Refusing(Action):
    """Answers a request, so that it never reaches Jira."""

    @abstractmethod
    def answer(self, rule: Context) -> Response:
        """The answer."""

    @abstractmethod
    def refusal(self, rule: Context) -> str:
        """What the client is told in the answer."""

    @abstractmethod
    def overridden(self, status: int | None, text: str | None) -> Self:
        """The same with another status and text where they are given."""


class Conversing(Action):
    """Sends requests of its own in the place of the client's."""

    @abstractmethod
    def start(self, request: Request) -> Start:
        """What starts the plan in the place of a request."""


def key(kind: Any, description: str) -> Any:  # noqa: ANN401 - pydantic's
    """A rule's key that may be left out, as a field of a pydantic model."""
    return Given[kind], Field(default=None, description=description)  # type: ignore[misc]


def listed(names: Iterable[str]) -> str:
    """Names in a sentence, and how many there are beyond the first few."""
    names = list(names)
    further = len(names) - MOST_LISTED
    return ", ".join(names[:MOST_LISTED]) + (f" and {further} more" if further > 0 else "")


def code(names: Iterable[str]) -> str:
    """Names in backticks."""
    return ", ".join(f"`{name}`" for name in names)


def sentence(text: str) -> str:
    """A text with an end."""
    return text + ("" if text.endswith((".", "!", "?")) else ".")
