"""PyPI ``atlassian-python-api``, as scripts use it."""

import json

import pytest
from atlassian import Jira
from requests import HTTPError

from e2e.article import Call, expected, of_every_row, reached, told
from e2e.site import LOGIN, SECRET

AGENT = "python-requests/"


@pytest.fixture
def client(site):
    client = Jira(site.url, "admin", LOGIN, proxies=site.proxies, verify_ssl=site.verify)
    yield client
    client.session.close()


CALLS = of_every_row(
    Call(
        "create group",
        "/rest/api/2/group",
        lambda client: client.create_group("testers")["name"],
        (("POST /rest/api/2/group", b'{"name": "testers"}'),),
        returns="testers",
    ),
    Call(
        "add user to group",
        "/rest/api/2/group/user",
        lambda client: client.add_user_to_group("fred", "jira-administrators")["users"]["size"],
        (("POST /rest/api/2/group/user?groupname=jira-administrators", b'{"name": "fred"}'),),
        returns=2,
    ),
    Call(
        "delete group",
        "/rest/api/2/group",
        lambda client: client.remove_group("jira-software-users", swap_group="jira-administrators"),
        (("DELETE /rest/api/2/group?groupname=jira-software-users&swapGroup=jira-administrators", b""),),
    ),
    Call(
        "remove user from group",
        "/rest/api/2/group/user",
        lambda client: client.remove_user_from_group("fred", "jira-software-users"),
        (("DELETE /rest/api/2/group/user?groupname=jira-software-users&username=fred", b""),),
    ),
    Call(
        "log in",
        "/rest/auth/1/session",
        lambda client: client.post("rest/auth/1/session", data={"username": "admin", "password": LOGIN})["session"][
            "name"
        ],
        (("POST /rest/auth/1/session", b'{"username": "admin", "password": "%s"}' % LOGIN.encode()),),
        returns="JSESSIONID",
    ),
    Call(
        "log out",
        "/rest/auth/1/session",
        lambda client: client.delete("rest/auth/1/session"),
        (("DELETE /rest/auth/1/session", b""),),
    ),
    Call(
        "create user",
        "/rest/api/2/user",
        lambda client: client.user_create("zoe", "zoe@example.com", "Zoë", password=SECRET)["displayName"],
        (
            (
                "POST /rest/api/2/user",
                b'{"name": "zoe", "emailAddress": "zoe@example.com", "displayName": "Zo\\u00eb"}',
            ),
        ),
        returns="Zoë",
    ),
    Call(
        "remove user",
        "/rest/api/2/user",
        lambda client: client.user_remove("fred"),
        (("DELETE /rest/api/2/user?username=fred", b""),),
    ),
    Call(
        "update user",
        "/rest/api/2/user",
        lambda client: client.user_update("fred", {"displayName": "Fred", "password": SECRET, "active": False})[
            "active"
        ],
        (("PUT /rest/api/2/user?username=fred", b'{"active": false}'),),
        returns=False,
    ),
    Call(
        "add user to application",
        "/rest/api/2/user/application",
        lambda client: client.add_user_to_application("fred", "jira-core"),
    ),
    Call(
        "remove user from application",
        "/rest/api/2/user/application",
        lambda client: client.delete(
            "rest/api/2/user/application", params={"username": "fred", "applicationKey": "jira-software"}
        ),
    ),
    Call(
        "change user password",
        "/rest/api/2/user/password",
        lambda client: client.put("rest/api/2/user/password", params={"username": "fred"}, data={"password": SECRET}),
    ),
    Call(
        "update myself",
        "/rest/api/2/myself",
        lambda client: client.put("rest/api/2/myself", data={"displayName": "Root", "password": LOGIN}),
    ),
    Call(
        "change my password",
        "/rest/api/2/myself/password",
        lambda client: client.put("rest/api/2/myself/password", data={"password": SECRET, "currentPassword": LOGIN}),
    ),
    Call(
        "get password policy",
        "/rest/api/2/password/policy",
        lambda client: client.get("rest/api/2/password/policy", params={"hasOldPassword": False}),
    ),
)


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.row)
def test_a_row(site, client, call):
    if not call.text:
        returned = call.drive(client)
        assert call.returns in (..., returned)
    else:
        with pytest.raises(HTTPError) as caught:
            call.drive(client)
        assert getattr(caught.value.response, "status_code", None) == 410
        assert call.text in str(caught.value)
    assert reached(site) == list(call.reaches)
    assert told(site, call) == expected(site, call)
    assert site.event()["user_agent.original"].startswith(AGENT)


@pytest.mark.parametrize(
    ("change", "body", "gone"),
    [
        (lambda client: client.user_deactivate("fred"), {"active": "false"}, ["/name"]),
        (lambda client: client.user_update_username("fred", "freddy"), {}, ["/name"]),
        (lambda client: client.user_update_email("fred", "freddy@example.com"), {}, ["/name", "/emailAddress"]),
    ],
    ids=["deactivate", "rename", "new address"],
)
def test_of_an_update_only_the_active_status_reaches_jira(reverse, change, body, gone):
    with Jira(reverse.url, "admin", LOGIN) as client:
        change(client)
    assert reached(reverse) == [("PUT /rest/api/2/user?username=fred", json.dumps(body).encode())]
    assert (reverse.event()["event"], reverse.event()["fields"]) == ("fields_removed", gone)
    fred = reverse.jira.state.named("fred")
    assert (fred.email, fred.active) == ("fred@example.com", "active" not in body)


def test_the_password_of_websudo_is_left_alone(reverse):
    """It is labelled as a form and is JSON, and no row of the article names it."""
    with Jira(reverse.url, "admin", LOGIN) as client, pytest.raises(HTTPError):
        client.post(
            "secure/admin/WebSudoAuthenticate.jspa",
            data={"webSudoPassword": LOGIN},
            headers=client.form_token_headers,
        )
    assert reached(reverse) == [
        ("POST /secure/admin/WebSudoAuthenticate.jspa", b'{"webSudoPassword": "%s"}' % LOGIN.encode())
    ]
    reverse.events(0)
