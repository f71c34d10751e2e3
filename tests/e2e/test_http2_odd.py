"""What HTTP/1 cannot say: in HTTP/2 methods, paths and fields may hold any byte, and on to Jira it goes in HTTP/1."""

import socket
import ssl
from contextlib import closing, suppress

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import ConnectionTerminated, ResponseReceived, StreamEnded, StreamReset

from e2e.article import reached
from e2e.site import SECRET
from live import PATIENCE

BODY = b'{"password": "%s"}' % SECRET.encode()
USER, GROUP, PASSWORD = b"/rest/api/2/user", b"/rest/api/2/group", b"/rest/api/2/user/password"
SMUGGLED = b"\r\n\r\nPUT " + PASSWORD + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
LENGTH = (b"content-length", str(len(BODY)).encode())


def head(method=b"PUT", path=PASSWORD, *more, scheme=b"https", authority=b"127.0.0.1"):
    """Pseudo-header fields and others."""
    named = {b":method": method, b":scheme": scheme, b":authority": authority, b":path": path}
    return [*((name, value) for name, value in named.items() if value is not None), *more]


ODD = {
    "no slash": (head(path=PASSWORD[1:]), BODY),
    "absolute form": (head(path=b"https://127.0.0.1" + PASSWORD), BODY),
    "a space in the path": (head(path=PASSWORD + b" HTTP/1.1"), BODY),
    "a tab in the path": (head(path=b"/rest/api/2/user\t/password"), BODY),
    "a fragment": (head(b"POST", b"/rest/api/2/x#/../user"), BODY),
    "a NUL in the path": (head(path=PASSWORD + b"\0"), BODY),
    "a request in the path": (head(b"GET", b"/rest/api/2/myself HTTP/1.1" + SMUGGLED), b""),
    "a request in the method": (head(b"PUT " + PASSWORD + b" HTTP/1.1\r\nX:", b"/x"), BODY),
    "a request in the scheme": (head(b"GET", b"/x", scheme=b"http://x" + SMUGGLED), b""),
    "a request in the authority": (head(b"GET", b"/x", authority=b"x" + SMUGGLED), b""),
    "a path in the authority": (head(path=b"/user/password", authority=b"x/rest/api/2"), BODY),
    "a request in a field": (head(b"POST", GROUP, (b"x", b"y" + SMUGGLED)), b""),
    "a request in the name of a field": (head(b"POST", GROUP, (b"x: y" + SMUGGLED, b"y")), b""),
    "a method in lower case": (head(b"put"), BODY),
    "a method with a NUL": (head(b"PUT\0"), BODY),
    "two paths": (head(b"PUT", b"/x", (b":path", PASSWORD)), BODY),
    "two methods": (head(b"GET", PASSWORD, (b":method", b"PUT")), BODY),
    "no path": (head(path=None), BODY),
    "an override": (head(b"POST", PASSWORD, (b"x-http-method-override", b"PUT")), BODY),
    "an override for one hop": (
        head(b"POST", PASSWORD, (b"connection", b"x-http-method-override"), (b"x-http-method-override", b"PUT")),
        BODY,
    ),
    "chunks": (head(b"POST", GROUP, (b"transfer-encoding", b"chunked")), b"0" + SMUGGLED),
    "a length that is too short": (head(b"POST", GROUP, (b"content-length", b"1")), b"0" + SMUGGLED),
    "a length that is too long": (head(b"POST", GROUP, (b"content-length", b"99")), BODY),
    "two lengths": (head(b"POST", GROUP, (b"content-length", b"1"), LENGTH), BODY),
    "two types": (head(b"POST", USER, (b"content-type", b"application/json"), (b"content-type", b"text/x")), BODY),
    "a tunnel": ([(b":method", b"CONNECT"), (b":authority", b"127.0.0.1:1")], b""),
    "a WebSocket": (head(b"CONNECT", PASSWORD, (b":protocol", b"websocket")), b""),
}


def ask(port, authority, fields, body):
    """Ask in one HTTP/2 connection that holds itself to nothing; the status, or ``None`` if it was ended."""
    trust = ssl.create_default_context(cafile=str(authority))
    trust.set_alpn_protocols(["h2"])
    h2 = H2Connection(H2Configuration(validate_outbound_headers=False, normalize_outbound_headers=False))
    h2.initiate_connection()
    h2.send_headers(1, fields, end_stream=not body)
    if body:
        h2.send_data(1, body, end_stream=True)
    connection = socket.create_connection(("127.0.0.1", port), PATIENCE)
    with closing(trust.wrap_socket(connection, server_hostname="127.0.0.1")) as stream:
        stream.sendall(h2.data_to_send())
        return _status(stream, h2)


def _status(stream, h2):
    status = None
    with suppress(ConnectionError, ssl.SSLError):
        while received := stream.recv(65536):
            for event in h2.receive_data(received):
                if isinstance(event, ResponseReceived):
                    status = int(dict(event.headers)[b":status"])
                elif isinstance(event, StreamEnded | StreamReset | ConnectionTerminated):
                    return status
            stream.sendall(h2.data_to_send())
    return status


@pytest.mark.parametrize(("fields", "body"), ODD.values(), ids=ODD.keys())
def test_nothing_odd_reaches_jira(reverse, authority, fields, body):
    status = ask(reverse.proxy.port, authority, fields, body)

    assert status in {None, 400, 410}
    assert reached(reverse) == []


def test_what_is_not_odd_does(reverse, authority):
    """Else the ones above would show nothing."""
    assert ask(reverse.proxy.port, authority, head(b"GET", b"/rest/api/2/issue/DEMO-1"), b"") == 200
    assert reached(reverse) == [("GET /rest/api/2/issue/DEMO-1", b"")]
