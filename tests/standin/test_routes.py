from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jira_compat.standin.routes import CLOUD, ONLY_ON_SERVER, PATHS, SERVER, find


@pytest.mark.parametrize("version", ["2", "3", "latest", "2.0", "2.0.alpha1"])
@pytest.mark.parametrize("end", ["", "/", ";v=1", "?a=b"])
def test_every_version_and_spelling_reaches_the_endpoint(server, version, end):
    assert server("GET", f"/rest/api/{version}/serverInfo{end}").status == 200


@pytest.mark.parametrize(
    "path", ["/rest/api/9/serverInfo", "/rest/api/2", "/rest/api/2/user/passwords", "/rest/auth/2/session"]
)
def test_other_api_paths_are_null_for_uri(server, path):
    reply = server("GET", path, accept="application/json")

    assert (reply.status, reply.json) == (
        404,
        {"message": f"null for uri: http://jira.example{path}", "status-code": 404},
    )


@pytest.mark.parametrize("path", ["/", "/api/user", "/auth/session", "/rest/obm/1.0/x", "/secure/Dashboard.jspa"])
def test_other_paths_are_a_page(server, path):
    reply = server("GET", path)

    assert (reply.status, reply.headers["Content-Type"]) == (404, "text/html;charset=UTF-8")


def test_a_method_that_is_not_there_is_405_and_says_which_are(server):
    reply = server("PATCH", "/rest/api/2/user/password")

    assert (reply.status, reply.headers["Allow"]) == (405, "PUT,OPTIONS")
    assert server("OPTIONS", "/rest/api/2/user/password").headers["Allow"] == "PUT,OPTIONS"


@pytest.mark.parametrize(
    ("line", "status"),
    [(line, 405 if line in {"PUT api/user", "PUT api/myself"} else 404) for line in sorted(ONLY_ON_SERVER)],
)
def test_what_the_cloud_took_away_is_not_there(cloud, line, status):
    method, _, path = line.partition(" ")

    assert cloud(method, f"/rest/{path.replace('api', 'api/3', 1)}", {"password": "x"}).status == status
    assert cloud.password("fred") == "fred"


def test_all_that_was_taken_away_was_once_there():
    assert not ONLY_ON_SERVER - SERVER.keys()
    assert not ONLY_ON_SERVER & CLOUD.keys()


@pytest.mark.parametrize("manners", ["server", "cloud"])
@pytest.mark.parametrize(
    ("path", "parts"),
    [("createmeta", {}), ("DEMO-1", {"issue": "DEMO-1"})],
)
def test_words_come_before_open_parts(manners, path, parts):
    methods, found = find(PATHS[manners], ("rest", "api", "2", "issue", path))

    assert "GET" in methods
    assert found == parts


def test_head_is_get(server):
    assert server("HEAD", "/rest/api/2/serverInfo").status == 200


NAMES = st.sampled_from(
    [
        "name",
        "key",
        "username",
        "accountId",
        "groupname",
        "emailAddress",
        "displayName",
        "password",
        "currentPassword",
        "newPassword",
        "active",
        "applicationKey",
        "applicationKeys",
        "jql",
        "startAt",
        "maxResults",
        "nextPageToken",
        "fields",
        "expand",
        "permissions",
        "summary",
        "project",
        "issuetype",
        "assignee",
        "labels",
        "priority",
        "id",
        "query",
        "update",
    ]
)
WORDS = st.sampled_from(["fred", "DEMO", "Bug", "1", "", "project = DEMO"]) | st.text()
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


def request_line(line, part, query):
    method, _, template = line.partition(" ")
    path = "/".join(part if word.startswith("{") else word for word in template.split("/"))
    for short, full in (("api/", "rest/api/2/"), ("auth/", "rest/auth/1/")):
        if path.startswith(short):
            path = full + path.removeprefix(short)
    return method, f"/{path}?{urlencode(query, errors='replace')}"


REQUEST_LINES = st.builds(
    request_line,
    st.sampled_from(sorted({*SERVER, *CLOUD})),
    st.sampled_from(["DEMO-1", "10000", "1", "DEMO", "x"]),
    st.dictionaries(NAMES, WORDS),
)


@given(st.sampled_from(["server", "cloud"]), REQUEST_LINES, st.dictionaries(NAMES, VALUES))
def test_whatever_is_sent_is_answered(fresh, manners, line, content):
    reply = fresh(manners)(*line, content, login="fred:fred")

    assert reply.status in {200, 201, 204, 400, 401, 403, 404, 405, 410, 415}
    if reply.status == 400:
        assert reply.json.keys() == {"errorMessages", "errors"}
