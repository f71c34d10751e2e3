import pytest

from jira_compat.audit.counting.addresses import bare_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("", ""),
        ("-", "-"),
        ("203.0.113.8", "203.0.113.8"),
        ("203.0.113.8:4711", "203.0.113.8"),
        ("2001:db8::8", "2001:db8::8"),
        ("[2001:db8::8]", "2001:db8::8"),
        ("[2001:db8::8]:4711", "2001:db8::8"),
        ("client.example.com", "client.example.com"),
    ],
)
def test_an_address_has_neither_port_nor_brackets(text, address):
    assert bare_address(text) == address
