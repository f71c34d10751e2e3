"""Read responses of today's search, and write a response of the old one from slices of theirs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from jira_compat.jira_error import CONTENT_TYPE, MARK
from jira_compat.message.body.content_coding import coding
from jira_compat.message.body.errors import Unreadable
from jira_compat.model import Header, Response
from jira_compat.plan import PlanError
from jira_compat.translate.json_slices import Slice, read_object, without_members
from jira_compat.translate.search_call import SearchCall

LARGEST = 100_000_000
"""Bytes that a response may decode to; the driver bounds what it holds of one before."""
_ISSUES = frozenset({"issues"})
_OF_THE_ANSWER = frozenset({b"set-cookie", b"x-ausername", b"x-aaccountid", b"x-arequestid", b"x-seraph-loginreason"})
"""Fields of the last response that clients read (``X-AUSERNAME`` is all that some ask for)."""
_EXTRAS = frozenset({"names", "schema"})


@dataclass(slots=True)
class Found:
    """Issues as they came, each with its id, and what stands beside them.

    Args:
        issues: Id and text of each issue, in order.
        extras: Texts of ``names`` and ``schema`` by field.
    """

    issues: list[tuple[str, str]] = field(default_factory=list)
    extras: dict[str, dict[str, str]] = field(default_factory=dict)

    def add(self, other: "Found") -> None:
        """Append what another response holds."""
        self.issues += other.issues
        for name, members in other.extras.items():
            self.extras.setdefault(name, {}).update(members)


@dataclass(frozen=True, slots=True)
class Page:
    """A response of search/jql; ``token`` is ``None`` on the last page."""

    found: Found
    token: str | None


def read_page(response: Response, step: str) -> Page:
    """Read a response of search/jql.

    Raises:
        PlanError: It is not what the specification allows.
    """
    document = _document(response, step)
    token, last = _value(document, "nextPageToken"), _value(document, "isLast")
    if not (token is None or isinstance(token, str)) or not (last is None or isinstance(last, bool)):
        raise PlanError(f"{step}: nextPageToken or isLast is not of its type")
    if last is False and not token:
        raise PlanError(f"{step}: a page that is not the last has no nextPageToken")
    found = Found(_issues(document, step), _extras(document, step))
    return Page(found, None if last else token or None)


def read_bulk(response: Response, step: str) -> tuple[Found, frozenset[str]]:
    """Read a response of issue/bulkfetch: its issues, and the ids that are to be asked for again.

    ``names`` and ``schema`` stand in the issues there; in a response of search they stand beside them.

    Raises:
        PlanError: It is not what the specification allows.
    """
    document = _document(response, step)
    found = Found()
    for (number, text), issue in zip(_issues(document, step), document["issues"].value, strict=True):
        plain, cut = (text, {}) if _EXTRAS.isdisjoint(issue.value) else without_members(text, _EXTRAS)
        found.add(Found([(number, plain)], _extras(cut, step)))
    errors = _value(document, "issueErrors") or []
    if not isinstance(errors, list) or not all(isinstance(error, dict) for error in errors):
        raise PlanError(f"{step}: issueErrors is not a list of errors")
    return found, frozenset(str(error.get("id")) for error in errors)


def read_count(response: Response, step: str) -> int:
    """Read a response of search/approximate-count.

    Raises:
        PlanError: It is not what the specification allows.
    """
    count = _value(_document(response, step), "count")
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        raise PlanError(f"{step}: count is not a number")
    return count


def error_messages(response: Response) -> list[str]:
    """Return the messages of a Jira-shaped error; nothing if it is none."""
    try:
        messages = json.loads(_text(response)).get("errorMessages")
    except (Unreadable, ValueError, RecursionError, AttributeError):
        return []
    return [message for message in messages if isinstance(message, str)] if isinstance(messages, list) else []


def write_answer(call: SearchCall, found: Found, total: int, warnings: Sequence[str] = ()) -> str:
    """Write the document of the old endpoint (``SearchResults``), each issue as it came.

    Args:
        call: What was asked.
        found: The page.
        total: How many issues the search finds.
        warnings: ``warningMessages``.
    """
    head = f'{{"expand":"schema,names","startAt":{call.start_at},"maxResults":{call.size},"total":{total}'
    messages = f',"warningMessages":{json.dumps(warnings)}' if warnings else ""
    return f"{head},{write_members(found)}{messages}}}"


def write_members(found: Found) -> str:
    """Write the members ``issues``, ``names`` and ``schema`` of a document."""
    extras = [f',"{name}":{_object(members)}' for name, members in sorted(found.extras.items())]
    return "".join(['"issues":[', ",".join([text for _, text in found.issues]), "]", *extras])


def ok(document: str, mark: str, last: Response | None) -> Response:
    """Return a 200 with a JSON document.

    Args:
        document: The document.
        mark: Value of ``X-Jira-Compat``.
        last: The last upstream response, for the header fields that clients read.
    """
    body = document.encode()
    kept: tuple[Header, ...] = ()
    if last is not None:
        kept = tuple((name, value) for name, value in last.headers if name.lower() in _OF_THE_ANSWER)
    headers = (
        (b"Content-Type", CONTENT_TYPE),
        (b"Content-Length", str(len(body)).encode()),
        (b"Cache-Control", b"no-store"),
        (MARK, mark.encode()),
        *kept,
    )
    return Response(HTTPStatus.OK.value, headers, body)


def _object(members: Mapping[str, str]) -> str:
    return "{" + ",".join([f"{json.dumps(name)}:{text}" for name, text in members.items()]) + "}"


def _text(response: Response) -> str:
    body = response.body or b""
    return coding(response.headers, body).decode(body, LARGEST).decode("utf-8")


def _document(response: Response, step: str) -> dict[str, Slice]:
    try:
        return read_object(_text(response), _ISSUES)
    except (Unreadable, ValueError):
        raise PlanError(f"{step}: the response is not the JSON object that it must be") from None


def _value(document: Mapping[str, Slice], name: str) -> Any:  # noqa: ANN401 - whatever JSON may hold
    return document[name].value if name in document else None


def _issues(document: Mapping[str, Slice], step: str) -> list[tuple[str, str]]:
    if "issues" not in document:
        raise PlanError(f"{step}: the response has no issues")
    found = []
    for issue in document["issues"].value:
        number = issue.value.get("id") if isinstance(issue.value, dict) else None
        if not isinstance(number, str):
            raise PlanError(f"{step}: an issue has no id")
        found.append((number, issue.text))
    return found


def _extras(document: Mapping[str, Slice], step: str) -> dict[str, dict[str, str]]:
    """Return ``names`` and ``schema``, each as texts by field."""
    extras = {}
    for name in sorted(_EXTRAS & document.keys()):
        if document[name].value is None:
            continue
        try:
            extras[name] = {key: member.text for key, member in read_object(document[name].text).items()}
        except ValueError:
            raise PlanError(f"{step}: {name} is not an object") from None
    return extras
