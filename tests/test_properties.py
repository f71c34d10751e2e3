"""What holds of every request, whatever it is."""

import base64
import gzip
import io
import json
import string
from urllib.parse import quote, urlencode

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from build import a_policy, a_rule, shipped, shipped_set
from decided import decided, look, settle
from jira_compat.decide import decide
from jira_compat.decision import mark
from jira_compat.events import vocabulary
from jira_compat.events.identity import basic_user, identify
from jira_compat.events.inventory import RequestInventory
from jira_compat.events.log import EventLog
from jira_compat.explain.explanation import as_json, as_text, explain
from jira_compat.model import Exchange, Request, Response
from jira_compat.policy.endpoint import METHODS
from jira_compat.policy.index import RunOptions, compile_policies

runs = st.tuples(st.sampled_from(["cloud", "staging"]), st.sampled_from(["enforce", "observe"]))

# Requests that are, or are nearly, those that rules are about.

LINES = sorted(
    {
        (method, "/" + "/".join(segment or "a" for segment in path))
        for policy in shipped()
        for rule in policy.rules
        for method in (*rule.endpoint.methods, *METHODS[:1])
        for path in rule.endpoint.paths()
    }
)
SEGMENTS = [
    "rest",
    "api",
    "auth",
    "2",
    "latest",
    "user",
    "group",
    "password",
    "myself",
    "session",
    "policy",
    "USER",
    "a",
]
NOISE = ["", ".", "..", "%2F", "%2e", "%00", "%25", "%", ";x", "..;", "\\", "//", " ", "#", "é", "\xff", ".json", "%3F"]
NAMES = ["password", "active", "name", "emailAddress", "Password", "passwor\\u0064", "a", ""]

paths = st.one_of(
    st.lists(st.sampled_from([*SEGMENTS, *NOISE]), max_size=8).map(lambda words: "/" + "/".join(words)),
    st.lists(st.sampled_from([*SEGMENTS, *NOISE, "/"]), max_size=12).map("".join),
)
queries = st.lists(
    st.tuples(st.sampled_from(["password", "username", "p%61ssword", "a"]), st.sampled_from(["", "x", "%20", "a=b"])),
    max_size=4,
).map(lambda pairs: "&".join(f"{name}={value}" for name, value in pairs))


@st.composite
def lines(draw):
    """A method and a target: an endpoint's, perhaps spoiled, or any path."""
    if draw(st.booleans()):
        method, path = draw(st.sampled_from(LINES))
        at = draw(st.integers(0, len(path)))
        path = path[:at] + draw(st.sampled_from(["", "", "", "", *NOISE])) + path[at:]
    else:
        method, path = draw(st.sampled_from([*METHODS, "HEAD", "post", "X"])), draw(paths)
    query = draw(st.none() | queries)
    return method, (path if query is None else f"{path}?{query}").encode("utf-8", "surrogateescape")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(NAMES), below, max_size=4),
    max_leaves=8,
)


def multipart(parts):
    """A multipart body with boundary ``x``."""
    head = '--x\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    return ("".join(head.format(name, value) for name, value in parts) + "--x--\r\n").encode()


pairs = st.lists(st.tuples(st.sampled_from(NAMES), st.text(string.ascii_letters, max_size=4)), max_size=5)
bodies = st.one_of(
    values.map(json.dumps).map(str.encode),
    pairs.map(urlencode).map(str.encode),
    pairs.map(multipart),
    values.map(json.dumps).map(str.encode).map(gzip.compress),
    st.binary(max_size=40),
    st.just(b""),
)
header = st.one_of(
    st.tuples(
        st.just(b"Content-Type"),
        st.sampled_from(
            [
                b"application/json",
                b"application/x-www-form-urlencoded",
                b"multipart/form-data; boundary=x",
                b"application/json; charset=utf-16",
                b"text/plain",
                b"",
            ]
        ),
    ),
    st.tuples(st.just(b"content-encoding"), st.sampled_from([b"gzip", b"identity", b"br", b"x", b""])),
    st.tuples(st.just(b"X-HTTP-Method-Override"), st.sampled_from([b"PUT", b"post", b"DELETE, GET", b"", b"\xff"])),
    st.tuples(st.just(b"Content-Length"), st.sampled_from([b"5", b"99999999999", b"-1", b"x", b""])),
    st.tuples(st.binary(max_size=8), st.binary(max_size=8)),
)
headers = st.lists(header, max_size=4).map(tuple)


