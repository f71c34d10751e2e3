"""Requests to verdicts, by way of ``decide`` and its event; only distinct path shapes get that far."""

import re
from dataclasses import replace
from typing import get_args

from jira_compat.actions.action import Removing
from jira_compat.actions.registry import ACTION_BY_NAME
from jira_compat.actions.watch import Watch
from jira_compat.audit.counting.inventory import Carried, Subject, Verdict
from jira_compat.decide import decide
from jira_compat.decision import Decision, Hold
from jira_compat.events import vocabulary
from jira_compat.events.endpoint_template import ID, endpoint_template, other_template, segment_template, words_of
from jira_compat.message.target.method import OVERRIDES
from jira_compat.model import Change, Exchange, Finding, Request
from jira_compat.policy.index import PolicySet

_PLAIN = re.compile(rb"(?:https?://[^/?#\\]*)?((?:/[A-Za-z0-9_~,:@+-][A-Za-z0-9._~,:@+-]*+)++)/?+")
_SUFFIX = re.compile(rb"\.(?:json|xml|html?|txt|atom)", re.IGNORECASE)
_METHOD_IN_QUERY = b"_method"
_ESCAPED_NAME = re.compile(rb"(?:^|&)[^=&]*%")
_IDS = re.compile(rb"/(?:[0-9]{4,}+|[A-Z][A-Z0-9_]*+-[0-9]++)(?=/|$)")
_ANY = "any-0"
"""Stands for an id when a shape is judged."""
_ANY_SEGMENT = b"/any-0"
_MOST = 10_000
_LONGEST_KEPT = 1000
"""Bytes; what is known of longer targets is not kept."""
_MOST_FIELDS = 20
_LONGEST = 256
_METHOD = re.compile(rb"[A-Za-z]{1,12}")


