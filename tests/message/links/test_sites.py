import re

import pytest

from jira_compat.message.links.address import plainly, spellings
from jira_compat.message.links.sites import Links


def swapped(links: Links, text: str) -> str:
    pattern = rf"(?:{spellings(links.addresses, plainly)})(?=/|\Z)"
    return re.sub(pattern.encode(), links.swap, text.encode()).decode()


@pytest.mark.parametrize(
    ("sites", "link", "becomes"),
    [
        ("https://a.example", "https://a.example", "http://proxy"),
        ("https://a.example", "https://a.example/rest", "http://proxy/rest"),
        ("https://a.example https://b.example/ex/1", "https://a.example/ex/1/rest", "http://proxy/ex/1/rest"),
        ("https://a.example https://b.example/ex/1", "https://b.example/ex/1/rest", "http://proxy/rest"),
        ("https://a.example https://b.example/ex/1", "https://b.example/ex/2/rest", "https://b.example/ex/2/rest"),
        ("http://jira:8080", "http://jira:8080/jira/rest", "http://proxy/jira/rest"),
        ("http://jira:8080 https://jira.example", "https://jira.example/jira/rest", "http://proxy/jira/rest"),
        ("http://jira:8080 http://jira:8080/jira", "http://jira:8080/jira/rest", "http://proxy/jira/rest"),
        ("http://jira:8080/jira", "http://jira:8080/jira/rest", "http://proxy/jira/rest"),
        ("http://jira:8080/jira", "http://jira:8080/jirax", "http://jira:8080/jirax"),
        ("http://jira:8080/jira https://b.example/x", "https://b.example/x/rest", "http://proxy/jira/rest"),
        ("http://jira:8080/jira https://b.example", "https://b.example/jira/rest", "http://proxy/jira/rest"),
        # The proxy took the host's place; Jira is there under a path.
        ("http://jira:8080 http://proxy/jira", "http://proxy/jira/rest", "http://proxy/jira/rest"),
        ("http://jira:8080 http://proxy/jira", "//proxy/jira/rest", "http://proxy/rest"),
        ("http://jira:8080 http://proxy:8000/jira", "http://proxy:8000/jira/rest", "http://proxy/rest"),
    ],
)
def test_the_rule(sites, link, becomes):
    assert swapped(Links(tuple(sites.split(" ")), "http://proxy"), link) == becomes


def test_a_match_without_a_site_stays():
    links = Links(("https://a.example",), "http://proxy")
    found = re.match(rb"(https://b)?x", b"x")

    assert found
    assert links.swap(found) == b"x"


@pytest.mark.parametrize(
    ("sites", "proxy", "error"),
    [
        ((), "http://proxy", "there is no site"),
        (("jira.example",), "http://proxy", "'jira.example' is not a valid site URL"),
        (("http://a", "b"), "http://proxy", "'b' is not a valid site URL"),
        (("http://a",), "proxy:8080", "'proxy:8080' is not a valid site URL"),
        (("http://a",), 'http://x","y', "is not a valid site URL"),
        (("http://a",), "http://proxy/", "has a path"),
        (("http://a",), "http://proxy/jira", "has a path"),
    ],
)
def test_what_are_no_addresses_is_refused(sites, proxy, error):
    with pytest.raises(ValueError, match=error):
        Links(sites, proxy)


def test_links_are_values():
    one, other = Links(("https://a.example",), "http://p"), Links(("https://a.example",), "http://p")

    assert one == other
    assert hash(one) == hash(other)
    assert one != Links(("https://a.example",), "http://q")
    assert one.hosts == (b"a.example",)


@pytest.mark.parametrize(
    ("proxy", "origin", "is_it"),
    [
        ("http://proxy:8080", "http://proxy:8080", True),
        ("http://proxy:8080", "HTTP://Proxy:8080", True),
        ("http://proxy:80", "http://proxy", True),
        ("http://Proxy:80", "http://proxy:80", True),
        ("http://proxy:8080", "https://proxy:8080", False),
        ("https://proxy", "http://proxy", False),
        ("http://proxy:8080", "http://proxy", False),
        ("http://proxy", "http://proxy.example", False),
        ("http://proxy", "http://x@proxy", False),
    ],
)
def test_what_the_proxy_is_called(proxy, origin, is_it):
    assert Links(("https://a.example",), proxy).calls_proxy(origin) is is_it
