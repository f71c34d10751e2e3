"""Logging in and out, and who a request comes from."""

import base64
import binascii

from jira_compat.standin.http.messages import Answer, Call, Json, Refusal, answer, text
from jira_compat.standin.people import json_views as people
from jira_compat.standin.people.accounts import DONE, caller
from jira_compat.standin.state import State, User

COOKIE = "JSESSIONID"


class CredentialsError(Exception):
    """Somebody gave credentials, and they are wrong.

    Args:
        scheme: Authentication scheme in lower case.
    """

    def __init__(self, scheme: str) -> None:
        super().__init__(scheme)
        self.scheme = scheme


def who(state: State, call: Call) -> User | None:
    """Return the user that a request comes from; ``None`` is anonymous.

    ``Authorization`` comes first, then the session cookie. An unknown cookie is anonymous, as in Jira; wrong
    credentials are not.

    Raises:
        CredentialsError: The credentials in ``Authorization`` are wrong.
    """
    scheme, _, value = call.headers.get("authorization", "").partition(" ")
    user = None
    if scheme.lower() == "basic":
        name, _, secret = decoded(value).partition(":")
        user = state.login(name, secret)
    elif state.today and scheme:
        pass  # a token as Bearer is refused as any other scheme
    elif scheme.lower() == "bearer":
        user = state.users.get(state.tokens.get(value.strip(), ""))
    elif not scheme:
        return None if state.today else state.users.get(state.sessions.get(session_id(call), ""))
    if user is None:
        raise CredentialsError(scheme.lower())
    return user


def decoded(value: str) -> str:
    """Basic credentials in the clear; ``""`` if they are not Base64."""
    try:
        return base64.b64decode(value).decode(errors="replace")
    except (binascii.Error, ValueError):
        return ""


def session_id(call: Call) -> str:
    """The session that the cookie means; ``""`` without one."""
    cookies = (pair.strip().partition("=") for pair in call.headers.get("cookie", "").split(";"))
    return next((value for name, _, value in cookies if name == COOKIE), "")


def login_info(user: User) -> Json:
    """Return the summary of earlier logins."""
    return {"loginCount": user.logins, "previousLoginTime": "2018-10-11T09:00:00.000+0000"}


def log_in(state: State, call: Call) -> Answer:
    """POST session: a cookie for a name and a password."""
    fields = call.fields()
    user = state.login(text(fields, "username") or "", text(fields, "password") or "")
    if user is None:
        raise Refusal(401, "Login failed")
    token = state.open_session(user)
    home = call.site.split("://")[-1].partition("/")[2]
    return answer(
        200,
        {"session": {"name": COOKIE, "value": token}, "loginInfo": login_info(user)},
        ("Set-Cookie", f"atlassian.xsrf.token={token[:4]}-{token[4:8]}_{token[8:]}_lin; Path=/{home}"),
        ("Set-Cookie", f"{COOKIE}={token}; Path=/{home}; HttpOnly"),
    )


def get_session(state: State, call: Call) -> Answer:
    """GET session: who is logged in."""
    user = caller(call)
    me = {"self": people.user_link(state, call, user), "name": user.name, "loginInfo": login_info(user)}
    return answer(200, me)


def log_out(state: State, call: Call) -> Answer:
    """DELETE session."""
    caller(call)
    state.sessions.pop(session_id(call), None)
    return DONE
