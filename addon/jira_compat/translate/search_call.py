"""Read a call of the old search: GET with a query, POST with JSON or a form, every spelling that clients send.

The endpoint was ``/rest/api/{2|3|latest}/search``; its parameters are those of ``SearchRequestBean`` in Atlassian's
OpenAPI file. Clients also send lists as strings, strings as lists, booleans as words and empty values.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qsl

from jira_compat.message.body.charset import read_text
from jira_compat.message.body.content_coding import coding
from jira_compat.message.body.content_type import content_type
from jira_compat.message.body.errors import Unreadable
from jira_compat.model import Request

PAGE = 1000
"""The largest page that is answered, unless the rule says otherwise; Server's own default."""
DEFAULT_SIZE = 50
DEFAULT_FIELDS = ("*navigable",)
_MOST_PARAMETERS = 10_000
_FALSE = frozenset({"false", "none"})

Validation = Literal["strict", "warn", "none"]
Parameters = Mapping[str, list[Any]]


@dataclass(frozen=True, slots=True)
class SearchCall:
    """A call of the old search.

    Args:
        path: Path of the endpoint as it was called.
        jql: The query, as sent.
        start_at: Offset of the first issue.
        size: Issues on a full page, and the ``maxResults`` of the response; 0 asks for the total alone.
        fields: Fields of each issue.
        expand: What to expand.
        properties: Issue properties.
        fields_by_keys: Whether fields are named by key.
        validation: What to do about a query that names unknown things.
    """

    path: bytes
    jql: str = ""
    start_at: int = 0
    size: int = DEFAULT_SIZE
    fields: tuple[str, ...] = DEFAULT_FIELDS
    expand: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    fields_by_keys: bool = False
    validation: Validation = "strict"


class BadCall(ValueError):  # noqa: N818 - it is a finding about a request, reported as a 400
    """The call cannot be understood; the text says why, without a value."""


def read_search_call(request: Request, *, page: int = PAGE, limit: int) -> SearchCall:
    """Read a call.

    Args:
        request: The call, with its body.
        page: The largest page that is answered.
        limit: The most bytes the body may decode to.

    Raises:
        BadCall: A parameter is not what it must be.
        Unreadable: The body is neither JSON nor a form.
    """
    path, _, query = request.target.partition(b"?")
    given = read_parameters(request, query, limit)
    return SearchCall(
        path=path,
        jql=_text(given, "jql"),
        start_at=max(0, _number(given, "startAt", 0)),
        size=_size(given, page),
        fields=_names(given, "fields") or DEFAULT_FIELDS,
        expand=_names(given, "expand"),
        properties=_names(given, "properties"),
        fields_by_keys=_flag(given, "fieldsByKeys"),
        validation=_validation(given),
    )


def read_parameters(request: Request, query: bytes, limit: int, *, as_lists: bool = True) -> Mapping[str, Any]:
    """Read the parameters of a search: those of a POST stand in its body, those of a GET in the query.

    Args:
        request: The call.
        query: Its query.
        limit: The most bytes the body may decode to.
        as_lists: Make each value of a JSON body a list, as those of a query are.
    """
    if request.method != "POST":
        return _pairs(query.partition(b"#")[0])
    body = request.body or b""
    plain = coding(request.headers, body).decode(body, limit)
    if not plain.strip():
        return _pairs(query)
    declared = content_type(request.headers)
    text = read_text(plain, declared.charset)
    content = text.text.decode(text.codec).lstrip("\ufeff")
    if content.lstrip().startswith("{"):
        return _members(content, as_lists=as_lists)
    if declared.is_form:
        return _pairs(content.encode())
    raise Unreadable("it is neither a JSON object nor a form")


def _members(content: str, *, as_lists: bool) -> Mapping[str, Any]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise Unreadable("its JSON is malformed") from None
    if not as_lists:
        return dict(document)
    return {name: value if isinstance(value, list) else [value] for name, value in document.items()}


def _pairs(query: bytes) -> Parameters:
    found: dict[str, list[Any]] = {}
    try:
        pairs = parse_qsl(query.decode("ascii", "surrogateescape"), max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        raise BadCall(f"it has more than {_MOST_PARAMETERS} parameters") from None
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _first(given: Parameters, name: str) -> Any:  # noqa: ANN401 - whatever JSON may hold
    """Return the first value that says something: clients send ``fields=`` and ``null`` for "not given"."""
    return next((value for value in given.get(name, ()) if value not in (None, "")), None)


def _text(given: Parameters, name: str) -> str:
    value = _first(given, name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadCall(f"{name} must be a text")
    return value


def _number(given: Parameters, name: str, default: int) -> int:
    value = _first(given, name)
    if value is None or isinstance(value, bool):
        return default
    try:
        if isinstance(value, str) and value.strip().lower() in _FALSE:
            return default
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        raise BadCall(f"{name} must be a whole number") from None
    return number


def _size(given: Parameters, page: int) -> int:
    value = _first(given, "maxResults")
    if value is False or (isinstance(value, str) and value.strip().lower() in _FALSE):
        return page  # pycontribs and others: all there is
    size = _number(given, "maxResults", DEFAULT_SIZE)
    return page if size < 0 or size > page else size


def _names(given: Parameters, name: str) -> tuple[str, ...]:
    """Return names from lists, comma-separated texts and both."""
    return tuple(dict.fromkeys(_split(given.get(name, ()), name)))


def _split(values: Iterable[Any], name: str) -> Iterable[str]:
    for value in values:
        if value is None:
            continue
        if not isinstance(value, str):
            raise BadCall(f"{name} must be names")
        yield from (part.strip() for part in value.split(",") if part.strip())


def _flag(given: Parameters, name: str) -> bool:
    value = _first(given, name)
    return value is True or (isinstance(value, str) and value.strip().lower() == "true")


def _validation(given: Parameters) -> Validation:
    value = _first(given, "validateQuery")
    word = value.strip().lower() if isinstance(value, str) else value
    if word in ("warn", "false", False):  # the specification's synonyms
        return "warn"
    return "none" if word == "none" else "strict"
