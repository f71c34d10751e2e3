"""An endpoint's input and output: the call, the answer, the refusal."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote

from jira_compat.standin.http.body import Body
from jira_compat.standin.state import User

type Json = dict[str, Any]

JSON = ("Content-Type", "application/json;charset=UTF-8")
HTML = ("Content-Type", "text/html;charset=UTF-8")


@dataclass(frozen=True, slots=True)
class Call:
    """A request as an endpoint sees it: target read, caller known.

    Args:
        method: As sent, but ``GET`` for ``HEAD``.
        path: Decoded segments below the context path.
        parts: What the endpoint's template left open, by name.
        query: Decoded parameters in their order.
        headers: Field values by lower-case name, equal names joined.
        body: The content.
        site: Where links point: scheme, host, port and context path.
        caller: Who asks; ``None`` is anonymous.
    """

    method: str
    path: tuple[str, ...]
    parts: Mapping[str, str] = field(default_factory=dict)
    query: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Body = field(default_factory=Body)
    site: str = ""
    caller: User | None = None

    @property
    def version(self) -> Literal["2", "3"]:
        """The API version that answers; every name but ``3`` means 2."""
        return "3" if self.path[:3] == ("rest", "api", "3") else "2"

    def link(self, path: str) -> str:
        """Absolute address of a resource of the platform API."""
        return f"{self.site}/rest/api/{self.version}/{path}"

    def ask(self, name: str) -> str | None:
        """A query parameter's first value that is not empty."""
        return next((value for key, value in self.query if key == name and value), None)

    def all(self, name: str) -> list[str]:
        """Every value of a query parameter that may be repeated and may hold commas."""
        return [item for key, value in self.query if key == name for item in value.split(",") if item]

    def number(self, name: str, default: int) -> int:
        """A query parameter that counts.

        Raises:
            Refusal: It is no number.
        """
        return whole_number(name, self.ask(name), default)

    def fields(self) -> Json:
        """The JSON object in the body.

        Raises:
            Refusal: There is none, or it cannot be read.
        """
        if not self.headers.get("content-type", JSON[1]).lower().startswith("application/json"):
            raise Refusal(415, "Unsupported Media Type")
        if not self.body.whole:
            raise Refusal(413, "The stand-in reads JSON up to 1 MB.")
        try:
            value = json.loads(self.body.content or b"null")
        except (ValueError, RecursionError) as error:
            raise Refusal(400, "The request body is not well-formed JSON.") from error
        if not isinstance(value, dict):
            raise Refusal(400, "The request body has to be a JSON object.")
        return value


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a request.

    Args:
        status: Status code.
        headers: Field lines of this answer alone.
        body: Content, unless there is a ``stream``.
        stream: Content that is made while it is sent.
        length: Octets in ``stream``.
        chunked: Goes out in chunks, without a length.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)
    stream: Iterator[bytes] | None = None
    length: int = 0
    chunked: bool = False


class Refusal(Exception):  # noqa: N818  a refusal is not a mistake of ours
    """An answer in Jira's error shape: ``{"errorMessages": [...], "errors": {...}}``.

    Args:
        status: Status code.
        messages: What is wrong.
        errors: What is wrong with a field, by its name.
    """

    def __init__(self, status: int, *messages: str, errors: Mapping[str, str] | None = None) -> None:
        super().__init__(status)
        self.answer = answer(status, {"errorMessages": messages, "errors": errors or {}})


def misfit(name: str, message: str) -> Refusal:
    """The refusal of a request for one field in it."""
    return Refusal(400, errors={name: message})


def answer(status: int, value: object, *headers: tuple[str, str]) -> Answer:
    """An answer with JSON in it."""
    return Answer(status, (*headers, JSON), json.dumps(value, separators=(",", ":")).encode())


def text(fields: Json, name: str) -> str | None:
    """A member as text, as Jira reads it: numbers and booleans turn into text, null counts as absent.

    Raises:
        Refusal: It is an object or an array.
    """
    value = fields.get(name)
    if isinstance(value, dict | list):
        raise misfit(name, "Text is expected here.")
    return value if value is None or isinstance(value, str) else json.dumps(value)


def flag(fields: Json, name: str) -> bool | None:
    """A member as a boolean; the text ``"false"`` is one too, clients send it."""
    value = text(fields, name)
    return None if value is None else value.lower() == "true"


def whole_number(name: str, value: object, default: int) -> int:
    """A count that came as a number or as text; ``None`` gives the default.

    Raises:
        Refusal: It is neither.
    """
    try:
        return default if value is None else int(str(value))
    except ValueError as error:
        raise Refusal(400, f"'{name}' has to be a number.") from error


def escaped(value: str) -> str:
    """A value as it may stand in a link or a header field."""
    return quote(value, safe="", errors="replace")
