import time

import pytest
from ruamel.yaml import YAML

from build import policy_text
from jira_compat.actions.remove import Remove
from jira_compat.policy.errors import PolicyError
from jira_compat.policy.example import Forwarded
from jira_compat.policy.files import policy_files, shipped_policies
from jira_compat.policy.load import LARGEST, PolicyFile, load_overrides, load_policies

RULE = """
id: some-rule
endpoint: POST /rest/api/2/user
change: modified
why: Why.
"""
REFUSAL = RULE.replace("modified", "removed") + "respond: "


def lines_of(*texts: str | bytes) -> list[str]:
    """The error lines of files a.yaml, b.yaml, ..."""
    contents = (text.encode() if isinstance(text, str) else text for text in texts)
    files = [PolicyFile(f"{chr(ord('a') + number)}.yaml", content) for number, content in enumerate(contents)]
    with pytest.raises(PolicyError) as caught:
        load_policies(files)
    return list(caught.value.lines)


def test_no_file_is_no_policy():
    assert load_policies([]) == ()


def test_a_sound_file_is_a_policy():
    (policy,) = load_policies([PolicyFile("a.yaml", policy_text(RULE + "remove: [/password]\n").encode())])

    assert policy.policy == "some-policy"
    assert [(rule.id, rule.action) for rule in policy.rules] == [("some-rule", Remove((("password",),)))]


def test_a_byte_order_mark_is_no_content():
    text = b"\xef\xbb\xbf" + policy_text(RULE).encode()

    assert len(load_policies([PolicyFile("a.yaml", text)])) == 1


def test_the_shipped_set_loads_as_fast_as_it_is_parsed():
    files = policy_files([shipped_policies()])

    def seconds(load):
        begun = time.process_time()
        load()
        return time.process_time() - begun

    parsed = min(seconds(lambda: [list(YAML().parse(file.content)) for file in files]) for _ in range(5))
    assert min(seconds(lambda: load_policies(files)) for _ in range(5)) < 10 * parsed


