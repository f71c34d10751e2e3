"""What became of a call: what reached Jira, what it did there, what the caller learnt, what was logged."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jira_compat.demo.calls import SECRET, Call
from jira_compat.demo.clients import Client, Told
from jira_compat.demo.proxy import Proxy
from jira_compat.standin import Received, StandIn

Account = tuple[str, bool, str, frozenset[str]]
"""Password, active, full name, applications."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of a call on one of the two ways.

    Args:
        reached: The request that reached Jira, if one did.
        effects: What is now different with the accounts there, as ``fred`` and ``gone``.
        told: What the caller learnt.
        event: What the proxy logged; ``{}`` for nothing.
    """

    reached: Received | None
    effects: tuple[tuple[str, str], ...]
    told: Told
    event: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """A call, straight to Jira and through the proxy; ``label`` is how the client writes it."""

    call: Call
    label: str
    direct: Seen
    through: Seen

    @property
    def leaks(self) -> tuple[bool, bool]:
        """Whether a new password reached Jira, directly and through the proxy."""
        one, other = (seen.reached is not None and _has_secret(seen.reached) for seen in (self.direct, self.through))
        return one, other

    @property
    def kept(self) -> bool:
        """Whether what the article and the policy promise was kept; see the functions below."""
        return self.direct.reached is not None and self.direct.told == Told() and _PROMISES[self.call.change](self)


def observe(call: Call, standin: StandIn, make: Callable[[str], Client], proxy: Proxy) -> Row:
    """Make a call both ways, each on Jira's first day."""
    direct, through = make(standin.url), make(proxy.url)
    return Row(call, direct.label(call), _see(call, standin, direct), _see(call, standin, through, proxy))


def wire(received: Received) -> tuple[str, bytes, bytes]:
    """All of a request that a client decides on and a rule may edit."""
    return received.method, received.target, received.body


def _see(call: Call, standin: StandIn, client: Client, proxy: Proxy | None = None) -> Seen:
    standin.reset()
    for step in call.before:
        client.send(step)
    events = 0 if proxy is None else len(proxy.events())
    earlier, accounts = len(standin.received), _accounts(standin)
    told = client.make(call)
    # a library looks before it leaps: those requests are not the call
    reached = (one for one in standin.received[earlier:] if one.method != "GET" or call.step.method == "GET")
    return Seen(
        reached=next(reached, None),
        effects=tuple(_effects(accounts, _accounts(standin))),
        told=told,
        event={} if proxy is None else proxy.event_after(events) or {},
    )


def _accounts(standin: StandIn) -> dict[str, Account]:
    users = standin.state.users.values()
    return {user.name: (user.password, user.active, user.display_name, frozenset(user.applications)) for user in users}


_DIFFERENCES = ("has a new password", "is deactivated", "has a new name", "has other applications")
GONE, NEW = "is gone", "is new"


def _effects(before: dict[str, Account], after: dict[str, Account]) -> list[tuple[str, str]]:
    effects = [(name, NEW) for name in after if name not in before]
    for name, account in before.items():
        if name not in after:
            effects.append((name, GONE))
        else:
            pairs = zip(account, after[name], _DIFFERENCES, strict=True)
            effects += [(name, what) for old, new, what in pairs if old != new]
    return effects


def _has_secret(received: Received) -> bool:
    return SECRET.encode() in received.target + received.body


def _unchanged(row: Row) -> bool:
    """The same request reached Jira, the caller learnt the same, and the call was counted."""
    one, other = row.direct.reached, row.through.reached
    return (
        one is not None
        and other is not None
        and wire(one) == wire(other)
        and row.through.told == row.direct.told
        and row.through.event.get("event") == "rule_matched"
    )


def _modified(row: Row) -> bool:
    """Jira got another request, without a password; no account went and no password changed; the caller is content."""
    one, other = row.direct.reached, row.through.reached
    harm = {what for _, what in row.through.effects} & {GONE, _DIFFERENCES[0]}
    return (
        one is not None
        and other is not None
        and wire(one) != wire(other)
        and not _has_secret(other)
        and not harm
        and row.through.told == row.direct.told
        and row.through.event.get("event") in {"fields_removed", "request_replaced"}
        and row.through.event.get("applied") is True
    )


def _removed(row: Row) -> bool:
    """Nothing reached Jira, and the caller learnt why."""
    return (
        row.through.reached is None
        and not row.through.effects
        and row.through.told.status == 410
        and bool(row.through.told.text)
        and row.through.event.get("event") == "request_refused"
    )


_PROMISES: dict[str, Callable[[Row], bool]] = {"unchanged": _unchanged, "modified": _modified, "removed": _removed}
