"""A model of today's search, and a driver that runs plans against it: no I/O, everything settable."""

import json
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

from jira_compat.model import Request, Response
from jira_compat.plan import Note, Plan, Recall, Remember, Send, SendAll, Written

MOST = 40


@dataclass
class Site:
    """Search of a Jira Cloud that finds ``ids``, in that order, whatever the query.

    Args:
        ids: What the search finds.
        page: The most issues of a page that has fields.
        ids_page: The most ids of a page without.
        estimate: What approximate-count makes of the true number.
        gone: Ids that search still finds, and bulkfetch does not.
        flaky: Ids that bulkfetch reports as an error this many times.
        age: Tokens given out at another age are refused.
    """

    ids: list[str]
    page: int = 100
    ids_page: int = 5000
    estimate: Callable[[int], int] = lambda count: count
    gone: frozenset[str] = frozenset()
    flaky: dict[str, int] = field(default_factory=dict)
    age: int = 0
    sent: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def answer(self, request: Request) -> Response:
        path, document = request.target.decode(), json.loads(request.body or b"{}")
        self.sent.append((path, document))
        name = path.rpartition("/")[2]
        return {"jql": self._search, "approximate-count": self._count, "bulkfetch": self._bulk}[name](document)

    def _search(self, asked: dict[str, Any]) -> Response:
        token = asked.get("nextPageToken")
        age, _, place = (token or f"{self.age}:0").partition(":")
        if age != str(self.age):
            return ok({"errorMessages": ["The provided next page token is invalid or expired."], "errors": {}}, 400)
        only_ids = asked["fields"] == ["id"]
        at = int(place)
        count = min(asked["maxResults"], self.ids_page if only_ids else self.page)
        some = self.ids[at : at + count]
        shown = [number for number in some if only_ids or number not in self.gone]
        answer: dict[str, Any] = {"issues": [issue(number) for number in shown], "isLast": at + count >= len(self.ids)}
        if not answer["isLast"]:
            answer["nextPageToken"] = f"{self.age}:{at + count}"
        return ok(answer)

    def _count(self, _: dict[str, Any]) -> Response:
        return ok({"count": self.estimate(len(self.ids))})

    def _bulk(self, asked: dict[str, Any]) -> Response:
        wanted = asked["issueIdsOrKeys"]
        assert len(wanted) <= 100
        errors = [number for number in wanted if self.flaky.get(number, 0) > 0]
        for number in errors:
            self.flaky[number] -= 1
        fine = [number for number in wanted if number not in self.gone and number not in errors]
        return ok(
            {
                "issues": [issue(number) for number in sorted(fine, key=int)],
                "issueErrors": [{"id": number, "errorMessage": "try again"} for number in errors],
            }
        )


def issue(number: str) -> dict[str, Any]:
    return {"id": number, "key": f"ABC-{number}", "fields": {"summary": f"Nr. {number}"}}


def ok(document: dict[str, Any], status: int = 200) -> Response:
    body = json.dumps(document).encode()
    return Response(status, ((b"Content-Type", b"application/json"),), body)


class TooManyError(Exception):
    """More requests than one call may cost."""


@dataclass
class Driver:
    """Runs plans as the proxy does."""

    site: Site
    memory: dict[Hashable, Hashable] = field(default_factory=dict)
    written: tuple[int, ...] = ()
    most: int = MOST
    notes: list[tuple[str, str | int]] = field(default_factory=list)
    requests: int = 0
    last: Response | None = None

    def run(self, plan: Plan) -> Response | None:
        self.requests, self.notes = 0, []
        result: Any = None
        while True:
            try:
                step = plan.send(result)
            except StopIteration as end:
                response: Response | None = end.value
                return response if response is not None else self.last
            match step:
                case Send(request):
                    result = self._send(request)
                case SendAll(requests):
                    result = tuple(self._send(request) for request in requests)
                case Recall(key):
                    result = self.memory.get(key)
                case Remember(key, value):
                    self.memory[key], result = value, None
                case Written():
                    result = self.written
                case Note(name, value):
                    self.notes.append((name, value))
                    result = None

    def _send(self, request: Request) -> Response:
        self.requests += 1
        if self.requests > self.most:
            raise TooManyError
        self.last = self.site.answer(request)
        return self.last
