import hashlib
import http.client
import json
import shutil
import ssl
import subprocess
import threading
from pathlib import Path

import pytest

from jira_compat.standin import Received, StandIn
from jira_compat.standin.issues.seed import made_up
from jira_compat.standin.server import joined


def connected(standin: StandIn) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(standin.url.split("/")[2], timeout=5)


def ask(standin: StandIn, method: str, target: str, body: object = None, **fields: str) -> tuple[int, bytes]:
    connection = connected(standin)
    content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    connection.request(method, target, content, {name.replace("_", "-"): value for name, value in fields.items()})
    with connection.getresponse() as response:
        answer = response.status, response.read()
    connection.close()
    return answer


def test_what_came_is_on_record_before_its_answer():
    with StandIn() as standin:
        ask(standin, "PUT", "//rest/api/2/us%65r/password;a?username=fred", {"password": "new"}, X_one="1", x_ONE="2")

        [came] = standin.received
        content = b'{"password": "new"}'
        assert came == Received(
            "PUT",
            b"//rest/api/2/us%65r/password;a?username=fred",
            came.headers,
            content,
            len(content),
            hashlib.sha256(content).hexdigest(),
            204,
        )
        assert came.headers[-2:] == (("X-one", "1"), ("x-ONE", "2"))
        assert standin.state.named("fred").password == "new"


def test_links_lead_to_the_stand_in_or_where_they_are_told_to():
    with StandIn() as here, StandIn(site_url="https://jira.example.com/it/") as there:
        for standin, site in ((here, here.url), (there, "https://jira.example.com/it")):
            user = json.loads(ask(standin, "GET", "/rest/api/2/user?username=fred")[1])
            assert user["self"] == f"{site}/rest/api/2/user?username=fred"


@pytest.mark.parametrize("context", ["/jira", "jira/", "/a/b"])
def test_below_a_context_path_there_is_jira_and_beside_it_nothing(context):
    root = "/" + context.strip("/")
    with StandIn(context_path=context) as standin:
        assert standin.url.endswith(root)
        assert ask(standin, "GET", f"{root}/rest/api/2/serverInfo")[0] == 200
        assert ask(standin, "GET", "/rest/api/2/serverInfo")[0] == 404
        assert ask(standin, "GET", f"{root}x/rest/api/2/serverInfo")[0] == 404
        login = ask(standin, "POST", f"{root}/rest/auth/1/session", {"username": "fred", "password": "fred"})
        assert login[0] == 200


def test_a_login_cookie_belongs_to_the_context_path():
    with StandIn(context_path="/jira") as standin:
        connection = connected(standin)
        connection.request("POST", "/jira/rest/auth/1/session", b'{"username":"fred","password":"fred"}')
        with connection.getresponse() as response:
            cookies = response.headers.get_all("Set-Cookie") or []
        connection.close()

    assert [cookie.partition(";")[2].split(";")[0].strip() for cookie in cookies] == ["Path=/jira", "Path=/jira"]


def test_the_cloud_is_the_cloud():
    with StandIn("cloud") as standin:
        assert ask(standin, "GET", "/rest/api/3/search?jql=project%3DDEMO")[0] == 410
        assert standin.received[-1].status == 410


def test_reset_brings_back_the_first_day():
    with StandIn("cloud") as standin:
        ask(standin, "DELETE", "/rest/api/3/user?accountId=5b10a2844c20165700ed27d9")
        standin.reset()

        assert standin.state.user(name="fred") is not None
        assert (standin.received, standin.connections, standin.state.mode) == ([], 0, "cloud")


def test_it_can_be_stopped_and_started_on_the_same_port():
    standin = StandIn()
    with standin:
        url = standin.url
        assert ask(standin, "GET", "/rest/api/2/serverInfo")[0] == 200
    with pytest.raises(ConnectionRefusedError):
        ask(standin, "GET", "/rest/api/2/serverInfo")
    with standin:
        assert standin.url == url
        assert ask(standin, "GET", "/rest/api/2/serverInfo")[0] == 200
    standin.stop()


