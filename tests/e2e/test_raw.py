"""What no client library sends: odd bodies and odd targets, byte for byte."""

import gzip
import json

import pytest

from e2e.article import reached
from e2e.site import SECRET, Site
from live import exchange, request, status

USER, PASSWORD = "/rest/api/2/user", "/rest/api/2/user/password"
CREATE, UPDATE, CHANGE = "ignore-password-on-user-create", "keep-only-active-on-user-update", "refuse-password-change"
BODY = b'{"name": "zoe", "password": "%s"}' % SECRET.encode()
LEFT = b'{"name": "zoe"}'
JSON = "Content-Type: application/json"
FORM = "Content-Type: application/x-www-form-urlencoded"
CHECKS = "/rest/api/2/password/policy"


def chunks(*pieces):
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (*pieces, b""))


def content(answer):
    return answer.partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize(
    ("raw", "arrives"),
    [
        (request("GET", "/rest/api/2/issue/DEMO-1"), ("GET /rest/api/2/issue/DEMO-1", b"")),
        (request("GET", "/rest//api/2/x/../issue/DEMO-1"), ("GET /rest//api/2/x/../issue/DEMO-1", b"")),
        (request("PUT", "/rest/other/user/password", BODY), ("PUT /rest/other/user/password", BODY)),
        (request("GET", "http://other.test/rest/api/2/myself"), ("GET /rest/api/2/myself", b"")),
        (
            request("POST", f"/rest/api/2/issue?password={SECRET}", BODY),
            (f"POST /rest/api/2/issue?password={SECRET}", BODY),
        ),
    ],
    ids=["plain", "odd path", "another API", "absolute-form", "password in an issue"],
)
def test_what_no_rule_names_goes_on_as_it_came(reverse, raw, arrives):
    answer = exchange(reverse.proxy.port, raw)
    assert b"x-jira-compat" not in answer.lower()
    assert reached(reverse) == [arrives]
    assert reverse.jira.received[0].header("host") == reverse.jira.url.removeprefix("http://")
    exchange(reverse.proxy.port, request("GET", "/rest/api/2/password/policy"))
    assert reverse.event()["rule"] == "refuse-password-policy"  # and nothing before it


@pytest.mark.parametrize(
    ("method", "body"),
    [
        ("POST", b""),
        ("POST", b" \n"),
        ("POST", b"null"),
        ("POST", b'"%s"' % SECRET.encode()),
        ("POST", b'[{"password": "not a member of the document"}]'),
        ("POST", b"%s1%s" % (b'{"a": ' * 1000, b"}" * 1000)),
        ("POST", b'{"n": 1e400, "m": 12345678901234567890.10, "name": "zoe"}'),
        ("PUT", b"null"),
        ("PUT", b'{ "active" : true }'),
    ],
    ids=["empty", "blank", "null", "string", "array", "deep", "numbers", "PUT null", "PUT active"],
)
def test_a_body_with_nothing_to_take_out_goes_on_as_it_came(reverse, method, body):
    exchange(reverse.proxy.port, request(method, f"{USER}?username=fred", body, JSON, f"Content-Length: {len(body)}"))
    assert reached(reverse) == [(f"{method} {USER}?username=fred", body)]
    event = reverse.event()
    assert (event["event"], event["fields"], event["applied"]) == ("rule_matched", [], False)


@pytest.mark.parametrize(
    ("raw", "arrives"),
    [
        (request("POST", USER, BODY), LEFT),
        (request("POST", USER, BODY, FORM), LEFT),
        (request("POST", USER, chunks(BODY[:20], BODY[20:]), "Transfer-Encoding: chunked"), LEFT),
        (request("POST", USER, BODY.replace(b"ss", b"\\u0073s", 1), JSON), LEFT),
        (request("POST", USER, b'{"password": 1, "name": "zoe", "password": 2}', JSON), LEFT),
        (request("POST", USER, b"\xef\xbb\xbf" + BODY, JSON), b"\xef\xbb\xbf" + LEFT),
        (request("POST", USER, f"name=zoe&password={SECRET}&active=true", FORM), b"name=zoe&active=true"),
        (request("POST", f"http://other.test:81{USER}", BODY, JSON), LEFT),
        (b"POST %s HTTP/1.0\r\nContent-Length: %d\r\n\r\n%s" % (USER.encode(), len(BODY), BODY), LEFT),
    ],
    ids=["no type", "JSON called a form", "chunked", "escaped", "twice", "BOM", "form", "absolute-form", "HTTP/1.0"],
)  # fmt: skip
def test_a_password_goes(reverse, raw, arrives):
    answer = exchange(reverse.proxy.port, raw)
    assert f"x-jira-compat: user-management/{CREATE}".encode() in answer.lower()
    assert reached(reverse) == [(f"POST {USER}", arrives)]
    event = reverse.event()
    assert (event["event"], event["rule"], event["fields"]) == ("fields_removed", CREATE, ["/password"])


def test_a_password_goes_out_of_gzip(reverse):
    """Out of every member of it: readers differ over the second."""
    packed = gzip.compress(BODY[:20]) + gzip.compress(BODY[20:])
    exchange(reverse.proxy.port, request("POST", USER, packed, JSON, "Content-Encoding: gzip"))
    [got] = reverse.jira.received
    assert (gzip.decompress(got.body), got.header("content-encoding")) == (LEFT, "gzip")
    assert reverse.event()["fields"] == ["/password"]


