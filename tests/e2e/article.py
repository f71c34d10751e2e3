"""The rows of Atlassian's article, what the proxy makes of each, and how that is looked at."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from e2e.site import Site


@dataclass(frozen=True, slots=True)
class Row:
    """A row: the rule for it, and what an event says of it.

    Args:
        method: The request's method.
        rule: Id of the rule.
        change: What Atlassian did.
        action: What the rule does.
        fields: What is taken out of the requests that the tests send.
        text: What the client is told if it is refused, as far as that tells this row from the others.
    """

    method: str
    rule: str
    change: str = "unchanged"
    action: str = "none"
    fields: tuple[str, ...] = ()
    text: str = ""

    @property
    def event(self) -> str:
        """The event's name."""
        if self.text:
            return "request_refused"
        return "fields_removed" if self.fields else "rule_matched"


ROWS = {
    "create group": Row("POST", "leave-group-create"),
    "add user to group": Row("POST", "leave-group-add-user"),
    "delete group": Row("DELETE", "leave-group-delete"),
    "remove user from group": Row("DELETE", "leave-group-remove-user"),
    "log in": Row("POST", "leave-login"),
    "log out": Row("DELETE", "leave-logout"),
    "create user": Row("POST", "ignore-password-on-user-create", "modified", "remove", ("/password",)),
    "remove user": Row("DELETE", "watch-user-delete", "modified"),
    "update user": Row("PUT", "keep-only-active-on-user-update", "modified", "keep", ("/displayName", "/password")),
    "add user to application": Row(
        "POST", "refuse-application-access-grant", "removed", "respond", text="(POST user/application) was removed"
    ),
    "remove user from application": Row(
        "DELETE",
        "refuse-application-access-removal",
        "removed",
        "respond",
        text="(DELETE user/application) was removed",
    ),
    "change user password": Row(
        "PUT", "refuse-password-change", "removed", "respond", text="(PUT user/password) was removed"
    ),
    "update myself": Row("PUT", "refuse-myself-update", "removed", "respond", text="(PUT myself) was removed"),
    "change my password": Row(
        "PUT", "refuse-my-password-change", "removed", "respond", text="(PUT myself/password) was removed"
    ),
    "get password policy": Row(
        "GET", "refuse-password-policy", "removed", "respond", text="(GET password/policy) was removed"
    ),
}
"""By the name that the article gives them."""


@dataclass(frozen=True, slots=True)
class Call:
    """What a script does with a client for one row.

    Args:
        row: The row's name.
        path: The path that the client asks for.
        drive: Does it, with the client.
        reaches: What Jira gets: request line without version, and content.
        returns: What the client gives back, where it is worth a look.
    """

    row: str
    path: str
    drive: Callable[[Any], Any]
    reaches: Sequence[tuple[str, bytes]] = ()
    returns: object = ...

    @property
    def text(self) -> str:
        """What the client is told if it is refused; empty if it is not."""
        return ROWS[self.row].text


def of_every_row(*calls: Call) -> tuple[Call, ...]:
    """The calls, which have to be one for every row of the article.

    Raises:
        ValueError: A row has none.
    """
    if {call.row for call in calls} != set(ROWS):
        raise ValueError(set(ROWS) - {call.row for call in calls})
    return calls


def reached(site: Site) -> list[tuple[str, bytes]]:
    """What Jira got so far: request line without version, and content."""
    return [(f"{one.method} {one.target.decode()}", one.body) for one in site.jira.received]


def expected(site: Site, call: Call) -> dict[str, object]:
    """What the event of a call has to say."""
    row = ROWS[call.row]
    return {
        "v": 1,
        "event": row.event,
        "policy": "user-management",
        "rule": row.rule,
        "change": row.change,
        "action": row.action,
        "fields": list(row.fields),
        "mode": "enforce",
        "applied": row.event != "rule_matched",
        "reason": "rule" if row.text else None,
        "source": "live",
        "http.request.method": row.method,
        "url.path": call.path,
        "server.address": site.host,
        "client.address": "127.0.0.1",
        "user.name": "admin",
        "http.response.status_code": 410 if row.text else site.jira.received[-1].status,
    }


def told(site: Site, call: Call) -> dict[str, object]:
    """What it says, as far as :func:`expected` knows."""
    event = site.event()
    shown = {name: event.get(name) for name in expected(site, call)}
    return {**shown, "fields": sorted(event["fields"])}  # in whatever order the client sends them
