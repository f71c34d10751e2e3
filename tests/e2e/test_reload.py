"""Policies that change while requests pass: each request is judged by one whole set, and none is lost."""

import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from build import policy_text
from live import BIN, PATIENCE, ROOT, live_proxy, wait_until

SETS = {"blue": ("a", "b"), "green": ("c", "d")}
"""The members of a body that each set takes out, each by a rule, and each rule in a file of its own."""
BODY = json.dumps(dict.fromkeys("abcd", 1)).encode()
LEFT = {name: "".join(one for one in "abcd" if one not in gone) for name, gone in SETS.items()}
"""What is left of the body after each set; anything else is a mixture."""


def policy(number, member, change="modified"):
    rule = f"id: take-{member}\nendpoint: POST /rest/api/2/user\nchange: {change}\nwhy: Why.\nremove: [/{member}]"
    return policy_text(rule, head=f"policy: file-{number}\ntitle: T\nsource: https://example.com\nrules:\n")


class ConfigMap:
    """A folder of policies as Kubernetes mounts it: all files change at once, by one symbolic link."""

    def __init__(self, folder):
        self.folder = folder
        for name, members in SETS.items():
            self.write(f"..{name}", {f"{number}.yaml": policy(number, one) for number, one in enumerate(members)})
        self.show("blue")
        for number in range(2):
            (folder / f"{number}.yaml").symlink_to(f"..data/{number}.yaml")

    def write(self, name, files):
        (self.folder / name).mkdir(parents=True)
        for file, text in files.items():
            (self.folder / name / file).write_text(text)

    def show(self, name):
        swapped = self.folder / "..data_tmp"
        swapped.symlink_to(f"..{name}")
        swapped.replace(self.folder / "..data")


