"""``replace``: send another request to Jira, and give the client the answer that it expects."""

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar, Literal, override

from pydantic import Field

from jira_compat.actions.action import Context, Conversing
from jira_compat.actions.spec import Json, Spec
from jira_compat.jira_error import MARK, error_answer
from jira_compat.message.target.method import OVERRIDES
from jira_compat.model import Header, Request, Response
from jira_compat.plan import Plan, Send

_OF_THE_BODY = {b"content-type", b"content-length", b"content-encoding", b"transfer-encoding", b"expect"}
_OF_THE_ANSWER = {b"accept-encoding", b"range", b"if-match", b"if-none-match"}


class Replace(Spec, Conversing):
    """Send this instead; answer ``status`` only when the upstream's answer shows that it was done."""

    name: ClassVar = "replace"
    event: ClassVar = "request_replaced"
    event_meaning: ClassVar = "A `replace` rule sent another request to Jira."
    outcome: ClassVar = "replaced by another request to Jira"
    key_description: ClassVar = "Send another request instead."

    method: Literal["PUT", "POST"] = Field(description="Method of the request that is sent instead.")
    document: dict[str, Json] = Field(
        alias="json", min_length=1, description="Its body; the upstream's answer must show the same members."
    )
    status: int = Field(ge=200, le=299, description="What the client is answered once the upstream did it.")

    @override
    def start(self, request: Request, *, limit: int) -> "Replacement":
        del limit  # its body is dropped
        return Replacement(self, request)

    @override
    def does(self) -> str:
        sent = json.dumps(self.document)
        return f"sends `{self.method} {sent}` instead, answers {self.status} once Jira did it"

    @override
    def remedy(self, rule: Context) -> str:
        return f"Send {self.method} with {json.dumps(self.document)} instead."


@dataclass(frozen=True, slots=True)
class Replacement:
    """Start the plan of one step: send the other request, and confirm what it did."""

    spec: Replace
    request: Request

    @property
    def status(self) -> int:
        """The status of the answer once the upstream did it."""
        return self.spec.status

    @property
    def condition(self) -> str:
        """The condition for that, in a clause."""
        return "once Jira's own response confirms it"

    @property
    def document(self) -> str:
        """The body that is sent: the policy's own values, and none of the client's."""
        return json.dumps(self.spec.document)

    @property
    def translation(self) -> None:
        """None: its one request is sent as the exchange's own."""

    @property
    def premise(self) -> str:
        """None needed: it sends one request, whatever the site answers."""
        return ""

    def imagined(self, request: Request) -> Response:
        """Answer as a site that did it."""
        del request
        return Response(200, (), self.document.encode())

    def plan(self, mark: str) -> Plan:
        """Send it, and give the client the answer that it expects."""
        answer = yield Send(replace(self.request, self.spec))
        return confirm(self.spec, answer, mark)


def replace(request: Request, spec: Replace) -> Request:
    """The request to send instead; target, credentials and everything else stay."""
    body = json.dumps(spec.document).encode()
    dropped = _OF_THE_BODY | _OF_THE_ANSWER | OVERRIDES
    headers: list[Header] = [(name, value) for name, value in request.headers if name.lower() not in dropped]
    headers += [
        (b"Accept-Encoding", b"identity"),  # `confirm` must be able to read the answer
        (b"Content-Type", b"application/json"),
        (b"Content-Length", str(len(body)).encode()),
    ]
    return Request(spec.method, request.target, tuple(headers), body)


def confirm(spec: Replace, response: Response, mark: str) -> Response | None:
    """Return the answer to the client, or ``None`` for the upstream's own error as it is.

    An upstream that answers success but not the fact (a redirect to a login page, another
    document, a document that cannot be read) may have done anything: that is a 502.
    """
    if response.status >= HTTPStatus.BAD_REQUEST:
        return None
    if response.status < HTTPStatus.MULTIPLE_CHOICES and _shows(spec.document, response):
        return Response(spec.status, ((MARK, mark.encode()),), b"")
    message = "The request was replaced by a safer one, and Jira's answer does not confirm that it was carried out."
    return error_answer(HTTPStatus.BAD_GATEWAY, message, mark)


def _shows(wanted: dict[str, Any], response: Response) -> bool:
    try:
        shown = json.loads(response.body or b"")
    except (ValueError, RecursionError):
        return False
    return isinstance(shown, dict) and all(
        key in shown and shown[key] == value and type(shown[key]) is type(value) for key, value in wanted.items()
    )
