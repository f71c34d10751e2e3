"""HTTP/2 from the client to the proxy, HTTP/1 from there to Jira."""

import json
import socket
import ssl
import threading
from contextlib import closing

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import DataReceived, ResponseReceived, StreamEnded, StreamReset

from e2e.article import reached
from e2e.site import LOGIN, SECRET
from fail_closed.upstream import Upstream
from live import PATIENCE, live_proxy, wait_until

BODY = b'{"name": "zoe", "emailAddress": "zoe@example.com", "password": "%s"}' % SECRET.encode()
LEFT = b'{"name": "zoe", "emailAddress": "zoe@example.com"}'
SMUGGLED = b"PUT /rest/api/2/user/password?username=fred HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
USER, PASSWORD = "/rest/api/2/user", "/rest/api/2/user/password"


class Client:
    """One HTTP/2 connection."""

    def __init__(self, port, authority):
        trust = ssl.create_default_context(cafile=str(authority))
        trust.set_alpn_protocols(["h2"])
        connection = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self._socket = trust.wrap_socket(connection, server_hostname="127.0.0.1")
        assert self._socket.selected_alpn_protocol() == "h2"
        self._h2 = H2Connection(H2Configuration(client_side=True))
        self._h2.initiate_connection()

    def ask(self, method, path, body=b"", *, length=True):
        """Ask, and give status, header fields and content of the answer."""
        stream = self._h2.get_next_available_stream_id()
        fields = [(":method", method), (":scheme", "https"), (":authority", "127.0.0.1"), (":path", path)]
        fields += [("content-type", "application/json")] if body else []
        fields += [("content-length", str(len(body)))] if body and length else []
        self._h2.send_headers(stream, fields, end_stream=not body)
        for start in range(0, len(body), 10):
            self._h2.send_data(stream, body[start : start + 10], end_stream=start + 10 >= len(body))
        return self.answer(stream)

    def begin(self, path):
        """Send a request without waiting; give its stream."""
        stream = self._h2.get_next_available_stream_id()
        fields = [(":method", "GET"), (":scheme", "https"), (":authority", "127.0.0.1"), (":path", path)]
        self._h2.send_headers(stream, fields, end_stream=True)
        self._socket.sendall(self._h2.data_to_send())
        return stream

    def reset(self, stream):
        """Give a request up (RST_STREAM)."""
        self._h2.reset_stream(stream, ErrorCodes.CANCEL)
        self._socket.sendall(self._h2.data_to_send())

    def answer(self, stream):
        """Wait for the answer to a request."""
        fields: dict[str, str] = {}
        content = b""
        while True:
            self._socket.sendall(self._h2.data_to_send())
            received = self._socket.recv(65536)
            assert received, "the connection was closed"
            for event in self._h2.receive_data(received):
                assert not isinstance(event, StreamReset), event
                if isinstance(event, ResponseReceived):
                    fields = {bytes(name).decode(): bytes(value).decode() for name, value in event.headers}
                elif isinstance(event, DataReceived):
                    content += event.data
                elif isinstance(event, StreamEnded) and event.stream_id == stream:
                    return int(fields[":status"]), fields, content

    def close(self):
        self._socket.close()


@pytest.fixture
def client(reverse, authority):
    with closing(Client(reverse.proxy.port, authority)) as connected:
        yield connected


@pytest.mark.parametrize("length", [True, False], ids=["length", "no length"])
def test_what_no_rule_names_passes_as_one_request(reverse, client, length):
    """Without framing, the content would be the next request that Jira reads."""
    code, fields, _ = client.ask("POST", "/rest/api/2/issue", SMUGGLED, length=length)
    assert (code, "x-jira-compat" in fields) == (400, False)
    assert client.ask("GET", "/rest/api/2/issue/DEMO-1")[0] == 200
    assert reached(reverse) == [("POST /rest/api/2/issue", SMUGGLED), ("GET /rest/api/2/issue/DEMO-1", b"")]
    reverse.events(0)


@pytest.mark.parametrize("length", [True, False], ids=["length", "no length"])
def test_an_unchanged_row_passes_as_one_request(reverse, client, length):
    body = json.dumps({"username": "admin", "password": LOGIN}).encode()
    assert client.ask("POST", "/rest/auth/1/session", body, length=length)[0] == 200
    assert reached(reverse) == [("POST /rest/auth/1/session", body)]
    assert reverse.event()["rule"] == "leave-login"


@pytest.mark.parametrize("length", [True, False], ids=["length", "no length"])
def test_a_password_goes(reverse, client, length):
    code, fields, _ = client.ask("POST", USER, BODY, length=length)
    assert (code, fields["x-jira-compat"]) == (201, "user-management/ignore-password-on-user-create")
    assert reached(reverse) == [(f"POST {USER}", LEFT)]
    assert reverse.event()["fields"] == ["/password"]


@pytest.mark.parametrize("length", [True, False], ids=["length", "no length"])
def test_a_removed_endpoint_is_refused_and_the_connection_goes_on(reverse, client, length):
    code, fields, content = client.ask("PUT", f"{PASSWORD}?username=fred", BODY, length=length)
    assert (code, fields["content-length"]) == (410, str(len(content)))
    assert "(PUT user/password) was removed" in json.loads(content)["errorMessages"][0]
    assert (reverse.jira.received, reverse.jira.connections) == ([], 0)
    assert reverse.event()["rule"] == "refuse-password-change"
    assert client.ask("HEAD", "/rest/api/2/password/policy")[::2] == (410, b"")
    assert client.ask("GET", "/rest/api/2/issue/DEMO-1")[0] == 200


def test_a_stream_that_is_reset_cancels_its_plan_and_no_other(tmp_path, confdir, authority):
    asked, gone = threading.Semaphore(0), threading.Semaphore(0)
    may_answer = threading.Event()

    def script(call):
        sent = call.request()
        asked.release()
        if b'"other' in sent:
            assert may_answer.wait(PATIENCE)
            call.send(b'HTTP/1.1 200 OK\r\nContent-Length: 27\r\n\r\n{"issues":[],"isLast":true}')
        call.wait()
        gone.release()

    with Upstream() as upstream:
        upstream.script = script
        events = tmp_path / "events.jsonl"
        with live_proxy("serve", events, upstream=upstream.url, options={"confdir": confdir}) as proxy:
            with closing(Client(proxy.port, authority)) as client:
                left = client.begin("/rest/api/2/search?jql=left")
                other = client.begin("/rest/api/2/search?jql=other")
                for _ in range(2):
                    assert asked.acquire(timeout=PATIENCE)
                client.reset(left)
                assert gone.acquire(timeout=PATIENCE), "the proxy did not end its request"
                may_answer.set()
                code, _, content = client.answer(other)
                assert (code, json.loads(content)["total"]) == (200, 0)
                assert client.ask("PUT", PASSWORD, BODY)[0] == 410
            wait_until(lambda: len(proxy.events()) == 3, "an event for each")
            assert "Error" not in proxy.text()
    statuses = [event.get("http.response.status_code") for event in proxy.events()]
    assert sorted(statuses, key=str) == [200, 410, None]
    assert len(upstream.requests) == 2