@st.composite
def requests(draw, body=bodies):
    """A request that rules may be about."""
    method, target = draw(lines())
    return Request(method, target, draw(headers), draw(body))


# Nothing raises


@given(runs, st.text(max_size=8), st.binary(max_size=60), headers, st.none() | st.binary(max_size=60))
def test_no_request_makes_a_decision_raise(run, method, target, fields, body):
    rules = shipped_set(*run)
    decide(rules, Request(method, target, fields, body), max_body=50)


@given(runs, requests(), requests())
def test_no_request_that_is_nearly_one_makes_anything_raise(run, request, other):
    rules = shipped_set(*run)
    decision = decide(rules, request, max_body=100)
    settle(look(rules, request, decision), Response(200, other.headers, other.body))
    event = vocabulary.rule_event(decision, Exchange(request, Response(200, other.headers, other.body), user="fred"))

    assert (event is None) == (decision.findings == ())
    assert event is None or json.loads(json.dumps(event)) == event
    assert event is None or vocabulary.summary(decision).isprintable()


# What no rule is about goes on as it came


@given(runs, requests())
def test_without_a_finding_the_very_same_object_goes_on(run, request):
    rules = shipped_set(*run)
    decision = decided(rules, request)
    if not decision.findings:
        assert decision.request is request
        assert decision.response is None
    if not decision.applied:
        assert decision.request is request


@given(
    runs,
    st.sampled_from([*METHODS, "HEAD"]),
    st.lists(st.from_regex(r"[a-z0-9]{1,6}", fullmatch=True)),
    bodies,
)
def test_no_finding_is_made_where_no_endpoint_is(run, method, words, body):
    rules = shipped_set(*run)
    assume("rest" not in words and words[:1] != ["api"])
    request = Request(method, ("/" + "/".join(words)).encode(), (), body)
    decision = decided(rules, request)

    assert decision.request is request
    assert decision.findings == ()


@given(requests())
def test_who_observes_touches_nothing(request):
    for rules in (shipped_set("cloud", "observe"), shipped_set("staging", "observe")):
        decision = decided(rules, request)

        assert decision.request is request
        assert (decision.response, decision.applied, decision.replaced) == (None, False, None)


@given(runs, requests())
def test_what_is_changed_is_one_thing_and_the_rest_stays(run, request):
    """Query, API version and prefix stay; fields stay but for the length; there is no answer and a change at once."""
    rules = shipped_set(*run)
    decision = decided(rules, request)
    changed = decision.request
    if changed is request or decision.replaced is not None:
        return
    assert decision.response is None
    assert changed.method == request.method
    assert [name for name, _ in changed.headers] == [name for name, _ in request.headers]
    assert all(
        new == old or name.lower() == b"content-length"
        for (name, old), (_, new) in zip(request.headers, changed.headers, strict=True)
    )


# Deciding twice is deciding once


@settings(max_examples=300)
@given(st.sampled_from(["cloud", "staging"]), requests())
def test_what_was_decided_once_stays(profile, request):
    rules = shipped_set(profile)
    first = decided(rules, request)
    if first.response is not None or not first.applied:
        return
    second = decided(rules, first.request)

    assert second.request is first.request
    assert (second.response, second.applied) == (None, False)


# Order never matters

