"""The endpoints by method and path: of Server, of Cloud, and of Cloud as it refuses old clients today.

``api`` stands for ``/rest/api/VERSION``, where every version that clients were seen to write is taken: 2, 3, latest,
2.0 and 2.0.alpha1 (a real Jira Server has no 3, a real cloud no 2.0); ``auth`` stands for ``/rest/auth/1`` and
``/rest/auth/latest``.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from jira_compat.standin.http.messages import Answer, Call, Refusal
from jira_compat.standin.issues import attachments, editing, metadata, search
from jira_compat.standin.modes import cloud_search, cloud_users, common_answers
from jira_compat.standin.people import accounts, groups, passwords, session
from jira_compat.standin.state import State

type Endpoint = Callable[[State, Call], Answer]
type Table = Mapping[str, Endpoint]

SERVER: Table = {
    "GET api/user": accounts.get_user,
    "POST api/user": accounts.create_user,
    "PUT api/user": accounts.update_user,
    "DELETE api/user": accounts.delete_user,
    "PUT api/user/password": passwords.set_password,
    "POST api/user/application": accounts.add_application,
    "DELETE api/user/application": accounts.remove_application,
    "GET api/user/search": accounts.find_users,
    "GET api/myself": accounts.get_myself,
    "PUT api/myself": accounts.update_myself,
    "PUT api/myself/password": passwords.set_my_password,
    "GET api/password/policy": passwords.get_policy,
    "POST api/password/policy/createUser": passwords.check_new_user,
    "POST api/password/policy/updateUser": passwords.check_update,
    "GET api/group": groups.get_group,
    "POST api/group": groups.create_group,
    "DELETE api/group": groups.delete_group,
    "GET api/group/member": groups.get_members,
    "POST api/group/user": groups.add_member,
    "DELETE api/group/user": groups.remove_member,
    "GET api/groups/picker": groups.find_groups,
    "GET auth/session": session.get_session,
    "POST auth/session": session.log_in,
    "DELETE auth/session": session.log_out,
    "GET api/search": search.search,
    "POST api/search": search.search,
    "POST api/issue": editing.create_issue,
    "GET api/issue/{issue}": editing.get_issue,
    "PUT api/issue/{issue}": editing.update_issue,
    "DELETE api/issue/{issue}": editing.delete_issue,
    "POST api/issue/{issue}/attachments": attachments.attach,
    "GET api/attachment/meta": attachments.get_limits,
    "GET api/attachment/{id}": attachments.get_attachment,
    "DELETE api/attachment/{id}": attachments.delete_attachment,
    "GET secure/attachment/{id}/{name}": attachments.download,
    "GET api/issue/createmeta": metadata.create_meta,
    "GET api/issue/createmeta/{project}/issuetypes": metadata.create_types,
    "GET api/issue/createmeta/{project}/issuetypes/{id}": metadata.create_type,
    "GET api/serverInfo": metadata.server_info,
    "GET api/project": metadata.projects,
    "GET api/project/{project}": metadata.get_project,
    "GET api/issuetype": metadata.issue_types,
    "GET api/status": metadata.statuses,
    "GET api/priority": metadata.priorities,
    "GET api/resolution": metadata.resolutions,
    "GET api/field": metadata.fields,
    "GET api/mypermissions": metadata.my_permissions,
}

ONLY_ON_SERVER = {
    "PUT api/user",
    "PUT api/user/password",
    "POST api/user/application",
    "DELETE api/user/application",
    "PUT api/myself",
    "PUT api/myself/password",
    "GET api/password/policy",
    "POST api/password/policy/createUser",
    "POST api/password/policy/updateUser",
}

CLOUD: Table = {
    **{line: endpoint for line, endpoint in SERVER.items() if line not in ONLY_ON_SERVER},
    "GET api/user": cloud_users.get_user,
    "POST api/user": cloud_users.create_user,
    "DELETE api/user": cloud_users.delete_user,
    "GET api/user/search": cloud_users.find_users,
    "GET api/myself": cloud_users.get_myself,
    "POST api/group/user": cloud_users.add_member,
    "DELETE api/group/user": cloud_users.remove_member,
    "GET api/search": cloud_search.search_is_gone,
    "POST api/search": cloud_search.search_is_gone,
    "GET api/search/jql": cloud_search.search,
    "POST api/search/jql": cloud_search.search,
    "POST api/search/approximate-count": cloud_search.count,
    "POST api/issue/bulkfetch": cloud_search.fetch,
    "GET api/project/search": metadata.find_projects,
    "GET api/attachment/content/{id}": attachments.download,
}

CLOUD_TODAY: Table = {line: endpoint for line, endpoint in CLOUD.items() if " auth/" not in line}
"""Without login by password: what is answered instead was not seen, 404 is inferred."""

VERSIONS = {"api": ("2", "3", "latest", "2.0", "2.0.alpha1"), "auth": ("1", "latest")}

type Methods = dict[str, Endpoint]


def grouped(table: Table) -> dict[tuple[str, ...], Methods]:
    """The table by path, paths without open parts first."""
    paths: dict[tuple[str, ...], Methods] = {}
    for line, endpoint in sorted(table.items(), key=lambda item: item[0].count("{")):
        method, _, path = line.partition(" ")
        paths.setdefault(tuple(path.split("/")), {})[method] = endpoint
    return paths


PATHS = {"server": grouped(SERVER), "cloud": grouped(CLOUD), "cloud-today": grouped(CLOUD_TODAY)}


def find(paths: dict[tuple[str, ...], Methods], path: tuple[str, ...]) -> tuple[Methods, dict[str, str]]:
    """The methods that a path has, and what its open parts hold; no methods if there is no such path."""
    if path[:1] == ("rest",) and path[2:3] and path[2] in VERSIONS.get(path[1], ()):
        path = (path[1], *path[3:])
    elif path[:1] and path[0] in VERSIONS:
        return {}, {}
    for template, methods in paths.items():
        if len(template) == len(path) and all(
            want == have or want[0] == "{" for want, have in zip(template, path, strict=True)
        ):
            return methods, {want[1:-1]: have for want, have in zip(template, path, strict=True) if want[0] == "{"}
    return {}, {}


def respond(state: State, call: Call) -> Answer:
    """Return Jira's answer, header fields included."""
    if (refused := state.faults.next_status()) is not None:
        return common_answers.dressed(state, call, common_answers.unavailable(*refused))
    try:
        call = replace(call, caller=session.who(state, call))
        is_forged = state.today and common_answers.is_from_browser(call)
        reply = common_answers.forged() if is_forged else routed(state, call)
    except session.CredentialsError as unknown:
        reply = common_answers.unauthorised(state.mode, unknown.scheme)
    except Refusal as refusal:
        reply = refusal.answer
    return common_answers.dressed(state, call, reply)


def routed(state: State, call: Call) -> Answer:
    """Return the endpoint's answer, or a 404 or 405."""
    methods, parts = find(PATHS[state.mode], call.path)
    if not methods:
        return common_answers.not_found(call)
    if call.method not in methods:
        return common_answers.not_allowed(call, (*methods, "OPTIONS"))
    return methods[call.method](state, replace(call, parts=parts))
