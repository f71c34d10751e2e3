import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jira_compat.message.body.errors import Unreadable
from jira_compat.message.body.json_edit import cut_json
from jira_compat.message.body.pointers import Selection, parse_pointer


def cut(text: str, rule: str, codec: str = "utf-8") -> tuple[str, tuple[str, ...]]:
    """What a rule such as "remove /a /b" leaves of a text, and what it says it took."""
    verb, *pointers = rule.split(" ")
    cuts = cut_json(
        text.encode(codec),
        codec,
        Selection("keep" if verb == "keep" else "remove", tuple(map(parse_pointer, pointers))),
    )
    return cuts.apply(text.encode(codec)).decode(codec), cuts.removed


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("{}", "remove /password"),
        (' { "name" : "password" } \n', "remove /password"),
        ('{"Password":1,"passwor":2,"password ":3,"":4}', "remove /password"),
        ('{"user":{"password":1},"list":["password",{"password":1}]}', "remove /password"),
        ('[{"password":1}]', "remove /password"),
        ('{"a":[{"b":1}]}', "remove /a/b"),
        ('{"a":{"b":{"c":1}}}', "remove /a/c /b /a/b/d /a/b/c/d"),
        ('{"a":[0,1]}', "remove /a/2 /a/- /a/01 /a/+1 /a/1e0"),
        ('"password"', "remove /password"),
        ("true", "remove /password"),
        ("-1.5e400", "remove /0"),
        ("null", "remove /password"),
        (" null ", "keep /active"),
        ("{}", "keep /active"),
        ('{"active":false}', "keep /active"),
        ('{"a":{"b":[{"c":1}]}}', "keep /a"),
        ('{"a":{"b":[{"c":1}]}}', "keep /a/b/*/c"),
        ("[]", "keep /*/a"),
    ],
)
def test_what_nothing_goes_out_of_stays(text, rule):
    assert cut(text, rule) == (text, ())


@pytest.mark.parametrize(
    ("text", "rule", "left", "removed"),
    [
        ('{"password":1}', "remove /password", "{}", "/password"),
        ('{ "password" : "x" }', "remove /password", "{  }", "/password"),
        ('{"password":1,"a":2}', "remove /password", '{"a":2}', "/password"),
        ('{"a":2,"password":1}', "remove /password", '{"a":2}', "/password"),
        ('{"a": 1, "password": 2, "b": 3}', "remove /password", '{"a": 1, "b": 3}', "/password"),
        ('{\n  "a": 1,\n  "password": 2\n}', "remove /password", '{\n  "a": 1\n}', "/password"),
        ('{\n  "password": 2,\n  "a": 1\n}', "remove /password", '{\n  "a": 1\n}', "/password"),
        # Whatever the value is.
        ('{"password":[[[[{"a":"}"}]]]],"a":2}', "remove /password", '{"a":2}', "/password"),
        ('{"a":2,"password":{"password":{}}}', "remove /password", '{"a":2}', "/password"),
        ('{"a":2,"password":null , "b":[[[1]]]}', "remove /password", '{"a":2,"b":[[[1]]]}', "/password"),
        # However often and however it is spelled.
        ('{"password":1,"a":2,"password":3}', "remove /password", '{"a":2}', "/password"),
        ('{"password":1,"password":3}', "remove /password", "{}", "/password"),
        (r'{"pass\u0077ord":1,"\u0070assword":2,"a":3}', "remove /password", '{"a":3}', "/password"),
        (r'{"a":3,"\u0070\u0061\u0073\u0073word":[[[1]]]}', "remove /password", '{"a":3}', "/password"),
        (r'{"\"\\\/\n":1,"a":2}', 'remove /"\\~1\n', '{"a":2}', '/"\\~1\n'),
        (r'{"\ud83d\ude00":1,"😀":2}', "remove /😀", "{}", "/😀"),
        (r'{"p\u00e4ss":1,"päss":2}', "remove /päss", "{}", "/päss"),
        # Several, in the order of the text.
        ('{"c":1,"a":2,"b":3,"d":4}', "remove /a /b /c", '{"d":4}', "/c /a /b"),
        ('{"d":4,"c":1,"a":2,"b":3}', "remove /a /b /c", '{"d":4}', "/c /a /b"),
        # Deeper.
        ('{"user":{"password":1,"a":2},"password":3}', "remove /user/password", '{"user":{"a":2},"password":3}', None),
        ('{"a":{"b":1},"a":{"b":2},"a":3}', "remove /a/b", '{"a":{},"a":{},"a":3}', "/a/b"),
        ('{"a":{"b":1}}', "remove /a /a/b", "{}", "/a"),
        ('[{"b":1},{"b":2,"c":[[[]]]},3,[]]', "remove /*/b", '[{},{"c":[[[]]]},3,[]]', "/0/b /1/b"),
        ('{"a":[[{"b":1}]]}', "remove /a/*/*/b", '{"a":[[{}]]}', "/a/0/0/b"),
        # Elements.
        ("[1, 2, 3]", "remove /0 /2", "[2]", "/0 /2"),
        ("[1, 2, 3]", "remove /*", "[]", "/0 /1 /2"),
        ('[{"a":1},{"a":2}]', "remove /1/a /*/b", '[{"a":1},{}]', "/1/a"),
        ('{"*":1,"0":2,"a":3}', "remove /* /0", '{"a":3}', "/* /0"),
    ],
)
def test_what_is_removed(text, rule, left, removed):
    assert cut(text, rule) == (left, tuple((removed or rule.removeprefix("remove ")).split(" ")))


