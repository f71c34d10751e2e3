"""The fifteen calls of Atlassian's article, as a legacy script makes them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jira_compat.model import Change

SECRET = "tulip-of-the-demo"  # noqa: S105 - made up, and looked for where it must not arrive
LOGIN: Mapping[str, object] = {"username": "fred", "password": "fred"}
_SESSION = "/rest/auth/1/session"
_USER = "/rest/api/2/user"


@dataclass(frozen=True, slots=True)
class Step:
    """A request: method, target, and what its body says in JSON."""

    method: str
    target: str
    document: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A row of the article.

    Args:
        title: The row's name in the article.
        change: What the article says happened to it.
        step: The call as a plain request.
        before: Plain requests that must come first.
        label: How the call is written with the library; ``""`` if the library has none.
        library: The call with the library, given a ``jira.JIRA``.
    """

    title: str
    change: Change
    step: Step
    before: tuple[Step, ...] = ()
    label: str = ""
    library: Callable[[Any], object] | None = None


def _log_in(jira: Any) -> object:  # noqa: ANN401 - the library need not be there
    return type(jira)(
        jira.server_url, auth=(LOGIN["username"], LOGIN["password"]), get_server_info=False, max_retries=0
    )


CALLS = (
    Call(
        "Create group",
        "unchanged",
        Step("POST", "/rest/api/2/group", {"name": "readers"}),
        label="add_group(…)",
        library=lambda jira: jira.add_group("readers"),
    ),
    Call(
        "Add user to group",
        "unchanged",
        Step("POST", "/rest/api/2/group/user?groupname=jira-administrators", {"name": "fred"}),
        label="add_user_to_group(…)",
        library=lambda jira: jira.add_user_to_group("fred", "jira-administrators"),
    ),
    Call(
        "Delete group",
        "unchanged",
        Step("DELETE", "/rest/api/2/group?groupname=jira-software-users"),
        label="remove_group(…)",
        library=lambda jira: jira.remove_group("jira-software-users"),
    ),
    Call(
        "Remove user from group",
        "unchanged",
        Step("DELETE", "/rest/api/2/group/user?groupname=jira-software-users&username=fred"),
        label="remove_user_from_group(…)",
        library=lambda jira: jira.remove_user_from_group("fred", "jira-software-users"),
    ),
    Call("Login", "unchanged", Step("POST", _SESSION, LOGIN), label="JIRA(auth=(…, …))", library=_log_in),
    Call(
        "Logout",
        "unchanged",
        Step("DELETE", _SESSION),
        before=(Step("POST", _SESSION, LOGIN),),
        label="kill_session()",
        library=lambda jira: jira.kill_session(),
    ),
    Call(
        "Create user",
        "modified",
        Step("POST", _USER, {"name": "wilma", "emailAddress": "wilma@example.com", "password": SECRET}),
        label="add_user(…, password=…)",
        library=lambda jira: jira.add_user("wilma", "wilma@example.com", password=SECRET),
    ),
    Call(
        "Remove user",
        "modified",
        Step("DELETE", f"{_USER}?username=fred"),
        label="delete_user(…)",
        library=lambda jira: jira.delete_user("fred"),
    ),
    Call(
        "Update user",
        "modified",
        Step("PUT", f"{_USER}?username=fred", {"displayName": "Freddy", "password": SECRET, "active": False}),
        label="user.update(password=…, …)",
        library=lambda jira: jira.user("fred").update(displayName="Freddy", password=SECRET, active=False),
    ),
    Call(
        "Add user to application",
        "removed",
        Step("POST", f"{_USER}/application?username=fred&applicationKey=jira-core"),
    ),
    Call(
        "Remove user from application",
        "removed",
        Step("DELETE", f"{_USER}/application?username=fred&applicationKey=jira-software"),
    ),
    Call("Change user password", "removed", Step("PUT", f"{_USER}/password?username=fred", {"password": SECRET})),
    Call(
        "Update myself",
        "removed",
        Step("PUT", "/rest/api/2/myself", {"displayName": "Root", "password": "admin"}),
    ),
    Call(
        "Change my password",
        "removed",
        Step("PUT", "/rest/api/2/myself/password", {"password": SECRET, "currentPassword": "admin"}),
    ),
    Call("Get password policy", "removed", Step("GET", "/rest/api/2/password/policy")),
)
