import gzip
import json

import pytest
from pydantic import ValidationError

from build import a_request
from jira_compat.actions.replace import Replace, confirm, replace
from jira_compat.model import Response
from jira_compat.plan import Send
from script import script

SPEC = Replace.model_validate({"method": "PUT", "json": {"active": False}, "status": 204})


def test_another_request_goes_to_the_same_place():
    replaced = replace(a_request("DELETE /jira/rest/api/2/user?username=fred", None), SPEC)

    assert (replaced.method, replaced.target) == ("PUT", b"/jira/rest/api/2/user?username=fred")
    assert replaced.body == b'{"active": false}'
    assert replaced.headers == (
        (b"Accept-Encoding", b"identity"),
        (b"Content-Type", b"application/json"),
        (b"Content-Length", b"17"),
    )


def test_credentials_and_all_else_stay_but_not_what_told_of_the_old_body_or_answer():
    headers = {
        "Host": "jira",
        "AUTHORIZATION": "Basic x",
        "content-type": "text/plain",
        "Content-Length": "3",
        "Content-Encoding": "gzip",
        "Transfer-Encoding": "chunked",
        "Expect": "100-continue",
        "Accept-Encoding": "gzip",
        "Range": "bytes=0-1",
        "If-Match": '"a"',
        "If-None-Match": '"a"',
        "X-HTTP-Method-Override": "DELETE",
        "x-http-method": "DELETE",
        "X-Method-Override": "DELETE",
        "Cookie": "a=b",
        "Accept": "application/json",
    }

    replaced = replace(a_request("DELETE /rest/api/2/user", b"abc", headers), SPEC)

    assert [name for name, _ in replaced.headers] == [
        b"Host",
        b"AUTHORIZATION",
        b"Cookie",
        b"Accept",
        b"Accept-Encoding",
        b"Content-Type",
        b"Content-Length",
    ]


@pytest.mark.parametrize(
    "body",
    [
        b'{"active": false}',
        b'{"name": "fred", "active": false, "groups": []}',
        b'\xef\xbb\xbf{"active":false}',
        '{"active": false, "é": 1}'.encode("utf-16"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("status", [200, 201, 204])
def test_what_the_upstream_confirms_is_answered(body, status):
    assert confirm(SPEC, Response(status, (), body), "a/b") == Response(204, ((b"X-Jira-Compat", b"a/b"),), b"")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 500, 503])
def test_the_upstream_s_own_error_is_answered_as_it_is(status):
    assert confirm(SPEC, Response(status, (), b'{"active": false}'), "a/b") is None


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b'{"active": true}'),
        (200, b'{"active": 0}'),
        (200, b'{"active": null}'),
        (200, b'{"active": "false"}'),
        (200, b'{"inactive": false}'),
        (200, b'[{"active": false}]'),
        (200, b"false"),
        (200, b"<html>Log in</html>"),
        (200, b'{"active": false'),
        (200, b"[" * 100_000),
        (200, b"\xff\xfe\xfd"),
        (200, gzip.compress(b'{"active": false}', mtime=0)),
        (200, b""),
        (200, None),
        (204, b""),
        (302, b'{"active": false}'),
        (304, b""),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_the_upstream_does_not_confirm_is_a_502(status, body):
    response = confirm(SPEC, Response(status, ((b"Location", b"/login.jsp"),), body), "a/b")

    assert response is not None
    assert response.status == 502
    assert dict(response.headers)[b"X-Jira-Compat"] == b"a/b"
    assert b"Location" not in dict(response.headers)
    (message,) = json.loads(response.body or b"")["errorMessages"]
    assert "does not confirm" in message


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        (Response(200, (), b'{"active": false}'), Response(204, ((b"X-Jira-Compat", b"a/b"),), b"")),
        (Response(404, (), b"{}"), None),
    ],
)
def test_the_plan_sends_one_request_and_confirms_it(reply, answer):
    request = a_request("DELETE /rest/api/2/user?username=fred", None)
    start = SPEC.start(request, limit=100)

    assert script(start.plan("a/b"), (Send(replace(request, SPEC)), reply)) == answer
    assert script(start.plan("a/b"), (Send(replace(request, SPEC)), reply)) == answer, "it begins again"
    assert (start.status, start.document) == (204, '{"active": false}')


def test_every_member_must_be_shown():
    spec = Replace.model_validate({"method": "PUT", "json": {"active": False, "n": 1, "a": [1]}, "status": 200})

    def status(**shown):
        response = confirm(spec, Response(200, (), json.dumps(shown).encode()), "m")
        return response and response.status

    assert status(active=False, n=1, a=[1]) == 200
    assert status(active=False, n=True, a=[1]) == 502
    assert status(active=False, n=1, a=[]) == 502
    assert status(active=False, n=1) == 502


@pytest.mark.parametrize(
    "changed",
    [{"method": "DELETE"}, {"json": {}}, {"json": [1]}, {"status": 199}, {"status": 300}, {"status": True}, {"x": 1}],
    ids=str,
)
def test_a_replace_that_is_none(changed):
    with pytest.raises(ValidationError):
        Replace.model_validate({"method": "PUT", "json": {"active": False}, "status": 204, **changed})