RULES = [
    a_rule("PUT /rest/api/2/user", id="keep", keep=("/active", "/password")),
    a_rule("PUT /rest/api/2/user", id="remove", remove=("/password/0", "/active/a")),
    a_rule("PUT|POST /rest/api/{2|latest}/user", id="query", remove_query=("password",)),
    a_rule("PUT /rest/api/2/user", id="watch", change="modified"),
    a_rule("POST /rest/api/2/{what}", id="any", remove=("/name",)),
    a_rule("POST /rest/api/2/group", id="refuse", respond={}),
    a_rule(
        "DELETE /rest/api/2/user", id="replace", replace={"method": "PUT", "json": {"active": False}, "status": 204}
    ),
    a_rule("POST /rest/api/2/password", id="observe", mode="observe", remove=("/password",)),
]


@given(st.permutations(RULES), requests(), st.booleans())
def test_neither_rules_nor_files_have_an_order(order, request, swap):
    home = {rule.id: "one" if place < 4 else "two" for place, rule in enumerate(RULES)}
    shuffled = [a_policy(*(rule for rule in order if home[rule.id] == name), policy=name) for name in ("one", "two")]
    sorted_ = [a_policy(*RULES[:4], policy="one"), a_policy(*RULES[4:], policy="two")]
    first, second = compile_policies(shuffled[::-1] if swap else shuffled), compile_policies(sorted_)

    assert first.digest == second.digest
    assert decide(first, request) == decide(second, request)


# No secret leaves


@st.composite
def secrets(draw):
    """Its canary, and the secret: characters that are written in many ways around letters that are not."""
    canary = "Kq7" + draw(st.text(string.ascii_letters + string.digits, min_size=9, max_size=9))
    around = st.text(st.sampled_from("a \"'\\/&=%+;#?:\n{}[]<>é\u2028🙂\x00"), max_size=4)
    return canary, draw(around) + canary + draw(around)


def escaped(name, secret):
    """JSON with an escaped name."""
    return json.dumps({"a": 1, name: secret}).replace(name, "".join(f"\\u{ord(one):04x}" for one in name))


BODIES = {
    "json": lambda name, secret: json.dumps({"a": 1, name: secret}),
    "utf-8 json": lambda name, secret: json.dumps({name: secret}, ensure_ascii=False),
    "deep json": lambda name, secret: json.dumps({"users": [{name: [secret, {"a": secret}]}], name: {"value": secret}}),
    "escaped json": escaped,
    "name": lambda _, secret: json.dumps({f"!{secret}": 1}),  # what looks like a name may be shown
    "form": lambda name, secret: urlencode({"a": 1, name: secret}),
    "multipart": lambda name, secret: multipart([("a", 1), (name, secret)]).decode(),
    "text": lambda _, secret: f"!{secret}",  # "token=" would be a form whose only field looks like a name
}
PLACES = [*BODIES, "query", "path", "headers"]
EDITED = [("POST", "/rest/api/2/user"), ("PUT", "/jira/rest/api/3/user"), ("DELETE", "/rest/api/latest/user")]
OTHERS = [
    ("GET", "/rest/api/2/issue/A-1"),
    ("GET", "/browse/A-1"),
    ("PUT", "/rest/api/2/project/A/properties/password"),
]
SEPARATORS = [";jsessionid=", ";", "?", "?password=", "%3F", "%3b", "%23", "#", "%253F", "%25253B"]
"""Behind a bare ``?`` the secret is a value, too: names in a query are shown by design."""


