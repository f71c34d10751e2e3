"""What collectors put before a line, and what servers put before the user, is never taken for a client or a user."""

import re

import pytest

from jira_compat.audit.readers.line_parts import ADDRESS, ADDRESSES, HOST, without_prefix
from jira_compat.audit.readers.log_formats import COLUMNS, recognise, row_of

REST = '[26/Nov/2026:11:31:54 +0000] "PUT /rest/api/2/user/password HTTP/1.1" 204 17 "-" "curl/8.1.0"'
LINE = f"203.0.113.8 - anna {REST}"
HAPROXY = (
    "203.0.113.8:4711 [26/Nov/2026:11:31:54.042] fe be/s1 0/0/0/1/1 204 17 - - ---- 1/1/0/0/0 0/0 {curl/8.1.0} "
    '"PUT /rest/api/2/user/password HTTP/1.1"'
)
PREFIXES = [
    "Nov 26 11:31:54 web7 nginx: ",
    "Nov  6 11:31:54 web7 nginx[77]: ",
    "Nov 26 11:31:54.123456 web7 nginx[77]: ",
    "Nov 26 2026 11:31:54 web7 nginx[77]: ",
    "Nov 26 11:31:54 nginx: ",
    "<190>Nov 26 11:31:54 web7 nginx: ",
    "<190>Nov 26 11:31:54 web7 nginx[77]: ",
    "<190>nginx: ",
    "2026-11-26T11:31:54+00:00 web7 nginx[77]: ",
    "2026-11-26T11:31:54.123456+01:00 web7 nginx: ",
    "Thu 2026-11-26 11:31:54 UTC web7 nginx[77]: ",
    "<190>1 2026-11-26T11:31:54Z web7 nginx 77 - - ",
    '<190>1 2026-11-26T11:31:54Z web7 nginx 77 ID7 [a@1 b="c d"][e@2] ',
    "2026-11-26T11:31:54.123456789Z stdout F ",
    "2026-11-26T11:31:54.123456789+01:00 stderr F ",
    "web-1  | ",
    "jira_proxy.1     | 2026-11-26T11:31:54.123456789Z ",
    "[pod/web-6c7/nginx] ",
    "2026-11-26T11:31:54.123456789Z ",
    "2026-11-26T11:31:54.123456789Z stdout F Nov 26 11:31:54 web7 nginx[77]: ",
]


def columns(line):
    row = row_of(line.encode())
    return None if row is None else dict(zip(COLUMNS, row, strict=True))


@pytest.mark.parametrize("prefix", ["", *PREFIXES])
@pytest.mark.parametrize(
    "line",
    [
        LINE,
        f"203.0.113.8 77x5x1 anna {REST}".replace(" 17 ", " 17 9 "),
        HAPROXY,
    ],
)
def test_a_prefix_is_taken_off_every_format(prefix, line):
    found = columns(prefix + line)

    assert found is not None
    assert (found["client"], found["agent"], found["status"]) == (b"203.0.113.8", b"curl/8.1.0", b"204")
    assert found["user"] == (b"anna" if "anna" in line else b"")
    assert found["time"].startswith(b"26/Nov/2026:11:31:54")
    assert recognise((prefix + line).encode()) == recognise(line.encode())


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_prefix_is_taken_off_json(prefix):
    assert without_prefix(f'{prefix}{{"a": 1}}'.encode()) == b'{"a": 1}'


@pytest.mark.parametrize("line", ["", "{}", LINE, "jira.example.com 203.0.113.8 - -", "prose: with a colon", "a | b"])
def test_other_lines_stay(line):
    assert without_prefix(line.encode()) == line.encode() or line == "a | b"


