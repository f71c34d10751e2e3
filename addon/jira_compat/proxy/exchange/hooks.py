"""The life of an exchange: begun at its headers, judged, acted upon, and written down at its end."""

import asyncio
import os
from collections.abc import Awaitable, Coroutine
from dataclasses import replace
from functools import partial
from time import perf_counter
from typing import Any
from weakref import WeakKeyDictionary

from mitmproxy import http
from mitmproxy.connection import Client

from jira_compat.decide import turn_away
from jira_compat.decision import Answer, Converse, Decision, Forward, Hold
from jira_compat.events import vocabulary
from jira_compat.events.inventory import RequestInventory
from jira_compat.events.log import EventLog
from jira_compat.message.headers import authority, declared_length
from jira_compat.message.links.links import Links
from jira_compat.message.target.target import Target, read_target
from jira_compat.model import Request
from jira_compat.policy.index import PolicySet
from jira_compat.proxy.exchange import flow as flows
from jira_compat.proxy.exchange.counters import Counts
from jira_compat.proxy.exchange.dialogue import Held
from jira_compat.proxy.exchange.error_answers import STEP_TOO_LARGE, broken_exchange, malformed_request, step_too_large
from jira_compat.proxy.exchange.exchange import ActivePolicy, LiveExchange, Means
from jira_compat.proxy.exchange.fail_closed import FAILURES, FailedExchanges, fails_closed
from jira_compat.proxy.exchange.links import (
    links_of,
    may_hold_links,
    rewrite_request_headers,
    rewrite_response_headers,
    rewritten_body,
    write_links,
)
from jira_compat.proxy.exchange.memory import Memory
from jira_compat.proxy.exchange.state import Move, State
from jira_compat.proxy.exchange.written import WRITES, RecentWrites
from jira_compat.proxy.held_bytes import HeldBytes
from jira_compat.proxy.offload import Busy, Offload
from jira_compat.proxy.settings.client_address import Network
from jira_compat.proxy.settings.limits import Limits
from jira_compat.proxy.settings.options import IDENTITY_KEY, Settings
from jira_compat.proxy.settings.scope import Scope
from jira_compat.proxy.upstream import Upstream

LARGEST = 100_000_000
"""Bytes of a translated answer in which links are rewritten; what the driver may hold."""
_WITHOUT_CONTENT = frozenset({204, 304})


