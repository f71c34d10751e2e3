"""The steps that a translated search takes: search/jql, search/approximate-count and issue/bulkfetch."""

import json
import re
from collections.abc import Generator
from http import HTTPStatus
from typing import Any

from jira_compat.model import Header, Request, Response
from jira_compat.plan import Note, PlanError, Send, SendAll, Step
from jira_compat.translate.jql import bounded
from jira_compat.translate.search_answer import Found, Page, read_bulk, read_count, read_page
from jira_compat.translate.search_call import SearchCall

IDS = 5000
"""Ids that one call of search/jql may return (OpenAPI: "It returns max 5000 issues")."""
BULK = 100
"""Issues that one call of issue/bulkfetch may ask for."""

_OLD_SPELLING = re.compile(rb"(/[23])\.0(?:\.alpha1)?\Z")
"""Server's further names of its API versions, which Cloud does not have."""

type Steps[T] = Generator[Step, Any, T]


class EndedError(Exception):
    """A step was refused: its response is the answer to the call.

    Args:
        response: The refusal.
        is_first: True if no step was answered before.
    """

    def __init__(self, response: Response, *, is_first: bool) -> None:
        super().__init__()
        self.response = response
        self.is_first = is_first


class ExpiredError(Exception):
    """A token is refused; the page can be found without it."""


class SearchSteps:
    """The steps of one call.

    Args:
        call: What was asked.
        written: Ids to reconcile, at most fifty.
    """

    def __init__(self, call: SearchCall, written: tuple[int, ...]) -> None:
        self.written = written
        self.last: Response | None = None
        """The last response, for the header fields that clients read."""
        self._call = call
        self._jql = bounded(call.jql)
        self._api = _OLD_SPELLING.sub(rb"\1", call.path[: call.path.rindex(b"/search")])

    def page(self, size: int, token: str | None) -> Steps[Page]:
        """Ask for a page; it may hold fewer issues than asked, even if it is not the last.

        Raises:
            ExpiredError: The token is refused.
        """
        call = self._call
        fields = ["key"] if call.fields == ("id",) else list(call.fields)  # for "id" alone search/jql leaves key out
        details = {"fields": fields} | self._details(expand=",".join(call.expand))
        return (yield from self._search(size, token, details))

    def ids(self, token: str | None) -> Steps[Page]:
        """Ask for the next ids, as many as one call gives.

        Raises:
            ExpiredError: The token is refused.
        """
        return (yield from self._search(IDS, token, {"fields": ["id"]}))

    def estimate(self) -> Steps[int]:
        """Ask how many issues there are, roughly."""
        yield Note("search.total", "estimated")
        response = yield Send(_post(self._api + b"/search/approximate-count", {"jql": self._jql}))
        return read_count(self._checked(response), "search/approximate-count")

    def bulk(self, ids: list[str]) -> Steps[Found]:
        """Fetch issues, in the order of their ids; those that cannot be fetched are missing.

        Raises:
            PlanError: The site failed on some of them, twice.
        """
        found, texts = Found(), dict[str, str]()
        wanted = ids
        for _ in range(2):
            failed = set[str]()
            parts = [wanted[at : at + BULK] for at in range(0, len(wanted), BULK)]
            for response in (yield SendAll(tuple(map(self._bulk_request, parts)))):
                part, errors = read_bulk(self._checked(response), "issue/bulkfetch")
                texts |= dict(part.issues)
                found.add(Found(extras=part.extras))
                failed |= errors
            wanted = [number for number in wanted if number in failed and number not in texts]
            if not wanted:
                found.issues = [(number, texts[number]) for number in ids if number in texts]
                return found
        raise PlanError("issue/bulkfetch: the site failed on some issues, twice")

    def _search(self, size: int, token: str | None, details: dict[str, Any]) -> Steps[Page]:
        asked: dict[str, Any] = {"jql": self._jql, "maxResults": size} | details
        if token is not None:
            asked["nextPageToken"] = token
        if self.written:
            asked["reconcileIssues"] = list(self.written)
        response = yield Send(_post(self._api + b"/search/jql", asked))
        if token is not None and response.status == HTTPStatus.BAD_REQUEST:
            raise ExpiredError
        page = read_page(self._checked(response), "search/jql")
        if token is not None and page.token == token:
            raise PlanError("search/jql: the response leads to itself")
        if len(page.found.issues) > size:
            raise PlanError("search/jql: the response has more issues than were asked for")
        return page

    def _bulk_request(self, ids: list[str]) -> Request:
        asked = {"issueIdsOrKeys": ids, "fields": list(self._call.fields)}
        return _post(self._api + b"/issue/bulkfetch", asked | self._details(expand=list(self._call.expand)))

    def _details(self, expand: str | list[str]) -> dict[str, Any]:
        details: dict[str, Any] = {"expand": expand} if expand else {}
        if self._call.properties:
            details["properties"] = list(self._call.properties)
        if self._call.fields_by_keys:
            details["fieldsByKeys"] = True
        return details

    def _checked(self, response: Response) -> Response:
        if not HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
            raise EndedError(response, is_first=self.last is None)
        self.last = response
        return response


class Walk:
    """Ids in the order of the search, as far as they were asked for, without those that cannot be fetched."""

    def __init__(self, steps: SearchSteps, gone: frozenset[str]) -> None:
        self.ids: list[str] = []
        self.is_whole = False
        self._steps = steps
        self._gone = gone
        self._token: str | None = None

    def reach(self, count: int) -> Steps[None]:
        """Walk on until so many ids are known, or all."""
        while not self.is_whole and len(self.ids) < count:
            try:
                page = yield from self._steps.ids(self._token)
            except ExpiredError:
                raise PlanError("search/jql: the site refuses a token that it has just given") from None
            self.ids += [number for number, _ in page.found.issues if number not in self._gone]
            self._token = page.token
            self.is_whole = page.token is None


def _post(target: bytes, document: dict[str, Any]) -> Request:
    body = json.dumps(document).encode()
    headers: tuple[Header, ...] = (
        (b"Content-Type", b"application/json"),
        (b"Content-Length", str(len(body)).encode()),
    )
    return Request("POST", target, headers, body)
