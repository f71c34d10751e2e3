"""Users and groups in Jira's JSON."""

import uuid

from jira_compat.standin.http.messages import Call, Json, escaped
from jira_compat.standin.state import State, User

AVATARS = {"48x48": "large", "24x24": "small", "16x16": "xsmall", "32x32": "medium"}


def icons(call: Call, picture: str) -> Json:
    """Addresses of a picture in its four sizes."""
    return {size: f"{call.site}/secure/{picture}?size={name}&avatarId=10122" for size, name in AVATARS.items()}


def user_link(state: State, call: Call, user: User) -> str:
    """The address that identifies a user: by name on Jira Server, by account id in the cloud."""
    if state.cloud:
        return call.link(f"user?accountId={user.account_id}")
    return call.link(f"user?username={escaped(user.name)}")


def brief_user(state: State, call: Call, user: User) -> Json:
    """A user as a member of other objects: Cloud gives neither name nor key."""
    identity = {"accountId": user.account_id, "accountType": "atlassian"}
    return {
        "self": user_link(state, call, user),
        **(identity if state.cloud else {"key": user.key, "name": user.name}),
        "emailAddress": user.email,
        "avatarUrls": icons(call, "useravatar"),
        "displayName": user.display_name,
        "active": user.active,
        "timeZone": "Etc/UTC",
    }


def full_user(state: State, call: Call, user: User) -> Json:
    """A user as the main object; ``expand=groups,applicationRoles`` lists what is otherwise counted."""
    groups = [{"name": name, "self": group_link(state, call, name)} for name in state.groups_of(user)]
    roles = [{"key": key, "name": key} for key in sorted(user.applications)]
    expand = call.all("expand")
    return {
        **brief_user(state, call, user),
        "locale": "en_US",
        "groups": {"size": len(groups), "items": groups if "groups" in expand else []},
        "applicationRoles": {"size": len(roles), "items": roles if "applicationRoles" in expand else []},
        "expand": "groups,applicationRoles",
    }


def somebody(state: State, call: Call, key: str | None) -> Json | None:
    """The user with a key; ``None`` for no key and for deleted users."""
    user = None if key is None else state.users.get(key)
    return None if user is None else brief_user(state, call, user)


def group_id(name: str) -> str:
    """Return the id of a group in Cloud."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, name))


def group_link(state: State, call: Call, name: str) -> str:
    """The address of a group."""
    cloud = state.cloud
    return call.link(f"group?groupId={group_id(name)}" if cloud else f"group?groupname={escaped(name)}")


def group(state: State, call: Call, name: str) -> Json:
    """A group; ``expand=users`` lists its members."""
    members = state.members(name)
    listed = members if any(item.startswith("users") for item in call.all("expand")) else []
    return {
        "name": name,
        **({"groupId": group_id(name)} if state.cloud else {}),
        "self": group_link(state, call, name),
        "users": {
            "size": len(members),
            "items": [brief_user(state, call, user) for user in listed],
            "max-results": 50,
            "start-index": 0,
            "end-index": len(listed),
        },
        "expand": "users",
    }
