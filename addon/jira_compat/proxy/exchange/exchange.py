"""An exchange under way, and what is done to its flow."""

from dataclasses import dataclass, replace

from mitmproxy import http

from jira_compat.decide import decide, edit_step
from jira_compat.decision import Answer, Converse, Decision, Forward, Hold, mark
from jira_compat.events import vocabulary as events
from jira_compat.jira_error import MARK
from jira_compat.message.headers import header
from jira_compat.message.links.links import Links
from jira_compat.model import Exchange, Finding, Request
from jira_compat.policy.index import PolicySet
from jira_compat.proxy.exchange import flow as mitm
from jira_compat.proxy.exchange.conversation import Conversation
from jira_compat.proxy.exchange.links import turn_body
from jira_compat.proxy.settings.options import Settings
from jira_compat.proxy.settings.scope import Scope

METADATA = "jira_compat"
"""Key in ``flow.metadata``: the rules behind a flow, as ``POLICY/RULE`` strings."""


@dataclass(frozen=True, slots=True)
class ActivePolicy:
    """What exchanges that begin now are judged by: swapped as a whole, kept by each exchange to its end."""

    settings: Settings
    rules: PolicySet
    scope: Scope

    def judge(self, request: Request) -> Decision:
        """Decide under these rules."""
        return decide(self.rules, request, max_body=self.settings.max_body)

    def edit_step(self, request: Request) -> tuple[Request, tuple[Finding, ...]]:
        """Edit what a plan sends."""
        return edit_step(self.rules, request, max_body=self.settings.max_body)

    def is_bound_for_jira(self, flow: http.HTTPFlow) -> bool:
        """All traffic of a reverse proxy; in forward mode what any name of its destination says."""
        return mitm.is_reverse(flow) or self.scope.includes(mitm.names_of_destination(flow))

    def turns_links(self, flow: http.HTTPFlow) -> bool:
        """Whether links are rewritten: in reverse mode, and not by who only observes."""
        return self.settings.links and self.settings.run.mode == "enforce" and mitm.is_reverse(flow)

    def is_large(self, message: http.Message) -> bool:
        """Whether a body is declared longer than any that a rule reads."""
        length = header(message.headers.fields, b"content-length") or b""
        return length.isdigit() and int(length[:20]) > self.settings.max_body


@dataclass(slots=True)
class LiveExchange:
    """An exchange under way: as the client began it, and what was decided."""

    active: ActivePolicy
    exchange: Exchange
    request_id: str
    decision: Decision
    links: Links | None = None
    """Whose links become whose in the answer; ``None`` in forward mode, where clients name the site."""
    seeks_links: bool = False
    """Whether the answer's body is held, to look for links in it."""
    conversation: Conversation | None = None
    """Drives the plan that takes the request's place, once that has begun."""
    sent: float | None = None
    """When the request had gone on as a whole and its answer was awaited, by the monotonic clock."""

    @property
    def is_changed(self) -> bool:
        """Whether another request than the client's went to Jira."""
        return self.decision.applied and not isinstance(self.decision, Answer)

    def act(self, flow: http.HTTPFlow, request: Request) -> None:
        """Do to the flow what was decided about ``request``."""
        decision = self.decision
        if isinstance(decision, Answer):
            mitm.answer(flow, decision.response, self.request_id)
        elif isinstance(decision, Converse):
            self.conversation = Conversation(decision.start.plan(mark(decision)), self.active.edit_step)
            mitm.write_request(flow, request, self.conversation.send())
        elif isinstance(decision, Forward) and decision.applied:
            mitm.write_request(flow, request, decision.request)

    def show(self, flow: http.HTTPFlow) -> None:
        """Show what was decided to whoever looks at the flow."""
        decision = self.decision
        if decision.findings and not isinstance(decision, Hold):
            flow.metadata[METADATA] = [f"{finding.policy}/{finding.rule}" for finding in decision.findings]
            flow.comment = events.summary(decision)
        if decision.applied:
            flow.marked = ":no_entry:" if isinstance(decision, Answer) else ":pencil2:"

    def mark(self, response: http.Response) -> None:
        """Say in the answer which rules changed the request."""
        if self.is_changed:
            mitm.set_field(response, MARK, mark(self.decision).encode())

    def settle(self, flow: http.HTTPFlow) -> None:
        """Answer what a replaced request's client is to be told."""
        if self.conversation is None or flow.response is None:
            return
        settled = self.conversation.receive(mitm.to_response(flow.response))
        if settled is not None:
            mitm.answer(flow, settled, self.request_id)

    def turn_body(self, flow: http.HTTPFlow) -> bool:
        """Make the links in the answer's body the proxy's; false if it is too large to be read."""
        if flow.response is None or self.links is None:
            return True
        return turn_body(flow.response, self.links, self.active.settings.max_body)

    def event(self, flow: http.HTTPFlow) -> events.Event | None:
        """What is written down at the end; ``None`` when no rule had anything to say."""
        if not self.decision.findings:
            return None
        answered = None if flow.response is None else mitm.to_response(flow.response)
        event = events.rule_event(self.decision, replace(self.exchange, response=answered))
        if event is not None:
            event["request_id"] = self.request_id
        return event
