"""Forward mode: what is bound for Jira, by whichever name, and what is none of the proxy's business."""

import socket
import ssl
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from e2e.article import reached
from e2e.certificate import ORGANISATION
from e2e.recorder import SEEN, Recorder
from e2e.site import HOSTS, SECRET, Site
from live import PATIENCE, request, status

PASSWORD = "/rest/api/2/user/password"
CHANGE = f'{{"password": "{SECRET}"}}'
RULE = "refuse-password-change"
JSON = "Content-Type: application/json"


@pytest.fixture(params=["serve", "mitmdump"])
def plain(request, run, jira):
    """A forward proxy for which localhost is Jira and 127.0.0.1 is not, though both are the stand-in."""
    return Site(run(request.param, hosts=HOSTS), jira, jira.url, forward=True)


@pytest.fixture(params=["serve", "mitmdump"])
def tls(request, run, jira_over_tls, authority):
    """The same before a stand-in with TLS."""
    return Site(run(request.param, hosts=HOSTS), jira_over_tls, jira_over_tls.url, authority, forward=True)


def port_of(site):
    return urlsplit(site.jira.url).port


def read_all(connection):
    received = b""
    while chunk := connection.recv(65536):
        received += chunk
    return received


def tunnel(site, host, port=None):
    """A connection on which the proxy was asked for another one."""
    connection = socket.create_connection(("127.0.0.1", site.proxy.port), PATIENCE)
    address = f"{host}:{port or port_of(site)}"
    connection.sendall(f"CONNECT {address} HTTP/1.1\r\nHost: {address}\r\n\r\n".encode())
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        answer += connection.recv(1)
    assert status(answer) == 200
    return connection


def ask(site, raw, *, at=None, port=None):
    """Send a request to the proxy, or through a tunnel to a host."""
    direct = ("127.0.0.1", site.proxy.port)
    with closing(socket.create_connection(direct, PATIENCE) if at is None else tunnel(site, at, port)) as one:
        one.sendall(raw)
        return read_all(one)


def ask_over_tls(site, raw, *, at, sni):
    """Send a request through TLS in a tunnel: the answer, and whose certificate was shown."""
    trust_all = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trust_all.check_hostname, trust_all.verify_mode = False, ssl.CERT_NONE
    with trust_all.wrap_socket(tunnel(site, at), server_hostname=sni) as one:
        shown = one.getpeercert(binary_form=True)
        one.sendall(raw)
        issuer = x509.load_der_x509_certificate(shown or b"").issuer
        return read_all(one), issuer.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value


def is_refused(site, answer):
    return (status(answer), reached(site), site.jira.connections, site.event()["rule"]) == (410, [], 0, RULE)


@pytest.mark.parametrize("host", ["other.test", "", "jira.test.other.test", "notjira.test"])
def test_what_is_not_bound_for_jira_passes(plain, host):
    target = f"http://127.0.0.1:{port_of(plain)}{PASSWORD}?username=fred"
    answer = ask(plain, request("PUT", target, CHANGE, JSON, host=host))
    assert status(answer) == 204
    assert b"x-jira-compat" not in answer.lower()
    assert reached(plain) == [(f"PUT {PASSWORD}?username=fred", CHANGE.encode())]
    assert plain.jira.received[0].header("host") == host
    plain.events(0)


def test_it_passes_inside_a_tunnel_too(plain):
    answer = ask(plain, request("PUT", f"{PASSWORD}?username=fred", CHANGE, JSON, host="other.test"), at="127.0.0.1")
    assert status(answer) == 204
    assert reached(plain) == [(f"PUT {PASSWORD}?username=fred", CHANGE.encode())]
    plain.events(0)


