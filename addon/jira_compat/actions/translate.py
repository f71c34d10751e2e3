"""``translate``: an old call becomes today's calls, and their answers the old answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, Self, override

from pydantic import Field

from jira_compat.actions.action import Context, Conversing, key
from jira_compat.model import Change, Request, Response
from jira_compat.plan import Plan
from jira_compat.translate.imagined import PREMISE, imagined
from jira_compat.translate.search import search
from jira_compat.translate.search_call import PAGE
from jira_compat.translate.search_jql import correct, is_wrong
from jira_compat.translate.search_steps import IDS

Name = Literal["search", "search-jql"]
Page = Annotated[int, Field(ge=1, le=IDS)]


@dataclass(frozen=True, slots=True)
class Kind:
    """One translation.

    Args:
        plan: Makes the plan of a call; takes the request, the mark, the body's limit and the largest page.
        remedy: A sentence for the client.
        concerns: Tells whether a call is translated; takes the request and the body's limit.
    """

    plan: Callable[[Request, str, int, int], Plan]
    remedy: str
    concerns: Callable[[Request, int], bool] = lambda _, __: True


KINDS: Mapping[str, Kind] = {
    "search": Kind(
        lambda request, mark, limit, page: search(request, mark, page=page, limit=limit),
        "Call POST /rest/api/3/search/jql, which pages by nextPageToken.",
    ),
    "search-jql": Kind(
        lambda request, mark, limit, _: correct(request, mark, limit=limit),
        "Page by nextPageToken, ask for 1 to 5,000 results, and restrict the query.",
        is_wrong,
    ),
}


@dataclass(frozen=True)
class Translate(Conversing):
    """Answer an old call by a plan of today's calls."""

    name: ClassVar = "translate"
    event: ClassVar = "request_translated"
    event_meaning: ClassVar = "A `translate` rule answered an old call with today's calls."
    translates: ClassVar = True
    outcome: ClassVar = "translated to today's calls"

    kind: str
    page: int = PAGE

    @override
    @classmethod
    def keys(cls) -> dict[str, Any]:
        return {
            "translate": key(Name, "Answer the old call by today's calls; the name of the translation."),
            "page": key(Page, f"With 'translate: search': the largest page that is answered; {PAGE} by default."),
        }

    @override
    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Self:
        kind = values.get("translate", "")
        return cls(kind, values["page"]) if "page" in values else cls(kind)

    @override
    def objection(self, change: Change) -> str | None:
        if self.kind == "search" or (self.kind and self.page == PAGE):
            return None
        return "'page' is for 'translate: search'; take it out"

    @override
    def needs_body(self, request: Request) -> bool:
        return request.method == "POST"

    @override
    def start(self, request: Request, *, limit: int) -> "Translation | None":
        return Translation(self.kind, request, limit, self.page) if KINDS[self.kind].concerns(request, limit) else None

    @override
    def does(self) -> str:
        pages = "" if self.page == PAGE else f", at most {self.page} issues a page"
        return f"translates it to today's calls (`{self.kind}`){pages}"

    @override
    def remedy(self, rule: Context) -> str:
        return f"{KINDS[self.kind].remedy} In front of Jira Cloud, jira-compat translates the call meanwhile."


@dataclass(frozen=True, slots=True)
class Translation:
    """Start the plan of one call."""

    translation: str
    request: Request
    limit: int
    page: int = PAGE

    @property
    def status(self) -> None:
        """None: it depends on the site."""

    @property
    def condition(self) -> str:
        """The condition of an answer, in a clause."""
        return "as Jira answers today's calls"

    @property
    def document(self) -> None:
        """None: the first step has values of the client's."""

    @property
    def premise(self) -> str:
        """The condition under which it takes the most steps."""
        return PREMISE

    def imagined(self, request: Request) -> Response:
        """Answer a step as a site with many issues would."""
        return imagined(request)

    def plan(self, mark: str) -> Plan:
        """Begin the translation."""
        return KINDS[self.translation].plan(self.request, mark, self.limit, self.page)
