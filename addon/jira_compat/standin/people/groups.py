"""Groups and who is in them, as Jira Server answers them; the cloud only names users otherwise."""

import html

from jira_compat.standin.http.messages import Answer, Call, Refusal, answer, misfit, text
from jira_compat.standin.people import json_views as people
from jira_compat.standin.people.accounts import found, named
from jira_compat.standin.state import State, User


def named_group(state: State, call: Call) -> str:
    """The group that ``groupname`` or ``groupId`` in the query means.

    Raises:
        Refusal: 400 if there is neither, 404 if no group is called so.
    """
    name, number = call.ask("groupname"), call.ask("groupId")
    if not (name or number):
        raise Refusal(400, "Group name is required.")
    for group in state.groups:
        if group == name or people.group_id(group) == number:
            return group
    raise Refusal(404, f"The group named '{name or number}' does not exist.")


def get_group(state: State, call: Call) -> Answer:
    """GET group."""
    return answer(200, people.group(state, call, named_group(state, call)))


def create_group(state: State, call: Call) -> Answer:
    """POST group."""
    name = text(call.fields(), "name")
    if not name:
        raise misfit("name", "Group name is required.")
    if name in state.groups:
        raise misfit("name", "A group or user with this name already exists.")
    state.groups[name] = []
    view = people.group(state, call, name)
    return answer(201, view, ("Location", str(view["self"])))


def delete_group(state: State, call: Call) -> Answer:
    """DELETE group."""
    del state.groups[named_group(state, call)]
    return Answer(200)


def get_members(state: State, call: Call) -> Answer:
    """GET group/member: a page of its users."""
    users = state.members(named_group(state, call))
    first, count = call.number("startAt", 0), call.number("maxResults", 50)
    page = users[first : first + count]
    return answer(
        200,
        {
            "self": call.link("group/member"),
            "maxResults": count,
            "startAt": first,
            "total": len(users),
            "isLast": first + count >= len(users),
            "values": [people.brief_user(state, call, user) for user in page],
        },
    )


def find_groups(state: State, call: Call) -> Answer:
    """GET groups/picker: names that contain the text."""
    names = [name for name in state.groups if (call.ask("query") or "") in name]
    listed = [{"name": name, "html": html.escape(name), "labels": []} for name in names]
    header = f"Showing {len(names)} of {len(names)} matching groups"
    return answer(200, {"header": header, "total": len(names), "groups": listed})


def add_member(state: State, call: Call) -> Answer:
    """POST group/user: by ``name`` in the body."""
    name = text(call.fields(), "name")
    return join(state, call, found(state.user(name=name), name))


def join(state: State, call: Call, user: User) -> Answer:
    """Put a user into the group that the query means."""
    group = named_group(state, call)
    if user.key in state.groups[group]:
        raise Refusal(400, "Cannot add user. User is already a member of the group.")
    state.groups[group].append(user.key)
    return answer(201, people.group(state, call, group))


def remove_member(state: State, call: Call) -> Answer:
    """DELETE group/user: by ``username`` in the query."""
    return leave(state, call, named(state, call))


def leave(state: State, call: Call, user: User) -> Answer:
    """Take a user out of the group that the query means."""
    group = named_group(state, call)
    if user.key not in state.groups[group]:
        raise Refusal(400, "Cannot remove user. User is not a member of the group.")
    state.groups[group].remove(user.key)
    return Answer(200)
