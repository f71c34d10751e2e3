"""The event vocabulary: the one public format, versioned; ``docs/events.md`` says what each field means.

An event carries pointers, counts and ids; never a value, a query string, a body, a credential or a cookie.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from jira_compat.actions.action import Conversing
from jira_compat.actions.registry import ACTION_BY_NAME, ACTIONS
from jira_compat.actions.respond import Respond
from jira_compat.actions.watch import Watch
from jira_compat.decision import Decision
from jira_compat.events.user_agent import UNKNOWN, Agent, agent
from jira_compat.message.headers import header
from jira_compat.message.target.target import Target, read_target
from jira_compat.model import Exchange, Finding, Header, Request

VERSION = 1
Event = dict[str, Any]

_ACTIONS = "`none`, " + ", ".join(f"`{action.name}`" for action in ACTIONS if action is not Watch)
NAMES = {
    **{action.event: action.event_meaning for action in ACTIONS},
    "rewrite_failed": "An exception in the proxy; the client got a 502, or was cut off in the middle of a response.",
    "rewrite_skipped": "The same with `--on-error open`, or in mode `observe`: the request was forwarded unedited.",
    "endpoint_seen": "With `--inventory`, once a minute and at the end: the number of requests of one client to "
    "one endpoint not covered by any rule.",
    "links_left": "A JSON response was too large to hold, so its links still lead to the site, past the proxy.",
    "policies_loaded": "A set of policies is active.",
    "policies_rejected": "A set of policies was rejected; the one before stays active.",
}

FIELDS = {
    "v": "Version of this format; a field may be added without a new version.",
    "timestamp": "When the line was written, ISO 8601 in UTC.",
    "event": "The event; see above.",
    "policy": "Id of the policy of the decisive rule.",
    "rule": "Id of the decisive rule.",
    "change": "What Atlassian did to the endpoint: `unchanged`, `modified` or `removed`.",
    "action": f"The rule's action: {_ACTIONS}.",
    "endpoint": "The rule's endpoint line; in `endpoint_seen` method and template, such as "
    "`GET /rest/api/2/issue/{id}`, or `pages and files`.",
    "fields": "The fields that an action removed or changed: `/pointer` in the body, `?name` in the query. "
    "`null`: unknown, because the body was not seen or not readable.",
    "also": "Further rules that matched, as `POLICY/RULE`.",
    "mode": "`enforce` or `observe`.",
    "applied": "Whether the proxy changed or answered the request; if not, the event says what `enforce` would do.",
    "translation": "Name of the translation: `search` or `search-jql`.",
    "upstream.requests": "Number of requests that a translation sent to the site.",
    "upstream.statuses": "Statuses of the responses to them, in order.",
    "search.total": "How a translated search found `total`: `exact`, `estimated`, or `remembered`.",
    "reason": "Why a request was refused: `rule`, `ambiguous_target`, `unreadable_body`, `too_large` or `busy`.",
    "count": "Number of requests that this event counts.",
    "first_seen": "When the first of them began, ISO 8601 in UTC.",
    "last_seen": "When the last of them began.",
    "statuses": "Number of them by status of the response; one that broke off before has none.",
    "error": "Type of the exception, never its text.",
    "stage": "The hook in which the exception was raised; of a translation with its step, as in `request, search/jql`.",
    "request_id": "The client's `X-Request-Id` if it is a plain token, else an id of the proxy's own.",
    "upstream_request_id": "Jira's `X-AREQUESTID` or `Atl-Traceid`.",
    "source": "Where the exchange was seen: `live`, or a place in a capture.",
    "http.request.method": "Request method as sent.",
    "url.path": "Normalised path, without path parameters and query; cut with `…` at what could hold one.",
    "server.address": "Host of the Jira site.",
    "client.address": "Address of the client; behind load balancers see `--trusted-proxy`.",
    "user_agent.original": "The client's `User-Agent`, at most 256 characters, without the credentials of a URL.",
    "user_agent.name": "Product that the `User-Agent` names, such as `python-requests`.",
    "user_agent.version": "Its version.",
    "user.name": "User of Basic authentication, subject to `--identity`.",
    "http.response.status_code": "Status of the response to the client.",
    "digest": "`sha256:` of the active rules.",
    "rules": "Number of active rules.",
    "errors": "Why the policies were rejected, one line each.",
}

_TOKEN = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")
_CAN_HOLD_A_QUERY = re.compile(r"%3[bBfF]|%23|%25")
_PLAIN_START = re.compile(rb"[A-Za-z0-9/._~-]*")
_PATH_PARAMETERS = re.compile(rb";[^/]*")
_LONGEST_READ = 4096
_CREDENTIALS = re.compile(r"//(?:[^/\s]*@|[^/\s]{256,})")
"""The user information of a URL (RFC 3986, section 3.2.1), or what is too long to be a host."""
_LONGEST_AGENT = 256


def rule_event(decision: Decision, exchange: Exchange, target: Target | None = None) -> Event | None:
    """The event of one exchange; ``None`` when no rule had anything to say. The target is read if it was not."""
    if not decision.findings:
        return None
    first, *others = decision.findings
    event = {"v": VERSION, "event": _name(decision), **_finding(first), "applied": decision.applied}
    if decision.reason is not None:
        event["reason"] = decision.reason
    if others:
        event["fields"] = _fields(decision)
        event["also"] = [f"{one.policy}/{one.rule}" for one in others]
    return event | exchange_facts(exchange, target)


def translation_facts(translation: str, statuses: Iterable[int], notes: Mapping[str, str | int]) -> Event:
    """Return the fields that a translation adds to the event of its exchange.

    Args:
        translation: Its name.
        statuses: The site's answers, in order.
        notes: Fields of the plan's own.
    """
    statuses = list(statuses)
    return {
        "translation": translation,
        "upstream.requests": len(statuses),
        "upstream.statuses": statuses,
        **notes,
    }


def failure_event(exchange: Exchange, error: BaseException, stage: str, *, forwarded: bool) -> Event:
    """The event of an exception in the proxy: its type, nothing of its text."""
    name = "rewrite_skipped" if forwarded else "rewrite_failed"
    facts = {"applied": not forwarded, "error": type(error).__name__, "stage": stage}
    return {"v": VERSION, "event": name, **facts, **exchange_facts(exchange)}


def links_left_event(exchange: Exchange) -> Event:
    """The event of a response whose links were not rewritten; written when that is known."""
    return {"v": VERSION, "event": "links_left", "applied": False, **exchange_facts(exchange)}


def seen_event(
    endpoint: str, client: Event, statuses: Mapping[int, int], count: int, times: tuple[float, float]
) -> Event:
    """The event of requests that no rule names.

    Args:
        endpoint: Method and template.
        client: What is known of who made them, under the names of events; ``None`` is left out.
        statuses: How many of them were answered which status.
        count: How many there were.
        times: When the first and the last of them began, in seconds since the epoch.
    """
    first, last = (datetime.fromtimestamp(time, UTC).isoformat().replace("+00:00", "Z") for time in times)
    counted = {"count": count, "first_seen": first, "last_seen": last}
    told = {str(status): number for status, number in sorted(statuses.items())}
    known = {name: fact for name, fact in client.items() if fact is not None}
    return {
        "v": VERSION,
        "event": "endpoint_seen",
        "endpoint": endpoint,
        **counted,
        "statuses": told,
        "source": "live",
        **known,
    }


def loaded_event(digest: str, rules: int) -> Event:
    """The event of a set of policies that is active now."""
    return {"v": VERSION, "event": "policies_loaded", "digest": digest, "rules": rules}


def rejected_event(lines: Iterable[str], digest: str | None) -> Event:
    """The event of a set that was not accepted; ``digest`` is that of the set that stays active."""
    return {"v": VERSION, "event": "policies_rejected", "errors": list(lines), "digest": digest}


def summary(decision: Decision) -> str:
    """One line for a person who looks at an exchange."""
    fields = ", ".join(_fields(decision) or ())
    rules = ", ".join(f"{finding.policy}/{finding.rule}" for finding in decision.findings)
    words = (_name(decision).replace("_", " "), "" if decision.applied else "(not applied)", fields, f"[{rules}]")
    return " ".join(word for word in words if word)


def exchange_facts(exchange: Exchange, target: Target | None = None) -> Event:
    """Return the facts of an exchange under OpenTelemetry's names where it has them, without unknown ones."""
    request, response = exchange.request, exchange.response
    name = user_agent(request.headers)
    facts = {
        "source": exchange.source,
        "http.request.method": request.method,
        "url.path": url_path(request, target),
        "server.address": exchange.server,
        "client.address": exchange.client,
        "user_agent.original": name,
        **agent_facts(agent(name)),
        "user.name": exchange.user,
        "http.response.status_code": response.status if response else None,
        "upstream_request_id": _upstream_id(response.headers) if response else None,
    }
    return {name: fact for name, fact in facts.items() if fact is not None}


