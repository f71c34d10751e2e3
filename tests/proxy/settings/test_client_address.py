import pytest

from jira_compat.proxy.settings.client_address import client_address, networks

TRUSTED = networks(["10.0.0.0/24", "127.0.0.1", "::1"])


def fields(*values):
    return [(b"X-Forwarded-For", value.encode("latin-1")) for value in values]


@pytest.mark.parametrize("trusted", [(), networks(["10.9.9.9"])])
def test_whom_nobody_trusts_says_nothing(trusted):
    assert client_address("10.0.0.1", fields("192.0.2.1"), trusted) == "10.0.0.1"


@pytest.mark.parametrize(
    ("peer", "values", "client"),
    [
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["192.0.2.1"], "192.0.2.1"),
        ("10.0.0.1", [" 2001:db8::1 "], "2001:db8::1"),
        ("::ffff:127.0.0.1", ["192.0.2.1"], "192.0.2.1"),
        ("::1", ["::ffff:192.0.2.1"], "192.0.2.1"),
        # What stands before an address that is not trusted was written by anybody.
        ("10.0.0.1", ["203.0.113.9, 192.0.2.1"], "192.0.2.1"),
        ("10.0.0.1", ["203.0.113.9", "192.0.2.1"], "192.0.2.1"),
        ("192.0.2.1", ["203.0.113.9"], "192.0.2.1"),
        ("10.0.0.1", ["192.0.2.1, 10.0.0.2"], "192.0.2.1"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", ["192.0.2.1, unknown"], "10.0.0.1"),
        ("10.0.0.1", ["192.0.2.1, 10.0.0.2, \xff"], "10.0.0.1"),
        ("10.0.0.1", [""], "10.0.0.1"),
    ],
)
def test_the_nearest_address_that_is_no_balancers_is_the_clients(peer, values, client):
    assert client_address(peer, fields(*values), TRUSTED) == client


@pytest.mark.parametrize("text", ["", "jira", "10.0.0.0/33", "10.0.0.1:80"])
def test_what_is_no_address_is_refused(text):
    with pytest.raises(ValueError) as raised:
        networks([text])

    assert repr(text) in str(raised.value)
    assert "write one like" in str(raised.value)
