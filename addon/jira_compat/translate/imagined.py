"""A site that is not there, for people who ask what a translation would send: its searches find issues without end."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from jira_compat.model import Request, Response

PREMISE = "the search finds more than 5,000 issues and the page before was not served"


def imagined(request: Request) -> Response:
    """Answer a step of a translated search."""
    asked = json.loads(request.body or b"{}")
    name = request.target.rpartition(b"/")[2]
    document = _ANSWERS[name](asked)
    return Response(200, ((b"Content-Type", b"application/json"),), json.dumps(document).encode())


def _search(asked: Mapping[str, Any]) -> dict[str, Any]:
    first = int(asked.get("nextPageToken", "1"))
    end = first + asked["maxResults"]
    return {"issues": [{"id": str(number)} for number in range(first, end)], "nextPageToken": str(end)}


def _bulk(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {"issues": [{"id": number} for number in asked["issueIdsOrKeys"]]}


_ANSWERS: Mapping[bytes, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    b"jql": _search,
    b"bulkfetch": _bulk,
    b"approximate-count": lambda _: {"count": 0},
}
