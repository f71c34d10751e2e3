"""What may go straight to the site is nothing that any rule could touch."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from build import a_request, a_rule, policy_set
from bypass import corpus, wire
from export.calls import BALANCERS, METHODS, WORDS, calls
from export.model import Balancer
from jira_compat.decide import decide
from jira_compat.decision import Forward
from jira_compat.model import Request


@pytest.mark.parametrize("balancer", BALANCERS, ids=["cloud", "staging", "parameters"])
@pytest.mark.parametrize(
    "line",
    [
        "GET /",
        "GET /secure/Dashboard.jspa?selectPageId=10000",
        "GET /secure/CreateIssue!default.jspa",
        "GET /browse/ABC-1?jql=project%20%3D%20ABC&filter=-1",
        "GET /rest/api/2/field?jql=a%26_methodx&fields=*all",
        "POST /rest/api/2/issue",
        "GET /jira/rest/api/2/field",
        "GET /s/a1b2/_/download/batch/com.atlassian.auiplugin:aui/aui.js?batch=true",
        "GET /rest/user/management/1.0/capabilities",
        "OPTIONS /rest/api/2/field",
        "PUT /rest/api/2/group",
    ],
)
def test_what_is_plain_and_no_rules_business_goes_straight(balancer, line):
    request = a_request(line, headers={"Host": "jira", "Authorization": "Basic x", "Content-Length": "5"})

    assert decide(balancer.rules, request) == Forward(request)
    assert balancer.oddity(request) is None
    assert not balancer.sends_to_workers(request)


@pytest.mark.parametrize(
    ("line", "headers"),
    [
        ("put /", {}),
        ("FOO /", {}),
        ("CONNECT jira:443", {}),
        ("GET /", {"X-HTTP-Method-Override": "PUT"}),
        ("GET /", {"x-http-method": ""}),
        ("GET /", {"X-METHOD-OVERRIDE": "x"}),
        ("POST /?_method=PUT", {}),
        ("POST /?a=b&_METHOD=PUT", {}),
        ("POST /?a&%5fmethod=PUT", {}),
        ("GET http://jira/", {}),
        ("OPTIONS *", {}),
        ("GET /#a", {}),
        ("GET /?a#b", {}),
        ("GET /a%20b", {}),
        ("GET /a;b", {}),
        ("GET /a\\b", {}),
        ("GET /a\tb", {}),
        ("GET /a\x7fb", {}),
        ("GET /é", {}),
        ("GET /a{}", {}),
        ("GET //a", {}),
        ("GET /a//", {}),
        ("GET /./a", {}),
        ("GET /a/../b", {}),
        ("GET /.json", {}),
        ("GET /api", {}),
        ("GET /API/9/x", {}),
        ("GET /s/x/_/api/9/x", {}),
        ("GET /REST/x/rest/y", {}),
        ("GET /rest/rest", {}),
        ("GET " + "/a" * 101, {}),
        ("GET /", {"X": "a\0b"}),
        ("GET /", {"X": "a\x7fb"}),
        ("POST /", {"Transfer-Encoding": "chunked"}),
        ("GET /", {"Connection": "X-A"}),
        ("GET /", {"Upgrade": "h2c"}),
    ],
)
def test_what_is_odd_is_judged_whatever_it_is_about(line, headers):
    assert BALANCERS[0].oddity(a_request(line, headers=headers)) is not None


# Whatever a rule could touch is judged


@settings(max_examples=1000)
@given(calls())
@example((BALANCERS[0], Request("PUT", b"/REST/x/rest/api/2/myself")))
@example((BALANCERS[0], Request("PUT", b"/api/x/REST/api/2/myself")))
@example((BALANCERS[0], Request("PUT", b"/rest//api/2/myself")))
@example((BALANCERS[0], Request("PUT", b"/rest/api/2/x/../myself")))
@example((BALANCERS[0], Request("PUT", b"/s/x/_/api/2/myself")))
@example((BALANCERS[0], Request("PUT", b"/a" * 101 + b"/REST/2apimyselfpassword")))
@example((BALANCERS[2], Request("PATCH", b"/rest/api/2/x.json/y.Z.json")))
def test_what_a_rule_touches_goes_to_the_workers(call):
    balancer, request = call
    touched = decide(balancer.rules, request) != Forward(request)

    assert balancer.sends_to_workers(request) or not touched


@given(st.sampled_from(BALANCERS), st.sampled_from(METHODS), st.binary(max_size=40))
def test_so_does_it_in_any_bytes(balancer, method, target):
    request = Request(method, target, (), None)

    assert balancer.sends_to_workers(request) or decide(balancer.rules, request) == Forward(request)


segments = st.lists(
    st.sampled_from(["{a}", "{b|c}", "rest", "api", "2", "user", "camelCase", "x.json"]), min_size=1, max_size=5
)


@given(segments, st.data())
def test_so_does_it_with_any_rule(words, data):
    balancer = Balancer(policy_set(a_rule(f"PUT /rest/{'/'.join(words)}", remove=("/a",))))
    line = data.draw(st.sampled_from(sorted(balancer.lines)))
    request = Request("PUT", line[3:].replace("{}", data.draw(st.sampled_from(WORDS))).encode(), (), None)

    assert balancer.sends_to_workers(request) or decide(balancer.rules, request) == Forward(request)


def test_no_case_of_the_corpus_that_would_be_touched_goes_straight():
    balancer = BALANCERS[0]
    touched = 0
    for case in corpus.load():
        for message in _requests(case.raw):
            request = Request(message.method.decode("latin-1"), message.target, message.fields, None)
            if decide(balancer.rules, request) != Forward(request):
                touched += 1
                assert balancer.sends_to_workers(request), case.id

    assert touched > 300


def _requests(raw):
    try:
        read = wire.read_request(raw)
    except wire.Malformed:
        return
    if read is not None:
        message, rest = read
        yield message
        yield from _requests(rest)
