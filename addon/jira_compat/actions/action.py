"""The protocol of an action: all that the rest of the project asks of one.

A rule's action does one of three things: it edits a request, answers it, or converses with the site in its place.
The rest of the project asks an action, and knows none by name.
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
    """The facts of its rule that an action may need.

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
    """The deed of a rule: a frozen value, read from the rule's keys."""

    name: ClassVar[str]
    """As it stands in events."""

    event: ClassVar[str]
    """The event of an exchange in which it took effect."""

    event_meaning: ClassVar[str]
    """A sentence about that event. Actions of the same event say the same."""

    outcome: ClassVar[str]
    """The fate of a request, as in "It is ...", with ``{}`` for the fields found."""

    key_description: ClassVar[str]
    """A description of its key in a rule."""

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
        """Return why such a change allows no such action, and what to do about it; most changes do."""
        del change
        return None

    @abstractmethod
    def does(self) -> str:
        """Describe what the proxy does, in a clause with code in backticks."""

    @abstractmethod
    def remedy(self, rule: Context) -> str:
        """Tell what a client must do, in a sentence."""


class Editing(Action):
    """Takes effect where it finds something in a request, and forwards the rest as it came."""

    @property
    @abstractmethod
    def reads_body(self) -> bool:
        """Return whether it looks into bodies."""

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
        """Yield what is wrong within it: a key, and what is wrong there and how to correct it."""

    @abstractmethod
    def clashes(self, other: "Editing", rule: str) -> Iterator[tuple[str, str]]:
        """Yield what is wrong with it beside another on the same endpoint, as in :meth:`flaws`.

        Args:
            other: Its own kind, or one that stands above it in the registry; the lower one knows the upper ones.
            rule: The id of the rule that came first; it is either's.
        """


class Removing(Editing):
    """Takes fields out that Jira ignores, so that reports tell clients which send some from those that send none."""

    @abstractmethod
    def remedy_if_found(self, fields: Sequence[str]) -> str:
        """Tell a client whose calls had these fields what to do, in a sentence."""

    @abstractmethod
    def remedy_if_unseen(self) -> str:
        """Tell a client whose bodies were not seen what to check, in a sentence."""


class Refusing(Action):
    """Answers a request, so that it never reaches Jira."""

    @abstractmethod
    def answer(self, rule: Context) -> Response:
        """The answer."""

    @abstractmethod
    def refusal(self, rule: Context) -> str:
        """Return the text of the refusal."""

    @abstractmethod
    def overridden(self, status: int | None, text: str | None) -> Self:
        """The same with another status and text where they are given."""


class Conversing(Action):
    """Sends requests of its own in the place of the client's."""

    translates: ClassVar[bool] = False
    """True if ``--translate off`` turns it off."""

    def needs_body(self, request: Request) -> bool:
        """Return whether the plan reads the request's body."""
        del request
        return False

    @abstractmethod
    def start(self, request: Request, *, limit: int) -> Start | None:
        """Return the value that starts the plan in the place of a request; ``None`` to leave the request alone.

        Args:
            request: The request, with its body if the plan reads it.
            limit: The most bytes its body may decode to.
        """


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
