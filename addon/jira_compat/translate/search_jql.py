"""Correct wrong calls of today's search, which tools make that were migrated by half.

They keep ``startAt``, which search/jql ignores, pass an offset as the token, ask for 0, -1 or all results, send lists
where texts belong, or search without a restriction. A call that shows none of that is left alone.
"""

import json
from http import HTTPStatus

from jira_compat.jira_error import error_answer
from jira_compat.message.body.errors import Unreadable
from jira_compat.model import Header, Request
from jira_compat.plan import Plan, Send
from jira_compat.translate.jql import bounded
from jira_compat.translate.search import Result, find_page
from jira_compat.translate.search_answer import ok, write_members
from jira_compat.translate.search_call import BadCall, Parameters, SearchCall, read_parameters, read_search_call
from jira_compat.translate.search_steps import IDS, EndedError

_LONGEST_OFFSET = 9
"""Digits; no token of Jira's is a number so short."""


def is_wrong(request: Request, limit: int) -> bool:
    """Return whether a call of search/jql shows that its tool was migrated by half.

    Args:
        request: The call, with its body.
        limit: The most bytes its body may decode to.
    """
    try:
        given = _given(request, limit)
        call = read_search_call(request, page=IDS, limit=limit)
    except (BadCall, Unreadable):
        return False
    sizes = given.get("maxResults", [])
    return (
        call.start_at > 0
        or _offset(given) is not None
        or (bool(sizes) and sizes[0] not in ("", None) and (not call.size or str(sizes[0]) != str(call.size)))
        or bounded(call.jql) is not call.jql
        or _has_wrong_types(request, limit)
    )


def correct(request: Request, mark: str, *, limit: int) -> Plan:
    """Answer a wrong call in the shape of search/jql.

    Args:
        request: The call, with its body.
        mark: Value of ``X-Jira-Compat``.
        limit: The most bytes its body may decode to.
    """
    try:
        given = _given(request, limit)
        call = _call(read_search_call(request, page=IDS, limit=limit), given)
    except (BadCall, Unreadable) as error:
        return error_answer(HTTPStatus.BAD_REQUEST, f"The search cannot be corrected: {error}.", mark)
    if call.size and not call.start_at:
        yield Send(_corrected(call, given))
        return None  # its answer as it is
    try:
        result = yield from find_page(call)
    except EndedError as ended:
        return ended.response
    return ok(_document(call, result), mark, result.last)


def _given(request: Request, limit: int) -> Parameters:
    return read_parameters(request, request.target.partition(b"?")[2], limit)


def _has_wrong_types(request: Request, limit: int) -> bool:
    """Return whether a JSON body has a list for ``expand``, or a text for ``fields`` or ``properties``."""
    if request.method != "POST":
        return False
    given = read_parameters(request, b"", limit, as_lists=False)
    return isinstance(given.get("expand"), list) or any(isinstance(given.get(n), str) for n in ("fields", "properties"))


def _offset(given: Parameters) -> int | None:
    """Return the offset that stands for a token, if one does."""
    token = next(iter(given.get("nextPageToken", [])), None)
    text = str(token) if isinstance(token, int | str) and not isinstance(token, bool) else ""
    return int(text) if text.isdecimal() and len(text) <= _LONGEST_OFFSET else None


def _call(call: SearchCall, given: Parameters) -> SearchCall:
    fields = call.fields if any(given.get("fields", [])) else ("id",)  # the default of search/jql
    offset = _offset(given)
    return SearchCall(
        path=call.path,
        jql=call.jql,
        start_at=call.start_at if offset is None else offset,
        size=call.size,
        fields=fields,
        expand=call.expand,
        properties=call.properties,
        fields_by_keys=call.fields_by_keys,
    )


def _corrected(call: SearchCall, given: Parameters) -> Request:
    """Return the call as it should have been."""
    asked: dict[str, object] = {"jql": bounded(call.jql), "maxResults": call.size, "fields": list(call.fields)}
    token = next(iter(given.get("nextPageToken", [])), None)
    if isinstance(token, str) and token and _offset(given) is None:
        asked["nextPageToken"] = token
    if call.expand:
        asked["expand"] = ",".join(call.expand)
    if call.properties:
        asked["properties"] = list(call.properties)
    if call.fields_by_keys:
        asked["fieldsByKeys"] = True
    if ids := given.get("reconcileIssues"):
        asked["reconcileIssues"] = [int(part) for value in ids for part in str(value).split(",") if part.isdecimal()]
    body = json.dumps(asked).encode()
    headers: tuple[Header, ...] = (
        (b"Content-Type", b"application/json"),
        (b"Content-Length", str(len(body)).encode()),
    )
    return Request("POST", call.path, headers, body)


def _document(call: SearchCall, result: Result) -> str:
    """Write the shape of search/jql, with the old members beside it: such a tool reads some of both."""
    reached = call.start_at + len(result.found.issues)
    is_last = not call.size or reached >= result.total
    token = "" if is_last else f',"nextPageToken":"{reached}"'
    head = f'"startAt":{call.start_at},"maxResults":{call.size},"total":{result.total}'
    return f'{{"isLast":{json.dumps(is_last)}{token},{head},{write_members(result.found)}}}'
