import pytest


@pytest.mark.parametrize(("manners", "kind"), [("server", "Server"), ("cloud", "Cloud")])
def test_server_info_tells_clients_what_they_talk_to(request, manners, kind):
    about = request.getfixturevalue(manners)("GET", "/rest/api/2/serverInfo").json

    assert (about["deploymentType"], about["baseUrl"]) == (kind, "http://jira.example")
    assert ".".join(map(str, about["versionNumbers"])) == about["version"].removesuffix("-SNAPSHOT")


@pytest.mark.parametrize(
    ("path", "count"),
    [("project", 2), ("issuetype", 3), ("status", 3), ("priority", 5), ("resolution", 1), ("field", 14)],
)
def test_lists(server, path, count):
    assert len(server("GET", f"/rest/api/2/{path}").json) == count


def test_projects(server, cloud):
    assert server("GET", "/rest/api/2/project/DEMO").json["id"] == "10000"
    assert server("GET", "/rest/api/2/project/10001").json["key"] == "OPS"
    assert server("GET", "/rest/api/2/project/NONE").status == 404
    assert [each["key"] for each in cloud("GET", "/rest/api/3/project/search").json["values"]] == ["DEMO", "OPS"]


@pytest.mark.parametrize(
    ("query", "projects", "types", "fields"),
    [
        ("", 2, 3, False),
        ("projectKeys=DEMO", 1, 3, False),
        ("projectIds=10001&issuetypeNames=Bug", 1, 1, False),
        ("projectKeys=DEMO,OPS&expand=projects.issuetypes.fields", 2, 3, True),
        ("projectKeys=NONE", 0, 0, False),
    ],
)
def test_create_meta(server, query, projects, types, fields):
    listed = server("GET", f"/rest/api/2/issue/createmeta?{query}").json["projects"]

    assert len(listed) == projects
    for project in listed:
        assert len(project["issuetypes"]) == types
        assert all(("summary" in kind.get("fields", {})) is fields for kind in project["issuetypes"])


@pytest.mark.parametrize(
    ("manners", "path", "members"),
    [
        ("server", "DEMO/issuetypes", "values"),
        ("server", "DEMO/issuetypes/1", "values"),
        ("cloud", "DEMO/issuetypes", "issueTypes"),
        ("cloud", "DEMO/issuetypes/1", "fields"),
    ],
)
def test_create_meta_in_its_new_form(request, manners, path, members):
    page = request.getfixturevalue(manners)("GET", f"/rest/api/2/issue/createmeta/{path}").json

    assert len(page[members]) == page["total"] > 0


@pytest.mark.parametrize(("path", "status"), [("NONE/issuetypes", 404), ("DEMO/issuetypes/9", 400)])
def test_create_meta_of_nothing(server, path, status):
    assert server("GET", f"/rest/api/2/issue/createmeta/{path}").status == status


@pytest.mark.parametrize(("login", "admin"), [("", False), ("fred:fred", False), ("admin:admin", True)])
def test_only_administrators_administer(server, login, admin):
    permissions = server("GET", "/rest/api/2/mypermissions", login=login).json["permissions"]

    assert permissions["ADMINISTER"]["havePermission"] is admin
    assert permissions["BROWSE_PROJECTS"]["havePermission"] is True


def test_the_cloud_wants_to_know_which_permissions(cloud):
    assert cloud("GET", "/rest/api/3/mypermissions").status == 400
    assert cloud("GET", "/rest/api/3/mypermissions?permissions=ADMINISTER").json["permissions"].keys() == {"ADMINISTER"}