class ExchangeHooks:
    """Judges every request that is bound for Jira, and writes at most one event for each."""

    def __init__(self) -> None:
        self.active: ActivePolicy | None = None
        self.log: EventLog | None = None
        self.counts = Counts()
        self.seen: RequestInventory | None = None
        """Counts the requests that no rule names, if they are counted."""
        self.is_watched = True
        """True if a person may look at flows, as in mitmproxy's tools: then bodies are held, and decisions shown."""
        self.timed_out: WeakKeyDictionary[http.HTTPFlow, float] = WeakKeyDictionary()
        """Exchanges that were ended because the upstream did not answer, and the seconds that were waited."""
        self.called: WeakKeyDictionary[http.Request, str | None] = WeakKeyDictionary()
        """The Host that a client sent, where it is known: mitmproxy has put the upstream's name in its place."""
        self.upstream: Upstream | None = None
        """Sends the requests of plans; there once the proxy runs."""
        self.memory = Memory()
        self.writes = RecentWrites()
        self.held = Held()
        self.offload = Offload()
        self.bodies = HeldBytes(Limits().max_held)
        self._running: WeakKeyDictionary[http.HTTPFlow, asyncio.Future[Any]] = WeakKeyDictionary()
        self._failing = FailedExchanges(self.counts, self.write)
        self._open: WeakKeyDictionary[http.HTTPFlow, LiveExchange] = WeakKeyDictionary()
        self._key = os.environ.get(IDENTITY_KEY, "").encode() or os.urandom(32)

    def activate(self, active: ActivePolicy) -> None:
        """Judge by this from the next exchange on; ``observe`` is pure, so there a failure of ours forwards."""
        self.active = active
        limits = active.settings.translation
        self.memory.most, self.memory.age = limits.cache, limits.age
        self._failing.is_open = active.settings.fail_open or active.settings.run.mode == "observe"

    def judge_by(self, settings: Settings, rules: PolicySet) -> None:
        """Judge by these settings and rules from the next exchange on."""
        self.activate(ActivePolicy(settings, rules, Scope(settings.hosts)))

    def write(self, event: vocabulary.Event) -> None:
        """Write an event, if events are written at all."""
        if self.log is not None:
            self.log.write(event)

    @fails_closed
    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """Decide as far as that is possible without the body."""
        if flow.response is not None or flow.error is not None:
            return
        active = self._current()
        flows.pass_on(flow.request)
        if not active.is_bound_for_jira(flow):
            flow.request.stream = not self.is_watched
            return
        if not flows.is_well_formed(flow.request):
            flows.answer(flow, malformed_request(), flows.own_request_id(flow))
            return
        self.counts.requests += 1
        flows.to_origin_form(flow)
        settings = active.settings
        facts = flows.to_exchange(flow, settings.identity, self._key, trusted=settings.trusted_proxies)
        request_id = vocabulary.client_request_id(facts.request.headers) or flows.own_request_id(flow)
        target = read_target(facts.request.target)
        decision = self._judge(active, facts.request, target)
        exchange = LiveExchange(active, facts, request_id, target, decision)
        self._open[flow] = exchange
        if active.rewrites_links(flow):
            exchange.links = links_of(flow, self.called.get(flow.request), settings.site_urls)
            rewrite_request_headers(flow, exchange.links)
        if isinstance(exchange.decision, Converse):
            exchange.move(Move.DISCARD)
            return
        self._act(flow, exchange, facts.request)
        if isinstance(exchange.decision, Answer):
            return
        streams = isinstance(exchange.decision, Forward) and (not self.is_watched or active.is_large(flow.request))
        flow.request.stream = streams
        exchange.move(Move.STREAM if streams else Move.HOLD)

    @fails_closed
    def request(self, flow: http.HTTPFlow) -> Awaitable[None] | None:
        """Decide what needed the body, which is here now."""
        flow.request.trailers = None  # they were not judged, and mitmproxy cannot write them to HTTP/1
        if flow not in self._open:
            self.requestheaders(flow)  # begun before we were here, as when mitmproxy reloads the script
        exchange = self._open.get(flow)
        if exchange is None or flow.response is not None:
            return None
        exchange.move(Move.REQUEST_ENDED)
        flows.frame(flow.request)
        if not isinstance(exchange.decision, Hold):
            return self._begin_plan(flow, exchange)
        if flows.is_heavy(flow.request):
            return self._judge_apart(flow)
        request = flows.to_request(flow.request, with_body=True)
        exchange.decision = self._judge(exchange.active, request, exchange.target)
        self._act(flow, exchange, request)
        return self._begin_plan(flow, exchange)

    async def _judge_apart(self, flow: http.HTTPFlow) -> None:
        """Decide about a body that takes a while to read, in a thread."""
        exchange = self._open[flow]
        exchange.move(Move.CHECK)
        request = flows.to_request(flow.request, with_body=True)
        active, target, began = exchange.active, exchange.target, perf_counter()
        try:
            work = self.offload.run(exchange.facts.client, lambda: active.judge(request, target))
            exchange.decision = await self._while_here(flow, work)
            self.counts.decided(perf_counter() - began)
        except Busy:
            if isinstance(exchange.decision, Hold):
                exchange.decision = turn_away(exchange.decision)
        exchange.move(Move.CHECKED)
        self._act(flow, exchange, request)
        plan = self._begin_plan(flow, exchange)
        if plan is not None:
            await plan

    def _begin_plan(self, flow: http.HTTPFlow, exchange: LiveExchange) -> Awaitable[None] | None:
        if not isinstance(exchange.decision, Converse):
            return None
        self._show(flow, exchange)
        if exchange.decision.start.translation is not None:
            return self._translate(flow)
        exchange.converse(flow)
        rewrite_request_headers(flow, exchange.links)
        return None

    async def _translate(self, flow: http.HTTPFlow) -> None:
        """Run a plan that sends requests of its own, and answer what it returns."""
        exchange, upstream = self._open[flow], self.upstream
        if upstream is None:
            raise RuntimeError
        exchange.move(Move.CONVERSE)
        apart = partial(self.offload.run, exchange.facts.client)
        plan = exchange.translate(flow, Means(upstream, self.memory, self.writes, self.held, apart))
        try:
            answer = await self._while_here(flow, plan)
        finally:
            self._count_translation(exchange)
        exchange.answer(flow, answer)
        if exchange.links is not None and flow.response is not None:
            rewrite_response_headers(flow.response, exchange.links)
            if not await self._rewrite_links(flow, exchange, LARGEST):
                self._write_links_left(exchange)

    def _count_translation(self, exchange: LiveExchange) -> None:
        dialogue, decision = exchange.dialogue, exchange.decision
        if dialogue is not None and isinstance(decision, Converse):
            name = decision.start.translation or ""
            self.counts.translated(name, len(dialogue.statuses), dialogue.failure, dialogue.cursors)

    async def _while_here[Result](self, flow: http.HTTPFlow, work: Coroutine[None, None, Result]) -> Result:
        """Wait for something, unless the client leaves."""
        running: asyncio.Future[Result] = asyncio.ensure_future(work)
        self._running[flow] = running
        try:
            return await running
        finally:
            self._running.pop(flow, None)

    def client_gone(self, client: Client) -> None:
        """Cancel what a client waits for that closed its connection."""
        for flow in [flow for flow in self._running if flow.client_conn is client]:
            self.left(flow)

    def left(self, flow: http.HTTPFlow) -> None:
        """Cancel what an exchange still waits for: its client gave it up."""
        running = self._running.get(flow)
        if running is not None:
            running.cancel()

    @fails_closed
    def responseheaders(self, flow: http.HTTPFlow) -> None:
        """Mark the response to a request that a rule changed, and hold it if it must be read."""
        exchange, response = self._open.get(flow), flow.response
        if response is None:
            return
        is_ours = response.raw_content is not None
        if not is_ours:
            flows.pass_on(response)
            response.stream = not self.is_watched or self._current().is_large(response)
        if exchange is None:
            return
        exchange.mark(response)
        if exchange.conversation is not None:
            response.stream = False
            exchange.move(Move.STEP_ANSWERED)
            if self.is_watched and response.status_code not in _WITHOUT_CONTENT and exchange.active.is_large(response):
                exchange.refuse_step(flow)  # `serve` cuts it off when it comes: step_overflow
        elif exchange.links is None or is_ours:
            exchange.move(Move.RESPONSE_BEGAN)
        else:
            self._begin_response(flow, response, exchange.links)

    def _begin_response(self, flow: http.HTTPFlow, response: http.Response, links: Links) -> None:
        exchange = self._open[flow]
        rewrite_response_headers(response, links)
        if not may_hold_links(flow):
            exchange.move(Move.RESPONSE_BEGAN)
            return
        exchange.move(Move.LINKS_SOUGHT)
        if exchange.active.is_large(response):
            self._leave_links(exchange)
        else:
            response.stream = False

    @fails_closed
    def response(self, flow: http.HTTPFlow) -> Awaitable[None] | None:
        """Settle a plan, rewrite links, and write the exchange down."""
        exchange = self._open.get(flow)
        if flow.response is not None:
            flow.response.trailers = None  # as in the request
        if exchange is None:
            return None
        if exchange.facts.request.method in WRITES:
            exchange.note_writes(flow, self.writes)
        if exchange.state is State.HOLDING_STEP:
            exchange.settle(flow)
        elif exchange.state is State.HOLDING_LINKS and flow.response is not None:
            if flows.is_heavy(flow.response):
                return self._rewrite_links_apart(flow)
            if not exchange.rewrite_links(flow):
                self._leave_links(exchange)
        self._end(flow, exchange)
        return None

    async def _rewrite_links_apart(self, flow: http.HTTPFlow) -> None:
        """Rewrite the links of a large response, in a thread."""
        exchange = self._open[flow]
        if not await self._rewrite_links(flow, exchange, exchange.active.settings.max_body):
            self._leave_links(exchange)
        self._end(flow, exchange)

    async def _rewrite_links(self, flow: http.HTTPFlow, exchange: LiveExchange, limit: int) -> bool:
        """Return whether the links of the response were rewritten; if not, it is too large or too much else waits."""
        response, links = flow.response, exchange.links
        if response is None or links is None:
            return True
        work = self.offload.run(exchange.facts.client, lambda: rewritten_body(response, links, limit))
        try:
            body = await self._while_here(flow, work)
        except Busy:
            return False
        write_links(response, body)
        return body is not None

    @fails_closed
    def error(self, flow: http.HTTPFlow) -> None:
        """Write an exchange down that broke off."""
        exchange = self._open.get(flow)
        if exchange is not None:
            self._end(flow, exchange)

    def client_left(self, flow: http.HTTPFlow) -> None:
        """Write an exchange down whose client left while a hook waited."""
        self.error(flow)

    def end(self) -> None:
        """Write down what is answered or was sent: what judges in our place knows nothing of it."""
        for flow, exchange in list(self._open.items()):
            if flow.response is not None or exchange.is_waiting:
                self.error(flow)

    def needs_body(self, flow: http.HTTPFlow) -> bool:
        """Return whether the request's own body is forwarded or read: not if another request is sent in its place."""
        exchange = self._open.get(flow)
        return exchange is None or exchange.state is not State.DISCARDING_BODY

    def connected(self, flow: http.HTTPFlow) -> None:
        """The upstream is connected for a body that is streamed to it: how long that takes is up to the client."""
        exchange = self._open.get(flow)
        if exchange is not None:
            exchange.move(Move.CONNECTED)

    def overflow(self, flow: http.HTTPFlow, length: int) -> bool:
        """Return whether a request body is too long to hold; answer a flow that must not be forwarded."""
        exchange = self._open.get(flow)
        if exchange is None or length <= exchange.active.settings.max_body:
            return False
        try:
            known = (b"Content-Length", str(length).encode())  # it has none, being chunked or HTTP/2
            request = replace(exchange.facts.request, headers=(known, *exchange.facts.request.headers))
            exchange.decision = self._judge(exchange.active, request, exchange.target)
            self._act(flow, exchange, request)
            if exchange.state is State.HOLDING_BODY:
                exchange.move(Move.STREAM)
            self.bodies.release(exchange.body)
        except FAILURES as error:
            self.fail(flow, error, "overflow")
        return True

    def has_room(self, flow: http.HTTPFlow, length: int) -> bool:
        """Return whether a request body of so many bytes may be held; if not, it waits for room."""
        exchange = self._open.get(flow)
        if exchange is None or exchange.state is not State.HOLDING_BODY:
            return True
        return self.bodies.grow(exchange.body, length, self._expected(exchange, flow.request))

    def turn_away(self, flow: http.HTTPFlow, *, at_once: bool) -> bool:
        """Answer 503, or forward where rules only observe, what waits in vain; false if it may wait on.

        Args:
            flow: Its body has no room.
            at_once: Only if more waits than may wait at all.
        """
        exchange = self._open.get(flow)
        if exchange is None or not isinstance(exchange.decision, Hold) or (at_once and not self.bodies.is_overrun):
            return False
        try:
            exchange.decision = turn_away(exchange.decision)
            self._act(flow, exchange, exchange.decision.request if isinstance(exchange.decision, Forward) else None)
            if exchange.state is State.HOLDING_BODY:
                exchange.move(Move.STREAM)
            self.bodies.release(exchange.body)
        except FAILURES as error:
            self.fail(flow, error, "turn_away")
        return True

    @staticmethod
    def _expected(exchange: LiveExchange, message: http.Message) -> int:
        """The bytes that a body may become that is held."""
        most = exchange.active.settings.max_body
        return min(declared_length(message.headers.fields) or most, most)

    def response_overflow(self, flow: http.HTTPFlow, length: int) -> bool:
        """Return whether a response of at least this length must not be held for its links any longer."""
        exchange = self._open.get(flow)
        if exchange is None or exchange.state is not State.HOLDING_LINKS or flow.response is None:
            return False
        fits = length <= exchange.active.settings.max_body
        if fits and self.bodies.grow(exchange.body, length, self._expected(exchange, flow.response)):
            return False
        self._leave_links(exchange)
        self.bodies.release(exchange.body)
        return True

    def step_overflow(self, flow: http.HTTPFlow, length: int) -> bool:
        """Return whether a response is too long, or is declared too long, to hold for a plan."""
        exchange = self._open.get(flow)
        if exchange is None or exchange.state is not State.HOLDING_STEP or flow.response is None:
            return False
        return length > exchange.active.settings.max_body or exchange.active.is_large(flow.response)

    @property
    def in_flight(self) -> int:
        """Exchanges that have begun and not ended."""
        return len(self._open)

    def trusted(self) -> tuple[Network, ...]:
        """Return the balancers whose word for a client's address is taken."""
        return () if self.active is None else self.active.settings.trusted_proxies

    def overdue(self, since: float) -> list[http.HTTPFlow]:
        """Exchanges whose upstream has been waited for since before that time."""
        return [flow for flow, exchange in self._open.items() if exchange.is_waiting and exchange.since < since]

    def flooded(self) -> None:
        """Count a connection that ended because of a flood of HTTP/2 frames."""
        self.counts.floods += 1

    def error_response(self, flow: http.HTTPFlow, status: int, message: str) -> http.Response:
        """The answer to a client whose exchange broke off."""
        exchange, request = self._open.get(flow), flow.request
        if exchange is not None and message == STEP_TOO_LARGE:
            response = step_too_large(exchange.active.settings.max_body)
        else:
            timeout = self.timed_out.pop(flow, None)
            response = broken_exchange(authority(request.host, request.port), status, message, timeout)
        return flows.answer(flow, response, exchange.request_id if exchange is not None else flows.own_request_id(flow))

    def has_failed(self, flow: http.HTTPFlow) -> bool:
        """Return whether we failed on it before."""
        return self._failing.holds(flow)

    def fail(self, flow: http.HTTPFlow, error: BaseException, stage: str, *, goes_on: bool = True) -> None:
        """Nothing that we failed on is forwarded, unless that was asked for, and unless it can.

        Args:
            flow: Its exchange.
            error: What was raised.
            stage: Where: the hook's name.
            goes_on: Whether the exchange can be forwarded at all.
        """
        exchange = self._open.pop(flow, None)
        if exchange is not None:
            self.bodies.release(exchange.body)
        goes_on = goes_on and (exchange is None or exchange.state is not State.CONVERSING)  # a plan may have begun
        if exchange is not None and exchange.dialogue is not None and exchange.dialogue.step:
            stage = f"{stage}, {exchange.dialogue.step}"
        self._failing.take(flow, exchange, error, stage, goes_on=goes_on)

    def _judge(self, active: ActivePolicy, request: Request, target: Target) -> Decision:
        began = perf_counter()
        decision = active.judge(request, target)
        self.counts.decided(perf_counter() - began)
        return decision

    def _act(self, flow: http.HTTPFlow, exchange: LiveExchange, request: Request | None) -> None:
        exchange.act(flow, request)
        self._show(flow, exchange)

    def _show(self, flow: http.HTTPFlow, exchange: LiveExchange) -> None:
        if self.is_watched:
            exchange.show(flow)

    def _current(self) -> ActivePolicy:
        if self.active is None:
            raise RuntimeError
        return self.active

    def _leave_links(self, exchange: LiveExchange) -> None:
        exchange.move(Move.LINKS_LEFT)
        self._write_links_left(exchange)

    def _write_links_left(self, exchange: LiveExchange) -> None:
        self.write({**vocabulary.links_left_event(exchange.facts), "request_id": exchange.request_id})

    def _end(self, flow: http.HTTPFlow, exchange: LiveExchange) -> None:
        exchange.move(Move.END)
        del self._open[flow]
        self.bodies.release(exchange.body)
        self.counts.ended(exchange.decision)
        event = exchange.event(flow)
        if event is not None:
            self.write(event)
        elif self.seen is not None:
            status = None if flow.response is None else flow.response.status_code
            self.seen.add(exchange.facts, status, exchange.active.rules, exchange.target)