def agent_facts(known: Agent) -> Event:
    """Return the client's tool and version; ``None`` where that is not known."""
    product = None if known == UNKNOWN else known.product
    return {"user_agent.name": product, "user_agent.version": known.version or None}


def user_agent(headers: Iterable[Header]) -> str | None:
    """The ``User-Agent``, as far as events show it: its beginning, without the credentials of a URL in it."""
    value = header(headers, b"user-agent")
    return _CREDENTIALS.sub("//", value.decode("utf-8", "replace")[:_LONGEST_READ])[:_LONGEST_AGENT] if value else None


def url_path(request: Request, target: Target | None = None) -> str:
    """The path for people to read, without anything that could be a query or a path parameter."""
    if target is None:
        target = read_target(request.target)
    if target.ambiguous is not None or not target.segments:
        raw = request.target.partition(b"?")[0].partition(b"#")[0]
        plain = _PATH_PARAMETERS.sub(b"", raw) if target.ambiguous is None else raw
        start = _PLAIN_START.match(plain)
        shown = start[0] if start else b""
        return shown.decode() + ("" if shown == plain else "…")
    path = target.path.decode("ascii", "replace")
    cut = _CAN_HOLD_A_QUERY.search(path)
    return path if cut is None else f"{path[: cut.start()]}…"


