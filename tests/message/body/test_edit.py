import codecs
import gzip
import json
import zlib

import pytest
import zstandard

from jira_compat.message.body.edit import TooLarge, Unreadable, edit
from jira_compat.message.body.pointers import Selection, parse_pointer

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=b"


def selection(rule: str) -> Selection:
    verb, *pointers = rule.split(" ")
    return Selection("keep" if verb == "keep" else "remove", tuple(map(parse_pointer, pointers)))


def fields(*types: str, coding: str | None = None) -> tuple[tuple[bytes, bytes], ...]:
    coded = [] if coding is None else [(b"content-encoding", coding.encode())]
    return ((b"Host", b"jira"), *((b"Content-Type", value.encode()) for value in types), *coded)


PASSWORD = selection("remove /password /*/password")
ACTIVE = selection("keep /active")


def part(name: str, content: bytes = b"x") -> bytes:
    return f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + content + b"\r\n"


@pytest.mark.parametrize("rule", [PASSWORD, ACTIVE])
@pytest.mark.parametrize("coding", [None, "identity", "gzip", "x-foo"])
@pytest.mark.parametrize("types", [(), (JSON,), (FORM,), (PARTS,), ("text/plain; charset=ibm037",)])
def test_an_empty_body_is_left_alone(types, coding, rule):
    body = b""
    edited = edit(body, fields(*types, coding=coding), rule)

    assert edited.body is body
    assert edited.removed == ()


@pytest.mark.parametrize("rule", [PASSWORD, ACTIVE])
@pytest.mark.parametrize("coding", [None, "identity"])
@pytest.mark.parametrize("types", [(), (JSON,), (FORM,), (PARTS,), ("text/plain; charset=ibm037",)])
@pytest.mark.parametrize("body", [b" ", b"\r\n\t "])
def test_a_blank_body_is_left_alone(body, types, coding, rule):
    edited = edit(body, fields(*types, coding=coding), rule)

    assert edited.body is body
    assert edited.removed == ()


@pytest.mark.parametrize("body", [b"\x0b", b" \x0c\r\n"])
@pytest.mark.parametrize("types", [(), (JSON,), (FORM,)])
def test_white_space_that_json_has_not_is_no_blank_body(body, types):
    """Forms may have a field of that name, and codings may begin with it."""
    with pytest.raises(Unreadable, match="neither JSON nor a form"):
        edit(body, fields(*types), ACTIVE)


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "zstd"])
def test_a_coded_body_is_not_blank_for_its_bytes(coding):
    with pytest.raises(Unreadable):
        edit(b" \t\r\n", fields(JSON, coding=coding), PASSWORD)


@pytest.mark.parametrize(
    ("body", "types"),
    [
        (b"null", (JSON,)),
        (b" null\n", ()),
        (codecs.BOM_UTF8 + b"null", (JSON,)),
        (codecs.BOM_UTF8 + b" ", (JSON,)),
        ("null".encode("utf-16"), (JSON,)),
        (codecs.BOM_UTF16_LE, (JSON,)),
        (gzip.compress(b""), ()),
        (gzip.compress(b" \n"), (PARTS,)),
        (gzip.compress(b"null"), (FORM,)),
    ],
)
@pytest.mark.parametrize("rule", [PASSWORD, ACTIVE])
def test_nothing_is_left_alone(body, types, rule):
    coding = "gzip" if body.startswith(b"\x1f") else None

    assert edit(body, fields(*types, coding=coding), rule).body is body


@pytest.mark.parametrize(
    ("body", "types"),
    [
        (b'{"name":"password"}', (JSON,)),
        (b'{"user":{"password":1}}', ()),
        (b'["password"]', (JSON,)),
        (b'"hunter2"', (JSON,)),
        (b"true", ("text/plain",)),
        (b"12", (FORM,)),
        (b'"a=b"', ()),
        (b"name=password", (FORM,)),
        (b"name=password", (JSON,)),
        (b"--x=1", (FORM,)),
        (part("a") + b"--b--\r\n", (PARTS,)),
        (part("a") + b"--b--\r\n", ()),
        (b"--b--\r\n", (PARTS,)),
        (b'{"a":"&b=c&d"}', (FORM,)),
        (b'{"a":"&password=1"}', (JSON,)),
        (b'{"a":"\xe4"}', (JSON + ";charset=latin1",)),
        (b"a=\xe4", (FORM + ";charset=latin1",)),
    ],
)
def test_what_has_no_such_field_is_the_same_object(body, types):
    edited = edit(body, fields(*types), PASSWORD)

    assert edited.body is body
    assert edited.removed == ()


