import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.audited import SAMPLES
from jira_compat.audit.readers.log_formats import COLUMNS, FORMATS, FORMATS_OF, compile_format, recognise


def columns(forms, line):
    row = next((row for form in forms if (row := form.row(line)) is not None), None)
    assert row is not None, line
    return dict(zip(COLUMNS, row, strict=True))


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("jira", "jira-access.log"),
        ("jira", "atlassian-jira-http-access.log"),
        ("combined", "combined.log"),
        ("haproxy", "haproxy.log"),
    ],
)
def test_each_line_of_its_samples_fits_the_format_that_is_recognised(name, file):
    content = (SAMPLES / file).read_bytes()

    assert recognise(content) == name
    assert all(FORMATS_OF[name][0].row(line) for line in content.splitlines())
    assert len([*(FORMATS_OF[name][0].rows(content) or ())]) == content.count(b"\n")


PUT = {"method": b"PUT", "target": b"/rest/api/2/user/password?username=fred", "agent": b"python-requests/2.31.0"}


@pytest.mark.parametrize(
    ("name", "file", "number", "expected"),
    [
        ("jira", "jira-access.log", 0, {**PUT, "client": b"192.0.2.17", "user": b"admin", "status": b"204"}),
        ("jira", "jira-access.log", 3, {"user": b"fred smith", "target": b"/browse/ABC-1"}),
        ("jira", "atlassian-jira-http-access.log", 0, {"status": b"-"}),
        ("jira", "atlassian-jira-http-access.log", 1, {"status": b"204", "user": b"admin"}),
        ("combined", "combined.log", 0, {**PUT, "user": b"fred", "time": b"26/Nov/2026:11:31:54 +0000"}),
        ("combined", "combined.log", 3, {"method": b"", "target": b"", "status": b"400"}),
        ("haproxy", "haproxy.log", 0, {**PUT, "client": b"127.0.0.1", "status": b"200"}),
        ("haproxy", "haproxy.log", 1, {"agent": b"curl/7.88.1", "time": b"26/Nov/2026:11:31:55"}),
        ("haproxy", "haproxy.log", 2, {"agent": b"", "client": b"127.0.0.1"}),
        ("haproxy", "haproxy.log", 3, {"method": b"", "status": b"400"}),
    ],
)
def test_columns_are_read_out_of_lines(name, file, number, expected):
    line = (SAMPLES / file).read_bytes().splitlines()[number]

    assert columns(FORMATS_OF[name], line).items() >= expected.items()


COMBINED = b'10.0.0.1 - %b [10/Oct/2025:13:55:36 -0700] "%b" %b 23 "%b" "%b"'


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (COMBINED % (b"-", b"GET / HTTP/1.1", b"-", b"-", b"x"), {"status": b"", "target": b"/"}),
        (COMBINED % (b"-", b"GET /", b"200", b"-", b"x"), {"target": b"/"}),
        (COMBINED % (b"-", b"-", b"408", b"-", b"-"), {"method": b""}),
        (COMBINED % (b"a b", b'GET /a\\"b HTTP/1.1', b"200", b'a\\"b', b"x"), {"user": b"a b", "target": b'/a\\"b'}),
        (b"jira:443 " + COMBINED % (b"-", b"GET / HTTP/1.1", b"200", b"-", b"x"), {"client": b"10.0.0.1"}),
        (b'2001:db8::1 - - [10/Oct/2025:13:55:36 +0000] "GET / HTTP/1.0" 200 -', {"client": b"2001:db8::1"}),
        (COMBINED % (b"-", b"GET / HTTP/1.1", b"200", b"-", b"x") + b' "10.1.1.1" 0.003\r', {"agent": b"x"}),
    ],
)
def test_what_servers_vary_fits_too(line, expected):
    assert columns(FORMATS_OF["combined"], line).items() >= expected.items()


@pytest.mark.parametrize("line", [b"", b"garbage", b"10.0.0.1 - - [x", b"[]", b'{"a": 1}', b"\x00" * 50])
def test_other_lines_fit_none(line):
    assert recognise(line) is None


@given(st.binary(max_size=200))
def test_no_line_makes_matching_raise_and_no_match_goes_over_a_line_end(line):
    for form in FORMATS:
        assert len(form.pattern.findall(line)) <= line.count(b"\n") + 1


@pytest.mark.parametrize(
    "line", [b"1:" * 200_000, b"a " * 200_000, b"[" * 400_000, b'10.0.0.1 - - [x] "' + b"\\" * 400_000]
)
def test_a_long_line_that_fits_none_is_left_soon(line):
    assert recognise(line) is None  # would take hours if it were tried again from each of its bytes


def test_the_format_most_lines_fit_is_taken():
    lines = (SAMPLES / "haproxy.log").read_bytes().splitlines()[:1] + (
        SAMPLES / "combined.log"
    ).read_bytes().splitlines()

    assert recognise(b"\n".join([b"a banner", *lines])) == "combined"


def test_a_format_of_ones_own_has_its_columns_in_any_order():
    form = compile_format("pattern", r"(?P<target>[^ ]+) (?P<method>[A-Z]+)(?: by (?P<user>.+))?")

    assert columns([form], b"/a GET by me") == {
        **dict.fromkeys(COLUMNS, b""),
        "target": b"/a",
        "method": b"GET",
        "user": b"me",
    }
    assert columns([form], b"/a GET")["user"] == b""
    assert form.is_ordered is False


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("(", "not a regular expression"),
        ("(?P<method>a)", "groups method and target"),
        ("(?P<method>a)(?P<target>b)(?P<other>c)", "only the groups"),
        ("(?P<method>a)(?P<target>b)(c)", "only the groups"),
    ],
)
def test_a_pattern_that_cannot_be_used_says_why_and_what_to_do(pattern, words):
    with pytest.raises(ValueError) as caught:
        compile_format("pattern", pattern)

    assert words in str(caught.value)
    assert ";" in str(caught.value)
