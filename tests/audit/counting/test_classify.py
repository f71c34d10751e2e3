import pytest
from hypothesis import given
from hypothesis import strategies as st

from build import a_request, a_rule, policy_set, shipped_set
from jira_compat.audit.counting import classify as judging
from jira_compat.audit.counting.classify import Classifier, verdict_of
from jira_compat.audit.counting.inventory import PAGES
from jira_compat.decide import MAX_BODY, decide
from jira_compat.events import vocabulary
from jira_compat.model import Exchange, Request


@pytest.fixture
def classifier():
    return Classifier(shipped_set(mode="observe"), MAX_BODY)


def seen(classifier, line):
    method, target = line.encode().split(b" ", 1)
    verdict = classifier.classify_line(method, target)
    return verdict.subject.rule or verdict.subject.endpoint, verdict.carried, verdict.fields


@pytest.mark.parametrize(
    ("line", "endpoint"),
    [
        ("GET /", PAGES.endpoint),
        ("GET /secure/Dashboard.jspa", PAGES.endpoint),
        ("GET /browse/ABC-1", PAGES.endpoint),
        ("GET /rest/api/2/issue/ABC-1/comment", "GET /rest/api/2/issue/{id}/comment"),
        ("GET /jira/rest/api/2/issue/10001?expand=a", "GET /rest/api/2/issue/{id}"),
        ("GET http://jira.example.com/jira/rest/api/2/issue/ABC-1", "GET /rest/api/2/issue/{id}"),
        ("POST /rpc/soap/jirasoapservice-v2", "POST /rpc/soap/…"),
        ("brew /rest/api/2/myself", "OTHER /rest/api/2/myself"),
        ("GET /rest/api/2/user", "GET /rest/api/2/user"),
    ],
)
def test_what_no_rule_names_is_its_template(classifier, line, endpoint):
    assert seen(classifier, line) == (endpoint, None, ())


PASSWORD, CREATE, KEEP = "refuse-password-change", "ignore-password-on-user-create", "keep-only-active-on-user-update"
QUERY = "ignore-password-in-query-on-user-update"


@pytest.mark.parametrize(
    ("line", "rule", "carried", "fields"),
    [
        ("PUT /rest/api/2/user/password?username=fred", PASSWORD, None, ()),
        ("PUT /jira/rest/api/latest/user/password", PASSWORD, None, ()),
        ("PUT /rest/api/2.0.alpha1/user/password/", PASSWORD, None, ()),
        ("PUT /rest/api/2/user/password.json", PASSWORD, None, ()),
        ("PUT /rest//api/./2/user;a=b/%70assword", PASSWORD, None, ()),
        ("PUT /REST/api/2/user/password", PASSWORD, None, ()),
        ("PUT /rest/API/2/user/password", PASSWORD, None, ()),
        ("PUT /rest/api/2/User/password", PASSWORD, None, ()),
        ("PUT /api/2/user/password", PASSWORD, None, ()),
        ("POST /rest/api/2/user", CREATE, "unknown", ()),
        ("PUT /rest/api/2/user?username=fred", KEEP, "unknown", ()),
        ("PUT /rest/api/2/user?username=fred&password=tulip7", QUERY, "yes", ("?password",)),
        ("PUT /rest/api/2/user?username=fred&pass%77ord=tulip7", QUERY, "yes", ("?password",)),
    ],
)
def test_what_a_rule_names_is_that_rule_and_what_cannot_be_known_is_unknown(classifier, line, rule, carried, fields):
    assert seen(classifier, line) == (rule, carried, fields)


@pytest.mark.parametrize(
    ("line", "document", "rule", "carried", "fields"),
    [
        ("POST /rest/api/2/user", {"name": "fred"}, CREATE, "no", ()),
        ("POST /rest/api/2/user", {"name": "fred", "password": "x"}, CREATE, "yes", ("/password",)),
        ("PUT /rest/api/2/user", {"active": False, "name": "x"}, KEEP, "yes", ("/name",)),
        ("PUT /rest/api/2/user?password=x", {"name": "x"}, QUERY, "yes", ("?password", "/name")),
    ],
)
def test_where_the_body_is_there_it_is_looked_at(line, document, rule, carried, fields):
    verdict = Classifier(shipped_set(mode="observe"), MAX_BODY).classify(a_request(line, **document))

    assert (verdict.subject.rule, verdict.carried, verdict.fields) == (rule, carried, fields)


def test_a_method_in_a_header_is_looked_at(classifier):
    request = a_request("POST /rest/api/2/user/password", headers={"X-HTTP-Method-Override": "PUT"})

    assert classifier.classify(request).subject.rule == PASSWORD
    assert classifier.classify(a_request("POST /rest/api/2/user/password")).subject.rule is None