def test_every_byte_of_it_goes_there_and_back_as_it_was(plain):
    with Recorder() as upstream:
        fields = ("content-TYPE: application/json", "x-Odd-CASE: 1", "X-odd-case: 2", "Authorization: Basic YTpi")
        raw = request("PUT", f"{PASSWORD}/?x=%7e#f", CHANGE, *fields, host=upstream.authority)
        assert ask(plain, raw, at="127.0.0.1", port=upstream.authority.partition(":")[2]) == SEEN
        assert upstream.take() == raw
    plain.events(0)


@pytest.mark.parametrize("name", ["localhost", "LOCALHOST", "LocalHost."])
def test_the_destination_alone_is_enough(plain, name):
    target = f"http://{name}:{port_of(plain)}{PASSWORD}"
    assert is_refused(plain, ask(plain, request("PUT", target, CHANGE, JSON, host="other.test")))


@pytest.mark.parametrize("host", ["jira.test", "JIRA.Test", "jira.test.", "jira.test:8443", "Jira.test.:1"])
def test_the_host_field_alone_is_enough(plain, host):
    target = f"http://127.0.0.1:{port_of(plain)}{PASSWORD}"
    assert is_refused(plain, ask(plain, request("PUT", target, CHANGE, JSON, host=host)))


def test_a_second_host_field_is_enough(plain):
    target = f"http://127.0.0.1:{port_of(plain)}{PASSWORD}"
    raw = request("PUT", target, CHANGE, JSON, "Host: jira.test", host="other.test")
    answer = ask(plain, raw)
    assert status(answer) in {400, 410}
    assert reached(plain) == []


def test_the_host_of_a_tunnel_alone_is_enough(plain):
    assert is_refused(plain, ask(plain, request("PUT", PASSWORD, CHANGE, JSON, host="other.test"), at="localhost"))


def test_the_host_field_in_a_tunnel_alone_is_enough(plain):
    assert is_refused(plain, ask(plain, request("PUT", PASSWORD, CHANGE, JSON, host="jira.test"), at="127.0.0.1"))


@pytest.mark.parametrize("sni", [None, "other.test"])
def test_tls_to_the_host_of_a_tunnel_is_opened(tls, sni):
    raw = request("PUT", PASSWORD, CHANGE, JSON, host="other.test")
    answer, issuer = ask_over_tls(tls, raw, at="localhost", sni=sni)
    assert issuer == "mitmproxy"
    assert is_refused(tls, answer)


@pytest.mark.parametrize("sni", ["jira.test", "JIRA.test"])
def test_the_name_in_the_hello_alone_is_enough(tls, sni):
    raw = request("PUT", PASSWORD, CHANGE, JSON, host="other.test")
    answer, issuer = ask_over_tls(tls, raw, at="127.0.0.1", sni=sni)
    assert issuer == "mitmproxy"
    assert is_refused(tls, answer)


@pytest.mark.parametrize("sni", [None, "other.test"])
def test_other_tls_is_passed_on_as_it_is(tls, sni):
    """The client sees the certificate of the other side; what is inside nobody knows."""
    raw = request("PUT", f"{PASSWORD}?username=fred", CHANGE, JSON, host="jira.test")
    answer, issuer = ask_over_tls(tls, raw, at="127.0.0.1", sni=sni)
    assert issuer == ORGANISATION
    assert status(answer) == 204
    assert reached(tls) == [(f"PUT {PASSWORD}?username=fred", CHANGE.encode())]
    tls.events(0)


@pytest.mark.parametrize("first", [b"\r\n", b"\n", b"\0"])
def test_a_tunnel_is_not_taken_for_raw_bytes(plain, first):
    """mitmproxy passes a tunnel that begins so by every hook, unless it is told not to."""
    with closing(tunnel(plain, "localhost")) as one:
        one.sendall(first + request("PUT", f"{PASSWORD}?username=fred", CHANGE, JSON))
        one.shutdown(socket.SHUT_WR)
        read_all(one)  # a refusal, or nothing: mitmproxy itself waits for more behind an empty line
    assert (reached(plain), plain.jira.connections) == ([], 0)
