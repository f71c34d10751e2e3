"""Users in Cloud: accounts are Atlassian's, users are named by account id.

Texts are those that sites were seen to answer. Of what the article on user management calls removed, no answer is
known; the stand-in has no such endpoints, and what follows from that (404, or 405 where the path lives on with another
method) is inferred. The same goes for ``PUT user``, which the article calls modified and no specification since 2018
has. Login and logout stay, as the article says, though Atlassian took them out in 2019. Users may be created without
``products``, as they could before 2024. The mode ``cloud-today`` takes back these three: passwords and sessions
are refused, and new users need ``products``.
"""

from jira_compat.standin.http.messages import Answer, Call, Refusal, answer, misfit, text
from jira_compat.standin.modes.common_answers import unauthorised
from jira_compat.standin.people import accounts, groups
from jira_compat.standin.people import json_views as people
from jira_compat.standin.people.accounts import DONE, applications
from jira_compat.standin.state import State, User

NO_SUCH_USER = "Specified user does not exist or you do not have required permissions"


def named(state: State, call: Call) -> User:
    """The user that ``accountId`` in the query means; names and keys are refused.

    Raises:
        Refusal: 400 without it or with others beside it, 404 if there is no such user.
    """
    account_id = call.ask("accountId")
    if account_id is None:
        raise Refusal(400, "The 'accountId' query parameter needs to be provided")
    if call.ask("username") or call.ask("key"):
        raise Refusal(400, "'accountId' must be the only user identifying query parameter in GDPR strict mode.")
    return found_account(state, account_id)


def found_account(state: State, account_id: str) -> User:
    """The user with an account id.

    Raises:
        Refusal: 404 if there is none.
    """
    user = state.user(account_id=account_id)
    if user is None:
        raise Refusal(404, NO_SUCH_USER)
    return user


def get_myself(state: State, call: Call) -> Answer:
    """GET myself."""
    if call.caller is None:
        return unauthorised(state.mode, "")
    return accounts.get_myself(state, call)


def get_user(state: State, call: Call) -> Answer:
    """GET user."""
    return answer(200, people.full_user(state, call, named(state, call)))


def find_users(state: State, call: Call) -> Answer:
    """GET user/search: by ``query``."""
    if call.ask("username"):
        raise Refusal(400, "The query parameter 'username' is not supported in GDPR strict mode.")
    return accounts.find_users(state, call)


def create_user(state: State, call: Call) -> Answer:
    """POST user: an account with that address is taken as it is, else there is a new one; no password is looked at."""
    fields = call.fields()
    email = text(fields, "emailAddress")
    if not email:
        raise misfit("emailAddress", "You must specify an email address.")
    if state.today and not fields.get("products"):
        raise Refusal(400, "You must specify the products that user can access.")
    full_name, keys = text(fields, "displayName") or email.partition("@")[0], applications(fields)
    user = state.account(email)
    if user is None:
        user = state.add_user(email, email, full_name)
    elif not user.linked:
        state.link(user)
    user.applications |= keys
    view = people.full_user(state, call, user)
    return answer(201, view, ("Location", str(view["self"])))


def delete_user(state: State, call: Call) -> Answer:
    """DELETE user: the site forgets the user, the account stays."""
    state.unlink(named(state, call))
    return DONE


def add_member(state: State, call: Call) -> Answer:
    """POST group/user: by ``accountId`` in the body."""
    account_id = text(call.fields(), "accountId")
    if account_id is None:
        raise Refusal(400, "The 'accountId' query parameter needs to be provided")
    return groups.join(state, call, found_account(state, account_id))


def remove_member(state: State, call: Call) -> Answer:
    """DELETE group/user: by ``accountId`` in the query."""
    return groups.leave(state, call, named(state, call))
