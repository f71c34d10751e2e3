"""``respond``: a removed endpoint is answered here and never reaches Jira."""

from typing import Annotated, ClassVar, Self, override

from pydantic import AfterValidator, Field

from jira_compat.actions.action import Context, Refusing, sentence
from jira_compat.actions.spec import Given, Spec
from jira_compat.jira_error import error_answer
from jira_compat.model import Change, Response

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


class Respond(Spec, Refusing):
    """Answer with a refusal instead of forwarding."""

    name: ClassVar = "respond"
    event: ClassVar = "request_refused"
    event_meaning: ClassVar = "The proxy refused the request with a 4xx; `reason` says why."
    outcome: ClassVar = "answered here, and nothing reaches Jira"
    key_description: ClassVar = "Refuse: nothing reaches Jira."

    status: RefusalStatus = Field(default=GONE, description="Status of the answer, a 4xx.")
    text: Given[Annotated[str, Field(min_length=1)]] = Field(
        default=None,
        description="Text of the answer: what was removed, why, what to do instead. "
        "Left out, it is made of the endpoint and `why`.",
    )

    @override
    def objection(self, change: Change) -> str | None:
        if change != "removed":
            return "only a removed endpoint is refused; write 'change: removed' or another action"
        return None

    @override
    def answer(self, rule: Context) -> Response:
        return error_answer(self.status, self.refusal(rule), rule.mark, link=rule.source)

    @override
    def refusal(self, rule: Context) -> str:
        return self.text or f"{rule.endpoint} has been removed from Jira Cloud: {rule.why}"

    @override
    def overridden(self, status: int | None, text: str | None) -> Self:
        return self.model_copy(update={"status": status or self.status, "text": text or self.text})

    @override
    def does(self) -> str:
        return f"answers {self.status}"

    @override
    def remedy(self, rule: Context) -> str:
        instead = self.refusal(rule).partition("; ")[2]
        return sentence(f"Stop calling this; {instead}" if instead else f"Stop calling this: {rule.why}")
