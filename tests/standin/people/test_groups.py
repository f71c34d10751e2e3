import pytest


def names(server) -> list[str]:
    return [user.name for user in server.state.members("gang")]


@pytest.fixture
def gang(server):
    assert server("POST", "/rest/api/2/group", {"name": "gang"}).status == 201
    return server


def test_a_new_group_is_shown_with_its_link(gang):
    reply = gang("GET", "/rest/api/2/group?groupname=gang")

    assert reply.json["self"] == "http://jira.example/rest/api/2/group?groupname=gang"
    assert reply.json["users"]["size"] == 0


def test_members_come_and_go(gang):
    assert gang("POST", "/rest/api/2/group/user?groupname=gang", {"name": "fred"}).json["users"]["size"] == 1
    assert names(gang) == ["fred"]
    assert gang("GET", "/rest/api/2/group/member?groupname=gang").json["values"][0]["name"] == "fred"
    assert gang("GET", "/rest/api/2/group?groupname=gang&expand=users").json["users"]["items"][0]["name"] == "fred"
    assert gang("DELETE", "/rest/api/2/group/user?groupname=gang&username=fred").status == 200
    assert names(gang) == []


def test_a_group_can_be_deleted(gang):
    assert gang("DELETE", "/rest/api/2/group?groupname=gang").status == 200
    assert "gang" not in gang.state.groups


@pytest.mark.parametrize(
    ("method", "path", "given", "status"),
    [
        ("POST", "group", {"name": "gang"}, 400),
        ("POST", "group", {}, 400),
        ("GET", "group", None, 400),
        ("DELETE", "group?groupname=x", None, 404),
        ("POST", "group/user?groupname=x", {"name": "fred"}, 404),
        ("POST", "group/user?groupname=gang", {"name": "nobody"}, 404),
        ("POST", "group/user?groupname=jira-administrators", {"name": "admin"}, 400),
        ("DELETE", "group/user?groupname=gang&username=fred", None, 400),
        ("DELETE", "group/user?groupname=gang&username=nobody", None, 404),
    ],
)
def test_what_does_not_fit_is_refused(gang, method, path, given, status):
    assert gang(method, f"/rest/api/2/{path}", given).status == status


def test_groups_are_picked_by_a_part_of_their_name(server):
    reply = server("GET", "/rest/api/2/groups/picker?query=admin")

    assert [group["name"] for group in reply.json["groups"]] == ["jira-administrators"]


def test_members_come_in_pages(server):
    reply = server("GET", "/rest/api/2/group/member?groupname=jira-software-users&startAt=1&maxResults=1")

    assert [user["name"] for user in reply.json["values"]] == ["fred"]
    assert (reply.json["total"], reply.json["isLast"]) == (2, True)
