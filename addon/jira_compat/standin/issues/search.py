"""Jira Server's search: pages by first number and size, with a total."""

from jira_compat.standin.http.messages import Answer, Call, Json, Refusal, answer, text, whole_number
from jira_compat.standin.issues import jql, json_views
from jira_compat.standin.state import State

PAGE, LARGEST_PAGE = 50, 1000
LISTS = ("fields", "expand", "properties")
LENIENT = ("false", "warn", "none")
"""Values of ``validateQuery`` for which unknown fields and values only match nothing."""


def search(state: State, call: Call) -> Answer:
    """GET or POST search: a page of the issues that match."""
    query = terms(call)
    first = max(0, whole_number("startAt", query.get("startAt"), 0))
    size = page_size(query)
    validation = (text(query, "validateQuery") or "true").lower()
    warnings: list[str] = []
    try:
        hits = jql.search(state, text(query, "jql") or "", call.caller)
    except jql.UnknownValueError as error:
        if validation not in LENIENT:
            raise Refusal(400, str(error)) from error
        hits, warnings = [], [] if validation == "none" else [str(error)]
    except jql.QueryError as error:
        raise Refusal(400, str(error)) from error
    fields = json_views.selection(query["fields"], "*navigable")
    issues = [
        json_views.issue(state, call, issue, fields, query["expand"], query["properties"])
        for issue in hits[first : first + size]
    ]
    page: Json = {
        "expand": "schema,names",
        "startAt": first,
        "maxResults": size,
        "total": len(hits),
        "issues": issues,
        **({"warningMessages": warnings} if warnings else {}),
    }
    return answer(200, page | json_views.described(issues, query["expand"]))


def terms(call: Call) -> Json:
    """The parameters of a search, from the body or the query; ``fields``, ``expand``, ``properties`` as lists."""
    if call.method == "GET":
        return {**dict(call.query), **{name: call.all(name) for name in LISTS}}
    query = call.fields()
    return {**query, **{name: listed(query.get(name)) for name in LISTS}}


def listed(value: object) -> list[str]:
    """A list of names, given as one or as text with commas."""
    names = value if isinstance(value, list) else [value] if isinstance(value, str) else []
    return [part.strip() for name in names for part in str(name).split(",") if part.strip()]


def page_size(query: Json) -> int:
    """Return the page size: the requested one, within its bound."""
    size = whole_number("maxResults", query.get("maxResults"), PAGE)
    return min(size, LARGEST_PAGE) if size >= 0 else LARGEST_PAGE