FILES = [
    # What is no document.
    (b"", ["a.yaml:1:1: this is nothing where a mapping belongs; write a mapping"]),
    (b"# later\n", ["a.yaml:1:1: this is nothing where a mapping belongs; write a mapping"]),
    (b"[]", ["a.yaml:1:1: this is a list where a mapping belongs; write a mapping"]),
    (b"policy", ["a.yaml:1:1: this is text where a mapping belongs; write a mapping"]),
    (b"policy: a\ntitle: \xff", ["a.yaml:2:8: this is not UTF-8; save it as UTF-8"]),
    ("policy: a".encode("utf-16"), ["a.yaml:1:1: this is not UTF-8; save it as UTF-8"]),
    (b"a: \0", ["a.yaml:1:4: the character U+0000 may not stand in YAML; take it out"]),
    (
        b"a:\n\tb: 1",
        [
            (
                "a.yaml:2:1: this is not YAML (found character '\\t' that cannot start any token); "
                "check quotes, colons and indentation"
            )
        ],
    ),
    (b"#" * 2_000_000, [f"a.yaml: this is larger than {LARGEST} bytes; split it by change"]),
    (
        b"a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]",
        ["a.yaml:1:4: anchors and aliases are not used in policies; write the value out"],
    ),
    (b"a: 1\n---\nb: 1", ["a.yaml:2:1: a policy file holds one document; move the second to its own file"]),
    (b"a: " + b"[" * 9999, ["a.yaml:1:27: this is nested deeper than 24 levels; make it flatter"]),
    # What is no policy.
    (
        b"titel: T",
        [
            "a.yaml:1:1: policy: 'policy' is missing; add it",
            "a.yaml:1:1: title: 'title' is missing; add it",
            "a.yaml:1:1: source: 'source' is missing; add it",
            "a.yaml:1:1: rules: 'rules' is missing; add it",
            "a.yaml:1:1: titel: unknown key 'titel'; did you mean 'title'?",
        ],
    ),
    (
        policy_text(head="policy: Some Policy\ntitle: 5\nsource: http://example.com/\nrules: []\nmode: observed\n"),
        [
            (
                "a.yaml:1:9: policy: 'Some Policy' does not fit; "
                "write lower-case words joined by '-', such as 'refuse-password-change'"
            ),
            "a.yaml:2:8: title: this is a number where text belongs; write text",
            (
                "a.yaml:3:9: source: 'http://example.com/' does not fit; "
                "write an address that begins with 'https://', in ASCII and without '<' and '>'"
            ),
            "a.yaml:4:8: rules: this is empty; write at least one, or take the key out",
            "a.yaml:5:7: mode: unknown word 'observed'; did you mean 'observe'?",
        ],
    ),
    (
        policy_text(head="policy: a\ntitle: T\nsource: https://a/\nrules:\n"),
        ["a.yaml:4:1: rules: this is nothing where a list belongs; write a list"],
    ),
    (
        policy_text(head="policy: a\ntitle: T\nsource: https://a/\nrules:\n  one: 1\n"),
        ["a.yaml:5:3: rules: this is a mapping where a list belongs; write a list"],
    ),
    (
        policy_text("one", "[two]", ""),
        [
            "a.yaml:5:5: rules.0: this is text where a mapping belongs; write a mapping",
            "a.yaml:6:5: rules.1: this is a list where a mapping belongs; write a mapping",
            "a.yaml:7:4: rules.2: this is nothing where a mapping belongs; write a mapping",
        ],
    ),
    # What is no rule: 'id' stands in line 5, the first further key in line 9.
    (
        policy_text("id: some-rule"),
        [
            "a.yaml:5:5: rules.0.endpoint: 'endpoint' is missing; add it",
            "a.yaml:5:5: rules.0.change: 'change' is missing; add it",
            "a.yaml:5:5: rules.0.why: 'why' is missing; add it",
        ],
    ),
    (
        policy_text("id: some-rule\nendpoint: PUSH /rest/x\nchange: change\nwhy: ''"),
        [
            (
                "a.yaml:6:15: rules.0.endpoint: 'PUSH' is not a method that a rule can name; "
                "write one of DELETE, GET, PATCH, POST, PUT"
            ),
            "a.yaml:7:13: rules.0.change: unknown word 'change'; did you mean 'unchanged'?",
            "a.yaml:8:10: rules.0.why: this is empty; write some text, or take the key out",
        ],
    ),
    (
        policy_text(RULE + "id: other\nendpoint: GET /rest/x"),
        [
            "a.yaml:9:5: rules.0.id: this key is there twice; take one out",
            "a.yaml:10:5: rules.0.endpoint: this key is there twice; take one out",
        ],
    ),
    (
        policy_text(RULE + "remove_qeury: [a]\nrespnd: {status: 410}\nzzzz: [a]"),
        [
            "a.yaml:9:5: rules.0.remove_qeury: unknown key 'remove_qeury'; did you mean 'remove_query'?",
            "a.yaml:10:5: rules.0.respnd: unknown key 'respnd'; did you mean 'respond'?",
            (
                "a.yaml:11:5: rules.0.zzzz: unknown key 'zzzz'; write one of 'id', 'endpoint', 'change', 'why', "
                "'source', 'mode', 'profiles', 'implied', 'unknown', 'remove', 'remove_query', 'keep'"
            ),
        ],
    ),
    (
        policy_text(RULE + "profiles: [cloud, stagin]\nmode: watch\nimplied: 'yes'"),
        [
            "a.yaml:9:23: rules.0.profiles.1: unknown word 'stagin'; did you mean 'staging'?",
            "a.yaml:10:11: rules.0.mode: unknown word 'watch'; write one of 'enforce', 'observe'",
            "a.yaml:11:14: rules.0.implied: this is text where true or false belongs; write true or false",
        ],
    ),
    (
        policy_text(RULE + "remove: /password\nremove_query: [a, '']"),
        [
            "a.yaml:9:13: rules.0.remove: this is text where a list belongs; write a list",
            "a.yaml:10:23: rules.0.remove_query.1: this is empty; write some text, or take the key out",
        ],
    ),
    (
        policy_text(RULE + "remove: [password, /ok, 5, '/a~b', '']"),
        [
            "a.yaml:9:14: rules.0.remove.0: 'password' is not a JSON Pointer; write '/password'",
            "a.yaml:9:29: rules.0.remove.2: this is not text; write it as one line",
            (
                "a.yaml:9:32: rules.0.remove.3: '/a~b' is not a JSON Pointer; "
                "write '~0' for '~' and '~1' for a '/' in a name"
            ),
            "a.yaml:9:40: rules.0.remove.4: '' is the whole document; write the field, such as '/password'",
        ],
    ),
    (
        policy_text(RULE + "remove: []"),
        ["a.yaml:9:13: rules.0.remove: this is empty; write at least one, or take the key out"],
    ),
    *(
        (
            policy_text(RULE + f"{key}:"),
            [f"a.yaml:9:5: rules.0.{key}: there is no value here; write one, or take the key out"],
        )
        for key in ("source", "mode", "unknown", "remove", "remove_query", "keep", "respond", "replace")
    ),
    # What is no action.
    (
        policy_text(REFUSAL + "{status: '410'}"),
        ["a.yaml:9:23: rules.0.respond.status: this is text where a whole number belongs; write a whole number"],
    ),
    (
        policy_text(REFUSAL + "{status: 410.0}"),
        ["a.yaml:9:23: rules.0.respond.status: this is a number where a whole number belongs; write a whole number"],
    ),
    (
        policy_text(REFUSAL + "{status: 204, text: ''}"),
        [
            "a.yaml:9:23: rules.0.respond.status: 204 is not a client error; write 410, 404 or another 4xx",
            "a.yaml:9:34: rules.0.respond.text: this is empty; write some text, or take the key out",
        ],
    ),
    (
        policy_text(REFUSAL + "{status: 429}"),
        [
            (
                "a.yaml:9:23: rules.0.respond.status: 429 misleads: some clients repeat the request for ever; "
                "write 410 or 404"
            )
        ],
    ),
    (
        policy_text(REFUSAL + "\n  status: 410\n  txet: Gone."),
        ["a.yaml:11:7: rules.0.respond.txet: unknown key 'txet'; did you mean 'text'?"],
    ),
    (
        policy_text(REFUSAL + "410"),
        ["a.yaml:9:14: rules.0.respond: this is a number where a mapping belongs; write a mapping"],
    ),
    (
        policy_text(RULE + "replace: {methd: PUT, json: {}, status: 404}"),
        [
            "a.yaml:9:14: rules.0.replace.method: 'method' is missing; add it",
            "a.yaml:9:15: rules.0.replace.methd: unknown key 'methd'; did you mean 'method'?",
            "a.yaml:9:33: rules.0.replace.json: this is empty; write at least one, or take the key out",
            "a.yaml:9:45: rules.0.replace.status: 404 is too much; write at most 299",
        ],
    ),
    (
        policy_text(RULE + "replace: {method: GET, document: {active: false}, status: 204}"),
        [
            "a.yaml:9:14: rules.0.replace.json: 'json' is missing; add it",
            "a.yaml:9:23: rules.0.replace.method: unknown word 'GET'; write one of 'PUT', 'POST'",
            "a.yaml:9:28: rules.0.replace.document: unknown key 'document'; write one of 'method', 'json', 'status'",
        ],
    ),
    # What does not fit together within one rule.
    (
        policy_text(RULE + "respond: {}"),
        ["a.yaml:5:5: rules.0: only a removed endpoint is refused; write 'change: removed' or another action"],
    ),
    (
        policy_text(REFUSAL + "{}\nkeep: [/a]"),
        ["a.yaml:5:5: rules.0: a rule has one action, this one has 'keep' and 'respond'; make it two rules"],
    ),
    (
        policy_text(RULE + "keep: [/a]\nremove_query: [a]"),
        ["a.yaml:5:5: rules.0: a rule has one action, this one has 'remove_query' and 'keep'; make it two rules"],
    ),
    (
        policy_text(RULE.replace("modified", "unchanged") + "remove: [/a]"),
        ["a.yaml:5:5: rules.0: an unchanged endpoint needs no action; take 'remove' out or correct 'change'"],
    ),
    (
        policy_text(RULE + "remove: [/a, /b/c, /b, /a]"),
        [
            "a.yaml:9:13: rules.0.remove: '/a' is within '/a' already; take one out",
            "a.yaml:9:13: rules.0.remove: '/b/c' is within '/b' already; take one out",
        ],
    ),
    # Examples.
    (
        policy_text(
            RULE
            + "examples:\n"
            + "  - {request: {jsn: {}, from: {}}, forwards: {jso: 1}, anwsers: 410}\n"
            + "  - {name: a, request: {form: {a: 1}, path: rest}, forwards: changed}\n"
            + "  - {name: b, request: {json: 1, text: a}, forwards: 5}\n"
            + "  - {name: c}\n"
            + "  - {name: d, forwards: unchanged, answers: 410}\n"
            + "  - {name: e, answers: 502}\n"
            + "  - {name: f, forwards: {}}\n"
            + "  - {name: g, forwards: {json: 1, form: {}}}\n"
            + "  - {name: h, request: , forwards: }\n"
        ),
        [
            "a.yaml:10:9: rules.0.examples.0.name: 'name' is missing; add it",
            "a.yaml:10:20: rules.0.examples.0.request.jsn: unknown key 'jsn'; did you mean 'json'?",
            "a.yaml:10:29: rules.0.examples.0.request.from: unknown key 'from'; did you mean 'form'?",
            "a.yaml:10:51: rules.0.examples.0.forwards.jso: unknown key 'jso'; did you mean 'json'?",
            "a.yaml:10:60: rules.0.examples.0.anwsers: unknown key 'anwsers'; did you mean 'answers'?",
            "a.yaml:11:39: rules.0.examples.1.request.form.a: this is a number where text belongs; write text",
            "a.yaml:11:49: rules.0.examples.1.request.path: 'rest' does not fit; write a path that begins with '/'",
            "a.yaml:11:66: rules.0.examples.1.forwards: unknown word 'changed'; did you mean 'unchanged'?",
            (
                "a.yaml:12:28: rules.0.examples.2.request: there is more than one body; "
                "leave one of 'json', 'form' and 'text'"
            ),
            "a.yaml:12:58: rules.0.examples.2.forwards: this is a number where a mapping belongs; write a mapping",
            "a.yaml:13:9: rules.0.examples.3: nothing is expected; write one of 'forwards' and 'answers'",
            "a.yaml:14:9: rules.0.examples.4: two outcomes are expected; write one of 'forwards' and 'answers'",
            "a.yaml:15:28: rules.0.examples.5.answers: 502 is too much; write at most 499",
            "a.yaml:16:29: rules.0.examples.6.forwards: nothing is expected; write 'unchanged', or what is forwarded",
            (
                "a.yaml:17:29: rules.0.examples.7.forwards: there is more than one body; "
                "leave one of 'json', 'form' and 'text'"
            ),
            "a.yaml:18:19: rules.0.examples.8.request: this is nothing where a mapping belongs; write a mapping",
            "a.yaml:18:30: rules.0.examples.8.forwards: there is no value here; write one, or take the key out",
        ],
    ),
]


