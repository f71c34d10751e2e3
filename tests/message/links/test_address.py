import re

import pytest

from jira_compat.message.links.address import Address, in_json, parse_address, plainly, spellings


@pytest.mark.parametrize(
    ("text", "address", "origin"),
    [
        ("https://jira.example.com", Address("https", "jira.example.com", 443, ""), "https://jira.example.com"),
        ("https://jira.example.com/", Address("https", "jira.example.com", 443, ""), "https://jira.example.com"),
        ("HTTPS://Jira.Example.COM:443/Jira/", Address("https", "jira.example.com", 443, "/Jira"), "https://jira.example.com"),
        ("http://jira:8080/jira", Address("http", "jira", 8080, "/jira"), "http://jira:8080"),
        ("http://my_jira-1:0080", Address("http", "my_jira-1", 80, ""), "http://my_jira-1"),
        ("https://h:80/ex/jira/a-b_c~d%20e", Address("https", "h", 80, "/ex/jira/a-b_c~d%20e"), "https://h:80"),
        ("http://[::1]:8080", Address("http", "[::1]", 8080, ""), "http://[::1]:8080"),
        ("http://127.0.0.1:65535", Address("http", "127.0.0.1", 65535, ""), "http://127.0.0.1:65535"),
    ],
)  # fmt: skip
def test_addresses(text, address, origin):
    assert parse_address(text) == address
    assert address.origin == origin
    assert parse_address(origin).origin == origin


@pytest.mark.parametrize(
    "text",
    [
        "",
        "jira.example.com",
        "//jira.example.com",
        "ftp://jira.example.com",
        "https://",
        "https:///jira",
        "https://jira:",
        "https://jira:0",
        "https://jira:65536",
        "https://jira:123456",
        "https://jira:٣",
        "https://jira//x",
        "https://jira/?a",
        "https://jira#a",
        "https://jira\\x",
        'https://jira"',
        'https://jira/"x',
        "https://jira x",
        "https://jira\r\nSet-Cookie: a=b",
        "https://jira\n",
        "https://jirä",
        "https://user@jira",
        " https://jira",
    ],
)  # fmt: skip
def test_what_is_no_address(text):
    with pytest.raises(ValueError) as raised:
        parse_address(text)
    assert "write https://HOST" in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "text", ["https://fred:hunter2@jira", "https://fred:hun?hunter2@jira", "https://jira/?t=hunter2"]
)
def test_secrets_in_what_is_no_address_are_not_told(text):
    with pytest.raises(ValueError) as raised:
        parse_address(text)
    assert "hunter2" not in str(raised.value)
    assert "jira" in str(raised.value)


def fits(address: str, text: str) -> bool:
    return re.fullmatch(spellings([parse_address(address)], plainly), text) is not None


@pytest.mark.parametrize(
    ("address", "texts"),
    [
        ("https://jira.example/a", "https://jira.example/a https://jira.example:443/a HTTPS://JIRA.example/a"),
        ("https://jira.example/a", "http://jira.example/a http://jira.example:80/a"),
        ("https://jira.example/a", "//jira.example/a //jira.example:443/a //jira.example:80/a"),
        ("https://jira:8443", "https://jira:8443 http://jira:8443 //jira:8443"),
        ("http://jira", "http://jira http://jira:80 //jira //jira:80 Http://Jira"),
        ("http://[::a]:8080", "http://[::a]:8080 //[::A]:8080"),
    ],
)  # fmt: skip
def test_spellings(address, texts):
    assert all(fits(address, text) for text in texts.split(" "))


@pytest.mark.parametrize(
    ("address", "texts"),
    [
        ("https://jira.example/a", "https://jira.example/A https://jira.example https://jiraxexample/a"),
        ("https://jira.example/a", "jira.example/a https:jira.example/a :https://jira.example/a"),
        ("https://jira.example/a", "https://jira.example:80/a http://jira.example:443/a"),
        ("https://jira:8443", "https://jira http://jira //jira https://jira:443"),
        ("http://jira", "https://jira https://jira:443 //jira:443 ftp://jira"),
        ("http://jira:8080", "http://jira https://jira:8080 http://jira:80 http://jira:80800"),
    ],
)  # fmt: skip
def test_what_is_no_spelling(address, texts):
    assert not any(fits(address, text) for text in texts.split(" "))


def test_the_first_address_that_fits_counts_and_has_its_group():
    pattern = spellings([parse_address("http://a/x"), parse_address("http://a"), parse_address("http://a/x")], plainly)

    assert [found.lastindex for found in re.finditer(f"(?:{pattern})(?=[/ ])", "http://a/x http://a/y ")] == [1, 2]


@pytest.mark.parametrize("text", ["/", r"\/", r"\u002f", r"\u002F"])
def test_a_slash_in_json(text):
    assert re.fullmatch(in_json("/"), text)


@pytest.mark.parametrize("text", ["k", "K", r"\u006b", r"\u006B", r"\u004b", r"\u004B"])
def test_a_letter_in_json(text):
    assert re.fullmatch(in_json("k", fold=True), text)
    assert bool(re.fullmatch(in_json("k"), text)) == (text in {"k", r"\u006b", r"\u006B"})


@pytest.mark.parametrize("text", ["x", ".x", r"\.", r"\u002", r"\U002e", "%2e"])
def test_what_is_no_dot_in_json(text):
    assert not re.fullmatch(in_json(".", fold=True), text)
    assert re.fullmatch(in_json(".", fold=True), ".")
