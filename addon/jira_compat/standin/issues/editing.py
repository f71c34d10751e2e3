"""Issues: read, created, changed, deleted."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from jira_compat.standin.http.messages import Answer, Call, Json, Refusal, answer, misfit, text
from jira_compat.standin.issues import json_views
from jira_compat.standin.issues.seed import FIELDS, ISSUE_TYPES, PRIORITIES, PROJECTS, SETTABLE, Issue
from jira_compat.standin.people.accounts import DONE
from jira_compat.standin.state import State


def named_issue(state: State, call: Call) -> Issue:
    """The issue that the path means, by key or id.

    Raises:
        Refusal: 404 if there is none.
    """
    id_or_key = call.parts["issue"]
    for issue in state.issues.values():
        if id_or_key.upper() == issue.key or id_or_key == issue.id:
            return issue
    raise Refusal(404, "Issue Does Not Exist")


def get_issue(state: State, call: Call) -> Answer:
    """GET issue/{issue}."""
    issue = named_issue(state, call)
    shown = json_views.issue(state, call, issue, call.all("fields"), call.all("expand"), call.all("properties"))
    return answer(200, shown)


def create_issue(state: State, call: Call) -> Answer:
    """POST issue."""
    fields = given(call)
    kind, project = pick(fields, "issuetype", ISSUE_TYPES), project_key(fields)
    summary = text(fields, "summary")
    if not summary:
        raise misfit("summary", "You must specify a summary of the issue.")
    keys = [int(key.rpartition("-")[2]) for key in state.issues if key.startswith(project + "-")]
    issue = Issue(
        id=str(next(state.ids)),
        key=f"{project}-{max(keys, default=0) + 1}",
        summary=summary,
        type=kind,
        reporter=call.caller.key if call.caller else "",
        created=now(),
        updated=now(),
    )
    change(state, issue, fields)
    state.index.changing(issue.id, None)
    state.issues[issue.key] = issue
    return answer(201, {"id": issue.id, "key": issue.key, "self": call.link(f"issue/{issue.id}")})


def update_issue(state: State, call: Call) -> Answer:
    """PUT issue/{issue}: what is given replaces what was."""
    issue = named_issue(state, call)
    fields = given(call)
    state.index.changing(issue.id, issue)
    change(state, issue, fields)
    issue.updated = now()
    return DONE


def delete_issue(state: State, call: Call) -> Answer:
    """DELETE issue/{issue}."""
    issue = named_issue(state, call)
    state.index.changing(issue.id, issue)
    del state.issues[issue.key]
    return DONE


def given(call: Call) -> Json:
    """Return the object in the body's ``fields``.

    Raises:
        Refusal: 400 if it is no object, or for ``update``, which the stand-in does not know.
    """
    body = call.fields()
    fields = body.get("fields", {})
    if not isinstance(fields, dict) or body.get("update"):
        raise Refusal(400, "The stand-in reads an object in 'fields' and nothing in 'update'.")
    return fields


def change(state: State, issue: Issue, fields: Json) -> None:
    """Set what is given.

    Raises:
        Refusal: 400 for what does not fit; nothing is set then.
    """
    setters: dict[str, Callable[[], Any]] = {
        "summary": lambda: text(fields, "summary") or issue.summary,
        "description": lambda: fields["description"],
        "issuetype": lambda: pick(fields, "issuetype", ISSUE_TYPES),
        "priority": lambda: pick(fields, "priority", PRIORITIES),
        "labels": lambda: labels(fields),
        "assignee": lambda: person(state, fields, "assignee"),
        "reporter": lambda: person(state, fields, "reporter") or issue.reporter,
    }
    for name in fields:
        if name in FIELDS and name not in SETTABLE:
            raise misfit(name, f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown.")
    values = {name: setters[name]() for name in fields if name in setters}
    for name, value in values.items():
        setattr(issue, "type" if name == "issuetype" else name, value)
    issue.custom.update({name: fields[name] for name in fields if name not in SETTABLE})


def pick(fields: Json, name: str, choices: dict[str, str]) -> str:
    """Return the choice that a field names by ``name`` or ``id``."""
    value = fields.get(name)
    asked = (value.get("name"), value.get("id")) if isinstance(value, dict) else ()
    for choice, number in choices.items():
        if choice in asked or number in asked:
            return choice
    raise misfit(name, f"valid {name} is required")


def project_key(fields: Json) -> str:
    """The project a new issue is for, by ``key`` or ``id``."""
    value = fields.get("project")
    asked = (value.get("key"), value.get("id")) if isinstance(value, dict) else ()
    for project in PROJECTS.values():
        if project.key in asked or project.id in asked:
            return project.key
    raise misfit("project", "project is required")


def person(state: State, fields: Json, name: str) -> str | None:
    """Return the user key that a field gives by ``name``, ``key``, ``accountId`` or ``id``; ``None`` if empty."""
    value = fields[name] or {}
    if not isinstance(value, dict):
        raise misfit(name, "data was not an object")
    who, number = text(value, "name"), text(value, "accountId") or text(value, "id")
    key = text(value, "key")
    if not (who or key or number):
        return None
    user = state.user(name=who, key=key, account_id=number)
    if user is None:
        raise misfit(name, f"User '{who or key or number}' does not exist.")
    return user.key


def labels(fields: Json) -> list[str]:
    """The list of labels."""
    value = fields["labels"]
    if not isinstance(value, list) or not all(isinstance(label, str) for label in value):
        raise misfit("labels", "An array of text is expected here.")
    return value


def now() -> str:
    """The time as Jira writes it."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}.000+0000"
