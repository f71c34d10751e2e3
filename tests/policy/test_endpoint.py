import pytest

from jira_compat.policy.endpoint import parse_endpoint

_MISCASED = (
    "is not in Jira's letter case, so every request for it would be in doubt; "
    "write module, version and resource in lower case, or a resource like 'serverInfo'"
)


def paths(line):
    return {"/".join(segment or "*" for segment in path) for path in parse_endpoint(line).paths()}


def test_a_line_is_methods_and_a_path():
    endpoint = parse_endpoint("GET|POST /rest/api/{2|3}/user/{key}")

    assert endpoint.text == "GET|POST /rest/api/{2|3}/user/{key}"
    assert endpoint.methods == ("GET", "POST")
    assert endpoint.segments == (("rest",), ("api",), ("2", "3"), ("user",), None)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("GET /rest/x", {"rest/x"}),
        ("GET /rest/{any}/2/{any}", {"rest/*/2.0/*", "rest/*/2/*", "rest/*/2.0.alpha1/*"}),
        ("GET /rest/api/latest/user", {"rest/api/latest/user"}),
        (
            "GET /rest/auth/{1|latest}/session",
            {f"rest/auth/{version}/session" for version in ("1", "1.0", "1.0.alpha1", "latest")},
        ),
        (
            "GET /rest/api/{2|3|latest}/user",
            {f"rest/api/{version}/user" for version in ("2", "2.0", "2.0.alpha1", "3", "3.0", "latest")},
        ),
        ("GET /rest/api/{a|b}/2/{1|2}", {f"rest/api/{one}/2/{two}" for one in "ab" for two in "12"}),
        ("GET /rest/api/{2|2.0}/user", {f"rest/api/{version}/user" for version in ("2", "2.0", "2.0.alpha1")}),
    ],
)
def test_a_line_stands_for_paths_with_every_spelling_of_the_version(line, expected):
    assert paths(line) == expected


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "'' is not a method and a path; write it like 'PUT /rest/api/{2|3|latest}/user'"),
        ("/rest/x", "'/rest/x' is not a method and a path; write it like 'PUT /rest/api/{2|3|latest}/user'"),
        ("GET  /rest/x", "'GET  /rest/x' is not a method and a path; write it like 'PUT /rest/api/{2|3|latest}/user'"),
        ("GET\t/rest/x", "'GET\\t/rest/x' is not a method and a path; write it like 'PUT /rest/api/{2|3|latest}/user'"),
        ("HEAD /rest/x", "'HEAD' follows GET by itself; write GET"),
        ("get /rest/x", "'get' is not a method that a rule can name; write one of DELETE, GET, PATCH, POST, PUT"),
        ("GET| /rest/x", "'' is not a method that a rule can name; write one of DELETE, GET, PATCH, POST, PUT"),
        ("GET|GET /rest/x", "'GET|GET' names a method twice; write it once"),
        (
            "GET /jira/rest/x",
            "'/jira/rest/x' does not begin with '/rest/'; write the path as Jira serves it, without context path",
        ),
        ("GET /rest/", "'/rest/' has an empty or dot segment, which no normalised path has; leave it out"),
        ("GET /rest/a//b", "'/rest/a//b' has an empty or dot segment, which no normalised path has; leave it out"),
        ("GET /rest/../b", "'/rest/../b' has an empty or dot segment, which no normalised path has; leave it out"),
        (
            "GET /rest/{2}",
            "'{2}' is not a path segment; write a word, '{name}' for any one segment, or '{a|b}' for a choice",
        ),
        (
            "GET /rest/a?b=c",
            "'a?b=c' is not a path segment; write a word, '{name}' for any one segment, or '{a|b}' for a choice",
        ),
        (
            "GET /rest/a%20b",
            "'a%20b' is not a path segment; write a word, '{name}' for any one segment, or '{a|b}' for a choice",
        ),
        *(
            (f"GET {path}", f"{path!r} {_MISCASED}")
            for path in ("/rest/Zpi/2/user", "/rest/api/{2|Latest}/user", "/rest/api/2/User/{name}", "/rest/x/{v}/aB")
        ),
        (
            "GET /rest" + "/{a|b|c|d|e|f|g|h|i|j}" * 12,
            "this stands for 1000000000000 paths; write several rules, or '{name}' for any one segment",
        ),
    ],
    ids=lambda value: value[:30],
)
def test_what_is_no_endpoint_is_said_in_a_line(line, message):
    with pytest.raises(ValueError) as caught:
        parse_endpoint(line)

    assert str(caught.value) == message
