import pytest

FRED = "5b10a2844c20165700ed27d9"


def test_the_password_of_a_new_user_is_ignored(cloud):
    given = {"emailAddress": "new@example.com", "displayName": "New", "password": "secret", "products": []}
    reply = cloud("POST", "/rest/api/3/user", given)

    assert (reply.status, reply.json["displayName"], reply.json["accountType"]) == (201, "New", "atlassian")
    assert not {"name", "key", "password"} & reply.json.keys()
    assert cloud.state.account("new@example.com").password == ""
    assert cloud("GET", "/rest/api/3/serverInfo", login="new@example.com:secret").status == 401


def test_a_new_user_needs_an_address(cloud):
    assert cloud("POST", "/rest/api/3/user", {"name": "new", "password": "x"}).json["errors"].keys() == {"emailAddress"}


def test_an_account_that_there_is_is_taken_as_it_is(cloud):
    reply = cloud("POST", "/rest/api/3/user", {"emailAddress": "FRED@example.com", "displayName": "Other"})

    assert (reply.status, reply.json["accountId"], reply.json["displayName"]) == (201, FRED, "Fred F. User")


def test_a_deleted_user_is_unlinked_and_may_come_back(cloud):
    assert cloud("DELETE", f"/rest/api/3/user?accountId={FRED}").status == 204
    assert cloud("GET", f"/rest/api/3/user?accountId={FRED}").status == 404
    assert cloud.state.account("fred@example.com").account_id == FRED
    reply = cloud("POST", "/rest/api/3/user", {"emailAddress": "fred@example.com"})
    assert (reply.json["accountId"], reply.json["groups"]["size"]) == (FRED, 1)


@pytest.mark.parametrize(
    ("method", "path", "given", "message"),
    [
        ("GET", "user?username=fred", None, "The 'accountId' query parameter needs to be provided"),
        ("DELETE", "user?username=fred", None, "The 'accountId' query parameter needs to be provided"),
        ("POST", "group/user?groupname=x", {"name": "fred"}, "The 'accountId' query parameter needs to be provided"),
        (
            "DELETE",
            "group/user?groupname=x&username=fred",
            None,
            "The 'accountId' query parameter needs to be provided",
        ),
        (
            "GET",
            f"user?accountId={FRED}&username=fred",
            None,
            "'accountId' must be the only user identifying query parameter in GDPR strict mode.",
        ),
        (
            "GET",
            "user/search?username=fred",
            None,
            "The query parameter 'username' is not supported in GDPR strict mode.",
        ),
        (
            "POST",
            "search/jql",
            {"jql": "order by key"},
            "Unbounded JQL queries are not allowed here. Please add a search restriction to your query.",
        ),
        ("GET", "search/jql?jql=project%3DOPS&nextPageToken=x", None, "The provided next page token is invalid."),
    ],
)
def test_what_the_cloud_refuses_in_its_words(cloud, method, path, given, message):
    reply = cloud(method, f"/rest/api/3/{path}", given)

    assert (reply.status, reply.json) == (400, {"errorMessages": [message], "errors": {}})


def test_users_are_searched_for_by_query(cloud):
    assert [user["accountId"] for user in cloud("GET", "/rest/api/3/user/search?query=fred").json] == [FRED]


def test_members_are_account_ids(cloud):
    path = "/rest/api/3/group/user?groupname=jira-administrators"

    assert cloud("POST", path, {"accountId": FRED}).status == 201
    assert cloud("DELETE", f"{path}&accountId={FRED}").status == 200
    assert cloud("POST", path, {"accountId": "x"}).status == 404


def test_groups_have_ids(cloud):
    number = cloud("GET", "/rest/api/3/group?groupname=jira-administrators").json["groupId"]

    assert cloud("DELETE", f"/rest/api/3/group?groupId={number}").status == 200


@pytest.mark.parametrize("version", ["2", "3", "latest"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_old_search_is_gone(cloud, version, method):
    reply = cloud(method, f"/rest/api/{version}/search", {"jql": ""})

    assert reply.status == 410
    assert "CHANGE-2046" in reply.json["errorMessages"][0]


def test_the_new_search_pages_by_token(cloud):
    token, seen = "", []
    for _ in range(10):
        page = cloud("GET", f"/rest/api/3/search/jql?jql=project%3DDEMO&maxResults=30&fields=key{token}").json
        seen += [issue["key"] for issue in page["issues"]]
        assert page.keys() == {"issues", "isLast", *([] if page["isLast"] else ["nextPageToken"])}
        if page["isLast"]:
            break
        token = "&nextPageToken=" + page["nextPageToken"]

    assert len(set(seen)) == len(seen) == 100


def test_without_fields_the_new_search_gives_ids(cloud):
    page = cloud("POST", "/rest/api/3/search/jql", {"jql": "key = DEMO-1"}).json

    assert page == {"issues": [{"id": "10001"}], "isLast": True}


def test_the_count(cloud):
    assert cloud("POST", "/rest/api/3/search/approximate-count", {"jql": "project = OPS"}).json == {"count": 20}


def test_nobody_is_not_myself(cloud):
    assert cloud("GET", "/rest/api/3/myself").json == {
        "message": "Client must be authenticated to access this resource.",
        "status-code": 401,
    }
    assert cloud("GET", "/rest/api/3/myself", login="fred@example.com:fred-token").json["accountId"] == FRED


def test_files_are_fetched_by_the_api(cloud):
    [file] = cloud("GET", "/rest/api/3/issue/DEMO-1").json["fields"]["attachment"]

    assert file["content"] == "http://jira.example/rest/api/3/attachment/content/10000"
    assert cloud("GET", "/rest/api/3/attachment/content/10000").status == 200


def test_login_is_as_the_article_says(cloud):
    assert cloud("POST", "/rest/auth/1/session", {"username": "fred", "password": "fred"}).status == 200