class Classifier:
    """Says what rules say of requests, and remembers it.

    Args:
        policies: The rules.
        max_body: The longest body that is read, in bytes.
    """

    def __init__(self, policies: PolicySet, max_body: int) -> None:
        self._policies = policies
        self._max_body = max_body
        self._words = words_of(policies)
        self._folded = frozenset(word.casefold() for word in self._words) | {"rest", "api"}
        self._has_ids = any(_IDS.fullmatch(b"/" + word.encode()) for word in self._words)
        names = {name.encode() for entry in policies.entries if entry.editing for name in entry.editing.parameters}
        self._names = (*sorted(names), _METHOD_IN_QUERY)
        self._segments: dict[tuple[bytes, int, bytes], bytes | None] = {}
        self._shapes: dict[tuple[bytes, bytes, bytes], Verdict] = {}
        self._verdicts: dict[tuple[bytes, bytes, bytes], Verdict] = {}
        self._equal: dict[tuple[object, ...], Verdict] = {}

    def classify_line(self, method: bytes, target: bytes) -> Verdict:
        """The verdict on a request of which nothing else is known, as in a log."""
        path, _, query = target.partition(b"?")
        if not self._has_ids:
            path = _IDS.sub(_ANY_SEGMENT, path)
        names = self._named(query) if query else b""
        key = (method, path, names)
        verdict = self._verdicts.get(key)
        if verdict is None:
            verdict = self._shaped(method, self._shape(path), names)
            if len(target) <= _LONGEST_KEPT:
                _keep(self._verdicts, key, verdict)
        return verdict

    def classify(self, request: Request) -> Verdict:
        """The verdict on a request; where no rule names it the one on its shape."""
        verdict = self.classify_line(request.method.encode("utf-8", "replace"), request.target)
        overridden = any(name.lower() in OVERRIDES for name, _ in request.headers)
        seen_whole = verdict.ruled and request.body is not None
        return self._decided(request) if overridden or seen_whole else verdict

    def _named(self, query: bytes) -> bytes:
        """The query's names, if a rule may ask for one; no values but those that may be a method."""
        for name in self._names:
            if name in query:
                break
        else:
            if b"%" not in query or not _ESCAPED_NAME.search(query):
                return b""
        return b"&".join(map(_nameless, query.split(b"&")))

    def _shaped(self, method: bytes, shape: bytes, names: bytes) -> Verdict:
        key = (method, shape, names)
        verdict = self._shapes.get(key)
        if verdict is None:
            verdict = self._decided(Request(_method(method), shape + b"?" + names if names else shape))
            if len(shape) + len(names) <= _LONGEST_KEPT:
                _keep(self._shapes, key, verdict)
        return verdict

    def _decided(self, request: Request) -> Verdict:
        event = vocabulary.rule_event(self._decide(request), Exchange(request))
        if event is None:
            verdict = Verdict(Subject(endpoint_template(request.method, request.target, self._words)))
        else:
            verdict = verdict_of(event)
        key = verdict.subject, verdict.carried, verdict.fields
        return self._equal.get(key) or _keep(self._equal, key, verdict)

    def _decide(self, request: Request) -> Decision:
        """Where the body was not seen, what the query has is known all the same."""
        decision = decide(self._policies, request, max_body=self._max_body)
        if not isinstance(decision, Hold):
            return decision
        bodiless = decide(self._policies, replace(request, body=b""), max_body=self._max_body)
        known = {(one.policy, one.rule): one.fields for one in bodiless.findings if one.fields}
        findings = (replace(one, fields=known.get((one.policy, one.rule), one.fields)) for one in decision.findings)
        return replace(decision, findings=tuple(sorted(findings, key=_telling)))

    def _shape(self, path: bytes) -> bytes:
        """The path with what no rule can ask for taken out; as it is, if that cannot be told without a closer look."""
        plain = _PLAIN.fullmatch(path)
        if plain is None:
            return path
        words = plain[1].split(b"/")
        if b"rest" not in words:
            return self._other_shape(path, words)
        first = words.index(b"rest")
        if _SUFFIX.search(words[-1]) or any(word.lower() == b"rest" for word in words[:first]):
            return path
        module = words[first + 1] if len(words) > first + 1 else b""
        shaped = [self._segment(module, place, word) for place, word in enumerate(words[first:])]
        return path if None in shaped else b"/" + b"/".join(filter(None, shaped))

    def _other_shape(self, path: bytes, words: list[bytes]) -> bytes:
        """Of a path that is none of REST."""
        if words[1] == b"api" or any(word.lower() in {b"rest", b"api"} for word in words):
            return path
        other = other_template(path.decode())
        return b"/" if other is None else other.encode()

    def _segment(self, module: bytes, place: int, word: bytes) -> bytes | None:
        key = module, min(place, 4), word
        try:
            return self._segments[key]
        except KeyError:
            text = word.decode()
            odd = text not in self._words and text.casefold() in self._folded and (place or text != "rest")
            shown = None if odd else self._plain(module.decode(), place, text)
            if len(module) + len(word) <= _LONGEST_KEPT:
                _keep(self._segments, key, shown)
            return shown

    def _plain(self, module: str, place: int, word: str) -> bytes:
        shown = segment_template(module, place, word, self._words)
        return (_ANY if shown == ID else shown).encode()


def verdict_of(event: vocabulary.Event) -> Verdict:
    """What an event of a rule says; a field that has another type than documented is as if it were not there."""
    change, fields = event.get("change"), event.get("fields")
    known: Change | None = change if change in get_args(Change) else None
    names = ("endpoint", "policy", "rule", "action")
    endpoint, policy, rule, action = (_text(event.get(name)) for name in names)
    subject = Subject(endpoint or "", policy, rule, known, action)
    shown = [text for field in fields if (text := _text(field))] if isinstance(fields, list) else []
    carried: Carried | None = None
    if issubclass(ACTION_BY_NAME.get(action or "", Watch), Removing):
        carried = "yes" if shown else "no" if fields == [] else "unknown"
    return Verdict(subject, carried, tuple(shown[:_MOST_FIELDS]), event.get("applied") is True)


def _text(value: object) -> str | None:
    return value[:_LONGEST] if isinstance(value, str) else None


def _telling(finding: Finding) -> int:
    """A finding that has something before one that may have, before one that has not."""
    return 0 if finding.fields else 1 if finding.fields is None else 2


def _nameless(pair: bytes) -> bytes:
    """A pair of a query without its value, unless that may be a method."""
    name, equals, _ = pair.partition(b"=")
    return pair if _METHOD_IN_QUERY in name or b"%" in name else name + equals


def _method(method: bytes) -> str:
    return method.decode() if _METHOD.fullmatch(method) else "OTHER"


def _keep[K, V](cache: dict[K, V], key: K, value: V) -> V:
    if len(cache) >= _MOST:
        cache.clear()
    cache[key] = value
    return value