def test_a_password_goes_out_of_the_query(reverse):
    exchange(reverse.proxy.port, request("POST", f"{USER}?notify=1&p%61ssword={SECRET}", BODY, JSON))
    assert reached(reverse) == [(f"POST {USER}?notify=1", LEFT)]
    assert sorted(reverse.event()["fields"]) == ["/password", "?password"]


@pytest.mark.parametrize(
    ("raw", "code", "rule", "reason"),
    [
        (request("POST", USER, BODY[:-2], JSON), 400, CREATE, "unreadable_body"),
        (request("POST", USER, BODY, JSON, "Content-Encoding: lzma"), 400, CREATE, "unreadable_body"),
        (request("PUT", f"{USER}?username=fred", f'"{SECRET}"', JSON), 400, UPDATE, "unreadable_body"),
        (request("PUT", f"{USER}?username=fred", f'["{SECRET}"]', JSON), 400, UPDATE, "unreadable_body"),
        (request("PUT", "/rest/api/2/user%2Fpassword", BODY), 400, CHANGE, "ambiguous_target"),
        (request("PUT", PASSWORD, f'"{SECRET}"', JSON), 410, CHANGE, "rule"),
        (request("PUT", "/rest/api/2/x/../user/password", BODY), 410, CHANGE, "rule"),
        (request("PUT", "//rest/api/2//us%65r/password/", BODY), 410, CHANGE, "rule"),
        (request("PUT", "/rest/api/2/user;a=b/password", BODY), 410, CHANGE, "rule"),
        (request("PUT", "/jira/rest/api/latest/user/password", BODY), 410, CHANGE, "rule"),
        (request("PUT", "/api/2/user/password", BODY), 410, CHANGE, "rule"),
        (request("PUT", f"http://other.test{PASSWORD}", BODY), 410, CHANGE, "rule"),
        (request("POST", PASSWORD, BODY, "X-HTTP-Method-Override: PUT"), 410, CHANGE, "rule"),
        (request("POST", f"{CHECKS}/createUser", BODY), 410, "refuse-password-check-on-user-create", "rule"),
        (request("POST", f"{CHECKS}/updateUser", BODY), 410, "refuse-password-check-on-user-update", "rule"),
    ],
    ids=[
        "cut off", "coding", "PUT string", "PUT array", "encoded slash", "string", "dots", "spelling", "parameters",
        "context path", "article's own", "absolute-form", "override", "createUser", "updateUser",
    ],
)  # fmt: skip
def test_what_must_not_go_on_is_refused_and_jira_is_not_even_connected_to(reverse, raw, code, rule, reason):
    answer = exchange(reverse.proxy.port, raw)
    assert status(answer) == code
    document = json.loads(content(answer))
    assert (len(document["errorMessages"]), document["errors"]) == (1, {})
    assert SECRET not in answer.decode()
    event = reverse.event()
    assert (event["event"], event["rule"], event["reason"]) == ("request_refused", rule, reason)
    assert event["http.response.status_code"] == code
    assert (reverse.jira.received, reverse.jira.connections) == ([], 0)


def test_head_follows_get_and_has_no_content(reverse):
    """The second answer stands where the first one ended."""
    two = request("HEAD", "/rest/api/2/password/policy").replace(b"Connection: close\r\n", b"")
    answer = exchange(reverse.proxy.port, two + request("GET", "/rest/api/2/password/policy"))
    first, second, body = answer.split(b"\r\n\r\n")
    assert (status(first), status(second)) == (410, 410)
    assert f"content-length: {len(body)}".encode() in first.lower()
    assert [event["http.request.method"] for event in reverse.events(2)] == ["HEAD", "GET"]
    assert reverse.jira.connections == 0


def test_serve_ignores_empty_lines_before_a_request(run, jira):
    """Old clients send one behind a form; mitmproxy itself waits for more behind it."""
    proxy = run("serve", jira.url)
    site = Site(proxy, jira, proxy.url)
    first = request("POST", USER, BODY, JSON).replace(b"Connection: close\r\n", b"")
    answer = exchange(proxy.port, b"\r\n" + first + b"\r\n\n" + request("PUT", PASSWORD, BODY, JSON))
    assert answer.count(b"HTTP/1.1 ") == 2
    assert reached(site) == [(f"POST {USER}", LEFT)]
    assert [event["rule"] for event in site.events(2)] == [CREATE, CHANGE]


def test_requests_on_one_connection_are_judged_one_by_one(reverse):
    stays = request("GET", "/rest/api/2/issue/DEMO-1").replace(b"Connection: close\r\n", b"")
    changes = request("PUT", PASSWORD, BODY, JSON).replace(b"Connection: close\r\n", b"")
    answer = exchange(reverse.proxy.port, stays + changes + request("POST", USER, BODY, JSON))
    assert answer.count(b"HTTP/1.1 ") == 3
    assert reached(reverse) == [("GET /rest/api/2/issue/DEMO-1", b""), (f"POST {USER}", LEFT)]
    assert [event["rule"] for event in reverse.events(2)] == [CHANGE, CREATE]


def test_many_refusals_that_are_asked_for_at_once_are_given_one_after_the_other(reverse):
    last = request("PUT", PASSWORD, b"{}", JSON)
    asked = last.replace(b"Connection: close\r\n", b"")
    answer = exchange(reverse.proxy.port, asked * 300 + last)  # as much as is read at a time, so that nobody waits
    assert answer.count(b"HTTP/1.1 410 ") == 301
    assert reached(reverse) == []