def client_request_id(headers: Iterable[Header]) -> str | None:
    """The client's ``X-Request-Id``, if it is a token that can stand in any log."""
    value = header(headers, b"x-request-id") or b""
    return value.decode() if _TOKEN.fullmatch(value) else None


def _name(decision: Decision) -> str:
    """The event of the action that took effect, or would: a refusal, else what converses, else what found something."""
    if decision.reason is not None:
        return Respond.event
    first, *others = decision.findings
    found = first if first.fields else next((other for other in others if other.fields), None)
    if issubclass(ACTION_BY_NAME[first.action], Conversing):
        found = first
    return Watch.event if found is None else ACTION_BY_NAME[found.action].event


def _finding(finding: Finding) -> Event:
    return {
        "policy": finding.policy,
        "rule": finding.rule,
        "change": finding.change,
        "action": finding.action,
        "endpoint": finding.endpoint,
        "fields": None if finding.fields is None else list(finding.fields),
        "mode": finding.mode,
    }


def _fields(decision: Decision) -> list[str] | None:
    """Return the fields that were removed, or would be; where some were, an ``observe`` rule's are left out."""
    findings = [finding for finding in decision.findings if finding.mode == decision.findings[0].mode]
    known = list(dict.fromkeys(field for finding in findings for field in finding.fields or ()))
    return known or (None if any(finding.fields is None for finding in findings) else [])


def _upstream_id(headers: Iterable[Header]) -> str | None:
    for name in (b"x-arequestid", b"atl-traceid"):
        if (value := header(headers, name)) and len(value) <= _LONGEST_AGENT:
            return value.decode("ascii", "replace")
    return None
