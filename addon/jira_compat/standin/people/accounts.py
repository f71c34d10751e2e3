"""Users, as Jira Server answers them.

Nobody is asked for permissions: whoever is there may do everything, as an administrator may.
"""

import secrets

from jira_compat.standin.http.messages import Answer, Call, Json, Refusal, answer, flag, misfit, text
from jira_compat.standin.people import json_views as people
from jira_compat.standin.state import APPLICATIONS, State, User

DONE = Answer(204)


def named(state: State, call: Call) -> User:
    """The user that ``username``, ``key`` or ``accountId`` in the query means.

    Raises:
        Refusal: 400 if there is none of them, 404 if nobody is called so.
    """
    name, key, account_id = call.ask("username"), call.ask("key"), call.ask("accountId")
    if not (name or key or account_id):
        raise Refusal(400, "Either the 'username' or the 'key' query parameters need to be provided")
    return found(state.user(name=name, key=key, account_id=account_id), name or key or account_id)


def found(user: User | None, wanted: str | None) -> User:
    """The user, if there is one.

    Raises:
        Refusal: 404 if there is none.
    """
    if user is None:
        raise Refusal(404, f"The user named '{wanted}' does not exist")
    return user


def caller(call: Call) -> User:
    """Return the caller.

    Raises:
        Refusal: 401 if nobody is logged in.
    """
    if call.caller is None:
        raise Refusal(401, "You are not authenticated. Authentication required to perform this operation.")
    return call.caller


def get_user(state: State, call: Call) -> Answer:
    """GET user."""
    return answer(200, people.full_user(state, call, named(state, call)))


def find_users(state: State, call: Call) -> Answer:
    """GET user/search: name, full name or address contains the text; ``.`` and ``%`` mean everybody."""
    wanted = (call.ask("username") or call.ask("query") or "").lower()
    first, count = call.number("startAt", 0), call.number("maxResults", 50)
    hits = [
        user
        for user in state.users.values()
        if user.linked
        and (user.active or call.ask("includeInactive") in ("true", "True"))
        and (wanted in ".%" or wanted in f"{user.name}\n{user.display_name}\n{user.email}".lower())
    ]
    return answer(200, [people.brief_user(state, call, user) for user in hits[first : first + count]])


def create_user(state: State, call: Call) -> Answer:
    """POST user: the password is set; without one it is random."""
    fields = call.fields()
    name, email = text(fields, "name"), text(fields, "emailAddress")
    if not name:
        raise misfit("username", "You must specify a username.")
    if not email:
        raise misfit("email", "You must specify an email address.")
    if state.user(name=name):
        raise misfit("username", "A user with that username already exists.")
    password, full_name = text(fields, "password") or secrets.token_hex(), text(fields, "displayName") or name
    active, keys = flag(fields, "active") is not False, applications(fields)
    user = state.add_user(name, email, full_name, password)
    user.active = active
    user.applications |= keys
    view = people.full_user(state, call, user)
    return answer(201, view, ("Location", str(view["self"])))


def applications(fields: Json) -> set[str]:
    """Return the applications in ``applicationKeys``.

    Raises:
        Refusal: 400 for applications that there are none of.
    """
    keys = fields.get("applicationKeys") or []
    if not isinstance(keys, list) or not all(key in APPLICATIONS for key in keys):
        raise misfit("applicationKeys", "There is no such application.")
    return set(keys)


def update_user(state: State, call: Call) -> Answer:
    """PUT user: what is given replaces what was: name, address, full name, password, active."""
    user = named(state, call)
    fields = call.fields()
    name, password, active = text(fields, "name"), text(fields, "password"), flag(fields, "active")
    if name and state.user(name=name) not in (None, user):
        raise misfit("username", "A user with that username already exists.")
    present_as(user, fields)
    user.name = name or user.name
    user.password = password or user.password
    user.active = user.active if active is None else active
    return answer(200, people.full_user(state, call, user))


def present_as(user: User, fields: Json) -> None:
    """Change address and full name, if they are given."""
    email, full_name = text(fields, "emailAddress"), text(fields, "displayName")
    user.email = email or user.email
    user.display_name = full_name or user.display_name


def delete_user(state: State, call: Call) -> Answer:
    """DELETE user: the account is destroyed."""
    state.destroy(named(state, call))
    return DONE


def add_application(state: State, call: Call) -> Answer:
    """POST user/application."""
    named(state, call).applications.add(application(call))
    return Answer(200)


def remove_application(state: State, call: Call) -> Answer:
    """DELETE user/application."""
    named(state, call).applications.discard(application(call))
    return DONE


def application(call: Call) -> str:
    """The application that the query means.

    Raises:
        Refusal: 400 if there is no such one.
    """
    key = call.ask("applicationKey")
    if key not in APPLICATIONS:
        raise Refusal(400, f"The application with the key '{key}' does not exist.")
    return key


def get_myself(state: State, call: Call) -> Answer:
    """GET myself."""
    return answer(200, people.full_user(state, call, caller(call)))


def update_myself(state: State, call: Call) -> Answer:
    """PUT myself: address and full name, against the own password."""
    user, fields = caller(call), call.fields()
    if text(fields, "password") != user.password:
        raise misfit("password", "The password you entered is incorrect.")
    present_as(user, fields)
    return answer(200, people.full_user(state, call, user))
