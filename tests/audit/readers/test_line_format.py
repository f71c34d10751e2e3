import pytest

from jira_compat.audit.readers.line_format import pattern_of
from jira_compat.audit.readers.log_formats import COLUMNS, compile_format

APACHE = r"%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\""
NGINX = '$remote_addr - $remote_user [$time_local] "$request" $status $bytes_sent "$http_referer" "$http_user_agent"'
COMBINED = '203.0.113.8 - anna [26/Nov/2026:11:31:54 +0000] "PUT /a?b=c HTTP/1.1" 204 17 "-" "curl/8"'
FACTS = {"client": "203.0.113.8", "user": "anna", "method": "PUT", "target": "/a?b=c", "status": "204"}
LATE = {**FACTS, "time": "26/Nov/2026:11:31:54 +0000"}


@pytest.mark.parametrize(
    ("line_format", "line", "expected"),
    [
        (APACHE, COMBINED, {**LATE, "agent": "curl/8"}),
        (APACHE.replace('\\"', '"'), COMBINED, {**LATE, "agent": "curl/8"}),
        (APACHE, f"Nov 26 11:31:54 web7 httpd[77]: {COMBINED}", LATE),
        (NGINX, COMBINED, {**LATE, "agent": "curl/8"}),
        (NGINX + ' "$http_x_forwarded_for"', COMBINED + ' "10.0.0.9, 10.0.0.7"', {"forwarded": "10.0.0.9, 10.0.0.7"}),
        ("%v:%p " + APACHE + " %D %%", f"jira.example.com:443 {COMBINED} 123 %", LATE),
        (
            "%a %{X-Forwarded-For}i %u %t %m %U%q %H %s",
            "203.0.113.8 10.0.0.9 anna [x y] PUT /a?b=c HTTP/1.1 204",
            FACTS,
        ),
        ("%h %{c}a %u %m %U%q %s", "203.0.113.8 10.0.0.9 anna PUT /a?b=c 204", FACTS),
        ("%!200,304{Referer}i|%h|%u|%m|%U|%s", "-|203.0.113.8|anna|PUT|/a?b=c|204", FACTS),
        ("%{%F %T}t %h %u %m %U%q %s", "2026-11-26 203.0.113.8 anna PUT /a?b=c 204", {**FACTS, "time": "2026-11-26"}),
        (
            "$msec|${remote_addr}|$remote_user|$request_method|$uri$is_args$args|$status|$request_time",
            "1795692714.123|203.0.113.8|anna|PUT|/a?b=c|204|0.001",
            {**FACTS, "time": "1795692714.123"},
        ),
        (
            "[$time_iso8601] $remote_addr ($request) $status",
            "[2026-11-26T11:31:54Z] ::1 (GET / HTTP/1.1) 200",
            {"client": "::1"},
        ),
    ],
)
def test_lines_of_a_format_have_its_columns(line_format, line, expected):
    form = compile_format("pattern", pattern_of(line_format))
    row = form.row(line.encode())

    assert row is not None
    assert dict(zip(COLUMNS, (value.decode() for value in row), strict=True)).items() >= expected.items()


@pytest.mark.parametrize("line", ["", "prose", COMBINED[:40], COMBINED.replace("203.0.113.8 ", "")])
def test_other_lines_fit_not(line):
    assert compile_format("pattern", pattern_of(APACHE)).row(line.encode()) is None


@pytest.mark.parametrize("line_format", ["", "combined", "%h %u", "$remote_addr", "%m", "$status %r", "100%"])
def test_a_format_without_a_request_says_what_to_do(line_format):
    with pytest.raises(ValueError, match=r"must have a request.*; "):
        pattern_of(line_format)


def test_a_directive_that_stands_twice_counts_once():
    form = compile_format("pattern", pattern_of("%h %a %u %r %m"))

    assert form.row(b"203.0.113.8 10.0.0.9 anna PUT /a HTTP/1.1 PUT") is not None
