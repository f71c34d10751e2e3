import base64

import pytest

PATH = "/rest/auth/1/session"


def test_login_gives_a_cookie_that_is_as_good_as_a_password(server):
    reply = server("POST", PATH, {"username": "fred", "password": "fred"})
    token = reply.json["session"]["value"]

    assert (reply.status, reply.json["session"]["name"]) == (200, "JSESSIONID")
    assert reply.headers["Set-Cookie"] == f"JSESSIONID={token}; Path=/; HttpOnly"
    assert server("GET", "/rest/api/2/myself", cookie=f"a=b,c; JSESSIONID={token}").json["name"] == "fred"
    assert server("GET", PATH, cookie=f"JSESSIONID={token}").json["name"] == "fred"


def test_login_by_e_mail(server):
    assert server("POST", PATH, {"username": "fred@example.com", "password": "fred"}).status == 200


def test_after_logout_the_cookie_is_worth_nothing(server):
    token = server("POST", "/rest/auth/latest/session", {"username": "fred", "password": "fred"}).json["session"][
        "value"
    ]
    cookie = f"JSESSIONID={token}"

    assert server("DELETE", "/rest/auth/latest/session", cookie=cookie).status == 204
    assert server("GET", PATH, cookie=cookie).status == 401
    assert server("DELETE", PATH, cookie=cookie).status == 401


@pytest.mark.parametrize("given", [{"username": "fred", "password": "x"}, {"username": "fred", "password": ""}, {}])
def test_a_wrong_login_is_401_in_json(server, given):
    reply = server("POST", PATH, given)

    assert (reply.status, reply.json) == (401, {"errorMessages": ["Login failed"], "errors": {}})


def test_who_is_inactive_or_deleted_is_out(server):
    token = server("POST", PATH, {"username": "fred", "password": "fred"}).json["session"]["value"]
    server.state.named("fred").active = False
    assert server("POST", PATH, {"username": "fred", "password": "fred"}).status == 401
    server("DELETE", "/rest/api/2/user?username=fred")
    assert server("GET", PATH, cookie=f"JSESSIONID={token}").status == 401


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (None, 401),
        ("Bearer fred-token", 200),
        ("bearer fred-token", 200),
        ("Bearer x", 401),
        ("Basic !", 401),
        ("Basic abcde", 401),
        ("Basic", 401),
        ("Digest username=fred", 401),
        ("Basic " + base64.b64encode(b"fred:fred-token").decode(), 200),
        ("Basic " + base64.b64encode(b"admin:fred-token").decode(), 401),
        ("Basic " + base64.b64encode(b"fred").decode(), 401),
    ],
)
def test_credentials(server, authorization, status):
    fields = {"authorization": authorization} if authorization else {}

    assert server("GET", "/rest/api/2/myself", **fields).status == status


def test_wrong_credentials_are_refused_even_where_none_are_needed(server):
    assert server("GET", "/rest/api/2/serverInfo").status == 200
    assert server("GET", "/rest/api/2/serverInfo", login="fred:x").status == 401


def test_the_id_in_a_header_of_a_session_is_not_the_session(server):
    token = server("POST", PATH, {"username": "fred", "password": "fred"}).json["session"]["value"]
    shown = server("GET", PATH, cookie=f"JSESSIONID={token}").headers["X-ASESSIONID"]

    assert shown
    assert shown.upper() not in token