@pytest.mark.parametrize(("text", "lines"), FILES, ids=lambda value: repr(value)[-40:])
def test_what_is_wrong_with_a_file_is_one_line_each(text, lines):
    assert lines_of(text) == lines


def test_the_third_rule_is_counted_from_nought_and_placed():
    good = [RULE.replace("some-rule", f"rule-{n}").replace("user", f"user{n}") for n in range(3)]
    bad = REFUSAL.replace("some-rule", "rule-3") + "\n  status: 200"

    assert lines_of(policy_text(*good, bad)) == [
        "a.yaml:22:15: rules.3.respond.status: 200 is not a client error; write 410, 404 or another 4xx"
    ]


def test_json_in_an_example_may_be_anything():
    json = "[1, {a: [true, null, x]}, 12345678901234567890]"
    example = f"examples: [{{name: a, request: {{json: {json}}}, forwards: {{json: null}}}}]"
    (policy,) = load_policies([PolicyFile("a.yaml", policy_text(RULE + example).encode())])

    (found,) = policy.rules[0].examples
    assert found.request.json_ == [1, {"a": [True, None, "x"]}, 12345678901234567890]
    assert isinstance(found.forwards, Forwarded)
    assert found.forwards.has_body


def test_everything_that_is_wrong_anywhere_is_said_at_once_in_the_order_of_the_files():
    first = policy_text(RULE + "remove: [/password]", RULE.replace("some-rule", "other-rule") + "repsond: {}")
    second = policy_text(RULE + "keep: [/active]\nmode: off").replace("mode: off", "mode: observe")
    third = "policy: [\n"

    assert lines_of(first, second, third) == [
        "a.yaml:14:5: rules.1.repsond: unknown key 'repsond'; did you mean 'respond'?",
        "b.yaml:1:9: policy: there is a policy 'some-policy' already, in a.yaml:1; ids are unique, rename one",
        "b.yaml:5:9: rules.0.id: there is a rule 'some-rule' already, in a.yaml:5; ids are unique, rename one",
        "b.yaml:9:11: rules.0.keep: '/password' is dropped by 'keep' already, so 'remove' never finds it; take it out",
        (
            "c.yaml:2:1: this is not YAML (expected the node content, but found '<stream end>'); "
            "check quotes, colons and indentation"
        ),
    ]


