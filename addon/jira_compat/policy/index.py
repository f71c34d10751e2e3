"""Policies compiled for deciding: what a decision costs does not grow with the number of rules."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from jira_compat.actions.action import Action, Context, Conversing, Editing, Refusing
from jira_compat.model import Finding, Mode, Profile, Response
from jira_compat.policy.schema import Override, Policy, Rule


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """An active rule: policy, overrides and run options applied, and what is the same for all requests prepared.

    Args:
        policy: The policy's id.
        rule: The rule.
        mode: Whether it is enforced.
        source: Where Atlassian says so.
        refusal: The answer of a rule that refuses.
        editing: What a rule that edits does.
        conversing: What a rule does that sends requests of its own.
        reads_body: Whether it looks into bodies.
    """

    policy: str
    rule: Rule
    mode: Mode
    source: str
    refusal: Response | None = None
    editing: Editing | None = None
    conversing: Conversing | None = None
    reads_body: bool = False

    @property
    def mark(self) -> str:
        """``POLICY/RULE``, as in ``X-Jira-Compat``."""
        return f"{self.policy}/{self.rule.id}"

    def finding(self, fields: tuple[str, ...] | None) -> Finding:
        """Return the statement of this rule about a request that it matched."""
        rule = self.rule
        return Finding(self.policy, rule.id, rule.change, rule.action.name, rule.endpoint.text, fields, self.mode)


Entries = tuple[Entry, ...]


@dataclass(slots=True)
class _Node:
    literal: dict[str, "_Node"] = field(default_factory=dict)
    parameter: "_Node | None" = None
    methods: dict[str, Entries] | None = None


@dataclass(frozen=True, slots=True)
class PolicySet:
    """All active rules of one run.

    Args:
        entries: The rules, in no meaningful order.
        digest: ``sha256:`` of everything that can change a decision.
    """

    entries: Entries = field(repr=False)
    digest: str
    _root: _Node = field(repr=False)

    def at(self, segments: Sequence[str]) -> Mapping[str, Entries]:
        """The rules of an API path by method; a literal segment is preferred to a parameter, as Jira does."""
        return _walk(self._root, segments, 0) or {}

    def spelled(self, letters: str) -> Mapping[str, Entries]:
        """The rules that a text may be about, by method: it has the letters of each literal segment behind ``rest``."""
        methods: dict[str, Entries] = {}
        for entry in self.entries:
            if any(all(_letters(word) in letters for word in path[1:] if word) for path in entry.rule.endpoint.paths()):
                for method in methods_of(entry.rule):
                    methods[method] = (*methods.get(method, ()), entry)
        return methods


def _letters(segment: str) -> str:
    return re.sub(r"[^a-z0-9]", "", segment.casefold())


def _walk(node: _Node, segments: Sequence[str], depth: int) -> dict[str, Entries] | None:
    if depth == len(segments):
        return node.methods
    child = node.literal.get(segments[depth])
    if child is not None and (found := _walk(child, segments, depth + 1)) is not None:
        return found
    return None if node.parameter is None else _walk(node.parameter, segments, depth + 1)


@dataclass(frozen=True, slots=True)
class RunOptions:
    """Options of one run.

    Args:
        profile: Rules of other profiles are left out.
        mode: ``observe`` is for everything; ``enforce`` leaves it to the policies.
        refuse_status: Status of every refusal, unless an override names one for the rule.
        translate: False: translations do not take effect; their calls are forwarded and counted.
    """

    profile: Profile = "cloud"
    mode: Mode = "enforce"
    refuse_status: int | None = None
    translate: bool = True


def compile_policies(
    policies: Iterable[Policy], options: RunOptions = RunOptions(), overrides: Mapping[str, Override] | None = None
) -> PolicySet:
    """Put policies into force. They are taken as checked: see :mod:`jira_compat.policy.load`."""
    overrides = overrides or {}
    entries = tuple(
        _entry(policy, rule, options, overrides.get(rule.id, Override()))
        for policy in policies
        for rule in policy.rules
        if options.profile in rule.profiles
    )
    entries = tuple(sorted(entries, key=lambda entry: entry.mark))
    return PolicySet(entries, _digest(entries), _index(entries))


def _entry(policy: Policy, rule: Rule, options: RunOptions, override: Override) -> Entry:
    mode = options.mode if options.mode == "observe" else override.mode or rule.mode or policy.mode or "enforce"
    source = rule.source or policy.source
    rule = _overridden(rule, override.status or options.refuse_status, override.text)
    action = rule.action
    return Entry(
        policy.policy,
        rule,
        mode,
        source,
        refusal=_refusal(action, Context(rule.endpoint.text, rule.why, f"{policy.policy}/{rule.id}", source)),
        editing=action if isinstance(action, Editing) else None,
        conversing=action if isinstance(action, Conversing) and (options.translate or not action.translates) else None,
        reads_body=isinstance(action, Editing) and action.reads_body,
    )


def _overridden(rule: Rule, status: int | None, text: str | None) -> Rule:
    """The rule with the status and text of its refusal, if it refuses; model_copy would keep its old action."""
    action = rule.action
    if not isinstance(action, Refusing):
        return rule
    values = dict(rule) | {action.name: action.overridden(status, text)}
    return Rule.model_construct(rule.model_fields_set, **values)


def _refusal(action: Action, context: Context) -> Response | None:
    return action.answer(context) if isinstance(action, Refusing) else None


def _digest(entries: Entries) -> str:
    seen = hashlib.sha256()
    for entry in entries:
        rule = entry.rule.model_dump_json(exclude={"examples"}, by_alias=True)
        seen.update(f"{entry.policy}\0{entry.mode}\0{entry.source}\0{rule}\0".encode())
        if entry.conversing is None and isinstance(entry.rule.action, Conversing):
            seen.update(b"off\0")
    return f"sha256:{seen.hexdigest()}"


def _index(entries: Entries) -> _Node:
    root = _Node()
    for entry in entries:
        for path in entry.rule.endpoint.paths():
            node = root
            for segment in path:
                node = _child(node, segment)
            if node.methods is None:
                node.methods = {}
            for method in methods_of(entry.rule):
                node.methods[method] = (*node.methods.get(method, ()), entry)
    return root


def _child(node: _Node, segment: str | None) -> _Node:
    if segment is not None:
        return node.literal.setdefault(segment, _Node())
    if node.parameter is None:
        node.parameter = _Node()
    return node.parameter


def methods_of(rule: Rule) -> tuple[str, ...]:
    """HEAD follows GET (RFC 9110, section 9.3.2)."""
    methods = rule.endpoint.methods
    return (*methods, "HEAD") if "GET" in methods else methods
