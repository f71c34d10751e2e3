"""PyPI ``jira``, as scripts use it."""

import json
from contextlib import closing

import pytest
from jira import JIRA, JIRAError

from e2e.article import Call, expected, of_every_row, reached, told
from e2e.site import LOGIN, SECRET, Site
from jira_compat.standin import StandIn

AGENT = "python-requests/"


def connect(site, **credentials):
    """A client; what it asks for by itself is forgotten."""
    client = JIRA(
        site.url,
        proxies=site.proxies,
        options={"verify": site.verify},
        max_retries=0,
        get_server_info=False,
        **credentials,
    )
    client._version = (8, 20, 0)
    return closing(client)


@pytest.fixture
def client(site):
    with connect(site, basic_auth=("admin", LOGIN)) as connected:
        yield connected


def by_hand(method, path, document=None, **params):
    """What a script does for which the library has no method."""
    data = None if document is None else json.dumps(document)
    return lambda client: client._session.request(method, client._get_url(path), params=params, data=data).status_code


CALLS = of_every_row(
    Call(
        "create group",
        "/rest/api/latest/group",
        lambda client: client.add_group("testers"),
        (("POST /rest/api/latest/group", b'{"name": "testers"}'),),
        returns=True,
    ),
    Call(
        "add user to group",
        "/rest/api/latest/group/user",
        lambda client: client.add_user_to_group("fred", "jira-administrators")["users"]["size"],
        (("POST /rest/api/latest/group/user?groupname=jira-administrators", b'{"name": "fred"}'),),
        returns=2,
    ),
    Call(
        "delete group",
        "/rest/api/latest/group",
        lambda client: client.remove_group("jira-software-users"),
        (("DELETE /rest/api/latest/group?groupname=jira-software-users", b""),),
        returns=True,
    ),
    Call(
        "remove user from group",
        "/rest/api/latest/group/user",
        lambda client: client.remove_user_from_group("fred", "jira-software-users"),
        (("DELETE /rest/api/latest/group/user?groupname=jira-software-users&username=fred", b""),),
        returns=True,
    ),
    Call(
        "log in",
        "/rest/auth/1/session",
        lambda client: (
            client._session.post(
                f"{client.server_url}/rest/auth/1/session",
                data=json.dumps({"username": "admin", "password": LOGIN}),
            ).status_code
        ),
        (("POST /rest/auth/1/session", b'{"username": "admin", "password": "%s"}' % LOGIN.encode()),),
        returns=200,
    ),
    Call(
        "log out",
        "/rest/auth/latest/session",
        lambda client: client.kill_session().status_code,
        (("DELETE /rest/auth/latest/session", b""),),
        returns=204,
    ),
    Call(
        "create user",
        "/rest/api/latest/user",
        lambda client: client.add_user("zoe", "zoe@example.com", password=SECRET, fullname="Zoë"),
        (
            (
                "POST /rest/api/latest/user",
                b'{"displayName": "Zo\\u00eb", "emailAddress": "zoe@example.com", "name": "zoe"}',
            ),
        ),
        returns=True,
    ),
    Call(
        "remove user",
        "/rest/api/latest/user",
        lambda client: client.delete_user("fred"),
        (("DELETE /rest/api/latest/user/?username=fred", b""),),
        returns=True,
    ),
    Call(
        "update user",
        "/rest/api/2/user",
        lambda client: client.user("fred").update(displayName="Fred", password=SECRET, active=False),
        (
            ("GET /rest/api/2/user?username=fred", b""),
            ("PUT /rest/api/2/user?username=fred", b'{"active": false}'),
            ("GET /rest/api/2/user?username=fred", b""),
        ),
    ),
    Call(
        "add user to application",
        "/rest/api/2/user/application",
        by_hand("POST", "user/application", username="fred", applicationKey="jira-core"),
    ),
    Call(
        "remove user from application",
        "/rest/api/2/user/application",
        by_hand("DELETE", "user/application", username="fred", applicationKey="jira-software"),
    ),
    Call(
        "change user password",
        "/rest/api/2/user/password",
        by_hand("PUT", "user/password", {"password": SECRET}, username="fred"),
    ),
    Call(
        "update myself",
        "/rest/api/2/myself",
        by_hand("PUT", "myself", {"displayName": "Root", "password": LOGIN}),
    ),
    Call(
        "change my password",
        "/rest/api/2/myself/password",
        by_hand("PUT", "myself/password", {"password": SECRET, "currentPassword": LOGIN}),
    ),
    Call("get password policy", "/rest/api/2/password/policy", by_hand("GET", "password/policy")),
)


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.row)
def test_a_row(site, client, call):
    if not call.text:
        returned = call.drive(client)
        assert call.returns in (..., returned)
    else:
        with pytest.raises(JIRAError) as caught:
            call.drive(client)
        assert caught.value.status_code == 410
        assert call.text in str(caught.value.text)
    assert reached(site) == list(call.reaches)
    assert told(site, call) == expected(site, call)
    assert site.event()["user_agent.original"].startswith(AGENT)


