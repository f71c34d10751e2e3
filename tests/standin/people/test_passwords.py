import pytest


def test_a_set_password_is_the_one_that_logs_in(server):
    assert server("PUT", "/rest/api/2/user/password?username=fred", {"password": "new"}).status == 204
    assert server.password("fred") == "new"
    assert server("GET", "/rest/api/2/myself", login="fred:fred").status == 401
    assert server("GET", "/rest/api/2/myself", login="fred:new").status == 200


@pytest.mark.parametrize("given", [{}, {"password": ""}, {"password": None}, "new"])
def test_without_a_password_nothing_is_set(server, given):
    assert server("PUT", "/rest/api/2/user/password?username=fred", given).status == 400
    assert server.password("fred") == "fred"


def test_my_own_password_needs_the_current_one(server):
    path = "/rest/api/2/myself/password"

    assert server("PUT", path, {"password": "new", "currentPassword": "fred"}).status == 401
    assert server("PUT", path, {"password": "new"}, login="fred:fred").status == 400
    assert server("PUT", path, {"password": "new", "currentPassword": "x"}, login="fred:fred").status == 400
    assert server.password("fred") == "fred"
    assert server("PUT", path, {"password": "new", "currentPassword": "fred"}, login="fred:fred").status == 204
    assert server.password("fred") == "new"


def test_there_is_no_password_policy(server):
    reply = server("GET", "/rest/api/2/password/policy?hasOldPassword=false")

    assert (reply.status, reply.json) == (200, [])


@pytest.mark.parametrize(
    ("path", "given", "status"),
    [
        ("createUser", {"username": "x", "password": "y"}, 200),
        ("createUser", {"username": "x"}, 400),
        ("updateUser", {"username": "fred", "newPassword": "y", "oldPassword": "fred"}, 200),
        ("updateUser", {"username": "fred"}, 400),
        ("updateUser", {"username": "nobody", "newPassword": "y"}, 404),
    ],
)
def test_passwords_are_checked_against_it(server, path, given, status):
    assert server("POST", f"/rest/api/2/password/policy/{path}", given).status == status