@pytest.mark.parametrize(
    ("text", "rule", "left", "removed"),
    [
        ('{"name":1,"active":true,"password":2}', "keep /active", '{"active":true}', "/name /password"),
        ('{"name":1,"password":2}', "keep /active", "{}", "/name /password"),
        ('{"a":[[[1]]],"active":true,"b":[[[1]]]}', "keep /active", '{"active":true}', "/a /b"),
        (r'{"active":1,"a":2,"\u0061ctive":3}', "keep /active", r'{"active":1,"\u0061ctive":3}', "/a"),
        # On the way stays what can hold what is kept.
        ('{"a":{"b":1,"c":2},"d":3}', "keep /a/b", '{"a":{"b":1}}', "/a/c /d"),
        ('{"a":{"c":2}}', "keep /a/b", '{"a":{}}', "/a/c"),
        ('{"a":"x","d":3,"b":1}', "keep /a/b /d", '{"d":3}', "/a /b"),
        ('{"a":null,"d":3}', "keep /a/b /d", '{"d":3}', "/a"),
        ('{"a":[{"b":1}],"d":3}', "keep /a/b /d", '{"d":3}', "/a"),
        ('[{"a":1,"b":2},3,{"b":4}]', "keep /*/a", '[{"a":1},{}]', "/0/b /1 /2/b"),
        ("[1, 2, 3]", "keep /1", "[2]", "/0 /2"),
        ('{"a":1}', "keep /*/a", "{}", "/a"),
        ('{"a":1,"b":2}', "keep", "{}", "/a /b"),
        # A client's names are told only if they look like names.
        ('{"x":1,"hunter 2":2,"1234":3,"ä":4,"\\n":5}', "keep /a", "{}", "/x /…"),
        ('{"a b":"x","a":{"c/d":1}}', "keep /a~1b/c /a/b", '{"a":{}}', "/… /a/…"),
    ],
)
def test_what_is_not_kept(text, rule, left, removed):
    assert cut(text, rule) == (left, tuple(removed.split(" ")))


def test_a_name_that_the_policy_spells_is_told():
    assert cut('{"a b":"x"}'.replace(" ", "\u00a0"), "keep /a\u00a0b/c") == ("{}", ("/a\u00a0b",))


@pytest.mark.parametrize("text", ['"active"', "true", "0", '[{"active":1}]', "[]"])
def test_what_is_to_be_kept_must_have_a_place(text):
    with pytest.raises(Unreadable, match=r"^it is not a JSON object$"):
        cut(text, "keep /active")


