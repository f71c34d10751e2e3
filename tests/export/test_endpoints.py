import pytest

from build import a_rule, policy_set, shipped_set
from jira_compat.export.endpoints import TO_API_PATH, endpoint_lines, parameter_places, taken, to_line


def test_without_rules_there_is_nothing_to_look_up():
    assert endpoint_lines(policy_set()) == ()
    assert parameter_places(policy_set()) == ((),)


def test_every_method_and_version_spelling_has_a_line():
    rules = policy_set(a_rule("GET|PUT /rest/api/{3|latest}/serverInfo"))

    assert set(endpoint_lines(rules)) == {
        f"{method}/rest/api/{version}/serverinfo"
        for method in ("GET", "HEAD", "PUT")
        for version in ("3", "3.0", "latest")
    }


def test_parameters_are_looked_up_once_for_each_combination_of_their_places():
    rules = policy_set(
        a_rule("PUT /rest/api/2/user"),
        a_rule("PUT /rest/api/2/issue/{key}"),
        a_rule("GET /rest/api/2/issue/{key}/comment/{id}"),
        a_rule("GET /rest/api/2/project/{key}/role/{id}"),
    )

    assert parameter_places(rules) == ((), (4,), (4, 6))


def test_the_shipped_policies_need_one_look_up():
    assert parameter_places(shipped_set()) == ((),)


@pytest.mark.parametrize(
    ("path", "api"),
    [
        ("/", ""),
        ("/browse/ab-1", "/browse/ab-1"),
        ("/rest/api/2/user", "/rest/api/2/user"),
        ("/rest/api/2/user/", "/rest/api/2/user"),
        ("/rest/api/2/user.json", "/rest/api/2/user"),
        ("/rest/api/2/user.xml/", "/rest/api/2/user"),
        ("/rest/api/2/user.json.xml", "/rest/api/2/user.json"),
        ("/rest/api/2/user.jsonx", "/rest/api/2/user.jsonx"),
        ("/rest/api/2.0/user", "/rest/api/2.0/user"),
        ("/a/jira/rest/api/2/user", "/rest/api/2/user"),
        ("/interest/api/2/user", "/interest/api/2/user"),
        ("/forest", "/forest"),
    ],
)
def test_a_path_becomes_an_api_path(path, api):
    assert taken(path, TO_API_PATH) == api


@pytest.mark.parametrize(
    ("places", "call", "line"),
    [
        ((), "PUT/rest/api/2/user", "PUT/rest/api/2/user"),
        ((4,), "PUT/rest/api/2/issue/ab-1", "PUT/rest/api/2/issue/{}"),
        ((4, 6), "GET/rest/api/2/issue/ab-1/comment/7", "GET/rest/api/2/issue/{}/comment/{}"),
        ((3, 4), "GET/rest/api/2/issue/ab-1", "GET/rest/api/2/{}/{}"),
        ((4, 6), "GET/rest/api/2/issue/ab-1", "GET/rest/api/2/issue/{}"),
        ((4,), "GET/rest/api/2/issue", "GET/rest/api/2/issue"),
    ],
)
def test_a_call_becomes_the_line_of_an_endpoint_with_parameters(places, call, line):
    assert taken(call, to_line(places)) == line
