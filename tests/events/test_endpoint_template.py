import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build import a_rule, policy_set, shipped_set
from jira_compat.events.endpoint_template import (
    PAGES,
    WORDS,
    endpoint_template,
    other_template,
    rest_template,
    words_of,
)

RULES = words_of(shipped_set())


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/secure/Dashboard.jspa",
        "/browse/ABC-1",
        "/s/abc/_/download/batch.js",
        "*",
        "",
        "//",
        "/plugins/x",
    ],
)
def test_pages_and_files_are_one(target):
    assert endpoint_template("GET", target.encode(), RULES) == PAGES


@pytest.mark.parametrize(
    ("target", "template"),
    [
        ("/rest", "/rest"),
        ("/rest/api/2/myself", "/rest/api/2/myself"),
        ("/rest/api/2/issue/ABC-1/comment", "/rest/api/2/issue/{id}/comment"),
        ("/rest/api/2/issue/10042/comment/7?expand=x", "/rest/api/2/issue/{id}/comment/{id}"),
        ("/jira/rest/api/latest/issue/ABC-1.json", "/rest/api/latest/issue/{id}"),
        ("/rest/api/2.0.alpha1/user;jsessionid=x?username=fred", "/rest/api/2.0.alpha1/user"),
        ("/rest/api/2/fred", "/rest/api/2/{id}"),
        ("/rest/api/2/issue/fred@example.com", "/rest/api/2/issue/{id}"),
        ("/rest/api/2/user/fr%65d", "/rest/api/2/user/{id}"),
        ("/rest/api/3/search/jql", "/rest/api/3/search/jql"),
        ("/rest/agile/1.0/board/84/sprint", "/rest/agile/1.0/board/{id}/sprint"),
        ("/rest/auth/1/session", "/rest/auth/1/session"),
        ("/rest/tempo-timesheets/4/worklogs/123", "/rest/tempo-timesheets/4/worklogs/{id}"),
        ("/rest/my/1/0123456789abcdef", "/rest/my/1/{id}"),
        ("/rest/tempo-core/1/user/fred", "/rest/tempo-core/1/user/{id}"),
        ("/rest/zephyr/latest/audit", "/rest/zephyr/latest/audit"),
        ("/rest/a/1/b" + "/key" * 20, "/rest/a/1/b" + "/key" * 8 + "/…"),
        ("/rpc/soap/jirasoapservice-v2?wsdl", "/rpc/soap/…"),
        ("/sr/jira.issueviews:searchrequest-xml/temp/SearchRequest.xml?jqlQuery=x", "/sr/…"),
        ("/plugins/servlet/my-app/fred", "/plugins/servlet/my-app/…"),
        ("/secure/attachment/10001/fred.png", "/secure/attachment/…"),
    ],
)
def test_what_differs_from_call_to_call_is_taken_out(target, template):
    assert endpoint_template("GET", target.encode(), RULES) == f"GET {template}"


@pytest.mark.parametrize(("method", "shown"), [("PROPFIND", "PROPFIND"), ("get", "OTHER"), ("hunter2", "OTHER")])
def test_a_method_that_nobody_uses_is_not_shown(method, shown):
    assert endpoint_template(method, b"/rest/api/2/myself", RULES) == f"{shown} /rest/api/2/myself"


def test_words_of_rules_stay():
    rules = words_of(policy_set(a_rule("GET /rest/api/2/fruit/{name}/Pear-2", id="one")))
    assert {"rest", "api", "2", "fruit", "Pear-2"} <= rules
    assert rest_template(("rest", "api", "2", "fruit", "fred", "Pear-2"), rules) == "/rest/api/2/fruit/{id}/Pear-2"
    assert rest_template(("rest", "api", "2", "fruit", "fred", "Pear-2")) == "/rest/api/2/{id}/{id}/{id}"


def test_other_paths_have_no_template():
    assert other_template("/browse/ABC-1") is None


@given(st.lists(st.text(max_size=40), max_size=20))
def test_deeper_than_an_apps_resource_only_jiras_words_stay(segments):
    shown = rest_template(("rest", "app", "2", "resource", *segments)).split("/")[5:]
    assert set(shown) <= WORDS | {"{id}", "…"}


@given(st.lists(st.text(max_size=40), max_size=20))
def test_of_jiras_own_apis_only_jiras_own_words_stay(segments):
    shown = rest_template(("rest", "api", "2", *segments)).split("/")[4:]
    assert set(shown) <= WORDS | {"{id}", "…"}


@given(st.binary(max_size=200), st.text(max_size=20))
def test_any_request_has_a_short_template_without_a_query(target, method):
    shown = endpoint_template(method, target, RULES)
    assert len(shown) <= 12 + 12 * 33 + 40
    assert not re.search(r"[?&;=%\x00-\x1f]", shown)
