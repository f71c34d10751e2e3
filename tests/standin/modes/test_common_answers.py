import gzip
import json

import pytest


def test_wrong_passwords_are_answered_in_the_manners_of_each(server, cloud):
    ours = server("GET", "/rest/api/2/serverInfo", login="fred:x")
    theirs = cloud("GET", "/rest/api/2/serverInfo", login="fred:x")

    assert (ours.status, ours.headers["X-Seraph-LoginReason"]) == (401, "AUTHENTICATED_FAILED")
    assert ours.headers["Content-Type"].startswith("text/html")
    assert (theirs.status, theirs.headers["Content-Type"]) == (401, "text/plain")
    assert theirs.answer.body.startswith(b"Basic authentication with passwords is deprecated.  For")
    assert theirs.answer.body.endswith(b"\n")


@pytest.mark.parametrize("manners", ["server", "cloud"])
def test_wrong_tokens_are_answered_in_json(request, manners):
    reply = request.getfixturevalue(manners)("GET", "/rest/api/2/serverInfo", authorization="Bearer x")

    assert (reply.status, reply.json["status-code"]) == (401, 401)


@pytest.mark.parametrize(
    ("accept", "kind"),
    [("*/*", "json"), ("application/json", "json"), ("text/xml", "xml"), ("application/xml, application/json", "json")],
)
def test_what_is_not_there_is_told_in_xml_only_to_who_wants_it(server, accept, kind):
    reply = server("GET", "/rest/api/2/nothing", accept=accept)

    assert reply.headers["Content-Type"] == f"application/{kind};charset=UTF-8"
    assert b"null for uri: http://jira.example/rest/api/2/nothing" in reply.answer.body


def test_markup_in_a_path_is_no_markup_in_the_answer(server):
    assert b"<x>" not in server("GET", "/rest/api/2/<x>", accept="text/xml").answer.body


def test_each_request_has_an_id(server, cloud):
    for jira, name in ((server, "X-AREQUESTID"), (cloud, "Atl-Traceid")):
        ids = {jira("GET", "/rest/api/2/serverInfo").headers[name] for _ in range(3)}
        assert len(ids) == 3


def test_who_asked_is_in_the_answer(server, cloud):
    assert server("GET", "/rest/api/2/serverInfo", login="fred:fred").headers["X-AUSERNAME"] == "fred"
    assert "X-AUSERNAME" not in server("GET", "/rest/api/2/serverInfo").headers
    assert cloud("GET", "/rest/api/2/serverInfo", login="fred:fred").headers["X-Aaccountid"].endswith("27d9")


@pytest.mark.parametrize(("accept", "packed"), [("gzip, deflate", True), ("identity", False), ("", False)])
def test_the_cloud_gzips_what_is_large(cloud, accept, packed):
    reply = cloud("GET", "/rest/api/2/field", accept_encoding=accept)
    body = gzip.decompress(reply.answer.body) if packed else reply.answer.body

    assert ("Content-Encoding" in reply.headers) is packed
    assert len(json.loads(body)) == 14


def test_the_server_does_not(server, cloud):
    assert "Content-Encoding" not in server("GET", "/rest/api/2/field", accept_encoding="gzip").headers
    assert "Content-Encoding" not in cloud("GET", "/rest/api/2/serverInfo", accept_encoding="gzip").headers


def test_no_field_name_comes_twice_unless_the_endpoint_sends_it_twice(server):
    names = [
        name
        for name, _ in server("POST", "/rest/auth/1/session", {"username": "fred", "password": "fred"}).answer.headers
    ]

    assert {name for name in names if names.count(name) > 1} == {"Set-Cookie"}


@pytest.mark.parametrize(("mode", "status"), [("cloud", 200), ("cloud-today", 403)])
def test_todays_cloud_takes_a_browsers_write_for_a_forged_one(fresh, mode, status):
    site, query = fresh(mode), {"jql": "key = DEMO-1"}
    for agent, wanted in (("Mozilla/5.0 (X11)", status), ("python-requests/2.9", 200)):
        assert site("POST", "/rest/api/2/search/jql", query, user_agent=agent).status == wanted
        assert site("GET", "/rest/api/2/search/jql?jql=key%3DDEMO-1", user_agent=agent).status == 200
