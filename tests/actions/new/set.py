"""``set``: a member of a JSON body has one value, whatever the client sends."""

import json
from collections.abc import Iterator
from typing import ClassVar, override

from pydantic import Field

from jira_compat.actions.action import Context, Editing
from jira_compat.actions.edit import resized
from jira_compat.actions.spec import Json, Spec
from jira_compat.message.body.edit import TooLarge, Unreadable
from jira_compat.message.body.pointers import escape
from jira_compat.model import Request


class Set(Spec, Editing):
    """Give a member of a JSON object this value."""

    name: ClassVar = "set"
    event: ClassVar = "fields_set"
    event_meaning: ClassVar = "A `set` rule gave a member of the body another value; `fields` lists which."
    outcome: ClassVar = "forwarded with {} set"
    key_description: ClassVar = "Give a member of a JSON object this value."

    member: str = Field(min_length=1, description="The member's name.")
    value: Json = Field(description="Its value.")

    @property
    @override
    def reads_body(self) -> bool:
        return True

    @property
    @override
    def parameters(self) -> frozenset[str]:
        return frozenset()

    @override
    def edit(self, request: Request, *, limit: int) -> tuple[Request, tuple[str, ...]]:
        if not request.body:
            return request, ()
        if len(request.body) > limit:
            raise TooLarge(limit)
        try:
            document = json.loads(request.body)
        except (ValueError, RecursionError):
            raise Unreadable("it is not JSON") from None
        if not isinstance(document, dict) or json.dumps(document.get(self.member)) == json.dumps(self.value):
            return request, ()
        body = json.dumps({**document, self.member: self.value}).encode()
        headers = resized(request.headers, len(body))
        return Request(request.method, request.target, headers, body), (self._pointer(),)

    @override
    def does(self) -> str:
        return f"sets `{self._pointer()}` of the body to `{json.dumps(self.value)}`"

    @override
    def remedy(self, rule: Context) -> str:
        return f"Send {self._pointer()} as {json.dumps(self.value)}."

    @override
    def flaws(self) -> Iterator[tuple[str, str]]:
        yield from ()

    @override
    def clashes(self, other: Editing, rule: str) -> Iterator[tuple[str, str]]:
        if isinstance(other, Set) and other.member == self.member:
            yield "set", f"{rule!r} sets {self._pointer()!r} too; take one out"

    def _pointer(self) -> str:
        return f"/{escape(self.member)}"