def test_a_body_that_cannot_be_read_leaves_it_unknown(classifier):
    assert classifier.classify(a_request("POST /rest/api/2/user", b"\xff{")).carried == "unknown"


WORDS = "rest api 2 latest user password issue ABC-1 10001 fred any-0 a.json %2e .. ;x jira group auth session 1"
segment = st.sampled_from([*WORDS.split(), "REST", "API", "User", "Password", ""])
query = st.sampled_from(["", "?a=b", "?password=x", "?%70assword=x", "?_method=PUT", "?a=password", "#x?password=y"])


@given(st.sampled_from(["GET", "PUT", "POST", "DELETE", "post"]), st.lists(segment, max_size=7), query)
def test_a_shape_is_judged_as_the_request_itself(method, segments, query):
    policies = shipped_set(mode="observe")
    target = f"/{'/'.join(segments)}{query}"
    request = Request(method, target.encode())
    event = vocabulary.rule_event(decide(policies, request, max_body=MAX_BODY), Exchange(request))
    verdict = Classifier(policies, MAX_BODY).classify_line(method.encode(), target.encode())

    assert (verdict.subject.rule is None) == (event is None)
    if event is not None:
        assert verdict.subject.rule in {event["rule"], *(mark.partition("/")[2] for mark in event.get("also", ()))}


@given(st.binary(max_size=12), st.binary(max_size=60))
def test_no_bytes_make_it_raise(method, target):
    Classifier(shipped_set(mode="observe"), MAX_BODY).classify_line(method, target)


def test_each_word_that_may_begin_an_api_path_is_looked_at():
    classifier = Classifier(policy_set(a_rule("GET /rest/api/2/thing/{id}", respond={"status": 410})), MAX_BODY)

    assert classifier.classify_line(b"GET", b"/REST/api/2/thing/rest").ruled
    assert not classifier.classify_line(b"GET", b"/REST/api/2/other/rest").ruled


@pytest.mark.parametrize("word", ["ABC-1", "12345"])
def test_a_rule_may_name_what_looks_like_an_id(word):
    classifier = Classifier(policy_set(a_rule(f"GET /rest/api/2/issue/{word}")), MAX_BODY)

    assert classifier.classify_line(b"GET", b"/rest/api/2/issue/%b" % word.encode()).ruled
    assert not classifier.classify_line(b"GET", b"/rest/api/2/issue/ABC-77").ruled


def test_a_request_is_judged_once_for_each_shape(classifier, monkeypatch):
    judged = []

    def counted(policies, request, **others):
        judged.append(request.target)
        return decide(policies, request, **others)

    monkeypatch.setattr(judging, "decide", counted)
    for number in range(1000):
        classifier.classify_line(b"GET", b"/rest/api/2/issue/ABC-%d/comment?a=%d" % (number, number))
        classifier.classify_line(b"GET", b"/rest/api/2/issue/%d/comment" % (10_000 + number))
        classifier.classify_line(b"GET", b"/rest/api/2/user/fred%d" % number)

    assert len(judged) == 2


def test_what_is_remembered_has_a_bound(classifier, monkeypatch):
    monkeypatch.setattr(judging, "_MOST", 100)
    for number in range(1000):
        classifier.classify_line(b"GET", b"/rest/app/1/%d;%d/%s" % (number, number, b"x" * number))

    caches = (classifier._segments, classifier._shapes, classifier._verdicts, classifier._equal)
    assert max(len(cache) for cache in caches) <= 100
    assert max(len(path) for _, path, _ in classifier._verdicts) <= 1000


@pytest.mark.parametrize(
    ("event", "carried", "fields"),
    [
        ({}, None, ()),
        ({"action": "remove", "fields": ["/a"]}, "yes", ("/a",)),
        ({"action": "keep", "fields": []}, "no", ()),
        ({"action": "remove", "fields": None}, "unknown", ()),
        ({"action": "remove", "fields": "x"}, "unknown", ()),
        ({"action": "respond", "fields": []}, None, ()),
        ({"action": 3, "rule": [], "change": "broken", "fields": [3]}, None, ()),
    ],
)
def test_an_event_says_what_it_says(event, carried, fields):
    verdict = verdict_of(event)

    assert (verdict.carried, verdict.fields, verdict.applied) == (carried, fields, False)
    assert verdict.subject.change is None


def test_what_an_event_says_is_cut():
    verdict = verdict_of({"endpoint": "x" * 1000, "action": "remove", "fields": ["/" + "y" * 1000] * 100})

    assert (len(verdict.subject.endpoint), len(verdict.fields), len(verdict.fields[0])) == (256, 20, 256)
