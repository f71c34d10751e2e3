"""The life of an exchange: begun at its headers, judged, acted upon, and written down at its end."""

import os
from dataclasses import replace
from time import monotonic, perf_counter
from weakref import WeakKeyDictionary

from mitmproxy import http

from jira_compat.decision import Converse, Decision, Forward, Hold
from jira_compat.events import vocabulary as events
from jira_compat.events.inventory import RequestInventory
from jira_compat.events.log import EventLog
from jira_compat.model import Request
from jira_compat.policy.index import PolicySet
from jira_compat.proxy.exchange import flow as mitm
from jira_compat.proxy.exchange.counters import Counts
from jira_compat.proxy.exchange.error_answers import broken_exchange, malformed_request
from jira_compat.proxy.exchange.exchange import ActivePolicy, LiveExchange
from jira_compat.proxy.exchange.fail_closed import FAILURES, Failing, fails_closed
from jira_compat.proxy.exchange.links import links_of, may_hold_links, turn_back, turn_headers
from jira_compat.proxy.settings.options import IDENTITY_KEY, Settings
from jira_compat.proxy.settings.scope import Scope


class ExchangeHooks:
    """Judges every request that is bound for Jira, and writes at most one event for each."""

    def __init__(self) -> None:
        self.active: ActivePolicy | None = None
        self.log: EventLog | None = None
        self.counts = Counts()
        self.seen: RequestInventory | None = None
        """Counts the requests that no rule names, if they are counted."""
        self.is_watched = True
        """Whether a person may look at flows, as in mitmproxy's tools: then bodies are held, and decisions shown."""
        self.timed_out: WeakKeyDictionary[http.HTTPFlow, float] = WeakKeyDictionary()
        """Exchanges that were ended because the upstream did not answer, and the seconds that were waited."""
        self.called: WeakKeyDictionary[http.Request, str | None] = WeakKeyDictionary()
        """What requests call us in Host, where it is known: mitmproxy has put the upstream's name in its place."""
        self._failing = Failing(self.counts, self.write)
        self._open: WeakKeyDictionary[http.HTTPFlow, LiveExchange] = WeakKeyDictionary()
        self._key = os.environ.get(IDENTITY_KEY, "").encode() or os.urandom(32)

    def activate(self, active: ActivePolicy) -> None:
        """Judge by this from the next exchange on; ``observe`` is pure, so there a failure of ours forwards."""
        self.active = active
        self._failing.is_open = active.settings.fail_open or active.settings.run.mode == "observe"

    def judge_by(self, settings: Settings, rules: PolicySet) -> None:
        """The same, made of settings and rules."""
        self.activate(ActivePolicy(settings, rules, Scope(settings.hosts)))

    def write(self, event: events.Event) -> None:
        """Write an event, if events are written at all."""
        if self.log is not None:
            self.log.write(event)

    @fails_closed
    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """Decide as far as that is possible without the body."""
        if flow.response is not None or flow.error is not None:
            return
        active = self._current()
        mitm.pass_on(flow.request)
        if not active.is_bound_for_jira(flow):
            flow.request.stream = not self.is_watched
            return
        if not mitm.is_well_formed(flow.request):
            mitm.answer(flow, malformed_request(), mitm.own_request_id(flow))
            return
        self.counts.requests += 1
        mitm.to_origin_form(flow)
        chosen = active.settings
        exchange = mitm.to_exchange(flow, chosen.identity, self._key, trusted=chosen.trusted_proxies)
        request_id = events.client_request_id(exchange.request.headers) or mitm.own_request_id(flow)
        decision = self._judge(active, exchange.request)
        opened = self._open[flow] = LiveExchange(active, exchange, request_id, decision)
        if active.turns_links(flow):
            opened.links = links_of(flow, self.called.get(flow.request), active.settings.site_urls)
            turn_back(flow, opened.links)
        if isinstance(decision, Converse):
            return
        self._act(flow, opened, exchange.request)
        if isinstance(decision, Forward):
            flow.request.stream = not self.is_watched or active.is_large(flow.request)
            opened.sent = monotonic() if flow.request.stream else None

    @fails_closed
    def request(self, flow: http.HTTPFlow) -> None:
        """Decide what needed the body, which is here now."""
        flow.request.trailers = None  # nobody judged them, and HTTP/1 has no way for mitmproxy to write them
        if flow not in self._open:
            self.requestheaders(flow)  # begun before we were here, as when mitmproxy reloads the script
        opened = self._open.get(flow)
        if opened is None or flow.response is not None:
            return
        opened.sent = monotonic()
        mitm.frame(flow.request)
        if isinstance(opened.decision, Hold):
            request = mitm.to_request(flow.request, with_body=True)
            opened.decision = self._judge(opened.active, request)
            self._act(flow, opened, request)
        elif isinstance(opened.decision, Converse):
            self._act(flow, opened, opened.exchange.request)
            turn_back(flow, opened.links)

    @fails_closed
    def responseheaders(self, flow: http.HTTPFlow) -> None:
        """Mark the answer to a request that a rule changed."""
        opened, response = self._open.get(flow), flow.response
        if response is None:
            return
        if response.raw_content is None:
            mitm.pass_on(response)
        if opened is not None:
            opened.sent = None
            opened.mark(response)
            if isinstance(opened.decision, Converse):
                return
        if response.raw_content is not None:
            return  # it is ours
        large = self._current().is_large(response)
        if opened is not None and opened.links is not None:
            turn_headers(response, opened.links)
            opened.seeks_links = may_hold_links(flow)
            if opened.seeks_links and large:
                self._leave_links(opened)
        response.stream = not (opened is not None and opened.seeks_links) and (not self.is_watched or large)

    @fails_closed
    def response(self, flow: http.HTTPFlow) -> None:
        """Settle a replaced request, and write the exchange down."""
        opened = self._open.get(flow)
        if flow.response is not None:
            flow.response.trailers = None  # as in the request
        if opened is None:
            return
        opened.settle(flow)
        if opened.seeks_links and not opened.turn_body(flow):
            self._leave_links(opened)
        self._end(flow, opened)

    @fails_closed
    def error(self, flow: http.HTTPFlow) -> None:
        """Write an exchange down that broke off."""
        opened = self._open.get(flow)
        if opened is not None:
            self._end(flow, opened)

    def end(self) -> None:
        """Write down what is answered or has gone on: whoever judges in our place knows nothing of it."""
        for flow, opened in list(self._open.items()):
            if flow.response is not None or opened.sent is not None:
                self.error(flow)

    def needs_body(self, flow: http.HTTPFlow) -> bool:
        """Whether the request's own body goes on, or is looked at: not if another request goes in its place."""
        opened = self._open.get(flow)
        return opened is None or not isinstance(opened.decision, Converse)

    def connected(self, flow: http.HTTPFlow) -> None:
        """The upstream is there for a body that is streamed to it: how long that takes is up to the client."""
        opened = self._open.get(flow)
        if opened is not None:
            opened.sent = None

    def overflow(self, flow: http.HTTPFlow, length: int) -> bool:
        """Whether a request body of at least this length must not be held; answers a flow that must not go on."""
        opened = self._open.get(flow)
        if opened is None or length <= opened.active.settings.max_body:
            return False
        try:
            known = (b"Content-Length", str(length).encode())  # it has none, being chunked or HTTP/2
            request = replace(opened.exchange.request, headers=(known, *opened.exchange.request.headers))
            opened.decision = self._judge(opened.active, request)
            self._act(flow, opened, request)
        except FAILURES as error:
            self.fail(flow, error, "overflow")
        return True

    def answer_overflow(self, flow: http.HTTPFlow, length: int) -> bool:
        """Whether an answer of at least this length must not be held for its links any longer."""
        opened = self._open.get(flow)
        if opened is None or not opened.seeks_links or length <= opened.active.settings.max_body:
            return False
        self._leave_links(opened)
        return True

    @property
    def in_flight(self) -> int:
        """Exchanges that have begun and not ended."""
        return len(self._open)

    def overdue(self, since: float) -> list[http.HTTPFlow]:
        """Exchanges whose answer has been awaited since before that time."""
        return [flow for flow, opened in self._open.items() if opened.sent is not None and opened.sent < since]

    def error_response(self, flow: http.HTTPFlow, status: int, message: str) -> http.Response:
        """The answer to a client whose exchange broke off."""
        opened, request = self._open.get(flow), flow.request
        timeout = self.timed_out.pop(flow, None)
        told = broken_exchange(f"{request.host}:{request.port}", status, message, timeout)
        return mitm.answer(flow, told, opened.request_id if opened is not None else mitm.own_request_id(flow))

    def has_failed(self, flow: http.HTTPFlow) -> bool:
        """Whether we failed on it before."""
        return self._failing.holds(flow)

    def fail(self, flow: http.HTTPFlow, error: BaseException, stage: str, *, goes_on: bool = True) -> None:
        """Nothing that we failed on is forwarded, unless that was asked for, and unless it can.

        Args:
            flow: Its exchange.
            error: What was raised.
            stage: Where: the hook's name.
            goes_on: Whether the exchange can be forwarded at all.
        """
        self._failing.take(flow, self._open.pop(flow, None), error, stage, goes_on=goes_on)

    def _judge(self, active: ActivePolicy, request: Request) -> Decision:
        began = perf_counter()
        decision = active.judge(request)
        self.counts.decided(perf_counter() - began)
        return decision

    def _act(self, flow: http.HTTPFlow, opened: LiveExchange, request: Request) -> None:
        opened.act(flow, request)
        if self.is_watched:
            opened.show(flow)

    def _current(self) -> ActivePolicy:
        if self.active is None:
            raise RuntimeError
        return self.active

    def _leave_links(self, opened: LiveExchange) -> None:
        opened.seeks_links = False
        self.write({**events.links_left_event(opened.exchange), "request_id": opened.request_id})

    def _end(self, flow: http.HTTPFlow, opened: LiveExchange) -> None:
        del self._open[flow]
        self.counts.ended(opened.decision)
        event = opened.event(flow)
        if event is not None:
            self.write(event)
        elif self.seen is not None:
            status = None if flow.response is None else flow.response.status_code
            self.seen.add(opened.exchange, status, opened.active.rules)
