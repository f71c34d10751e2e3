"""Jira's metadata: version, projects, fields, permissions, the form of a new issue."""

from jira_compat.standin.http.messages import Answer, Call, Json, Refusal, answer
from jira_compat.standin.issues import json_views
from jira_compat.standin.issues.editing import now
from jira_compat.standin.issues.seed import FIELDS, ISSUE_TYPES, PRIORITIES, PROJECTS, SETTABLE, STATUSES, Project
from jira_compat.standin.state import ADMINISTRATORS, State

PERMISSIONS = {"BROWSE_PROJECTS": "10", "CREATE_ISSUES": "11", "EDIT_ISSUES": "12", "ADMINISTER": "0"}
VERSIONS = {
    "server": {"version": "8.20.30", "versionNumbers": [8, 20, 30], "buildNumber": 820030},
    "cloud": {"version": "1001.0.0-SNAPSHOT", "versionNumbers": [1001, 0, 0], "buildNumber": 100291},
}
"""Server is the last line in which ``createmeta`` has both its old and its new form."""


def server_info(state: State, call: Call) -> Answer:
    """GET serverInfo."""
    about = {
        "baseUrl": call.site,
        "deploymentType": ("Cloud" if state.cloud else "Server"),
        "buildDate": "2024-05-08T00:00:00.000+0000",
        "serverTime": now(),
        "scmInfo": "0" * 40,
        "serverTitle": "A stand-in for Jira",
    }
    return answer(200, about | VERSIONS["cloud" if state.cloud else "server"])


def projects(_: State, call: Call) -> Answer:
    """GET project."""
    return answer(200, [json_views.project(call, each) for each in PROJECTS.values()])


def find_projects(_: State, call: Call) -> Answer:
    """GET project/search: all of them on one page."""
    values = [json_views.project(call, each) for each in PROJECTS.values()]
    page = {"maxResults": 50, "startAt": 0, "total": len(values), "isLast": True, "values": values}
    return answer(200, {"self": call.link("project/search"), **page})


def get_project(_: State, call: Call) -> Answer:
    """GET project/{project}."""
    which = named_project(call)
    return answer(200, {**json_views.project(call, which), "issueTypes": types(call)})


def named_project(call: Call) -> Project:
    """The project that the path means, by key or id.

    Raises:
        Refusal: 404 if there is none.
    """
    asked = call.parts["project"]
    for project in PROJECTS.values():
        if asked in (project.key, project.id):
            return project
    raise Refusal(404, f"No project could be found with key '{asked}'.")


def types(call: Call) -> list[Json]:
    """Every issue type."""
    return [json_views.issue_type(call, name) for name in ISSUE_TYPES]


def issue_types(_: State, call: Call) -> Answer:
    """GET issuetype."""
    return answer(200, types(call))


def statuses(_: State, call: Call) -> Answer:
    """GET status."""
    return answer(200, [json_views.status(call, name) for name in STATUSES])


def priorities(_: State, call: Call) -> Answer:
    """GET priority."""
    return answer(200, [json_views.priority(call, name) for name in PRIORITIES])


def resolutions(_: State, call: Call) -> Answer:
    """GET resolution."""
    return answer(200, [{"self": call.link("resolution/1"), "id": "1", "name": "Done", "description": ""}])


def fields(_: State, __: Call) -> Answer:
    """GET field."""
    return answer(
        200,
        [
            {
                "id": key,
                "key": key,
                "name": name,
                "custom": False,
                "orderable": key in SETTABLE,
                "navigable": key != "attachment",
                "searchable": True,
                "clauseNames": [key],
                "schema": {"type": kind, "system": key},
            }
            for key, (name, kind) in FIELDS.items()
        ],
    )


def my_permissions(state: State, call: Call) -> Answer:
    """GET mypermissions: everything but ADMINISTER for all, that one for administrators.

    The cloud wants to be told which ones; that it answers 400 otherwise is inferred.
    """
    asked = call.all("permissions")
    if state.cloud and not asked:
        raise Refusal(400, "The 'permissions' query parameter is required.")
    admin = call.caller is not None and call.caller.key in state.groups.get(ADMINISTRATORS, ())
    shown = {
        key: {
            "id": number,
            "key": key,
            "name": key.replace("_", " ").title(),
            "type": "GLOBAL" if key == "ADMINISTER" else "PROJECT",
            "description": "",
            "havePermission": admin or key != "ADMINISTER",
        }
        for key, number in PERMISSIONS.items()
        if key in asked or not asked
    }
    return answer(200, {"permissions": shown})


def create_meta(_: State, call: Call) -> Answer:
    """GET issue/createmeta: projects, their issue types and, with ``expand``, their fields."""
    kinds = [
        {**kind, **({"expand": "fields", "fields": create_fields(call)} if expanded(call) else {})}
        for kind in types(call)
        if not set(call.all("issuetypeIds") + call.all("issuetypeNames")) - {kind["id"], kind["name"]}
    ]
    wanted = {*call.all("projectKeys"), *call.all("projectIds")}
    chosen = [each for each in PROJECTS.values() if not wanted or wanted & {each.key, each.id}]
    listed = [{**json_views.project(call, each), "expand": "issuetypes", "issuetypes": kinds} for each in chosen]
    return answer(200, {"expand": "projects", "projects": listed})


def expanded(call: Call) -> bool:
    """True if the fields are requested too."""
    return "projects.issuetypes.fields" in call.all("expand")


def create_fields(call: Call) -> Json:
    """Return the fields of a new issue's form, by field id."""
    return {
        key: {
            "required": key in ("summary", "issuetype", "project"),
            "schema": {"type": FIELDS[key][1], "system": key},
            "name": FIELDS[key][0],
            "key": key,
            "fieldId": key,
            "hasDefaultValue": key == "priority",
            "operations": ["set"],
            **({"allowedValues": types(call)} if key == "issuetype" else {}),
        }
        for key in SETTABLE
    }


def create_types(state: State, call: Call) -> Answer:
    """GET issue/createmeta/{project}/issuetypes."""
    named_project(call)
    return meta_page(state, "issueTypes", types(call))


def create_type(state: State, call: Call) -> Answer:
    """GET issue/createmeta/{project}/issuetypes/{id}: its fields."""
    named_project(call)
    if call.parts["id"] not in ISSUE_TYPES.values():
        raise Refusal(400, f"Issue type with id '{call.parts['id']}' does not exist.")
    return meta_page(state, "fields", list(create_fields(call).values()))


def meta_page(state: State, cloud_name: str, values: list[Json]) -> Answer:
    """Return all values on one page: as ``values`` on Server, as ``issueTypes`` or ``fields`` in Cloud."""
    page = {"maxResults": 50, "startAt": 0, "total": len(values)}
    if state.cloud:
        return answer(200, {**page, cloud_name: values})
    return answer(200, {**page, "isLast": True, "values": values})
