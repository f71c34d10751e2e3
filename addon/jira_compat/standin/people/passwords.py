"""Passwords; Jira Server's default policy has no requirements."""

from jira_compat.standin.http.messages import Answer, Call, Json, Refusal, answer, misfit, text
from jira_compat.standin.people.accounts import DONE, caller, found, named
from jira_compat.standin.state import State


def set_password(state: State, call: Call) -> Answer:
    """PUT user/password."""
    user = named(state, call)
    user.password = new_password(call.fields())
    return DONE


def new_password(fields: Json) -> str:
    """The password in ``password``.

    Raises:
        Refusal: 400 if there is none.
    """
    password = text(fields, "password")
    if not password:
        raise misfit("password", "You must specify a password.")
    return password


def set_my_password(_: State, call: Call) -> Answer:
    """PUT myself/password, against the current one."""
    user, fields = caller(call), call.fields()
    if text(fields, "currentPassword") != user.password:
        raise misfit("currentPassword", "The current password you entered is incorrect.")
    user.password = new_password(fields)
    return DONE


def get_policy(_: State, __: Call) -> Answer:
    """GET password/policy: no requirements, as Jira comes."""
    return answer(200, [])


def check_new_user(_: State, call: Call) -> Answer:
    """POST password/policy/createUser: nothing is wrong with any password."""
    fields = call.fields()
    if not (text(fields, "username") and text(fields, "password")):
        raise Refusal(400, "The username and the password have to be given.")
    return answer(200, [])


def check_update(state: State, call: Call) -> Answer:
    """POST password/policy/updateUser: nothing is wrong with any password."""
    fields = call.fields()
    name = text(fields, "username")
    if not (name and text(fields, "newPassword")):
        raise Refusal(400, "The username and the new password have to be given.")
    found(state.user(name=name), name)
    return answer(200, [])