@pytest.mark.parametrize(
    "types", [(JSON,), (FORM,), (), ("",), ("text/plain",), (JSON, JSON), (JSON + "; charset=utf-8",)]
)
@pytest.mark.parametrize(
    ("body", "rule", "left", "removed"),
    [
        (b'{"password":1,"a":2}', PASSWORD, b'{"a":2}', ("/password",)),
        (b' [{"password":1,"a":2}]\n', PASSWORD, b' [{"a":2}]\n', ("/0/password",)),
        (b'{"active":true,"password":"x"}', ACTIVE, b'{"active":true}', ("/password",)),
        (b'{"active":true,"self":"http://x/?a=1&b=2"}', ACTIVE, b'{"active":true}', ("/self",)),
        (b"a=1&password=2", PASSWORD, b"a=1", ("/password",)),
        (b"password=2\n", PASSWORD, b"", ("/password",)),
        (b"active=true", ACTIVE, b"active=true", ()),
        (part("password") + part("a") + b"--b--\r\n", PASSWORD, part("a") + b"--b--\r\n", ("/password",)),
    ],
)
def test_the_body_shows_what_it_is(body, types, rule, left, removed):
    edited = edit(body, fields(*types), rule)

    assert edited.body == left
    assert edited.removed == removed


@pytest.mark.parametrize(
    ("body", "types", "removed"),
    [
        (b"name=x&active=true", (FORM,), ("/name",)),
        (b"name=x&active=true", (), ("/\N{HORIZONTAL ELLIPSIS}",)),
        (b"hunter2=", (FORM,), ("/\N{HORIZONTAL ELLIPSIS}",)),
        (b"aHVudGVyMg==", (FORM,), ("/\N{HORIZONTAL ELLIPSIS}",)),
        (b"hun=ter2", ("text/plain",), ("/\N{HORIZONTAL ELLIPSIS}",)),
    ],
)
def test_a_secret_alone_is_not_told_for_the_name_of_a_field(body, types, removed):
    assert edit(body, fields(*types), ACTIVE).removed == removed


@pytest.mark.parametrize(
    ("body", "types", "clause"),
    [
        # Two readings that differ in what would have to go.
        (b'{"a":"&password=1&"}', (FORM,), "it can be read as the form it is declared to be and as something else"),
        (
            b'{"password":"&password=1"}',
            (FORM,),
            "it can be read as the form it is declared to be and as something else",
        ),
        (b'["&p%61ssword=1"]', (FORM,), "it can be read as the form it is declared to be and as something else"),
        (b'"&password=1"', (FORM,), "it can be read as the form it is declared to be and as something else"),
        (
            part("a", b"&password=1") + b"--b--\r\n",
            (FORM,),
            "it can be read as the form it is declared to be and as something else",
        ),
        (b'{"password":1}', (JSON, FORM), "it has more than one Content-Type"),
        (b'{"password":1}', (JSON, "Application/JSON"), "it has more than one Content-Type"),
        (b'{"password":1}', (JSON + ";charset=utf-16",), "its charset is declared as one thing and looks like another"),
        (
            '{"password":1}'.encode("utf-16"),
            (JSON + ";charset=utf-8",),
            "its charset is declared as one thing and looks like another",
        ),
        (b'{"password":1}', (PARTS,), "it does not start with its boundary"),
        (b"password=1", (PARTS,), "it does not start with its boundary"),
        (part("a") + b"--b--\r\n", ("multipart/form-data; boundary=c",), "it does not start with its boundary"),
        (part("a") + b"--b--\r\n", ("multipart/form-data",), "its boundary is malformed"),
        # No reading.
        (b'{"password":1', (JSON,), "its JSON ends early (byte 13)"),
        (b'{"password":1}&password=2', (FORM,), "something follows its JSON (byte 14)"),
        (b"[1,2", (FORM,), "its JSON ends early (byte 4)"),
        (b"hunter2", (JSON,), "it is neither JSON nor a form"),
        (b"nul", (), "it is neither JSON nor a form"),
        (b'"hunter2', (), "it is neither JSON nor a form"),
        (b"\x0c{}", (), "it is neither JSON nor a form"),
        (b'/**/{"password":"="}', (), "it is neither JSON nor a form"),
        (b"<user password='x'/>", ("application/xml",), "it is neither JSON nor a form"),
        (codecs.BOM_UTF8 + b"password=1", (FORM,), "it is neither JSON nor a form"),
        ("password=1".encode("utf-16-le"), (FORM,), "it is neither JSON nor a form"),
        (b'{"p\xe1ssword":1}', (JSON,), "it is not valid UTF-8"),
        (b"\xc1\xb0assword=1", (FORM,), "it is not valid UTF-8"),
        (b'{"password":1}', (JSON + "; charset=ibm037",), "its charset 'ibm037' is unknown"),
        (b'{"password":1}', (JSON + "; charset",), "its Content-Type is malformed"),
        (part("password"), (), "its last part has no end"),
        (b"--b\nContent-Disposition: form-data; name=password\n\n1\n--b--\n", (), "its boundary is malformed"),
        (b"--b?=\nx=1", (FORM,), "its boundary is malformed"),
        (part("a") + b"--b--\r\n", (PARTS + "; charset=utf-16",), "its charset 'utf-16' is unknown"),
        (part("a") + b"--b--\r\nx", (JSON,), "something follows its last part"),
        (b"junk\r\n" + part("password") + b"--b--\r\n", (), "it is neither JSON nor a form"),
    ],
)
def test_what_has_no_single_reading_is_refused(body, types, clause):
    with pytest.raises(Unreadable) as refusal:
        edit(body, fields(*types), PASSWORD)

    assert str(refusal.value) == clause


