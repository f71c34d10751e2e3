"""Options of a run, each through to what a client and an operator see of it."""

import json
from base64 import b64encode

import pytest

from e2e.article import reached
from e2e.site import LOGIN, SECRET, Site
from live import exchange, request, status

JSON = "Content-Type: application/json"
BASIC = "Authorization: Basic " + b64encode(f"admin:{LOGIN}".encode()).decode()
PASSWORD = "/rest/api/2/user/password?username=fred"
CHANGE = f'{{"password": "{SECRET}"}}'
OVERRIDE = """\
refuse-myself-update: {mode: observe}
refuse-password-policy: {status: 403, text: Ask the help desk.}
"""


@pytest.fixture(scope="module")
def override(tmp_path_factory):
    file = tmp_path_factory.mktemp("override") / "override.yaml"
    file.write_text(OVERRIDE)
    return file


@pytest.fixture(params=["serve", "mitmdump"])
def site(request, run, jira, override):
    options = {"refuse_status": 404, "max_body": "1k", "identity": "none", "override": override}
    proxy = run(request.param, jira.url, **options)
    return Site(proxy, jira, proxy.url)


def test_the_status_of_refusals(site):
    answer = exchange(site.proxy.port, request("PUT", PASSWORD, CHANGE, JSON, BASIC))
    assert status(answer) == 404
    event = site.event()
    assert (event["event"], event["http.response.status_code"], "user.name" in event) == ("request_refused", 404, False)


def test_the_status_and_the_text_of_one_rule(site):
    answer = exchange(site.proxy.port, request("GET", "/rest/api/2/password/policy"))
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["errorMessages"] == ["Ask the help desk."]
    assert site.event()["rule"] == "refuse-password-policy"


def test_a_rule_that_only_observes(site):
    body = json.dumps({"displayName": "Root", "password": LOGIN})
    answer = exchange(site.proxy.port, request("PUT", "/rest/api/2/myself", body, JSON, BASIC))
    assert (status(answer), b"x-jira-compat" in answer.lower()) == (200, False)
    assert reached(site) == [("PUT /rest/api/2/myself", body.encode())]
    event = site.event()
    assert (event["event"], event["mode"], event["applied"]) == ("request_refused", "observe", False)


@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_a_body_that_is_too_large_to_be_read(site, framing):
    body = json.dumps({"name": "n" * 1000, "password": SECRET})
    if framing == "length":
        raw = request("POST", "/rest/api/2/user", body, JSON)
    else:
        raw = request(
            "POST", "/rest/api/2/user", f"{len(body):x}\r\n{body}\r\n0\r\n\r\n", JSON, "Transfer-Encoding: chunked"
        )
    answer = exchange(site.proxy.port, raw)
    assert (status(answer), site.jira.connections) == (413, 0)
    assert site.event()["reason"] == "too_large"


def test_a_large_body_that_no_rule_reads(site):
    body = json.dumps({"notes": "n" * 5000})
    exchange(site.proxy.port, request("POST", "/rest/api/2/issue", body, JSON))
    assert reached(site) == [("POST /rest/api/2/issue", body.encode())]
    site.events(0)
