"""Tiny builders: a request, a rule, a set of rules in force."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from jira_compat.model import Mode, Profile, Request
from jira_compat.policy.files import policy_files, shipped_policies
from jira_compat.policy.index import PolicySet, RunOptions, compile_policies
from jira_compat.policy.load import load_policies
from jira_compat.policy.schema import Override, Policy, Rule

SOURCE = "https://example.com/changes"


def a_request(
    line: str, body: bytes | str | None = b"", headers: Mapping[str, str] | None = None, **document: Any
) -> Request:
    """``PUT /rest/api/2/user?username=fred`` with these bytes, or with a JSON object of these members."""
    method, target = line.split(" ", 1)
    fields = dict(headers or {})
    if document:
        body = json.dumps(document)
        fields.setdefault("Content-Type", "application/json")
    content = body.encode() if isinstance(body, str) else body
    lines = tuple((name.encode(), value.encode()) for name, value in fields.items())
    return Request(method, target.encode("utf-8", "surrogateescape"), lines, content)


def a_rule(endpoint: str, **keys: Any) -> Rule:
    """A rule; its id tells of its endpoint and action, its change of its action."""
    action = next((key for key in ("remove", "remove_query", "keep", "respond", "replace") if key in keys), "watch")
    words = "".join(letter if letter.isalnum() else " " for letter in f"{action} {endpoint}").lower().split()
    change = {"watch": "unchanged", "respond": "removed"}.get(action, "modified")
    return Rule.model_validate({"id": "-".join(words), "endpoint": endpoint, "change": change, "why": "Why.", **keys})


def a_policy(*rules: Rule, policy: str = "some-policy", mode: Mode | None = None) -> Policy:
    """A policy of these rules."""
    head = Policy.model_construct(policy=policy, title="Title", source=SOURCE, mode=mode)
    return head.model_copy(update={"rules": rules})


def policy_set(
    *rules: Rule,
    profile: Profile = "cloud",
    mode: Mode = "enforce",
    refuse_status: int | None = None,
    overrides: Mapping[str, Override] | None = None,
) -> PolicySet:
    """These rules, compiled."""
    return compile_policies([a_policy(*rules)], RunOptions(profile, mode, refuse_status), overrides)


@cache
def shipped() -> tuple[Policy, ...]:
    """The policies that ship."""
    return load_policies(policy_files([shipped_policies()]))


@cache
def shipped_set(profile: Profile = "cloud", mode: Mode = "enforce") -> PolicySet:
    """The rules that ship, compiled."""
    return compile_policies(shipped(), RunOptions(profile, mode))


def policy_text(*rules: str, head: str = "") -> str:
    """A policy file; each rule is lines of YAML, without indentation. The first rule begins in line 5."""
    top = head or "policy: some-policy\ntitle: Title\nsource: https://example.com/changes\nrules:\n"
    items = ["\n".join(f"    {line}" for line in rule.strip("\n").split("\n")) for rule in rules]
    return top + "".join(f"  - {item[4:]}\n" for item in items)
