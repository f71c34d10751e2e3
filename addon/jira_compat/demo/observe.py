"""Observe a call: the request that reached Jira, its effects, the client's result, the event."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jira_compat.demo.calls import SECRET, Call
from jira_compat.demo.clients import Client, Result
from jira_compat.demo.proxy import Proxy
from jira_compat.standin import Received, StandIn

Account = tuple[str, bool, str, frozenset[str]]
"""Password, active, full name, applications."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A call's outcome, either direct or through the proxy.

    Args:
        reached: The request that reached Jira, if one did.
        effects: What is now different with the accounts there, as ``fred`` and ``gone``.
        result: The result that the client reports.
        event: What the proxy logged; ``{}`` for nothing.
    """

    reached: Received | None
    effects: tuple[tuple[str, str], ...]
    result: Result
    event: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """A call, straight to Jira and through the proxy; ``label`` is how the client writes it."""

    call: Call
    label: str
    direct: Outcome
    through: Outcome

    @property
    def leaks(self) -> tuple[bool, bool]:
        """Tell whether a new password reached Jira, directly and through the proxy."""
        direct, through = (
            outcome.reached is not None and _has_secret(outcome.reached) for outcome in (self.direct, self.through)
        )
        return direct, through

    @property
    def kept(self) -> bool:
        """Tell whether the call went as article and policy promise; see the functions below."""
        return self.direct.reached is not None and self.direct.result == Result() and _PROMISES[self.call.change](self)


def observe(call: Call, standin: StandIn, make: Callable[[str], Client], proxy: Proxy) -> Row:
    """Make a call both ways, each on Jira's first day."""
    direct, through = make(standin.url), make(proxy.url)
    return Row(call, direct.label(call), _see(call, standin, direct), _see(call, standin, through, proxy))


def wire(received: Received) -> tuple[str, bytes, bytes]:
    """Return the parts of a request that a client chooses and a rule may edit."""
    return received.method, received.target, received.body


def _see(call: Call, standin: StandIn, client: Client, proxy: Proxy | None = None) -> Outcome:
    standin.reset()
    for step in call.before:
        client.send(step)
    events = 0 if proxy is None else len(proxy.events())
    earlier, accounts = len(standin.received), _accounts(standin)
    result = client.make(call)
    # a library looks before it leaps: those requests are not the call
    reached = (
        request for request in standin.received[earlier:] if request.method != "GET" or call.step.method == "GET"
    )
    return Outcome(
        reached=next(reached, None),
        effects=tuple(_effects(accounts, _accounts(standin))),
        result=result,
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
            effects += [(name, effect) for old, new, effect in pairs if old != new]
    return effects


def _has_secret(received: Received) -> bool:
    return SECRET.encode() in received.target + received.body


def _unchanged(row: Row) -> bool:
    """Check that Jira got the same request, the client the same result, and that the call was counted."""
    direct, through = row.direct.reached, row.through.reached
    return (
        direct is not None
        and through is not None
        and wire(direct) == wire(through)
        and row.through.result == row.direct.result
        and row.through.event.get("event") == "rule_matched"
    )


def _modified(row: Row) -> bool:
    """Jira got another request, without a password; no account went and no password changed; the caller is content."""
    direct, through = row.direct.reached, row.through.reached
    harm = {effect for _, effect in row.through.effects} & {GONE, _DIFFERENCES[0]}
    return (
        direct is not None
        and through is not None
        and wire(direct) != wire(through)
        and not _has_secret(through)
        and not harm
        and row.through.result == row.direct.result
        and row.through.event.get("event") in {"fields_removed", "request_replaced"}
        and row.through.event.get("applied") is True
    )


def _removed(row: Row) -> bool:
    """Nothing reached Jira, and the caller learnt why."""
    return (
        row.through.reached is None
        and not row.through.effects
        and row.through.result.status == 410
        and bool(row.through.result.text)
        and row.through.event.get("event") == "request_refused"
    )


_PROMISES: dict[str, Callable[[Row], bool]] = {"unchanged": _unchanged, "modified": _modified, "removed": _removed}