def test_a_file_that_cannot_be_read_is_one_of_the_problems():
    files = [PolicyFile("a.yaml", fault="cannot be read (is a directory); check it"), PolicyFile("b.yaml", b"[]")]

    with pytest.raises(PolicyError) as caught:
        load_policies(files)

    assert caught.value.lines == (
        "a.yaml: cannot be read (is a directory); check it",
        "b.yaml:1:1: this is a list where a mapping belongs; write a mapping",
    )


def test_a_file_that_is_named_twice_is_told_of_once():
    file = PolicyFile("a.yaml", b"[]")

    with pytest.raises(PolicyError) as caught:
        load_policies([file, file])

    assert len(caught.value.lines) == 1


POLICIES = load_policies(
    [
        PolicyFile(
            "p.yaml",
            policy_text(
                RULE.replace("some-rule", "watch-it"),
                REFUSAL.replace("some-rule", "refuse-it").replace("user", "group") + "{}",
            ).encode(),
        )
    ]
)


def test_overrides_are_by_rule_id():
    text = b"refuse-it: {mode: observe, status: 404, text: Gone.}\nwatch-it: {mode: enforce}\n"
    overrides = load_overrides(PolicyFile("o.yaml", text), POLICIES)

    found = {id_: (one.mode, one.status, one.text) for id_, one in overrides.items()}
    assert found == {"refuse-it": ("observe", 404, "Gone."), "watch-it": ("enforce", None, None)}


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (b"", ["o.yaml:1:1: this is nothing where a mapping belongs; write a mapping, {} for an empty one"]),
        (b"- refuse-it", ["o.yaml:1:1: this is a list where a mapping belongs; write a mapping, {} for an empty one"]),
        (
            b"refuse-ti: {mode: observe}\nwatch-it: {mode: observed}\n",
            [
                "o.yaml:1:1: refuse-ti: unknown rule id 'refuse-ti'; did you mean 'refuse-it'?",
                "o.yaml:2:18: watch-it.mode: unknown word 'observed'; did you mean 'observe'?",
            ],
        ),
        (b"zzz: {}", ["o.yaml:1:1: zzz: unknown rule id 'zzz'; write one of 'watch-it', 'refuse-it'"]),
        (
            b"watch-it: {status: 404}",
            [
                (
                    "o.yaml:1:11: watch-it: this rule refuses nothing, so it has no 'status' or 'text'; "
                    "only 'mode' can be changed"
                )
            ],
        ),
        (
            b"refuse-it: {status: 302, txt: a, mode: }",
            [
                "o.yaml:1:21: refuse-it.status: 302 is not a client error; write 410, 404 or another 4xx",
                "o.yaml:1:26: refuse-it.txt: unknown key 'txt'; did you mean 'text'?",
                "o.yaml:1:34: refuse-it.mode: there is no value here; write one, or take the key out",
            ],
        ),
        (b"refuse-it: observe", ["o.yaml:1:12: refuse-it: this is text where a mapping belongs; write a mapping"]),
        (
            b"refuse-it: {}\nrefuse-it: {}",
            ["o.yaml:2:1: refuse-it: this key is there twice; take one out"],
        ),
    ],
    ids=repr,
)
def test_what_is_wrong_with_overrides_is_one_line_each(text, lines):
    with pytest.raises(PolicyError) as caught:
        load_overrides(PolicyFile("o.yaml", text), POLICIES)

    assert list(caught.value.lines) == lines
