import pytest

from jira_compat.proxy.settings.scope import DEFAULT_HOSTS, Scope


@pytest.mark.parametrize(
    "name",
    [
        "example.com",
        "atlassian.net",
        "example.atlassian.net.evil.com",
        "example-atlassian.net",
        "jira.com",
        "api-atlassian.com",
        "",
        "::1",
        "[::1]:443",
    ],
)
def test_other_hosts_are_not_jira(name):
    assert not Scope(DEFAULT_HOSTS).includes([name, None])


@pytest.mark.parametrize(
    "name",
    [
        "example.atlassian.net",
        "EXAMPLE.Atlassian.NET",
        "example.atlassian.net.",
        "example.atlassian.net:443",
        "example.atlassian.net.:8443",
        " example.atlassian.net ",
        "a.b.jira.com",
        "api.atlassian.com",
    ],
)
def test_case_port_and_trailing_dot_do_not_matter(name):
    assert Scope(DEFAULT_HOSTS).includes([name])


def test_one_name_is_enough():
    scope = Scope(DEFAULT_HOSTS)
    assert scope.includes(["10.0.0.7", None, "example.atlassian.net"])
    assert not scope.includes(["10.0.0.7", None, "example.com"])


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("jira.example.com", "jira.example.com:8080", True),
        ("jira.example.com", "jiraxexample.com", False),
        ("jira.*.example.com", "jira.eu.example.com", True),
        ("*", "anything", True),
        ("[::1]", "[::1]:8080", True),
        ("127.0.0.1", "127.0.0.1", True),
    ],
)
def test_patterns(pattern, name, expected):
    assert Scope([pattern]).includes([name]) is expected
