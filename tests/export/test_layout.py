import pytest

from balancer import layout
from jira_compat.export.layout import is_name
from jira_compat.message.links.address import parse_address


@pytest.mark.parametrize(
    ("upstream", "site", "name"),
    [
        ("https://jira.example.com", "https://jira.example.com", "jira.example.com"),
        ("https://inside.example", "https://jira.example.com", "inside.example"),
        ("https://10.0.0.1:8443", "https://jira.example.com", "jira.example.com"),
        ("https://[2001:db8::1]", "https://jira.example.com", "jira.example.com"),
    ],
)
def test_a_certificate_is_for_a_name(upstream, site, name):
    assert layout(1, upstream, [1], site=site).certified_name == name


@pytest.mark.parametrize(
    ("host", "named"),
    [("jira", True), ("10.0.0.1", False), ("[2001:db8::1]", False), ("2001:db8::1", False), ("10.example.com", True)],
)
def test_only_names_are_looked_up(host, named):
    assert is_name(host) == named


@pytest.mark.parametrize(
    ("site", "hosts"),
    [
        ("https://jira.example.com", ("jira.example.com", "jira.example.com:443")),
        ("http://jira.example.com", ("jira.example.com", "jira.example.com:80")),
        ("https://Jira.example.com:8443", ("jira.example.com:8443",)),
    ],
)
def test_clients_may_write_the_default_port(site, hosts):
    assert layout(1, site, [1]).own_hosts == hosts


@pytest.mark.parametrize(
    ("options", "culprit", "remedy"),
    [
        ({"workers": []}, "worker", "--worker"),
        ({"site": "http://jira/jira"}, "--site", "write https://HOST"),
        ({"upstream": "http://jira/jira"}, "--upstream", "write https://HOST"),
        ({"site": "https://jira", "same_name": True}, "--same-name", "--cert FILE"),
        ({"site": "http://jira", "same_name": True, "certificate": "a.pem"}, "--same-name", "leave --cert out"),
        ({"certificate": "a\nb"}, "control character", "without"),
        ({"authorities": "a\0b"}, "control character", "without"),
    ],
)
def test_what_does_not_fit_together_is_one_line(options, culprit, remedy):
    upstream, workers = options.pop("upstream", "http://jira"), options.pop("workers", [1])

    with pytest.raises(ValueError) as raised:
        layout(1, upstream, workers, **options)

    assert culprit in str(raised.value)
    assert remedy in str(raised.value)
    assert "\n" not in str(raised.value)


def test_further_addresses_may_have_a_path():
    assert layout(1, "http://jira", [1], site_urls=(parse_address("https://b.example/x"),)).site_urls[0].path == "/x"
