"""Projects, issues and attachments in Jira's JSON."""

import html
from collections.abc import Callable, Collection

from jira_compat.standin.http.messages import Call, Json, escaped
from jira_compat.standin.issues.seed import FIELDS, ISSUE_TYPES, PRIORITIES, STATUSES, Attachment, Issue, Project
from jira_compat.standin.people import json_views as people
from jira_compat.standin.state import State


def project(call: Call, which: Project) -> Json:
    """A project as issues and lists show it."""
    return {
        "self": call.link(f"project/{which.id}"),
        "id": which.id,
        "key": which.key,
        "name": which.name,
        "projectTypeKey": "software",
        "avatarUrls": people.icons(call, "projectavatar"),
    }


def issue_type(call: Call, name: str) -> Json:
    """An issue type."""
    return {
        "self": call.link(f"issuetype/{ISSUE_TYPES[name]}"),
        "id": ISSUE_TYPES[name],
        "description": "",
        "iconUrl": f"{call.site}/images/icons/issuetypes/{name.lower()}.png",
        "name": name,
        "subtask": False,
    }


def status(call: Call, name: str) -> Json:
    """A state that an issue may be in."""
    number, category = STATUSES[name]
    return {
        "self": call.link(f"status/{number}"),
        "description": "",
        "iconUrl": f"{call.site}/images/icons/statuses/generic.png",
        "name": name,
        "id": number,
        "statusCategory": {
            "self": call.link(f"statuscategory/{category}"),
            "id": {"new": 2, "indeterminate": 4, "done": 3}[category],
            "key": category,
            "colorName": {"new": "blue-gray", "indeterminate": "yellow", "done": "green"}[category],
            "name": name,
        },
    }


def priority(call: Call, name: str) -> Json:
    """A priority."""
    return {
        "self": call.link(f"priority/{PRIORITIES[name]}"),
        "iconUrl": f"{call.site}/images/icons/priorities/{name.lower()}.svg",
        "name": name,
        "id": PRIORITIES[name],
    }


def attachment(state: State, call: Call, file: Attachment) -> Json:
    """A file at an issue."""
    inside = f"{call.site}/secure/attachment/{file.id}/{escaped(file.name)}"
    return {
        "self": call.link(f"attachment/{file.id}"),
        "id": file.id,
        "filename": file.name,
        "author": people.somebody(state, call, file.author),
        "created": "2018-10-11T09:00:00.000+0000",
        "size": file.size,
        "mimeType": "application/octet-stream",
        "content": call.link(f"attachment/content/{file.id}") if state.cloud else inside,
    }


def issue_fields(state: State, call: Call, issue: Issue) -> Json:
    """Every field of an issue."""
    return {
        "summary": issue.summary,
        "issuetype": issue_type(call, issue.type),
        "project": project(call, issue.project),
        "description": words(issue.description, call.version),
        "status": status(call, issue.status),
        "priority": priority(call, issue.priority),
        "resolution": None,
        "reporter": people.somebody(state, call, issue.reporter),
        "creator": people.somebody(state, call, issue.reporter),
        "assignee": people.somebody(state, call, issue.assignee),
        "labels": issue.labels,
        "created": issue.created,
        "updated": issue.updated,
        "attachment": [attachment(state, call, state.attachments[number]) for number in issue.attachments],
        **issue.custom,
    }


def issue(  # noqa: PLR0913, PLR0917  what is shown, and how much of it
    state: State,
    call: Call,
    which: Issue,
    asked: Collection[str],
    expand: Collection[str] = (),
    properties: Collection[str] = (),
) -> Json:
    """An issue with the requested fields: ids, ``*all``, ``*navigable``, ``-id``."""
    without = {name[1:] for name in asked if name.startswith("-")}
    wanted = {name for name in asked if not name.startswith("-")} or {"*all"}
    fields = issue_fields(state, call, which) if wanted - {"id", "key"} else {}
    if "*navigable" in wanted:
        wanted |= fields.keys() - {"attachment"}
    shown = {
        name: value for name, value in fields.items() if name not in without and (name in wanted or "*all" in wanted)
    }
    kept = {name: which.properties[name] for name in properties if name in which.properties}
    return {
        "expand": "renderedFields,names,schema,operations,editmeta,changelog",
        "id": which.id,
        "self": call.link(f"issue/{which.id}"),
        "key": which.key,
        **({"properties": kept} if properties else {}),
        **{name: make(shown) for name, make in EXPANSIONS.items() if name in expand},
        "fields": shown,
    }


def selection(fields: Collection[str], default: str) -> list[str]:
    """The fields that a search means: a default for none, all navigable ones where some are only excluded."""
    if not fields:
        return [default]
    only_excluded = all(name.startswith("-") for name in fields)
    return ["*navigable", *fields] if only_excluded else list(fields)


def names(fields: Collection[str]) -> Json:
    """The name of each field, by its id."""
    return {name: FIELDS[name][0] if name in FIELDS else name for name in fields}


def schema(fields: Collection[str]) -> Json:
    """The type of each field, by its id."""
    return {
        name: {"type": FIELDS[name][1], "system": name} if name in FIELDS else {"type": "any", "custom": name}
        for name in fields
    }


def described(issues: Collection[Json], expand: Collection[str]) -> Json:
    """Return the members that ``expand=names,schema`` adds to a page of issues."""
    fields = {name: None for shown in issues for name in shown.get("fields", ())}
    return {name: make(fields) for name, make in (("names", names), ("schema", schema)) if name in expand}


def rendered(fields: Json) -> Json:
    """Fields in HTML: only the description has any."""
    text = words(fields.get("description"), "2")
    return {name: f"<p>{html.escape(str(text))}</p>" if name == "description" and text else None for name in fields}


EXPANSIONS: dict[str, Callable[[Json], object]] = {
    "renderedFields": rendered,
    "transitions": lambda _: [],
    "operations": lambda _: {"linkGroups": []},
    "editmeta": lambda _: {"fields": {}},
    "changelog": lambda _: {"startAt": 0, "maxResults": 0, "total": 0, "histories": []},
}
"""What ``expand`` adds to an issue; the stand-in keeps no history and has no workflow."""


def words(value: object, version: str) -> object:
    """Text as an API version shows it: version 3 as an Atlassian document, version 2 as text."""
    if version == "3" and isinstance(value, str):
        text = {"type": "text", "text": value}
        return {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [text]}]}
    return plain(value) if version == "2" and isinstance(value, dict) else value


def plain(document: object) -> str:
    """The text in an Atlassian document."""
    if isinstance(document, list):
        return "".join(plain(part) for part in document)
    if not isinstance(document, dict):
        return ""
    return str(document.get("text", "")) + plain(document.get("content"))
