"""The configuration, read by a real HAProxy."""

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answering import Answering, who
from balancer import HAPROXY, balancer, layout, needs_haproxy, reserved_port, write
from build import a_rule, policy_set, shipped_set
from e2e.certificate import write_certificate
from export.calls import BALANCERS, calls
from export.model import Balancer
from jira_compat.export.haproxy import haproxy
from jira_compat.message.links.address import parse_address
from live import exchange, request, status

NAME = "jira.test"
_REQUEST = re.compile(rb"[A-Za-z]+ /[!-\"$-~]*")


@pytest.fixture
def certificate(tmp_path):
    """A certificate and its key in one file."""
    parts = write_certificate(tmp_path, NAME)
    one = tmp_path / "both of it's.pem"
    one.write_text("".join(Path(part).read_text() for part in parts))
    return str(one)


def parsed(config):
    assert HAPROXY is not None
    done = subprocess.run([HAPROXY, "-c", "-f", str(config)], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@needs_haproxy
@pytest.mark.parametrize("same_name", [False, True])
@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("balancer", BALANCERS, ids=["cloud", "staging", "parameters"])
def test_haproxy_takes_it_without_a_warning(balancer, same_name, tls, certificate, tmp_path):
    scheme = "https" if tls else "http"
    chosen = layout(
        8080,
        f"{scheme}://127.0.0.1:9",
        [1, 2],
        site=f"{scheme}://{NAME}",
        same_name=same_name,
        certificate=certificate if tls else None,
        pinned=same_name,
        site_urls=(parse_address("https://b.example/ex/1"),),
    )

    told = parsed(write(tmp_path, balancer.rules, chosen))

    assert told[0] == 0, told
    assert "WARNING" not in told[1]


@needs_haproxy
def test_a_name_that_is_not_known_yet_does_not_keep_it_from_starting(tmp_path):
    chosen = replace(layout(8080, "https://jira.invalid", [1]), workers=(("worker.invalid", 80), ("::1", 81)))

    assert parsed(write(tmp_path, shipped_set(), chosen))[0] == 0


def test_the_upstream_must_show_a_certificate_for_its_name():
    chosen = layout(8080, "https://jira.example.com", [1])

    (server,) = re.findall("    server site (.*)", haproxy(policy_set(), chosen).config)

    assert server.startswith("jira.example.com:443 ")
    assert "ssl verify required ca-file @system-ca" in server
    assert server.endswith("sni str(jira.example.com) verifyhost jira.example.com")


def test_the_number_of_rules_changes_the_list_alone():
    rules = [a_rule(f"PUT /rest/api/2/thing{number}/{{id}}") for number in range(100)]
    few, many = (haproxy(policy_set(*some), layout(8080, "http://jira", [1])) for some in (rules[:1], rules))

    assert few.config == many.config
    assert few.endpoints.count("\n") * 100 == many.endpoints.count("\n")


# It does what its model does


@pytest.fixture(scope="module", params=BALANCERS, ids=["cloud", "staging", "parameters"])
def split(request, tmp_path_factory):
    """HAProxy before two servers that say who they are; under the site's own name."""
    folder = tmp_path_factory.mktemp("split")
    with Answering("worker") as worker, Answering("site") as site, reserved_port() as port:
        chosen = layout(port, site.url, [worker.port], site=f"http://{NAME}", same_name=True, admin_port=worker.port)
        with balancer(folder, request.param.rules, chosen) as front:
            yield request.param, front


@needs_haproxy
def test_what_a_client_says_of_its_own_connection_does_not_count(tmp_path):
    with (
        Answering("worker") as worker,
        reserved_port() as port,
        balancer(tmp_path, policy_set(), layout(port, worker.url, [worker.port], admin_port=worker.port)),
    ):
        exchange(port, request("GET", "/", "", "X-Forwarded-Proto: https"))

    (head,) = [head for head in worker.asked if b"/readyz" not in head]
    assert [line for line in head.lower().splitlines() if b"proto" in line] == [b"x-forwarded-proto: http"]


@needs_haproxy
@settings(max_examples=150)
@given(data=st.data())
def test_what_goes_where_is_what_the_model_says(split, data):
    model: Balancer = split[0]
    _, call = data.draw(calls([model]))
    fields = b"".join(b"%b: %b\r\n" % field for field in call.headers)
    head = b"%b %b HTTP/1.1\r\nHost: jira.test\r\nConnection: close\r\n" % (call.method.encode(), call.target)

    answer = exchange(split[1].port, head + fields + b"\r\n")

    if who(answer):
        assert who(answer) == ("worker" if model.sends_to_workers(call) else "site")
    else:
        assert status(answer) == 400
        assert not _REQUEST.fullmatch(b"%b %b" % (call.method.encode(), call.target)), "HAProxy would refuse anything"


@needs_haproxy
@pytest.mark.parametrize(
    ("line", "host", "fields", "whom"),
    [
        ("GET /rest/api/2/field", NAME, (), "site"),
        ("GET /rest/api/2/field", NAME.upper(), (), "site"),
        ("GET /rest/api/2/field", f"{NAME}:80", (), "site"),
        ("GET /rest/api/2/field", NAME, ("Connection: keep-alive",), "site"),
        ("POST /secure/x", NAME, ("Content-Length: 0",), "site"),
        ("GET /rest/api/2/field", NAME, ("Connection: X-A",), "worker"),
        ("GET /rest/api/2/field", NAME, ("Upgrade: h2c",), "worker"),
        ("GET /rest/api/2/field", NAME, ("X-A: a\x01b",), "worker"),
        ("POST /secure/x", NAME, ("Transfer-Encoding: chunked",), "worker"),
        ("OPTIONS *", NAME, (), "worker"),
        ("GET http://jira.test/rest/api/2/field", NAME, (), "worker"),
        # Under another name only files go straight.
        ("GET /rest/api/2/field", "balancer", (), "worker"),
        ("GET /rest/api/2/field", f"{NAME}:8080", (), "worker"),
        ("GET /browse/ABC-1", "balancer", (), "worker"),
        ("GET /s/a/_/download/batch/a.js?b=c", "balancer", (), "site"),
        ("HEAD /jira/secure/attachment/10000/a.json", "balancer", (), "site"),
        ("POST /secure/attachment/10000/a.png", "balancer", (), "worker"),
        ("GET /rest/api/2/x/a.png", "balancer", (), "worker"),
        ("GET /REST/x/secure/attachment/1/a", "balancer", (), "worker"),
        ("GET /secure/attachment/1/a%20b.png", "balancer", (), "worker"),
    ],
)
def test_names_and_fields_count(split, line, host, fields, whom):
    method, target = line.split(" ")

    answer = exchange(split[1].port, request(method, target, b"", *fields, host=host) + b"0\r\n\r\n")

    assert who(answer) == whom