class Echo(BaseHTTPRequestHandler):
    """Says which members the body has that has come."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        said = "".join(sorted(body)).encode()
        self.server.asked.append(said)  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_):
        pass


class Upstream(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Echo)
        self.asked: list[bytes] = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


@pytest.fixture
def upstream():
    with Upstream() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join(PATIENCE)


@pytest.fixture
def files(tmp_path):
    return ConfigMap(tmp_path / "policies")


class Load:
    """Clients that ask all the time, over connections that they keep."""

    def __init__(self, port, clients=4):
        self.answers: Counter[tuple[int, str | None, str]] = Counter()
        self.errors: list[Exception] = []
        self._port = port
        self._ends = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(clients)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._ends.set()
        for thread in self._threads:
            thread.join(PATIENCE)

    def more(self):
        """Wait until some have been asked and answered after this was called."""
        before = sum(self.answers.values())
        wait_until(lambda: self.errors or sum(self.answers.values()) > before + 8, "requests")
        assert self.errors == []

    def _ask(self):
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)) as client:
                while not self._ends.is_set():
                    client.request("POST", "/rest/api/2/user", BODY, {"Content-Type": "application/json"})
                    answer = client.getresponse()
                    marks = answer.headers["X-Jira-Compat"]
                    self.answers[answer.status, marks, answer.read().decode()] += 1
        except Exception as error:  # noqa: BLE001 - told by the test
            self.errors.append(error)


def marks(name):
    return ", ".join(f"file-{number}/take-{member}" for number, member in enumerate(SETS[name]))


def digests(proxy):
    return [event["digest"] for event in proxy.all_events() if event["event"] == "policies_loaded"]


@contextmanager
def proxied(kind, tmp_path, files, upstream):
    options = {"policies": files.folder, "confdir": tmp_path / "confdir"}
    if kind == "mitmdump":
        options["policies"] = str(files.folder)
    with live_proxy(kind, tmp_path / "events.jsonl", upstream=upstream.url, options=options) as proxy:
        yield proxy
    assert "Traceback" not in proxy.text()


@pytest.mark.parametrize(("kind", "hangups"), [("serve", 20), ("mitmdump", 0)])
def test_every_request_under_load_is_judged_by_one_whole_set(kind, hangups, tmp_path, files, upstream):
    with proxied(kind, tmp_path, files, upstream) as proxy, Load(proxy.port) as load:
        for turn in range(1, hangups + 3):
            files.show(("blue", "green")[turn % 2])
            if turn <= hangups:
                proxy.process.send_signal(signal.SIGHUP)
            wait_until(lambda: len(digests(proxy)) > turn, "the set to be loaded")  # noqa: B023 - called at once
            load.more()
    assert load.errors == []
    assert set(load.answers) == {(200, marks(name), left) for name, left in LEFT.items()}
    assert len(upstream.asked) == sum(load.answers.values())
    assert len(proxy.events()) == sum(load.answers.values())
    assert len(digests(proxy)) == hangups + 3
    assert len(set(digests(proxy))) == 2


def test_a_request_that_has_begun_is_judged_by_the_set_it_began_with(tmp_path, files, upstream):
    head = (
        b"POST /rest/api/2/user HTTP/1.1\r\nHost: jira\r\nConnection: close\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY)
    )
    with proxied("serve", tmp_path, files, upstream) as proxy, closing(_connected(proxy.port)) as client:
        client.sendall(head + BODY[:5])
        with Load(proxy.port, clients=1) as load:  # once others are answered that came later, it has begun
            load.more()
            files.show("green")
            proxy.process.send_signal(signal.SIGHUP)
            wait_until(lambda: (200, marks("green"), LEFT["green"]) in load.answers, "requests under the new set")
        client.sendall(BODY[5:])
        answer = http.client.HTTPResponse(client)
        answer.begin()
        assert (answer.headers["X-Jira-Compat"], answer.read().decode()) == (marks("blue"), LEFT["blue"])


@pytest.mark.parametrize("kind", ["serve", "mitmdump"])
def test_a_bad_set_is_told_of_once_and_changes_nothing(kind, tmp_path, files, upstream):
    files.write("..bad", {"0.yaml": policy(0, "c"), "1.yaml": policy(1, "d", change="modifeid")})
    with proxied(kind, tmp_path, files, upstream) as proxy, Load(proxy.port, clients=1) as load:
        files.show("bad")
        wait_until(lambda: len(proxy.all_events()) and _rejected(proxy), "the set to be rejected")
        [line] = _rejected(proxy)[0]["errors"]
        assert line == f"{files.folder}/1.yaml:7:13: rules.0.change: unknown word 'modifeid'; did you mean 'modified'?"
        wait_until(lambda: line in proxy.text(), "the line")
        load.more()
        assert set(load.answers) == {(200, marks("blue"), LEFT["blue"])}
        files.show("green")
        wait_until(lambda: len(digests(proxy)) == 2, "the next set to be loaded")
    assert load.errors == []
    assert len(_rejected(proxy)) == 1
    assert proxy.text().count(line) == 1


@pytest.mark.parametrize("kind", ["serve", "mitmdump"])
def test_with_a_bad_set_nothing_starts(kind, tmp_path, files):
    files.write("..bad", {"0.yaml": policy(0, "c"), "1.yaml": "policy: ["})
    files.show("bad")
    command = [sys.executable, "-m", "jira_compat", "serve", "--upstream", "http://127.0.0.1:1"]
    command += ["--listen", "127.0.0.1:0", "--policies", str(files.folder), "--confdir", str(tmp_path / "confdir")]
    if kind == "mitmdump":
        command = [str(BIN / "mitmdump"), "-s", "addon/main.py"]
        command += ["--set", f"jira_policies={files.folder}", "--set", "listen_port=0"]
        command += ["--set", "listen_host=127.0.0.1", "--set", f"confdir={tmp_path / 'confdir'}"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert ended.returncode == 1
    assert f"{files.folder}/1.yaml:1:" in ended.stdout + ended.stderr


def _rejected(proxy):
    return [event for event in proxy.all_events() if event["event"] == "policies_rejected"]


def _connected(port):
    return socket.create_connection(("127.0.0.1", port), PATIENCE)
