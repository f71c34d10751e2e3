"""curl, with the lines that documentation, wikis and cron jobs have."""

import json
import shutil
import subprocess

import pytest

from e2e.article import Call, expected, of_every_row, reached, told
from e2e.site import LOGIN, SECRET

CURL = shutil.which("curl")
pytestmark = pytest.mark.skipif(CURL is None, reason="curl is not installed; apt-get install curl")

JSON = ("-H", "Content-Type: application/json")
BASIC = ("-u", f"admin:{LOGIN}")
GONE = 22
"""Exit status of curl when ``--fail-with-body`` was answered 400 or more."""


def curl(site, path, *words, basic=True):
    """Run it: its exit status, the answer's status, its header fields with the version of HTTP, and its content."""
    head = "\\n%{response_code} %{http_version}\\n%{header_json}"
    command = [str(CURL), "--silent", "--show-error", "--max-time", "20", "--fail-with-body", "--write-out", head]
    command += [*(BASIC if basic else ()), *words, f"{site.url}{path}"]
    command += ["--proxy", site.proxy.url, "--noproxy", ""] if site.forward else []
    command += ["--cacert", str(site.authority)] if site.authority else []
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    content, _, rest = ended.stdout.rpartition("\n{")
    content, _, line = content.rpartition("\n")
    status, _, version = line.partition(" ")
    fields = {name.lower(): values[0] for name, values in json.loads("{" + rest).items()}
    return ended.returncode, int(status), {"version": version, **fields}, content


def line(row, path, *words, reaches=(), endpoint=None, **others):
    """A call by a curl line."""
    return Call(row, endpoint or path.partition("?")[0], lambda run: run(path, *words), reaches, **others)


