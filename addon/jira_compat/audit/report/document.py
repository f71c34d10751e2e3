"""The report: one versioned document, which every form of it is made of. Its schema is ``docs/report.schema.json``."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, NonNegativeInt

from jira_compat.audit.counting.inventory import Carried
from jira_compat.model import Change
from jira_compat.policy.text import Source

LONGEST = 400
"""Characters of a text that was captured; what is longer is cut, so that none can fill a page."""
LONGEST_PROSE = 2000
"""Characters of a text that a policy has."""

Impact = Literal["removed", "carries", "unknown", "differs", "clean", "unchanged"]
IMPACTS: dict[Impact, str] = {
    "removed": "The endpoint is gone: the call fails.",
    "carries": "The call sends fields that Jira ignores.",
    "unknown": "It is unknown whether the call sends ignored fields: its body was not recorded.",
    "differs": "The call still works, but does something else than before.",
    "clean": "The endpoint ignores some fields, and the call sends none of them.",
    "unchanged": "Nothing changed.",
}
"""What a change means to a call, worst first."""


def shown(text: str, longest: int = LONGEST) -> str:
    """Text as it can be shown anywhere: one line, without control characters or half characters, of bounded length."""
    if len(text) > longest:
        text = text[: longest - 1] + "…"
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def _showing(longest: int) -> BeforeValidator:
    return BeforeValidator(lambda value: shown(value, longest) if isinstance(value, str) else value)


Shown = Annotated[str, _showing(LONGEST)]
"""Foreign text; whatever a client or a log wrote, it cannot move a cursor, reorder a line or break one."""
Prose = Annotated[str, _showing(LONGEST_PROSE)]
"""The same, with room for a sentence or two."""
Count = NonNegativeInt
Statuses = dict[int, Count]


class Part(BaseModel):
    """A part of the report; frozen, and without room for unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Made(Part):
    """How the report came about."""

    by: Shown = Field(description="Program and version.")
    at: datetime = Field(description="When it was written.")
    policies: Shown = Field(description="Digest of the rules that judged captures.")


class Calls(Part):
    """How often, since when, with what result."""

    calls: Count
    first: datetime | None = Field(description="The first call whose time is known.")
    last: datetime | None = Field(description="The last one.")
    statuses: Statuses = Field(description="Number of responses by status, where that is known.")


class Marked(Part):
    """What belongs to a rule."""

    policy: Shown
    rule: Shown

    @property
    def mark(self) -> str:
        """``POLICY/RULE``."""
        return f"{self.policy}/{self.rule}"


class Rule(Calls, Marked):
    """A rule, and the calls of what it names. Rules that nobody called are there too, without calls."""

    endpoint: Shown
    change: Change | None = Field(description="What Atlassian did; null if the policies here have no such rule.")
    impact: Impact = Field(description="The worst impact of its calls; without calls, the impact that one would have.")
    why: Prose | None = Field(description="What changed, in Atlassian's words where there are any.")
    text: Prose | None = Field(description="Text of the refusal.")
    remedy: Prose = Field(description="What to do about it.")
    proxy: Prose | None = Field(description="What jira-compat does with such a call.")
    source: Source | None = Field(description="Where Atlassian says so.")
    implied: bool = Field(description="Not in the source, but follows from it.")
    caveat: Prose | None = Field(description="What is not known about Jira here.")
    clients: Count


class Client(Part):
    """Who calls; what is not known is null."""

    product: Shown
    version: Shown
    user: Shown | None
    address: Shown | None


class Example(Part):
    """One call."""

    place: Shown = Field(description="Where it stands: FILE:LINE or FILE#ENTRY.")
    line: Shown = Field(description="Method and path.")


class Use(Calls, Client, Marked):
    """All calls of one client that one rule names."""

    endpoint: Shown
    change: Change | None
    impact: Impact = Field(description="The worst impact of its calls.")
    do: Prose = Field(description="The one thing that this client must do.")
    carried: dict[Carried, Count] = Field(description="Calls by whether they sent fields that the rule removes.")
    fields: tuple[Shown, ...] = Field(description="Those fields: /pointer in the body, ?name in the query.")
    applied: Count = Field(description="Number of calls that the proxy changed or answered.")
    example: Example | None


class Endpoint(Calls):
    """An endpoint that no rule names, and which products call it how often."""

    endpoint: Shown
    products: dict[Shown, Count]
    example: Example | None


class Figure(Part):
    """Calls, and by how many clients."""

    calls: Count
    clients: Count


class Totals(Part):
    """The headline."""

    calls: Count = Field(description="All calls in all captures.")
    first: datetime | None
    last: datetime | None
    must_change: Count = Field(description="Clients that call a removed endpoint, or send ignored fields.")
    to_check: Count = Field(description="Further clients for which that is unknown, or whose calls behave differently.")
    impacts: dict[Impact, Figure] = Field(description="Calls by impact.")
    unlisted: Count = Field(description="Calls of endpoints not covered by any rule.")
    pages: Count = Field(description="Calls of pages and files, which are not an API.")


class Bucket(Marked):
    """Calls of one rule in one stretch of time."""

    start: datetime
    calls: Count


class Input(Part):
    """A capture, as far as it was read."""

    name: Shown
    kind: Shown | None = Field(description="The detected format; null if none was.")
    bodies: bool = Field(description="Whether captures of this kind can have bodies; logs have none.")
    calls: Count
    lines: Count = Field(description="0 where there are none, as in a HAR.")
    no_request: Count = Field(description="Lines about connections without a request.")
    skipped: Count = Field(description="Lines or entries that could not be read.")


class Problem(Part):
    """Something that was wrong with an input."""

    place: Shown
    what: Shown
    unread: bool = Field(description="Whether something was not read because of it.")


class Report(Part):
    """Who still calls what, how often, since when, and what each must do."""

    v: Literal[1] = Field(default=1, description="Version of this format; a field may be added without a new one.")
    made: Made
    interrupted: bool = Field(description="Whether the audit was ended before it had read everything.")
    totals: Totals
    rules: tuple[Rule, ...] = Field(description="Worst first; those without calls last.")
    uses: tuple[Use, ...] = Field(description="Worst first, then by calls.")
    endpoints: tuple[Endpoint, ...] = Field(description="Endpoints not covered by any rule, by calls.")
    bucket_seconds: int = Field(description="Length of an interval of `timeline`.")
    timeline: tuple[Bucket, ...] = Field(description="Calls by rule over time; intervals without a call are left out.")
    inputs: tuple[Input, ...]
    problems: tuple[Problem, ...]
    failures: dict[Shown, Count] = Field(description="Exchanges that the proxy failed on, by event.")


def as_json(report: Report) -> str:
    """The document as it is."""
    return report.model_dump_json(indent=2)


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of the document."""
    schema = Report.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
