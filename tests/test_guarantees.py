"""What is promised of every request that the grammar has, shown by readers that share no code with the proxy."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import grammar
from build import a_policy, policy_text, shipped, shipped_set
from decided import Decided
from decided import decided as decide
from jira_compat.message.body.pointers import Selection, parse_pointer
from jira_compat.model import Request
from jira_compat.policy.index import PolicySet, RunOptions, compile_policies
from jira_compat.policy.load import PolicyFile, load_policies
from oracles.forwarded import held, query_names, served
from oracles.target import REMOVED

STRIPPED: dict[tuple[str, tuple[str, ...]], Selection] = {
    ("POST", ("user",)): Selection("remove", (parse_pointer("/password"),)),
    ("PUT", ("user",)): Selection("keep", (parse_pointer("/active"),)),
}
"""Atlassian's article in the words of a test, and what follows from it."""
TRANSLATED = {(method, words) for method in ("GET", "POST") for words in (("search",), ("search", "jql"))}


def methods_of(request: Request) -> set[str]:
    """The method that a server may take."""
    named = [value for name, value in request.headers if name.lower().decode() in _OVERRIDES]
    return {request.method.upper(), *(one.strip().decode().upper() for value in named for one in value.split(b","))}


_OVERRIDES = {name.lower() for name in grammar.OVERRIDES}


def forwarded(decision: Decided) -> Request | None:
    return None if decision.response is not None else decision.request


# (a) What is forwarded holds nothing that a rule takes out, for any server and any reader


def _find_nothing(request: Request) -> None:
    sent = forwarded(decide(shipped_set(), request))
    if sent is None:
        return
    for endpoint in served(sent) | served(request):
        for method in methods_of(sent):
            assert (method, endpoint) not in REMOVED
            if (method, endpoint) in STRIPPED:
                assert held(sent, STRIPPED[method, endpoint]) == set()
                assert "password" not in query_names(sent)


@settings(max_examples=400)
@given(grammar.written())
def test_no_server_and_no_reader_finds_what_a_rule_takes_out(written):
    _find_nothing(written.request)


@settings(max_examples=200)
@given(grammar.written(users=True))
def test_no_reader_finds_what_a_rule_takes_out_of_any_body(written):
    _find_nothing(written.request)


@pytest.mark.parametrize(("coding", "code"), grammar.CODINGS[5:])
@pytest.mark.parametrize(
    ("write", "media", "charset"),
    [
        *((write, media, "utf-8") for write, media in grammar.WRITERS),
        *((grammar.as_json, grammar.JSON, charset) for charset in ("utf-8-sig", "utf-16", "utf-32-be")),
    ],
)
def test_readers_find_what_there_is_to_find(write, media, charset, coding, code):
    """Else they would find nothing in what was forwarded either."""
    fields = ((b"Content-Type", media), *(((b"Content-Encoding", coding),) if coding else ()))
    body = code(write([("name", "fred"), ("password", "x"), ("active", True)]).encode(charset))
    request = Request("POST", b"/jira/rest/api/2/user?p%61ssword=x", fields, body)

    assert served(request) == {("user",)}
    assert held(request, STRIPPED["POST", ("user",)])
    assert held(request, STRIPPED["PUT", ("user",)])
    assert query_names(request) == {"password"}
    assert not held(request, Selection("remove", (("passwords",),)))


# (b) What no rule edits is forwarded equal, and nothing harmless is refused


@settings(max_examples=100)
@given(grammar.written(odd=False))
def test_what_clients_write_is_refused_only_where_it_is_removed(written):
    decision = decide(shipped_set(), written.request)
    line = (written.method, written.words[3:])
    if decision.response is not None:
        assert line in REMOVED
        assert decision.reason == "rule"
    elif line not in STRIPPED and line not in TRANSLATED:
        assert decision.request is written.request


@settings(max_examples=100)
@given(grammar.written(odd=False))
def test_what_holds_nothing_to_take_out_is_forwarded_equal(written):
    line = (written.method, written.words[3:])
    if (
        line in STRIPPED
        and not held(written.request, STRIPPED[line])
        and "password" not in query_names(written.request)
    ):
        assert decide(shipped_set(), written.request).request is written.request


@settings(max_examples=100)
@given(grammar.written())
def test_what_no_rule_has_anything_to_say_of_goes_on_as_it_came(written):
    decision = decide(shipped_set(), written.request)
    if decision.findings == ():
        assert decision.request is written.request
        assert decision.response is None
    elif decision.applied and decision.reason is None:
        assert decision.request != written.request


# (c) Deciding twice is deciding once


@settings(max_examples=100)
@given(st.sampled_from(["cloud", "staging"]), grammar.written())
def test_what_is_forwarded_needs_nothing_more(profile, written):
    rules = shipped_set(profile)
    first = decide(rules, written.request)
    sent = forwarded(first)
    if sent is None:
        assert decide(rules, written.request) == first
        return
    again = decide(rules, sent)

    assert again.request is sent
    assert again.response is None
    assert again.replaced is None


# (d) Order changes nothing


@settings(max_examples=15)
@given(st.randoms(use_true_random=False), st.lists(grammar.written(), min_size=5, max_size=5))
def test_rules_that_ship_have_no_order(chance, requests):
    rules = [rule for policy in shipped() for rule in policy.rules]
    chance.shuffle(rules)
    for profile in ("cloud", "staging"):
        plain = shipped_set(profile)
        shuffled = compile_policies([a_policy(*rules, policy=shipped()[0].policy)], RunOptions(profile))
        for written in requests:
            assert _outcome(decide(shuffled, written.request)) == _outcome(decide(plain, written.request))


FILES = [
    ("one.yaml", ["id: keep\nendpoint: PUT /rest/api/2/user\nchange: modified\nwhy: Why.\nkeep: [/active]"]),
    (
        "two.yaml",
        [
            "id: query\nendpoint: PUT|POST /rest/api/{2|latest}/user\nchange: modified\nwhy: Why.\nremove_query: [a]",
            "id: watch\nendpoint: GET /rest/api/2/{what}\nchange: modified\nwhy: Why.",
        ],
    ),
    ("three.yaml", ["id: gone\nendpoint: PUT /rest/api/2/myself\nchange: removed\nwhy: Why.\nrespond: {status: 410}"]),
]


@settings(max_examples=30)
@given(st.permutations(FILES), st.randoms(use_true_random=False), grammar.written())
def test_files_have_no_order(order, chance, written):
    first = _loaded([(name, chance.sample(rules, len(rules))) for name, rules in order])
    second = _loaded(FILES)

    assert first.digest == second.digest
    assert decide(first, written.request) == decide(second, written.request)


def _loaded(files: list[tuple[str, list[str]]]) -> PolicySet:
    head = "policy: {}\ntitle: Title\nsource: https://example.com/changes\nrules:\n"
    texts = [(name, policy_text(*rules, head=head.format(name.removesuffix(".yaml")))) for name, rules in files]
    return compile_policies(load_policies(PolicyFile(name, text.encode()) for name, text in texts))


def _outcome(decision: Decided) -> object:
    """Without where the policy says that it comes from."""
    findings = [(one.rule, one.fields, one.mode) for one in decision.findings]
    status = decision.response and decision.response.status
    return decision.request, status, findings, decision.reason, decision.applied, decision.replaced