CALLS = of_every_row(
    line(
        "create group",
        "/rest/api/2/group",
        *JSON,
        "-d",
        '{"name" : "testers"}',
        reaches=(("POST /rest/api/2/group", b'{"name" : "testers"}'),),
    ),
    line(
        "add user to group",
        "/rest/api/2/group/user?groupname=jira-administrators",
        *JSON,
        "-d",
        '{"name":"fred"}',
        reaches=(("POST /rest/api/2/group/user?groupname=jira-administrators", b'{"name":"fred"}'),),
    ),
    line(
        "delete group",
        "/rest/api/2/group?groupname=jira-software-users",
        "-X",
        "DELETE",
        reaches=(("DELETE /rest/api/2/group?groupname=jira-software-users", b""),),
    ),
    line(
        "remove user from group",
        "/rest/api/2/group/user?groupname=jira-software-users&username=fred",
        "-X",
        "DELETE",
        reaches=(("DELETE /rest/api/2/group/user?groupname=jira-software-users&username=fred", b""),),
    ),
    line(
        "log in",
        "/rest/auth/1/session",
        *JSON,
        "-d",
        json.dumps({"username": "admin", "password": LOGIN}),
        reaches=(("POST /rest/auth/1/session", b'{"username": "admin", "password": "%s"}' % LOGIN.encode()),),
    ),
    line("log out", "/rest/auth/1/session", "-X", "DELETE", reaches=(("DELETE /rest/auth/1/session", b""),)),
    line(
        "create user",
        "/rest/api/2/user",
        *JSON,
        "--data",
        f'{{\n  "name": "zoe",\n  "password": "{SECRET}",\n  "emailAddress": "zoe@example.com"\n}}',
        reaches=(("POST /rest/api/2/user", b'{\n  "name": "zoe",\n  "emailAddress": "zoe@example.com"\n}'),),
    ),
    line(
        "remove user",
        "/rest/api/2/user?username=fred",
        "-X",
        "DELETE",
        reaches=(("DELETE /rest/api/2/user?username=fred", b""),),
    ),
    line(
        "update user",
        "/rest/api/2/user?username=fred",
        "-X",
        "PUT",
        *JSON,
        "-d",
        f'{{"displayName":"Fred","active":false,"password":"{SECRET}"}}',
        reaches=(("PUT /rest/api/2/user?username=fred", b'{"active":false}'),),
    ),
    line(
        "add user to application",
        "/rest/api/2/user/application?username=fred&applicationKey=jira-core",
        "-X",
        "POST",
    ),
    line(
        "remove user from application",
        "/rest/api/2/user/application?username=fred&applicationKey=jira-software",
        "-X",
        "DELETE",
    ),
    line(
        "change user password",
        "/rest/api/2/user/password?username=fred",
        "-X",
        "PUT",
        *JSON,
        "-d",
        f'{{"password":"{SECRET}"}}',
    ),
    line("update myself", "/rest/api/2/myself", "-X", "PUT", *JSON, "-d", f'{{"password":"{LOGIN}"}}'),
    line(
        "change my password",
        "/rest/api/2/myself/password",
        "-X",
        "PUT",
        *JSON,
        "-d",
        f'{{"password":"{SECRET}","currentPassword":"{LOGIN}"}}',
    ),
    line("get password policy", "/rest/api/2/password/policy"),
)


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.row)
def test_a_row(site, call):
    ended, status, fields, content = call.drive(lambda path, *words: curl(site, path, *words))
    mark = f"user-management/{site.event()['rule']}"
    if not call.text:
        assert (ended, status // 100) == (0, 2)
        assert fields.get("x-jira-compat") == (mark if site.event()["applied"] else None)
    else:
        assert (ended, status) == (GONE, 410)
        answer = json.loads(content)
        assert list(answer) == ["errorMessages", "errors"]
        assert call.text in answer["errorMessages"][0]
        assert (fields["x-jira-compat"], fields["content-type"]) == (mark, "application/json;charset=UTF-8")
        assert fields["link"].endswith('858756548.html>; rel="deprecation"')
    assert reached(site) == list(call.reaches)
    assert told(site, call) == expected(site, call)
    assert site.event()["user_agent.original"].startswith("curl/")


@pytest.mark.parametrize(
    ("words", "arrives"),
    [
        (["-d", f'{{"name":"zoe","password":"{SECRET}"}}'], b'{"name":"zoe"}'),
        (["-d", f"name=zoe&password={SECRET}"], b"name=zoe"),
        (["--data-urlencode", "name=Zoë", "--data-urlencode", f"password={SECRET}"], b"name=Zo%C3%AB"),
    ],
    ids=["JSON as a form", "form", "encoded form"],
)
def test_a_password_goes_whatever_the_body_is_called(reverse, words, arrives):
    curl(reverse, "/rest/api/2/user", *words)
    assert reached(reverse) == [("POST /rest/api/2/user", arrives)]
    assert reverse.event()["fields"] == ["/password"]


def test_a_password_goes_out_of_a_form_of_parts(reverse):
    curl(reverse, "/rest/api/2/user", "-F", "name=zoe", "-F", f"password={SECRET}")
    [got] = reverse.jira.received
    assert SECRET.encode() not in got.body
    assert got.body.count(b'form-data; name="') == 1
    assert reverse.event()["fields"] == ["/password"]


def test_a_large_body_is_waited_for_and_read(reverse, tmp_path):
    """Above a megabyte curl sends ``Expect: 100-continue`` and waits."""
    file = tmp_path / "body.json"
    file.write_text(json.dumps({"name": "zoe", "notes": "n" * 1_500_000, "password": SECRET}))
    curl(reverse, "/rest/api/2/user", *JSON, "--data-binary", f"@{file}")
    [got] = reverse.jira.received
    assert got.size == len(json.dumps({"name": "zoe", "notes": "n" * 1_500_000}))
    assert got.header("expect") is None
    assert reverse.event()["fields"] == ["/password"]


def test_a_bare_string_as_new_password_is_refused(reverse):
    ended, status, _, content = curl(
        reverse, "/rest/api/2/user/password?username=fred", "-X", "PUT", *JSON, "-d", f'"{SECRET}"'
    )
    assert (ended, status) == (GONE, 410)
    assert "(PUT user/password) was removed" in json.loads(content)["errorMessages"][0]
    assert reached(reverse) == []
    assert reverse.event()["event"] == "request_refused"


def test_a_session_by_cookie_file(reverse, tmp_path):
    cookies = ("--cookie", str(tmp_path / "jar"), "--cookie-jar", str(tmp_path / "jar"))
    login = json.dumps({"username": "admin", "password": LOGIN})
    assert curl(reverse, "/rest/auth/1/session", *cookies, *JSON, "-d", login, basic=False)[1] == 200
    assert curl(reverse, "/rest/api/2/myself", *cookies, basic=False)[1] == 200
    assert curl(reverse, "/rest/auth/1/session", *cookies, "-X", "DELETE", basic=False)[1] == 204
    assert [one.status for one in reverse.jira.received] == [200, 200, 204]
    events = reverse.events(2)
    assert [event["rule"] for event in events] == ["leave-login", "leave-logout"]
    assert not [event for event in events if "user.name" in event]


def test_head_is_answered_without_content(reverse):
    _, status, fields, content = curl(reverse, "/rest/api/2/password/policy", "--head")
    assert status == 410
    assert int(fields["content-length"]) > 0
    assert "{" not in content
    assert reached(reverse) == []
    assert reverse.event()["http.request.method"] == "HEAD"


def test_http_2(site):
    """Where there is TLS: to the proxy itself, and through a tunnel to what passes for Jira."""
    if "HTTP2" not in subprocess.run([str(CURL), "--version"], capture_output=True, text=True, check=True).stdout:
        pytest.skip("curl was built without HTTP/2; put one with it on PATH")
    body = json.dumps({"name": "zoe", "emailAddress": "zoe@example.com", "password": SECRET})
    _, status, fields, _ = curl(site, "/rest/api/2/user", "--http2", *JSON, "-d", body)
    assert (status, fields["version"]) == (201, "2" if site.authority else "1.1")
    assert reached(site) == [("POST /rest/api/2/user", b'{"name": "zoe", "emailAddress": "zoe@example.com"}')]
    assert site.event()["fields"] == ["/password"]
