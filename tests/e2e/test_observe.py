"""Mode ``observe``: everything is decided and written down, and nothing is touched."""

import gzip

import pytest

from e2e.recorder import SEEN, Recorder
from e2e.site import SECRET
from live import exchange, live_proxy

BODY = b'{ "password":"%s" ,"name" : "zo\\u00eb","password":1e400}' % SECRET.encode()
USER = "POST /rest/api/latest//user/?x=%7e&password=q#f"


@pytest.fixture(scope="module")
def upstream():
    with Recorder() as recorder:
        yield recorder


@pytest.fixture(scope="module", params=["serve", "mitmdump"])
def observing(request, upstream, tmp_path_factory):
    events = tmp_path_factory.mktemp("observe") / "events.jsonl"
    options = {"mode": "observe", "profile": "staging"}
    with live_proxy(request.param, events, upstream=f"http://{upstream.authority}", options=options) as proxy:
        yield proxy


@pytest.mark.parametrize(
    ("line", "body", "fields", "event"),
    [
        ("GET /rest/api/2/issue/DEMO-1?fields=a%2Cb", b"", (), None),
        (USER, BODY, ("content-TYPE: application/json",), ("fields_removed", "ignore-password-on-user-create")),
        (USER, BODY[:9], (), ("request_refused", "ignore-password-on-user-create")),
        (USER, gzip.compress(BODY), ("Content-Encoding: gzip",), ("fields_removed", "ignore-password-on-user-create")),
        ("PUT /rest/api/2/user?username=f", BODY, (), ("fields_removed", "keep-only-active-on-user-update")),
        ("DELETE /rest/api/2/user/?username=f", b"", (), ("request_replaced", "deactivate-instead-of-deleting")),
        ("PUT /rest/api/2/../2/user/password", BODY, (), ("request_refused", "refuse-password-change")),
        ("PUT /rest/api/2/user%2fpassword", BODY, (), ("request_refused", "refuse-password-change")),
        ("GET /rest/api/2/password/policy", b"", (), ("request_refused", "refuse-password-policy")),
        ("POST /rest/auth/1/session", BODY, (), ("rule_matched", "leave-login")),
    ],
    ids=["other", "strip", "unreadable", "gzip", "keep", "replace", "refuse", "ambiguous", "refuse GET", "login"],
)
def test_every_byte_goes_there_and_back_as_it_was(*, observing, upstream, line, body, fields, event):
    before = len(observing.events())
    head = [f"{line} HTTP/1.1", f"Host: {upstream.authority}", "x-Odd-CASE: 1", "Accept: */*", "X-odd-case: 2", *fields]
    head += [
        "Authorization: Basic YTpi",
        "Cookie: a=b;c=d",
        "Connection: close",
        *([f"Content-Length: {len(body)}"] * bool(body)),
    ]
    raw = "\r\n".join([*head, "", ""]).encode() + body
    answer = exchange(observing.port, raw)
    assert upstream.take() == raw
    assert answer == SEEN
    found = observing.events()[before:] if event is None else [observing.event(before + 1)]
    assert [(one["event"], one["rule"], one["applied"]) for one in found] == (
        [] if event is None else [(*event, False)]
    )
    assert SECRET not in observing.events_file.read_text()