@pytest.mark.parametrize(
    ("hidden", "plain", "types"),
    [
        (b"&password=1&", b"name=fred", FORM),
        (b"&pass%77ord=1", b"", FORM),
        (b"\r\n" + part("password") + b"--b--\r\n", part("a") + b"--b--\r\n", PARTS),
        (b"\r\n" + part("password") + b"--b--\r\n", b"\n", PARTS),
    ],
)
def test_a_coding_may_hide_nothing_from_who_does_not_know_it(hidden, plain, types):
    frame = b"\x50\x2a\x4d\x18" + len(hidden).to_bytes(4, "little") + hidden
    with pytest.raises(Unreadable, match=r"^its content coding hides something else"):
        edit(frame + zstandard.compress(plain), fields(types, coding="zstd"), PASSWORD)


def test_a_coding_may_hold_what_is_let_through():
    body = b"\x50\x2a\x4d\x18" + len(b"&passwords=1&b=--c").to_bytes(4, "little") + b"&passwords=1&b=--c"
    form, parts = body + zstandard.compress(b"name=fred"), gzip.compress(part("a") + b"--b--\r\n")

    assert edit(form, fields(FORM, coding="zstd"), PASSWORD).body is form
    assert edit(parts, fields(PARTS, coding="gzip"), PASSWORD).body is parts


@pytest.mark.parametrize("body", [b'{"active":"&password=1"}', b'{"active":"&password=1","a":2}'])
def test_what_is_kept_may_not_hold_as_a_form_what_is_not(body):
    with pytest.raises(Unreadable, match="can be read as the form"):
        edit(body, fields(FORM), ACTIVE)
    assert edit(body, fields(JSON), ACTIVE).body == b'{"active":"&password=1"}'


@pytest.mark.parametrize("body", [b"true", b'"active"', b"[]", b'[{"active":1}]'])
def test_what_is_to_be_kept_must_have_a_place(body):
    with pytest.raises(Unreadable, match=r"^it is not a JSON object$"):
        edit(body, fields(JSON), ACTIVE)


@pytest.mark.parametrize("mark", [True, False])
@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_an_encoding_and_its_mark_stay(codec, mark):
    before, after = ("\ufeff" * mark + text for text in ('{"ä":"\U0001f600","password":"€"}', '{"ä":"\U0001f600"}'))

    assert edit(before.encode(codec), fields(JSON), PASSWORD).body == after.encode(codec)


@pytest.mark.parametrize("charset", ["iso-8859-1", "windows-1252"])
def test_bytes_of_a_smaller_encoding_stay(charset):
    before, after = b'{"\xe4":"\x81\xff","p\xe4ss":1,"password":2}', b'{"\xe4":"\x81\xff"}'

    assert edit(before, fields(f"{JSON}; charset={charset}"), selection("remove /password /päss")).body == after


def test_a_coding_is_done_again_only_if_something_went():
    body = gzip.compress(b'{"password":1,') + gzip.compress(b'"a":2}')
    coded = fields(JSON, coding="x-gzip")

    assert edit(body, coded, ACTIVE).removed == ("/password", "/a")
    assert gzip.decompress(edit(body, coded, PASSWORD).body) == b'{"a":2}'
    assert edit(body, coded, selection("remove /b")).body is body


def test_the_limit_is_of_the_decoded_body():
    body = zlib.compress(json.dumps({"password": "x" * 10_000}).encode())
    coded = fields(JSON, coding="deflate")

    assert edit(body, coded, PASSWORD, limit=11_000).removed == ("/password",)
    with pytest.raises(TooLarge, match="larger than 10000 bytes"):
        edit(body, coded, PASSWORD, limit=10_000)
    with pytest.raises(TooLarge):
        edit(b'{"password":1}', fields(JSON), PASSWORD, limit=13)


@pytest.mark.parametrize("number", [10_000, 100_000])
def test_many_members_take_no_more_than_their_time(number):
    names = ["password", "a", r"\u0061", "ä"] * (number // 4)
    body = "{" + ",".join(f'"{name}":{index}' for index, name in enumerate(names)) + "}"

    edited = edit(body.encode(), fields(JSON), PASSWORD)
    assert edited.removed == ("/password",)
    assert edited.body.count(b",") + 1 == number * 3 // 4
    assert edit(body.encode(), fields(JSON), selection("keep /ä")).removed == ("/password", "/a")
