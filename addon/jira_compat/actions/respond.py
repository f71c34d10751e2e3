"""``respond``: a removed endpoint is answered here and never reaches Jira."""

from typing import Annotated

from pydantic import AfterValidator, Field

from jira_compat.actions.spec import Given, Spec
from jira_compat.jira_error import error_answer
from jira_compat.model import Response

GONE = 410
MISLEADING = {
    401: "clients ask for other credentials",
    407: "clients ask for proxy credentials",
    408: "clients repeat the request",
    425: "clients repeat the request",
    429: "some clients repeat the request for ever",
}


def refusal_status(status: int) -> int:
    """Check a status for a refusal.

    Raises:
        ValueError: It is no 4xx, or one that real clients act upon instead of reporting.
    """
    if not 400 <= status <= 499:
        raise ValueError(f"{status} is not a client error; write 410, 404 or another 4xx")
    if status in MISLEADING:
        raise ValueError(f"{status} misleads: {MISLEADING[status]}; write 410 or 404")
    return status


RefusalStatus = Annotated[
    int, AfterValidator(refusal_status), Field(json_schema_extra={"minimum": 400, "maximum": 499})
]


class Respond(Spec):
    """Answer with a refusal instead of forwarding."""

    status: RefusalStatus = Field(default=GONE, description="Status of the answer, a 4xx.")
    text: Given[Annotated[str, Field(min_length=1)]] = Field(
        default=None,
        description="What the client is told: what was removed, why, what to do instead. "
        "Left out, it is made of the endpoint and `why`.",
    )


def respond(spec: Respond, *, endpoint: str, why: str, mark: str, source: str) -> Response:
    """The refusal itself."""
    return error_answer(spec.status, refusal_text(spec, endpoint, why), mark, link=source)


def refusal_text(spec: Respond, endpoint: str, why: str) -> str:
    """What the client is told."""
    return spec.text or f"{endpoint} has been removed from Jira Cloud: {why}"
