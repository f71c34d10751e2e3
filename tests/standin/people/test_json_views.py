import pytest

from jira_compat.standin.http.messages import Call
from jira_compat.standin.people import json_views as people
from jira_compat.standin.state import seeded


@pytest.mark.parametrize(
    ("manners", "named", "unnamed"),
    [
        ("server", {"name", "key"}, {"accountId", "accountType"}),
        ("cloud", {"accountId", "accountType"}, {"name", "key"}),
    ],
)
def test_server_and_cloud_name_users_differently(manners, named, unnamed):
    state = seeded(manners)
    view = people.full_user(state, Call("GET", (), site="http://jira"), state.named("fred"))

    assert named <= view.keys()
    assert not unnamed & view.keys()


@pytest.mark.parametrize("manners", ["server", "cloud"])
def test_no_view_has_a_password(manners):
    state = seeded(manners)
    user = state.named("fred")
    user.password = "hunter2"
    call = Call("GET", (), query=[("expand", "groups,applicationRoles,users")])

    assert "hunter2" not in str(people.full_user(state, call, user))
    assert "hunter2" not in str(people.group(state, call, "jira-software-users"))


@pytest.mark.parametrize("expand", ["", "groups", "applicationRoles"])
def test_what_is_not_expanded_is_counted(expand):
    state = seeded()
    view = people.full_user(state, Call("GET", (), query=[("expand", expand)]), state.named("admin"))

    assert [group["name"] for group in view["groups"]["items"]] == (
        ["jira-administrators", "jira-software-users"] if expand == "groups" else []
    )
    assert view["groups"]["size"] == 2
    assert len(view["applicationRoles"]["items"]) == (expand == "applicationRoles")


def test_links_hold_names_escaped():
    state = seeded()
    user = state.add_user("zoë&x=1", "z@example.com", "Zoë")

    assert people.user_link(state, Call("GET", (), site="http://jira"), user).endswith("?username=zo%C3%AB%26x%3D1")


@pytest.mark.parametrize("key", [None, "JIRAUSER99999"])
def test_nobody_is_null(key):
    assert people.somebody(seeded(), Call("GET", ()), key) is None