@pytest.mark.parametrize(
    ("before", "client", "user", "forwarded"),
    [
        ("203.0.113.8 - -", "203.0.113.8", "-", ""),
        ("203.0.113.8 - anna", "203.0.113.8", "anna", ""),
        ("203.0.113.8 - anna lee", "203.0.113.8", "anna lee", ""),
        ("203.0.113.8 - anna@example.com", "203.0.113.8", "anna@example.com", ""),
        ('203.0.113.8 - "anna lee"', "203.0.113.8", '"anna lee"', ""),
        ("203.0.113.8 ident anna", "203.0.113.8", "anna", ""),
        ("- - anna", "-", "anna", ""),
        ("unix: - anna", "unix:", "anna", ""),
        ("client.example.com - anna", "client.example.com", "anna", ""),
        ("2001:db8::8 - anna", "2001:db8::8", "anna", ""),
        ("::ffff:203.0.113.8 - anna", "::ffff:203.0.113.8", "anna", ""),
        ("203.0.113.8:4711 - anna", "203.0.113.8:4711", "anna", ""),
        ("[2001:db8::8]:4711 - anna", "[2001:db8::8]:4711", "anna", ""),
        ("203.0.113.8, 10.0.0.9 - anna", "203.0.113.8, 10.0.0.9", "anna", ""),
        ("203.0.113.8,10.0.0.9,10.0.0.7 - anna", "203.0.113.8,10.0.0.9,10.0.0.7", "anna", ""),
        ("unknown, 203.0.113.8 - anna", "unknown, 203.0.113.8", "anna", ""),
        ("jira.example.com 203.0.113.8 - anna", "203.0.113.8", "anna", ""),
        ("jira.example.com:443 203.0.113.8 - anna", "203.0.113.8", "anna", ""),
        ("jira 2001:db8::8 - -", "2001:db8::8", "-", ""),
        ("203.0.113.8 jira.example.com - anna", "203.0.113.8", "anna", ""),
        ("10.0.0.9 [203.0.113.8] - anna", "10.0.0.9", "anna", "203.0.113.8"),
        ("10.0.0.9 [-] - anna", "10.0.0.9", "anna", ""),
        ("10.0.0.9 (203.0.113.8) - anna", "10.0.0.9", "anna", "203.0.113.8"),
        ("10.0.0.9 (203.0.113.8, 10.0.0.7) - anna", "10.0.0.9", "anna", "203.0.113.8, 10.0.0.7"),
        ("10.0.0.9 - [203.0.113.8] - anna", "10.0.0.9", "anna", "203.0.113.8"),
        ("10.0.0.9 - [203.0.113.8] - -", "10.0.0.9", "-", "203.0.113.8"),
    ],
)
def test_what_stands_before_the_time_has_its_columns(before, client, user, forwarded):
    found = columns(f"{before} {REST}")

    assert found is not None
    assert (found["client"], found["user"]) == (client.encode(), user.encode())
    assert found["forwarded"] == forwarded.encode()
    assert recognise(f"{before} {REST}".encode()) == "combined"


@pytest.mark.parametrize(
    "before",
    [
        "203.0.113.8 - - anna",
        "203.0.113.8 - 10.0.0.9",
        "203.0.113.8 10.0.0.9 - anna",
        "203.0.113.8 - anna 10.0.0.9",
        "203.0.113.8 - anna - 12",
        "10.0.0.9 jira.example.com web7 - anna",
        "jira.example.com client.example.com - anna",
        "Nov 26 - anna",
        "999999 - anna",
        "203.0.113.8 - 11:31:54 web7 2001:db8::8",
    ],
)
def test_what_may_be_another_column_is_not_taken_for_a_client_or_a_user(before):
    assert columns(f"{before} {REST}") is None


@pytest.mark.parametrize(
    ("address", "fits"),
    [
        ("203.0.113.8", True),
        ("203.0.113.8:80", True),
        ("::", True),
        ("::1", True),
        ("fe80::1%eth0", True),
        ("fe80::1%br-0.1", True),
        ("2001:db8:0:0:0:0:0:8", True),
        ("[::1]:80", True),
        ("10:43:45", False),
        ("dead:beef", False),
        ("1.2.3", False),
        ("anna", False),
        ("", False),
    ],
)
def test_an_address_is_one(address, fits):
    assert bool(re.fullmatch(ADDRESS, address)) == bool(re.fullmatch(ADDRESSES, address)) == fits
    assert not (fits and re.fullmatch(HOST, address) and ":" in address)


@pytest.mark.parametrize("piece", ["<1>", "Nov 26 ", "a: ", "1.1.1.1, ", "::", "a | ", "[", '" 200 1 ', "2026-11-26 "])
def test_a_long_line_that_fits_none_is_left_soon(piece):
    assert row_of((piece * 100_000).encode()) is None  # would take hours if it were tried again from each of its bytes