@st.composite
def with_secret(draw):
    """A request with a secret in it, and what it would be known by."""
    canary, secret = draw(secrets())
    method, path = draw(st.sampled_from([*EDITED, *OTHERS]) | st.sampled_from(LINES))
    name = draw(st.sampled_from(["password", "newPassword", "name", "active"]))
    place = draw(st.sampled_from(PLACES))
    body = BODIES[place](name, secret).encode() if place in BODIES else draw(bodies)
    target, fields = path, draw(headers)
    if place == "multipart":
        fields = ((b"Content-Type", b"multipart/form-data; boundary=x"), *fields)
    elif place == "query":
        target += f"?a=b&{name}={quote(secret)}"
    elif place == "path":
        at = draw(st.sampled_from([*(place for place, one in enumerate(path) if one == "/" and place), len(path)]))
        separator = draw(st.sampled_from(SEPARATORS))
        named = separator.endswith(("?", "%3F", "%253F", "#", "%23"))
        put = separator + ("a=" if named else "") + quote(secret, safe="=;")
        target = path[:at] + put + path[at:]
    basic = base64.b64encode(f"fred:{secret}".encode())
    authorization = draw(st.sampled_from([b"Basic " + basic, b"Bearer " + quote(secret).encode()]))
    cookie = f"JSESSIONID={quote(secret)}; a=b".encode()
    fields = (*fields, (b"Authorization", authorization), (b"Cookie", cookie))
    if draw(st.booleans()):
        body = body[: draw(st.integers(0, len(body)))]
    request = Request(method, target.encode(), fields, draw(st.sampled_from([body, body, body, None])))
    return (canary, basic.decode()), place, request


@settings(max_examples=600)
@given(runs, with_secret(), st.sampled_from(["shown", "hashed", "none"]))
def test_no_secret_is_in_an_event_or_an_answer(run, secret, identity):
    rules = shipped_set(*run)
    tokens, _, request = secret
    decision = decide(rules, request, max_body=200)
    response = look(rules, request, decision).response
    user = identify(basic_user(request.headers), identity, b"k")
    exchange = Exchange(request, response, started=0.0, user=user)
    seen = RequestInventory()
    seen.add(exchange, 200, rules)
    said = [
        seen.take(),
        vocabulary.rule_event(decision, exchange),
        vocabulary.failure_event(exchange, ValueError(request.body), "request", forwarded=False),
        vocabulary.summary(decision) if decision.findings else None,
        mark(decision),
        repr(decision.findings),
    ]
    if response is not None:
        said += [repr(response.headers), (response.body or b"").decode()]

    assert not [token for token in tokens if token in json.dumps(said)]


@settings(max_examples=200)
@given(runs, with_secret())
def test_no_secret_is_in_what_is_explained_or_logged(run, secret):
    rules = shipped_set(*run)
    tokens, place, request = secret
    exchange = Exchange(request, Response(500, request.headers, request.body), user="fred")
    lines, terminal = io.StringIO(), io.StringIO()
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    for stream in (lines, terminal):
        log = EventLog("-", stream)
        for event in (
            vocabulary.rule_event(decide(rules, request, max_body=200), exchange),
            vocabulary.failure_event(
                exchange, UnicodeDecodeError("utf-8", request.body or b"x", 0, 1, "x"), "request", forwarded=False
            ),
        ):
            assert event is None or log.write(event)
    said = [lines.getvalue(), terminal.getvalue()]
    if place != "name":  # of a document explain shows the names, whatever they are
        explanation = explain(rules, request, max_body=200)
        said += [as_text(explanation), as_json(explanation), repr(explanation)]

    assert not [token for token in tokens if any(token in text for text in said)]


@given(secrets(), st.binary(max_size=20))
def test_no_secret_of_the_upstream_s_is_in_an_answer_of_ours(secret, noise):
    canary, text = secret
    decision = decided(shipped_set("staging"), Request("DELETE", b"/rest/api/2/user", (), b""))
    answer = Response(200, ((b"Set-Cookie", canary.encode()),), json.dumps({"active": text}).encode() + noise)
    settled = settle(decision, answer)

    assert settled is not None
    assert settled.status == 502
    assert canary not in repr(settled)


@pytest.mark.parametrize("profile", ["cloud", "staging"])
def test_the_strategies_reach_every_rule(profile):
    """Else these tests would show less than they say."""
    rules = compile_policies(shipped(), RunOptions(profile))
    reached = {
        finding.rule
        for method, path in LINES
        for finding in decide(rules, Request(method, path.encode(), (), b"")).findings
    }

    assert reached == {entry.rule.id for entry in rules.entries}