@pytest.mark.filterwarnings("ignore:Use OAuth or Token based authentication:DeprecationWarning")
def test_a_session_by_cookie(site):
    """The library logs in once it is answered 401, asks again with the cookie, and logs out."""
    login = b'{"username": "admin", "password": "%s"}' % LOGIN.encode()
    with connect(site, auth=("admin", LOGIN)) as client:
        assert client.myself()["name"] == "admin"
        client.kill_session()
    assert reached(site) == [
        ("GET /rest/auth/1/session", b""),
        ("POST /rest/auth/1/session", login),
        ("GET /rest/auth/1/session", b""),
        ("GET /rest/api/2/myself", b""),
        ("DELETE /rest/auth/latest/session", b""),
    ]
    assert [event["rule"] for event in site.events(2)] == ["leave-login", "leave-logout"]


def test_a_new_name_does_not_reach_jira(site, client):
    client.rename_user("fred", "freddy")
    assert reached(site) == [
        ("GET /rest/api/2/user?username=fred", b""),
        ("PUT /rest/api/latest/user?username=fred", b"{}"),
    ]
    event = site.event()
    assert (event["event"], event["fields"]) == ("fields_removed", ["/name"])


def test_what_no_rule_names_is_left_alone(site, client):
    assert client.issue("DEMO-1", fields="summary").key == "DEMO-1"
    assert len(client.projects()) == 2
    assert [one.method for one in site.jira.received] == ["GET"] * len(site.jira.received)
    site.events(0)


def test_a_site_that_still_has_the_old_search_is_asked_it(site, client):
    for _ in range(2):
        assert len(client.search_issues("project = OPS", maxResults=20)) == 20
    asked = [call.target.partition(b"?")[0] for call in site.jira.received if b"/search" in call.target]
    assert [target.rpartition(b"/")[2] for target in asked] == [b"jql", b"search", b"search"]
    assert [event["upstream.statuses"] for event in site.events(2)] == [[404, 200], [200]]


def test_a_link_that_is_followed_leads_to_the_proxy(reverse):
    """Old versions update a user under the address that the answer before named."""
    with connect(reverse, basic_auth=("admin", LOGIN)) as client:
        link = client.user("fred").raw["self"]
        assert link == f"{reverse.url}/rest/api/2/user?username=fred"
        client._session.put(link, data=json.dumps({"password": SECRET}))
    assert reached(reverse)[1:] == [("PUT /rest/api/2/user?username=fred", b"{}")]
    assert reverse.event()["fields"] == ["/password"]


@pytest.mark.parametrize("kind", ["serve", "mitmdump"])
def test_in_front_of_the_cloud(run, kind):
    """What the cloud itself refuses is told in its own words, and is no event of ours."""
    with StandIn("cloud") as jira:
        proxy = run(kind, jira.url)
        site = Site(proxy, jira, proxy.url)
        with connect(site, basic_auth=("admin@example.com", "admin-token")) as client:
            assert client.add_user("zoe", "zoe@example.com", password=SECRET)
            with pytest.raises(JIRAError, match="null for uri") as caught:
                client.issue_type("nobody-has-this/one")
            assert len(client.search_issues("project = OPS")) == 20  # translated: the cloud has search/jql instead
        assert "x-jira-compat" not in getattr(caught.value.response, "headers", {})
        assert SECRET.encode() not in jira.received[0].body
        created, searched = site.events(2)
        assert (created["event"], created["http.response.status_code"]) == ("fields_removed", 201)
        assert created["upstream_request_id"]
        assert (searched["event"], searched["http.response.status_code"]) == ("request_translated", 200)


@pytest.mark.parametrize("kind", ["serve", "mitmdump"])
def test_in_front_of_a_server_that_poses_as_the_cloud_a_user_is_deactivated(run, jira, kind):
    proxy = run(kind, jira.url, profile="staging")
    site = Site(proxy, jira, proxy.url)
    with connect(site, basic_auth=("admin", LOGIN)) as client:
        assert client.delete_user("fred") is True
    assert reached(site) == [("PUT /rest/api/latest/user?username=fred", b'{"active": false}')]
    fred = jira.state.named("fred")
    assert (fred.active, fred.email) == (False, "fred@example.com")
    event = site.event()
    assert (event["event"], event["rule"]) == ("request_replaced", "deactivate-instead-of-deleting")
    assert (event["http.request.method"], event["http.response.status_code"]) == ("DELETE", 204)


@pytest.mark.parametrize("kind", ["serve", "mitmdump"])
def test_a_jira_below_a_context_path(run, kind):
    with StandIn(context_path="/jira") as jira:
        proxy = run(kind, jira.url.removesuffix("/jira"))
        site = Site(proxy, jira, f"{proxy.url}/jira")
        with connect(site, basic_auth=("admin", LOGIN)) as client:
            assert client.add_user("zoe", "zoe@example.com", password=SECRET)
            with pytest.raises(JIRAError, match=r"PUT user/password\) was removed"):
                by_hand("PUT", "user/password", {"password": SECRET}, username="zoe")(client)
        [(target, body)] = reached(site)
        assert (target, json.loads(body)) == (
            "POST /jira/rest/api/latest/user",
            {"displayName": "zoe", "emailAddress": "zoe@example.com", "name": "zoe"},
        )
        assert [event["url.path"] for event in site.events(2)] == [
            "/jira/rest/api/latest/user",
            "/jira/rest/api/2/user/password",
        ]