def test_a_port_that_is_taken_cannot_be_had():
    with StandIn() as standin, pytest.raises(OSError, match="in use"):
        StandIn(port=int(standin.url.rpartition(":")[2])).start()


def test_a_large_upload_is_known_by_size_and_hash():
    content = b"x" * 1_000_001
    with StandIn() as standin:
        status, _ = ask(standin, "POST", "/rest/api/2/issue", content)

        [came] = standin.received
        assert (status, came.body, came.size) == (413, b"", len(content))
        assert came.sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("manners", ["server", "cloud"])
def test_an_attachment_of_any_size_is_made_while_it_is_sent(manners):
    size = 5_000_001
    with StandIn(manners, context_path="/jira") as standin:
        path = standin.add_attachment("ein Bild.bin", size, issue="OPS-3")
        status, content = ask(standin, "GET", path)

        assert (status, len(content)) == (200, size)
        assert hashlib.sha256(content).digest() == hashlib.sha256(b"".join(made_up(size))).digest()
        assert ask(standin, "HEAD", path) == (200, b"")
        [number] = standin.state.issues["OPS-3"].attachments
        assert path == f"/jira/secure/attachment/{number}/ein%20Bild.bin"


def test_a_path_that_tomcat_refuses_is_400_in_jiras_shape():
    with StandIn() as standin:
        status, body = ask(standin, "PUT", "/rest/api/2/user%2Fpassword?username=fred", {"password": "new"})

        assert (status, list(json.loads(body))) == (400, ["errorMessages", "errors"])
        assert standin.state.named("fred").password == "fred"


def test_many_at_once():
    def create(number: int) -> None:
        ask(standin, "POST", "/rest/api/2/user", {"name": f"user{number}", "emailAddress": f"{number}@example.com"})

    with StandIn() as standin:
        threads = [threading.Thread(target=create, args=(number,)) for number in range(20)]
        for thread in threads:
            thread.start()
        came = standin.wait_for(20)
        for thread in threads:
            thread.join()

        assert {each.status for each in came} == {201}
        assert len(standin.state.users) == 22
        assert standin.connections == 20


def test_a_failure_of_its_own_is_a_500_that_tells_only_its_kind(capfd):
    with StandIn() as standin:
        standin.state.issues["DEMO-1"].type = "topsecret"
        status, body = ask(standin, "GET", "/rest/api/2/issue/DEMO-1")

    assert (status, json.loads(body)["errorMessages"]) == (500, ["The stand-in failed with KeyError."])
    assert capfd.readouterr().err == ""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> tuple[str, str]:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed; apt-get install openssl")
    folder: Path = tmp_path_factory.mktemp("tls")
    files = str(folder / "cert.pem"), str(folder / "key.pem")
    name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    kind = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", files[1], "-out", files[0]]
    subprocess.run(["openssl", *kind, *name], check=True, capture_output=True)
    return files


def test_tls(certificate, capfd):
    with StandIn(tls=certificate) as standin:
        trust = ssl.create_default_context(cafile=certificate[0])
        connection = http.client.HTTPSConnection(standin.url.removeprefix("https://"), timeout=5, context=trust)
        for _ in range(2):
            connection.request("GET", "/rest/api/2/serverInfo")
            with connection.getresponse() as response:
                assert json.load(response)["baseUrl"] == standin.url
        connection.close()
        with pytest.raises((http.client.HTTPException, OSError)):
            ask(standin, "GET", "/")
        assert (standin.connections, len(standin.received)) == (2, 2)
    assert capfd.readouterr().err == ""


def test_equal_names_are_joined_cookies_as_cookies():
    assert joined([("A", "1"), ("Cookie", "x=1"), ("a", "2"), ("cookie", "y=2")]) == {"a": "1, 2", "cookie": "x=1; y=2"}
