"""Cloud's search: pages by token, an estimate for a total, issues in bulk.

Limits are those of Atlassian's specification. A token holds for one query, one caller and one list of issues to
reconcile; whether Cloud is as strict is not known. Parameters that the new search does not have, ``startAt`` among
them, are ignored. Texts were seen on sites for the old search, an unbounded query and, at second hand, ``maxResults``;
all others are the stand-in's own.
"""

import base64
import binascii
import hashlib
import json
import time

from jira_compat.standin.http.messages import Answer, Call, Json, Refusal, answer, text, whole_number
from jira_compat.standin.issues import jql, json_views
from jira_compat.standin.issues.search import PAGE, terms
from jira_compat.standin.issues.seed import Issue
from jira_compat.standin.state import State

LARGEST_PAGE, LARGEST_BULK, LARGEST_RECONCILED, LARGEST_ORDER, LARGEST_PROPERTIES = 5000, 100, 50, 7, 5
SEARCH_IS_GONE = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration guideline "
    "is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
)
UNBOUNDED = "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
SMALL = {"id", "key"}
"""Fields that do not make a page shorter."""


def search_is_gone(_: State, __: Call) -> Answer:
    """GET or POST search: removed in 2025; sites answer 410."""
    raise Refusal(410, SEARCH_IS_GONE)


def search(state: State, call: Call) -> Answer:
    """GET or POST search/jql: pages by token; no total, no first number."""
    query = checked(call)
    fresh = reconciled(call, query)
    hits = found(state, call, query, fresh)
    mark = fingerprint(call, query, fresh)
    first = offset(state, text(query, "nextPageToken"), mark)
    size = whole_number("maxResults", query.get("maxResults"), PAGE)
    if not 1 <= size <= LARGEST_PAGE:
        raise Refusal(400, "The max results parameter has to be between 1 and 5,000.")
    fields = json_views.selection(query["fields"], "id")
    most = size if set(fields) <= SMALL else min(size, state.faults.page_limit)
    rest = first + state.faults.page_length(most)
    issues: list[Json] = [
        {"id": issue.id}
        if fields == ["id"] and not query["expand"] and not query["properties"]
        else json_views.issue(state, call, issue, fields, query["expand"], query["properties"])
        for issue in hits[first:rest]
    ]
    page: Json = {"issues": issues, "isLast": rest >= len(hits)} | json_views.described(issues, query["expand"])
    return answer(200, page if page["isLast"] else {**page, "nextPageToken": token(state, rest, mark)})


def count(state: State, call: Call) -> Answer:
    """POST search/approximate-count."""
    return answer(200, {"count": round(len(found(state, call, checked(call))) * state.faults.estimate)})


def fetch(state: State, call: Call) -> Answer:
    """POST issue/bulkfetch: issues by id or key, in the order of their ids; what is not there is left out."""
    query = terms(call)
    wanted = query.get("issueIdsOrKeys")
    if not isinstance(wanted, list) or not 1 <= len(wanted) <= LARGEST_BULK:
        raise Refusal(400, f"Between 1 and {LARGEST_BULK} issue ids or keys are expected.")
    limit("properties", query["properties"], LARGEST_PROPERTIES)
    names = {str(name).upper() for name in wanted}
    chosen = sorted(
        (issue for issue in state.issues.values() if issue.id in names or issue.key in names),
        key=lambda issue: int(issue.id),
    )
    fields = json_views.selection(query["fields"], "*navigable")
    issues, errors = [], []
    for issue in chosen:
        if state.faults.cannot_fetch(issue.id):
            errors.append({"id": issue.id, "errorMessage": "The issue could not be fetched."})
            continue
        view = json_views.issue(state, call, issue, fields, query["expand"], query["properties"])
        issues.append(view | json_views.described([view], query["expand"]))
    return answer(200, {"expand": "schema,names", "issues": issues, "issueErrors": errors})


def checked(call: Call) -> Json:
    """The parameters of a search, in the types that the new search takes.

    Raises:
        Refusal: 400 for others.
    """
    if call.method == "POST":
        given = call.fields()
        for name, kind in (("expand", str), ("fields", list), ("properties", list), ("reconcileIssues", list)):
            if not isinstance(given.get(name), kind | None):
                raise Refusal(400, f"'{name}' has to be a {'text' if kind is str else 'list'}.")
    query = terms(call)
    limit("properties", query["properties"], LARGEST_PROPERTIES)
    return query


def limit(name: str, values: list[str], most: int) -> None:
    """Refuse lists that are too long."""
    if len(values) > most:
        raise Refusal(400, f"'{name}' may hold {most} entries at most.")


def reconciled(call: Call, query: Json) -> list[str]:
    """Return the ids of the issues to reconcile."""
    values = call.all("reconcileIssues") if call.method == "GET" else query.get("reconcileIssues") or []
    ids = [str(whole_number("reconcileIssues", value, 0)) for value in values]
    limit("reconcileIssues", ids, LARGEST_RECONCILED)
    return ids


def found(state: State, call: Call, query: Json, fresh: list[str] | None = None) -> list[Issue]:
    """The issues that match.

    Raises:
        Refusal: 400 for a query without a condition or one that is not understood.
    """
    asked = text(query, "jql") or ""
    if not jql.bounded(asked):
        raise Refusal(400, UNBOUNDED)
    limit("ORDER BY", jql.split(asked)[1], LARGEST_ORDER)
    try:
        return jql.search(state, asked, call.caller, fresh or ())
    except jql.QueryError as error:
        raise Refusal(400, str(error)) from error


def fingerprint(call: Call, query: Json, fresh: list[str]) -> str:
    """The mark of a query, which its page tokens carry."""
    caller = call.caller.key if call.caller else ""
    whole = json.dumps([caller, text(query, "jql"), sorted(fresh)])
    return hashlib.sha256(whole.encode(errors="replace")).hexdigest()[:16]


def token(state: State, first: int, mark: str) -> str:
    """Return a page token: start and age of the page, in a form that is not a number."""
    parts = [mark, first, state.faults.tokens_expired, time.monotonic()]
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


def offset(state: State, page_token: str | None, mark: str) -> int:
    """Return the start of the page that a token means.

    Raises:
        Refusal: 400 for a token that is not ours, that has expired or that belongs to another query.
    """
    if not page_token:
        return 0
    try:
        origin, first, expired, given = json.loads(base64.urlsafe_b64decode(page_token))
        live = expired == state.faults.tokens_expired and time.monotonic() < given + state.faults.token_lifetime
        if live and origin == mark:
            return int(first)
    except (binascii.Error, ValueError, TypeError):
        pass
    raise Refusal(400, "The provided next page token is invalid.")
