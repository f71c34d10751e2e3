"""The life of an exchange: begun at its headers, judged, acted upon, and written down at its end."""

import functools
import logging
import os
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

from mitmproxy import http

from jira_compat import events
from jira_compat.actions.answer import MARK, error_answer
from jira_compat.decide import Decision, decide, settle
from jira_compat.log import EventLog
from jira_compat.model import Exchange, Request
from jira_compat.policy.index import PolicySet
from jira_compat.proxy import mitm
from jira_compat.proxy.options import Settings
from jira_compat.proxy.scope import Scope

logger = logging.getLogger(__name__)

METADATA = "jira_compat"
"""Key in ``flow.metadata``: the rules behind a flow, as ``POLICY/RULE`` strings."""
IDENTITY_KEY = "JIRA_COMPAT_IDENTITY_KEY"
"""Environment variable: the key under which user names are hashed; a random one for each run where unset."""


@dataclass(frozen=True, slots=True)
class InForce:
    """What exchanges that begin now are judged by: swapped as a whole, kept by each exchange to its end."""

    settings: Settings
    rules: PolicySet
    scope: Scope


@dataclass(slots=True)
class _Open:
    """An exchange under way: as the client began it, and what was decided."""

    in_force: InForce
    exchange: Exchange
    request_id: str
    decision: Decision


Hook = Callable[["Traffic", http.HTTPFlow], None]


def _fails_closed(hook: Hook) -> Hook:
    """The one broad ``except``: mitmproxy would log the exception and forward the request as it is."""

    @functools.wraps(hook)
    def guarded(traffic: "Traffic", flow: http.HTTPFlow) -> None:
        try:
            hook(traffic, flow)
        except Exception as error:  # noqa: BLE001 - answered 502 instead
            traffic.fail(flow, error, hook.__name__)

    return guarded


class Traffic:
    """Judges every request that is bound for Jira, and writes at most one event for each."""

    def __init__(self) -> None:
        self.in_force: InForce | None = None
        self.log: EventLog | None = None
        self.fails_open = False
        self.failures = 0
        self._open: WeakKeyDictionary[http.HTTPFlow, _Open] = WeakKeyDictionary()
        self._key = os.environ.get(IDENTITY_KEY, "").encode() or os.urandom(32)

    def put_in_force(self, in_force: InForce) -> None:
        """Judge by this from the next exchange on; ``observe`` is pure, so there a failure of ours forwards."""
        self.in_force = in_force
        self.fails_open = in_force.settings.fail_open or in_force.settings.run.mode == "observe"

    def write(self, event: events.Event) -> None:
        """Write an event, if events are written at all."""
        if self.log is not None:
            self.log.write(event)

    @_fails_closed
    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """Decide as far as that is possible without the body."""
        in_force = self._current()
        if flow.response is not None or not _is_bound_for_jira(flow, in_force.scope):
            return
        mitm.to_origin_form(flow)
        exchange = mitm.to_exchange(flow, in_force.settings.identity, self._key)
        request_id = events.client_request_id(exchange.request.headers) or uuid.uuid4().hex
        decision = decide(in_force.rules, exchange.request, max_body=in_force.settings.max_body)
        opened = self._open[flow] = _Open(in_force, exchange, request_id, decision)
        if decision.replaced is None:
            _act(flow, opened, exchange.request)

    @_fails_closed
    def request(self, flow: http.HTTPFlow) -> None:
        """Decide what needed the body, which is here now."""
        opened = self._open.get(flow)
        if opened is None or flow.response is not None:
            return
        mitm.frame(flow.request)
        if opened.decision.needs_body:
            request = mitm.to_request(flow.request, with_body=True)
            opened.decision = decide(opened.in_force.rules, request, max_body=opened.in_force.settings.max_body)
            _act(flow, opened, request)
        elif opened.decision.replaced is not None:
            _act(flow, opened, opened.exchange.request)

    @_fails_closed
    def responseheaders(self, flow: http.HTTPFlow) -> None:
        """Mark the answer to a request that a rule changed."""
        opened = self._open.get(flow)
        if opened is not None and flow.response is not None and _is_changed(opened.decision):
            flow.response.headers[MARK.decode()] = opened.decision.mark

    @_fails_closed
    def response(self, flow: http.HTTPFlow) -> None:
        """Settle a replaced request, and write the exchange down."""
        opened = self._open.get(flow)
        if opened is None:
            return
        if flow.response is not None and _is_changed(opened.decision):
            settled = settle(opened.decision, mitm.to_response(flow.response))
            if settled is not None:
                mitm.answer(flow, settled, opened.request_id)
        self._end(flow, opened)

    @_fails_closed
    def error(self, flow: http.HTTPFlow) -> None:
        """Write an exchange down that broke off."""
        opened = self._open.get(flow)
        if opened is not None:
            self._end(flow, opened)

    def fail(self, flow: http.HTTPFlow, error: Exception, stage: str) -> None:
        """Nothing that we failed on is forwarded, unless that was asked for."""
        self.failures += 1
        opened = self._open.pop(flow, None)
        forwarded = self.fails_open
        request_id = opened.request_id if opened is not None else uuid.uuid4().hex
        if not forwarded:
            text = "The proxy failed on this request and did not pass it on; its event log names the reason."
            mitm.answer(flow, error_answer(502, text, "error/rewrite_failed"), request_id)
        fate = "forwarded unedited" if forwarded else "answered 502"
        logger.error("jira-compat: %s in %s; the request was %s", type(error).__name__, stage, fate)
        exchange = opened.exchange if opened is not None else _NOTHING_KNOWN
        self.write({**events.failure_event(exchange, error, stage, forwarded=forwarded), "request_id": request_id})

    def _current(self) -> InForce:
        if self.in_force is None:
            raise RuntimeError
        return self.in_force

    def _end(self, flow: http.HTTPFlow, opened: _Open) -> None:
        del self._open[flow]
        answered = None if flow.response is None else mitm.to_response(flow.response)
        exchange = replace(opened.exchange, response=answered)
        event = events.rule_event(opened.decision, exchange)
        if event is not None:
            self.write({**event, "request_id": opened.request_id})


_NOTHING_KNOWN = Exchange(Request("", b""))


def _is_bound_for_jira(flow: http.HTTPFlow, scope: Scope) -> bool:
    return mitm.is_reverse(flow) or scope.includes(mitm.names_of_destination(flow))


def _is_changed(decision: Decision) -> bool:
    """Whether another request than the client's went to Jira."""
    return decision.applied and decision.response is None


def _act(flow: http.HTTPFlow, opened: _Open, request: Request) -> None:
    """Do to the flow what was decided about ``request``, and show it to whoever looks at the flow."""
    decision = opened.decision
    if decision.findings and not decision.needs_body:
        flow.metadata[METADATA] = [f"{finding.policy}/{finding.rule}" for finding in decision.findings]
        flow.comment = events.summary(decision)
    if not decision.applied:
        return
    if decision.response is not None:
        flow.marked = ":no_entry:"
        mitm.answer(flow, decision.response, opened.request_id)
    else:
        flow.marked = ":pencil2:"
        mitm.write_request(flow, request, decision.request)
