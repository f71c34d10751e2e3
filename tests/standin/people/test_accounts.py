import pytest

CHARLIE = {"name": "charlie", "emailAddress": "charlie@example.com", "displayName": "Charlie", "password": "secret"}


@pytest.mark.parametrize(
    "query", ["username=fred", "username=FRED", "key=JIRAUSER10201", "accountId=5b10a2844c20165700ed27d9"]
)
def test_a_user_is_found_by_each_of_its_names(server, query):
    reply = server("GET", f"/rest/api/2/user?{query}")

    assert (reply.status, reply.json["name"], reply.json["active"]) == (200, "fred", True)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize(("query", "status"), [("", 400), ("username=", 400), ("username=nobody", 404)])
def test_nobody_is_not_found(server, method, query, status):
    reply = server(method, f"/rest/api/2/user?{query}", {})

    assert reply.status == status
    assert reply.json["errorMessages"]
    assert reply.json["errors"] == {}


def test_a_created_user_has_the_password_and_can_log_in(server):
    reply = server("POST", "/rest/api/2/user", CHARLIE)

    assert reply.status == 201
    assert reply.json["self"] == reply.headers["Location"] == "http://jira.example/rest/api/2/user?username=charlie"
    assert "password" not in reply.json
    assert server.password("charlie") == "secret"
    assert server("GET", "/rest/api/2/myself", login="charlie:secret").json["displayName"] == "Charlie"


def test_without_a_password_it_is_random(server):
    server("POST", "/rest/api/2/user", {"name": "a", "emailAddress": "a@example.com"})
    server("POST", "/rest/api/2/user", {"name": "b", "emailAddress": "b@example.com"})

    assert len({server.password("a"), server.password("b"), ""}) == 3


@pytest.mark.parametrize(
    ("given", "culprit"),
    [
        ({"name": None}, "username"),
        ({"emailAddress": ""}, "email"),
        ({"name": "Fred"}, "username"),
        ({"password": {"value": "x"}}, "password"),
        ({"applicationKeys": ["jira-bridge"]}, "applicationKeys"),
        ({"applicationKeys": "jira-core"}, "applicationKeys"),
    ],
)
def test_what_cannot_be_created_is_refused_by_field(server, given, culprit):
    reply = server("POST", "/rest/api/2/user", CHARLIE | given)

    assert (reply.status, list(reply.json["errors"])) == (400, [culprit])
    assert len(server.state.users) == 2


def test_an_update_changes_what_is_given_and_nothing_else(server):
    reply = server("PUT", "/rest/api/2/user?username=fred", {"emailAddress": "f@example.com"})

    assert (reply.status, reply.json["emailAddress"], reply.json["displayName"]) == (
        200,
        "f@example.com",
        "Fred F. User",
    )
    assert server.password("fred") == "fred"


def test_an_update_changes_everything(server):
    given = {"name": "freddy", "displayName": "Freddy", "password": "new", "active": False}
    reply = server("PUT", "/rest/api/2/user?username=fred", given)

    assert {name: reply.json.get(name) for name in ("name", "displayName", "active")} == {
        "name": "freddy",
        "displayName": "Freddy",
        "active": False,
    }
    assert server.password("freddy") == "new"
    assert server("GET", "/rest/api/2/user?username=fred").status == 404


@pytest.mark.parametrize(("sent", "active"), [(False, False), ("false", False), ("true", True), (None, True)])
def test_active_may_be_text(server, sent, active):
    assert server("PUT", "/rest/api/2/user?username=fred", {"active": sent}).json["active"] is active


def test_an_update_that_is_refused_changes_nothing(server):
    given = {"name": "x", "password": "x", "emailAddress": "x", "displayName": ["x"]}

    assert server("PUT", "/rest/api/2/user?username=fred", given).status == 400
    fred = server.state.named("fred")
    assert (fred.password, fred.email) == ("fred", "fred@example.com")


def test_a_name_that_is_taken_is_refused(server):
    assert server("PUT", "/rest/api/2/user?username=fred", {"name": "admin"}).json["errors"].keys() == {"username"}
    assert server("PUT", "/rest/api/2/user?username=fred", {"name": "Fred"}).status == 200


def test_a_deleted_user_is_gone(server):
    assert server("DELETE", "/rest/api/2/user/?username=fred").status == 204
    assert [user.name for user in server.state.users.values()] == ["admin"]
    assert server("GET", "/rest/api/2/issue/DEMO-1").json["fields"]["assignee"] is None
    assert server("GET", "/rest/api/2/serverInfo", login="fred:fred").status == 401


def test_applications_come_and_go(server):
    path = "/rest/api/2/user/application?username=fred&applicationKey=jira-servicedesk"

    assert server("POST", path).status == 200
    assert "jira-servicedesk" in server.state.named("fred").applications
    assert server("DELETE", path).status == 204
    assert "jira-servicedesk" not in server.state.named("fred").applications
    assert server("POST", "/rest/api/2/user/application?username=fred&applicationKey=x").status == 400


def test_myself_is_whoever_asks(server):
    assert server("GET", "/rest/api/2/myself").status == 401
    assert server("GET", "/rest/api/2/myself", login="fred:fred").json["name"] == "fred"
    assert server("GET", "/rest/api/2/myself?expand=groups", login="fred:fred").json["groups"]["items"] != []


def test_myself_changes_address_and_full_name_against_the_password(server):
    given = {"displayName": "F", "emailAddress": "f@example.com", "name": "freddy"}

    assert server("PUT", "/rest/api/2/myself", given, login="fred:fred").status == 400
    reply = server("PUT", "/rest/api/2/myself", {**given, "password": "fred"}, login="fred:fred")
    assert (reply.json["name"], reply.json["displayName"], reply.json["emailAddress"]) == ("fred", "F", "f@example.com")


@pytest.mark.parametrize(
    ("query", "names"),
    [("username=fred", ["fred"]), ("username=example.com", ["admin", "fred"]), ("username=.&startAt=1", ["fred"])],
)
def test_users_are_searched_for(server, query, names):
    assert [user["name"] for user in server("GET", f"/rest/api/2/user/search?{query}").json] == names


def test_inactive_users_are_found_only_if_wanted(server):
    server.state.named("fred").active = False

    assert server("GET", "/rest/api/2/user/search?username=fred").json == []
    assert len(server("GET", "/rest/api/2/user/search?username=fred&includeInactive=true").json) == 1
