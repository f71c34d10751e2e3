"""npm ``jira-connector``, as scripts use it; one Node runs for all tests."""

import json
import queue
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from e2e.article import Call, expected, of_every_row, reached, told
from e2e.site import LOGIN, SECRET
from live import PATIENCE

FOLDER = Path(__file__).with_name("node")
NODE = shutil.which("node")
USER = {"username": "admin", "password": LOGIN}

pytestmark = [
    pytest.mark.skipif(NODE is None, reason="node is not installed; apt-get install nodejs npm"),
    pytest.mark.skipif(
        not (FOLDER / "node_modules" / "jira-connector").exists(), reason="jira-connector is not installed: make setup"
    ),
]


class Node:
    """A Node that drives jira-connector."""

    def __init__(self, process):
        self._process = process
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self._process.stdout:
            self._lines.put(line)

    def drive(self, site, *calls, user=None):
        """What a client reports of some calls: for each ``{"returned": …}`` or ``{"thrown": …, "text": …}``."""
        wanted = {
            "url": site.url,
            "proxy": site.proxy.url if site.forward else None,
            "authority": str(site.authority) if site.authority else None,
            "user": user,
            "calls": calls,
        }
        self._process.stdin.write(json.dumps(wanted) + "\n")
        return json.loads(self._lines.get(timeout=PATIENCE))

    def end(self):
        self._process.stdin.close()
        self._process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        self._process.stdout.close()


@pytest.fixture(scope="module")
def node():
    process = subprocess.Popen(
        [str(NODE), "driver.js"], cwd=FOLDER, text=True, bufsize=1, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    running = Node(process)
    yield running
    running.end()


CALLS = of_every_row(
    Call(
        "create group",
        "/rest/api/2/group",
        lambda drive: drive("group.createGroup", {"group": {"name": "testers"}})["name"],
        (("POST /rest/api/2/group", b'{"name":"testers"}'),),
        returns="testers",
    ),
    Call(
        "add user to group",
        "/rest/api/2/group/user",
        lambda drive: drive("group.addUserToGroup", {"groupName": "jira-administrators", "userName": "fred"})["users"][
            "size"
        ],
        (("POST /rest/api/2/group/user?groupname=jira-administrators", b'{"name":"fred"}'),),
        returns=2,
    ),
    Call(
        "delete group",
        "/rest/api/2/group",
        lambda drive: drive("group.deleteGroup", {"groupName": "jira-software-users"}),
        (("DELETE /rest/api/2/group?groupname=jira-software-users", b""),),
    ),
    Call(
        "remove user from group",
        "/rest/api/2/group/user",
        lambda drive: drive("group.removeUserFromGroup", {"groupName": "jira-software-users", "userName": "fred"}),
        (("DELETE /rest/api/2/group/user?groupname=jira-software-users&username=fred", b""),),
    ),
    Call(
        "log in",
        "/rest/auth/1/session",
        lambda drive: drive("auth.login", {"username": "admin", "password": LOGIN})["session"]["name"],
        (("POST /rest/auth/1/session", b'{"username":"admin","password":"%s"}' % LOGIN.encode()),),
        returns="JSESSIONID",
    ),
    Call(
        "log out",
        "/rest/auth/1/session",
        lambda drive: drive("auth.logout"),
        (("DELETE /rest/auth/1/session", b""),),
    ),
    Call(
        "create user",
        "/rest/api/2/user",
        lambda drive: drive(
            "user.createUser",
            {"user": {"name": "zoe", "password": SECRET, "emailAddress": "zoe@example.com", "displayName": "Zoë"}},
        )["displayName"],
        (
            (
                "POST /rest/api/2/user",
                '{"name":"zoe","emailAddress":"zoe@example.com","displayName":"Zoë"}'.encode(),
            ),
        ),
        returns="Zoë",
    ),
    Call(
        "remove user",
        "/rest/api/2/user",
        lambda drive: drive("user.deleteUser", {"username": "fred"}),
        (("DELETE /rest/api/2/user?username=fred", b""),),
    ),
    Call(
        "update user",
        "/rest/api/2/user",
        lambda drive: drive(
            "user.editUser",
            {"username": "fred", "user": {"password": SECRET, "active": False, "displayName": "Fred"}},
        )["active"],
        (("PUT /rest/api/2/user?username=fred", b'{"active":false}'),),
        returns=False,
    ),
    Call(
        "add user to application",
        "/rest/api/2/user/application",
        lambda drive: drive(
            "request",
            {
                "method": "POST",
                "path": "/user/application",
                "qs": {"username": "fred", "applicationKey": "jira-core"},
            },
        ),
    ),
    Call(
        "remove user from application",
        "/rest/api/2/user/application",
        lambda drive: drive(
            "request",
            {
                "method": "DELETE",
                "path": "/user/application",
                "qs": {"username": "fred", "applicationKey": "jira-software"},
            },
        ),
    ),
    Call(
        "change user password",
        "/rest/api/2/user/password",
        lambda drive: drive("user.changePassword", {"username": "fred", "password": SECRET}),
    ),
    Call(
        "update myself",
        "/rest/api/2/myself",
        lambda drive: drive("myself.editMyself", {"newData": {"displayName": "Root", "password": LOGIN}}),
    ),
    Call(
        "change my password",
        "/rest/api/2/myself/password",
        lambda drive: drive("myself.changePassword", {"newData": {"password": SECRET, "currentPassword": LOGIN}}),
    ),
    Call(
        "get password policy",
        "/rest/api/2/password/policy",
        lambda drive: drive("password.getPasswordPolicy", {"hasOldPassword": True}),
    ),
)


class RejectedError(Exception):
    """What the client rejected its promise with: it throws text."""


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.row)
def test_a_row(site, node, call):
    def drive(*words):
        [report] = node.drive(site, words, user=USER)
        if "thrown" in report:
            raise RejectedError(report["thrown"], report["text"])
        return report["returned"]

    if not call.text:
        returned = call.drive(drive)
        assert call.returns in (..., returned)
    else:
        with pytest.raises(RejectedError) as caught:
            call.drive(drive)
        kind, text = caught.value.args
        answer = json.loads(text)
        assert (kind, answer["statusCode"]) == ("String", 410)
        assert call.text in answer["body"]["errorMessages"][0]
    assert reached(site) == list(call.reaches)
    assert told(site, call) == expected(site, call)
    assert "user_agent.original" not in site.event()  # it sends none


def test_a_session_by_cookie(site, node):
    """Login, a question that needs it, logout: the cookies survive the way."""
    reports = node.drive(
        site, ["auth.login", {"username": "admin", "password": LOGIN}], ["myself.getMyself"], ["auth.logout"]
    )
    assert reports[0]["returned"]["session"]["name"] == "JSESSIONID"
    assert reports[1]["returned"]["name"] == "admin"
    assert "thrown" not in reports[2]
    assert reached(site) == [
        ("POST /rest/auth/1/session", b'{"username":"admin","password":"%s"}' % LOGIN.encode()),
        ("GET /rest/api/2/myself", b""),
        ("DELETE /rest/auth/1/session", b""),
    ]
    assert [event["rule"] for event in site.events(2)] == ["leave-login", "leave-logout"]
