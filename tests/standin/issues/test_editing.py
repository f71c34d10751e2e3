import pytest

NEW = {"project": {"key": "OPS"}, "summary": "New", "issuetype": {"name": "Bug"}}


@pytest.mark.parametrize("which", ["DEMO-1", "demo-1", "10001"])
def test_an_issue_is_found_by_key_and_id(server, which):
    reply = server("GET", f"/rest/api/2/issue/{which}")

    assert (reply.json["key"], reply.json["id"]) == ("DEMO-1", "10001")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_what_is_not_there_is_404(server, method):
    reply = server(method, "/rest/api/2/issue/DEMO-999", {})

    assert (reply.status, reply.json["errorMessages"]) == (404, ["Issue Does Not Exist"])


def test_a_new_issue_gets_the_next_key(server):
    reply = server("POST", "/rest/api/2/issue", {"fields": {**NEW, "customfield_1": {"a": 1}}}, login="fred:fred")

    assert (reply.status, reply.json["key"]) == (201, "OPS-21")
    fields = server("GET", "/rest/api/2/issue/OPS-21").json["fields"]
    assert (fields["summary"], fields["reporter"]["name"], fields["customfield_1"]) == ("New", "fred", {"a": 1})


@pytest.mark.parametrize(
    ("given", "culprit"),
    [
        ({"summary": ""}, "summary"),
        ({"project": {"key": "NONE"}}, "project"),
        ({"project": "OPS"}, "project"),
        ({"issuetype": {"name": "Wish"}}, "issuetype"),
        ({"issuetype": None}, "issuetype"),
        ({"priority": {"name": "Never"}}, "priority"),
        ({"labels": "one"}, "labels"),
        ({"assignee": {"name": "nobody"}}, "assignee"),
        ({"assignee": "fred"}, "assignee"),
        ({"status": {"name": "Done"}}, "status"),
    ],
)
def test_what_does_not_fit_is_refused_by_field(server, given, culprit):
    reply = server("POST", "/rest/api/2/issue", {"fields": NEW | given})

    assert (reply.status, list(reply.json["errors"])) == (400, [culprit])
    assert len(server.state.issues) == 120


def test_an_update_changes_what_is_given(server):
    given = {"summary": "Other", "assignee": None, "labels": ["a"], "priority": {"id": "1"}, "description": "D"}

    assert server("PUT", "/rest/api/2/issue/DEMO-1", {"fields": given}).status == 204
    fields = server("GET", "/rest/api/2/issue/DEMO-1").json["fields"]
    assert (fields["summary"], fields["assignee"], fields["labels"]) == ("Other", None, ["a"])
    assert (fields["priority"]["name"], fields["description"], fields["issuetype"]["name"]) == ("Highest", "D", "Task")


@pytest.mark.parametrize("by", [{"name": "admin"}, {"key": "JIRAUSER10200"}, {"accountId": "5b10a2844c20165700ed27d8"}])
def test_users_are_assigned_by_each_of_their_names(server, by):
    server("PUT", "/rest/api/2/issue/DEMO-1", {"fields": {"assignee": by}})

    assert server("GET", "/rest/api/2/issue/DEMO-1").json["fields"]["assignee"]["name"] == "admin"


@pytest.mark.parametrize("given", [{"fields": []}, {"update": {"labels": [{"add": "x"}]}}])
def test_what_the_stand_in_cannot_change_it_refuses(server, given):
    assert server("PUT", "/rest/api/2/issue/DEMO-1", given).status == 400


def test_an_issue_can_be_deleted(server):
    assert server("DELETE", "/rest/api/2/issue/DEMO-1").status == 204
    assert server("GET", "/rest/api/2/issue/DEMO-1").status == 404
