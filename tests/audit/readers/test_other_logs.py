import pytest

from jira_compat.audit.readers.other_logs import is_message, is_other_log, may_be_answered_request, may_be_request

MESSAGES = [
    "Nov 26 11:31:54 lb2 haproxy[77]: Server be/s1 is UP, reason: Layer4 check passed, check duration: 0ms.",
    "Nov 26 11:31:54 lb2 haproxy[77]: backend be has no server available!",
    "Nov 26 11:31:54 lb2 haproxy[77]: Proxy be started.",
    "Nov 26 11:31:54 lb2 haproxy[77]: Connect from 10.0.0.9:4711 to 10.0.0.8:443 (fe/HTTP)",
    "Nov 26 11:31:54 lb2 haproxy[77]: 10.0.0.9:4711 [26/Nov/2026:11:31:54.042] fe/1: SSL handshake failure",
    "<134>Nov 26 11:31:54 haproxy: 10.0.0.9:4711 [26/Nov/2026:11:31:54.042] fe be/s1 1/0/5007 212 -- 1/1/0/0/0 0/0",
    "[WARNING] 330/113154 (77) : Server be/s1 is DOWN.",
    '2026/11/26 11:31:54 [error] 77#77: *1 connect() failed, client: 10.0.0.9, request: "GET / HTTP/1.1", host: "j"',
    "[Thu Nov 26 11:31:54.123456 2026] [core:error] [pid 77] AH00037: a message",
]
OTHERS = [
    "26-Nov-2026 11:31:54.123 INFO [main] org.apache.catalina.startup.Catalina.start Server startup in [9] ms",
    "2026-11-26 11:31:54,123+0000 main INFO      [c.a.jira.startup.Launcher] a message about /rest/api/2/myself",
    "[2026-11-26T11:31:54.123+0000][0.003s][info][gc] Using G1",
]
REQUESTS = [
    '10.0.0.9 - - [26/Nov/2026:11:31:54 +0000] "GET / HTTP/1.1" 200 17',
    "2026-11-26 11:31:54,123+0000 a log of one's own: PUT /rest/api/2/user/password 204",
    "26-Nov-2026 11:31:54.123 INFO [main] a.b GET https://jira.example.com/rest/api/2/myself 200",
]


@pytest.mark.parametrize("line", MESSAGES)
def test_a_message_of_a_server_is_not_a_request(line):
    assert is_message(line.encode())
    assert is_other_log(line.encode())


@pytest.mark.parametrize("line", OTHERS)
def test_logs_of_tomcat_and_jira_are_recognised(line):
    assert is_other_log(f"\n\n{line}\n\tat java.lang.Thread.run\nCaused by: x\n".encode())
    assert not is_message(line.encode())


@pytest.mark.parametrize("line", [*REQUESTS, "", "prose", "a0 a", "{}"])
def test_what_may_be_a_request_is_never_passed_by(line):
    assert not is_message(line.encode())
    assert not is_other_log(line.encode())
    assert not is_other_log(f"{OTHERS[0]}\n{line}\n".encode()) or line not in REQUESTS
    assert may_be_request(line.encode()) == (line in REQUESTS)


def test_a_cut_line_of_haproxy_is_not_a_message():
    line = "10.0.0.9:4711 [26/Nov/2026:11:31:54.042] fe be/s1 0/0/0/1/1 204 17 - - ---- 1/1/0/0/0 0/0 {a long field"

    assert not is_message(line.encode())


def test_a_request_among_messages_is_found():
    assert may_be_answered_request(b"\n".join(line.encode() for line in [*MESSAGES, *OTHERS])) is None
    assert may_be_answered_request(b"a\n" + REQUESTS[0].encode()) is not None