def test_every_byte_beside_what_goes_survives():
    before = '\r\n{ "z":1e400,"a" :123456789012345678901234567890.10,\t"\\u0041":"\\/\\ud800\\u00e4ä" , '
    after = '"n":-0.0,"z":[ ],"t":[[[ 1 ,2]]], "c": { }\n} \n'

    assert cut(before + '"password":"x", ' + after, "remove /password")[0] == before + after


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"a"',
        '{"a":',
        '{"a":1',
        '{"a":1,}',
        '{"password":1,}',
        '{"a":1}}',
        '{"a":1} {"password":2}',
        '{"a":1}\0',
        '{"a":1};',
        '{"a":1 "password":2}',
        '{"a":1,,"b":2}',
        '{,"a":1}',
        '{"a":NaN}',
        '{"a":Infinity}',
        '{"a":-Infinity}',
        '{"a":undefined}',
        '{"a":True}',
        '{"a":01}',
        '{"a":1.}',
        '{"a":.5}',
        '{"a":+1}',
        '{"a":0x10}',
        '{"a":1}//',
        '/**/{"a":1}',
        '{/*"*/"a":1}',
        '{"a":1,#\n"b":2}',
        "{'a':1}",
        "{a:1}",
        "{\"a\":'1'}",
        '{"a":"\n"}',
        '{"a":"\0"}',
        '{"a\t":1}',
        r'{"a":"\x41"}',
        r'{"a":"\u004"}',
        '{"a":"b}',
        '{"a":1]',
        '{"a":[1}',
        '{"a":[1,]}',
        '{"password":[1,]}',
        '{"password":tru}',
        '{"password":1]',
        '{"a":[[[1,]]]}',
        '{"a":[[[1]]}',
        '\u00a0{"a":1}',
        '{"a"\u00a0:1}',
        "[1 2]",
        "[",
        "[1",
        "[1,",
        "[1}",
        '[{"a":1]',
    ],
)
@pytest.mark.parametrize("rule", ["remove /password /a/b /0/a /1", "keep /a /0"])
def test_what_is_not_json_is_refused(text, rule):
    with pytest.raises(
        Unreadable, match=r"^(its JSON (ends early|is malformed)|something follows its JSON) \(byte \d+\)$"
    ):
        cut(text, rule)


@pytest.mark.parametrize("depth", [3, 333])
@pytest.mark.parametrize(("opens", "closes"), [("[", "]"), ('{"a":', "}"), ('[{"a":[', "]}]")])
def test_depth_up_to_the_bound_is_no_matter(depth, opens, closes):
    deep = opens * depth + "1" + closes * depth

    assert cut('{"a":' + deep + ',"password":' + deep + "}", "remove /password") == (
        '{"a":' + deep + "}",
        ("/password",),
    )
    assert cut('{"a":' + deep + ',"b":1}', "keep /b") == ('{"b":1}', ("/a",))
    with pytest.raises(Unreadable):
        cut(opens * depth, "remove /password /a/a /*/*")


@pytest.mark.parametrize("codec", ["latin-1", "cp1252"])
def test_names_are_read_in_their_encoding(codec):
    assert cut('{"päss":1,"a":"ö"}', "remove /päss", codec) == ('{"a":"ö"}', ("/päss",))


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        (b"pass\xc1\xb7ord", "remove /password"),
        (b"\\u0070ass\xe0\x81\xb7ord", "remove /password"),
        (b"p\xc3\xa4ss", "remove /päss"),
        (b"pass\xc0\xa2word\xc1\x9c", 'remove /pass"word\\'),
        (b"\xc1\xa1ctive", "keep /active"),
        (b"p\xc3\xa4ss", "keep /pÃ¤ss"),
    ],
)
def test_a_name_that_is_another_in_utf_8_is_refused(name, rule):
    verb, pointer = rule.split(" ")
    selection = Selection("keep" if verb == "keep" else "remove", (parse_pointer(pointer),))
    with pytest.raises(Unreadable, match=r"^a name in its JSON is another one in UTF-8$"):
        cut_json(b'{"' + name + b'":1}', "latin-1", selection)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=8),
        lambda below: st.lists(below, max_size=4) | st.dictionaries(st.sampled_from("abcdé"), below, max_size=4),
        max_leaves=30,
    ),
    st.sampled_from(["remove /a /b/c /d/*/a", "keep /a /b/c"]),
    st.sampled_from([None, 1]),
    st.integers(1, 30),
)
def test_the_size_of_slices_is_no_matter(value, rule, indent, size):
    text = json.dumps({"x": value, "a": value, "b": value, "d": [value, value]}, indent=indent, ensure_ascii=False)
    whole = cut(text, rule)

    with pytest.MonkeyPatch.context() as patch:
        for module in ("json_edit", "json_scanner"):
            patch.setattr(f"jira_compat.message.body.{module}.SLICE", size)
        assert cut(text, rule) == whole
