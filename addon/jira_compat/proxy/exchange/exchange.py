"""An exchange in flight, and what is done to its flow."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from time import monotonic

from mitmproxy import http

from jira_compat.decide import decide, edit_step
from jira_compat.decision import Answer, Converse, Decision, Forward, Hold, mark, rule_of
from jira_compat.events import vocabulary
from jira_compat.jira_error import MARK
from jira_compat.message.headers import declared_length
from jira_compat.message.links.links import Links
from jira_compat.message.target.target import Target
from jira_compat.model import Exchange, Finding, Request, Response
from jira_compat.plan import StepRefusedError
from jira_compat.policy.index import PolicySet
from jira_compat.proxy.exchange import flow as flows
from jira_compat.proxy.exchange.conversation import Conversation
from jira_compat.proxy.exchange.dialogue import Apart, Dialogue, Held
from jira_compat.proxy.exchange.error_answers import step_refused, step_too_large
from jira_compat.proxy.exchange.links import rewritten_body, write_links
from jira_compat.proxy.exchange.memory import Memory
from jira_compat.proxy.exchange.state import WAITING, Move, State, after
from jira_compat.proxy.exchange.written import RecentWrites
from jira_compat.proxy.held_bytes import Body
from jira_compat.proxy.settings.options import Settings
from jira_compat.proxy.settings.scope import Scope
from jira_compat.proxy.upstream import Upstream, steps_headers

METADATA = "jira_compat"
"""Key in ``flow.metadata``: the rules behind a flow, as ``POLICY/RULE`` strings."""


@dataclass(frozen=True, slots=True)
class ActivePolicy:
    """The policy for exchanges that begin now: swapped as a whole, kept by each exchange to its end."""

    settings: Settings
    rules: PolicySet
    scope: Scope

    def judge(self, request: Request, target: Target | None = None) -> Decision:
        """Decide under these rules; the target is read if it was not."""
        return decide(self.rules, request, max_body=self.settings.max_body, target=target)

    def edit_step(self, request: Request, of: str) -> tuple[Request, tuple[Finding, ...]]:
        """Edit what the plan of a rule sends."""
        return edit_step(self.rules, request, max_body=self.settings.max_body, of=of)

    def is_bound_for_jira(self, flow: http.HTTPFlow) -> bool:
        """All traffic of a reverse proxy; in forward mode what any name of its destination says."""
        return flows.is_reverse(flow) or self.scope.includes(flows.names_of_destination(flow))

    def rewrites_links(self, flow: http.HTTPFlow) -> bool:
        """Return whether links are rewritten: in reverse mode, and not in mode observe."""
        return self.settings.links and self.settings.run.mode == "enforce" and flows.is_reverse(flow)

    def is_large(self, message: http.Message) -> bool:
        """Return whether a body is declared longer than any that a rule reads."""
        return declared_length(message.headers.fields) > self.settings.max_body


@dataclass(frozen=True, slots=True)
class Means:
    """What translations share.

    Args:
        upstream: Sends their requests.
        memory: Keeps what they remember.
        writes: The issues that were written lately.
        held: The bytes that they hold.
        apart: Does work that takes long.
    """

    upstream: Upstream
    memory: Memory
    writes: RecentWrites
    held: Held
    apart: Apart


@dataclass(slots=True)
class LiveExchange:
    """An exchange in flight: as the client began it, what was decided, and where it is."""

    active: ActivePolicy
    facts: Exchange
    request_id: str
    target: Target
    """The request's target, read once."""
    decision: Decision
    links: Links | None = None
    """The addresses to rewrite in the response; ``None`` in forward mode, where clients name the site."""
    conversation: Conversation | None = None
    """Drives the plan that takes the request's place, once that has begun."""
    dialogue: Dialogue | None = None
    """Drives a plan of several requests, once that has begun."""
    body: Body = field(default_factory=Body)
    """The body of its that is held."""
    state: State = State.HEAD
    since: float = 0.0
    """The last time it began to wait for the upstream, by the monotonic clock."""

    def move(self, move: Move) -> None:
        """Come to the next state."""
        self.state = after(self.state, move)
        if self.state in WAITING:
            self.since = monotonic()

    @property
    def is_waiting(self) -> bool:
        """Return whether the upstream is waited for."""
        return self.state in WAITING

    @property
    def is_changed(self) -> bool:
        """Return whether another request than the client's went to Jira."""
        return self.decision.applied and not isinstance(self.decision, Answer)

    def act(self, flow: http.HTTPFlow, request: Request | None) -> None:
        """Do to the flow what was decided about ``request``; a plan begins in :meth:`converse`."""
        decision = self.decision
        if isinstance(decision, Answer):
            self.answer(flow, decision.response)
        elif isinstance(decision, Forward) and decision.applied and request is not None:
            flows.write_request(flow, request, decision.request)

    def answer(self, flow: http.HTTPFlow, response: Response) -> None:
        """Answer in the place of the upstream."""
        self.move(Move.ANSWER)
        flows.answer(flow, response, self.request_id)

    def converse(self, flow: http.HTTPFlow) -> None:
        """Begin the plan that was decided on."""
        decision = self.decision
        if isinstance(decision, Converse):
            edit = partial(self.active.edit_step, of=rule_of(decision))
            self.conversation = Conversation(decision.start.plan(mark(decision)), edit)
            try:
                request = self.conversation.send()
            except StepRefusedError as refused:
                self.conversation = None
                self.answer(flow, step_refused(refused))
                return
            flows.write_request(flow, self.facts.request, request)

    async def translate(self, flow: http.HTTPFlow, means: Means) -> Response:
        """Run the plan that was decided on, by requests of its own."""
        decision, request = self.decision, self.facts.request
        if not isinstance(decision, Converse):
            raise TypeError
        site, limits = flows.origin(flow), self.active.settings.translation

        async def send(step: Request, hold: Callable[[int], None]) -> Response:
            return await means.upstream.send(site, step, client=self.facts.client, hold=hold, seconds=limits.time)

        client, written = means.memory.client_of(site.url, request), means.writes.recent(site.url)
        headers = steps_headers(request.headers)
        edit = partial(self.active.edit_step, of=rule_of(decision))
        self.dialogue = Dialogue(
            send, edit, headers, means.memory, client, written, limits, everywhere=means.held, apart=means.apart
        )
        return await self.dialogue.run(decision.start.plan(mark(decision)))

    def settle(self, flow: http.HTTPFlow) -> None:
        """Answer what the plan returns."""
        if self.conversation is None or flow.response is None:
            return
        if (
            len(flow.response.raw_content or b"") > self.active.settings.max_body
        ):  # mitmdump held it, and we do not read it
            self.answer(flow, step_too_large(self.active.settings.max_body))
            return
        returned = self.conversation.receive(flows.to_response(flow.response))
        if returned is not None:
            self.answer(flow, returned)

    def refuse_step(self, flow: http.HTTPFlow) -> None:
        """Answer that the upstream's response is too large for the plan, and drop what comes of it."""
        too_large = step_too_large(self.active.settings.max_body)
        self.answer(flow, too_large)
        if flow.response is not None:
            flow.response.stream = _Instead(too_large.body or b"")

    def show(self, flow: http.HTTPFlow) -> None:
        """Show what was decided to a person who looks at the flow."""
        decision = self.decision
        if decision.findings and not isinstance(decision, Hold):
            flow.metadata[METADATA] = [f"{finding.policy}/{finding.rule}" for finding in decision.findings]
            flow.comment = vocabulary.summary(decision)
        if decision.applied:
            flow.marked = ":no_entry:" if isinstance(decision, Answer) else ":pencil2:"

    def mark(self, response: http.Response) -> None:
        """Say in the response which rules changed the request."""
        is_marked = self.dialogue is not None and MARK.decode() in response.headers  # by the plan, or by what failed
        if self.is_changed and not is_marked:
            flows.set_field(response, MARK, mark(self.decision).encode())

    def rewrite_links(self, flow: http.HTTPFlow) -> bool:
        """Make the links in the response's body the proxy's; false if it is too large to be read."""
        if flow.response is None or self.links is None:
            return True
        body = rewritten_body(flow.response, self.links, self.active.settings.max_body)
        write_links(flow.response, body)
        return body is not None

    def note_writes(self, flow: http.HTTPFlow, writes: RecentWrites) -> None:
        """Take note of issues that the exchange has written."""
        if self.target.segments[3:4] == ("issue",) and flow.response is not None:
            response = flow.response
            site = flows.origin(flow).url
            writes.note(site, flow.request.method, self.target.segments, response.status_code, response.raw_content)

    def event(self, flow: http.HTTPFlow) -> vocabulary.Event | None:
        """The event of the exchange; ``None`` when no rule had anything to say."""
        if not self.decision.findings:
            return None
        response = None if flow.response is None else flows.to_response(flow.response)
        event = vocabulary.rule_event(self.decision, replace(self.facts, response=response), self.target)
        if event is not None:
            event["request_id"] = self.request_id
            if self.dialogue is not None and isinstance(self.decision, Converse):
                name = self.decision.start.translation or ""
                event |= vocabulary.translation_facts(name, self.dialogue.statuses, self.dialogue.notes)
        return event


class _Instead:
    """Streams this content in the place of the upstream's: with the first chunk, and nothing with the others."""

    def __init__(self, content: bytes) -> None:
        self._chunks = [content]

    def __call__(self, _: bytes) -> list[bytes]:
        chunks, self._chunks = self._chunks, []
        return chunks
