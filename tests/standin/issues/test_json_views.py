import pytest

from jira_compat.standin.http.messages import Call
from jira_compat.standin.issues import json_views
from jira_compat.standin.state import seeded

STATE = seeded()
CALL = Call("GET", ("rest", "api", "2"), site="http://jira")


@pytest.mark.parametrize(
    ("asked", "some", "others"),
    [
        ([], {"summary", "attachment"}, set()),
        (["*all"], {"summary", "attachment"}, set()),
        (["*navigable"], {"summary"}, {"attachment"}),
        (["*navigable", "attachment"], {"summary", "attachment"}, set()),
        (["-summary"], {"status", "attachment"}, {"summary"}),
        (["*all", "-summary"], {"status"}, {"summary"}),
        (["summary", "status"], {"summary", "status"}, {"labels", "attachment"}),
        (["key"], set(), {"summary", "status"}),
    ],
)
def test_fields_are_those_asked_for(asked, some, others):
    fields = json_views.issue(STATE, CALL, STATE.issues["DEMO-1"], asked)["fields"]

    assert some <= fields.keys()
    assert not others & fields.keys()


DOCUMENT = {
    "type": "doc",
    "version": 1,
    "content": [{"type": "paragraph", "content": [{"type": "text", "text": "one"}, {"type": "text", "text": " two"}]}],
}


@pytest.mark.parametrize(
    ("value", "version", "shown"),
    [
        ("one", "2", "one"),
        (None, "3", None),
        (None, "2", None),
        (DOCUMENT, "3", DOCUMENT),
        (DOCUMENT, "2", "one two"),
        ({"content": "odd"}, "2", ""),
        (
            "one",
            "3",
            {
                "type": "doc",
                "version": 1,
                "content": [{"type": "paragraph", "content": [{"type": "text", "text": "one"}]}],
            },
        ),
    ],
)
def test_version_3_has_documents_and_version_2_text(value, version, shown):
    assert json_views.words(value, version) == shown


def test_links_lead_to_the_site():
    view = json_views.issue(STATE, CALL, STATE.issues["DEMO-1"], [])

    assert view["self"] == "http://jira/rest/api/2/issue/10001"
    assert view["fields"]["attachment"][0]["content"] == "http://jira/secure/attachment/10000/note.txt"
