import pytest

from jira_compat.message.body.errors import Unreadable
from jira_compat.message.body.form import cut_form, hides_field, holds_field
from jira_compat.message.body.pointers import Selection, parse_pointer


def selection(rule: str) -> Selection:
    verb, *pointers = rule.split(" ")
    return Selection("keep" if verb == "keep" else "remove", tuple(map(parse_pointer, pointers)))


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "remove /password"),
        ("name=fred", "remove /password"),
        ("user[password]=x&password[]=x&Password=x&xpassword=x&password.=x", "remove /password"),
        ("a=password&b=password=x", "remove /password"),
        ("%2570assword=x", "remove /password"),
        ("password%00=x&password%20=x&password+=x", "remove /password"),
        ("a/b=1&a=2", "remove /a/b"),
        ("active=false", "keep /active"),
        ("a=1", "keep /a/b"),
        ("&&a=%zz&=&a=%&", "remove /password"),
        ("a=1\n", "remove /password"),
        ("a=b c\r\n", "remove /password"),
    ],
)
def test_what_nothing_goes_out_of_stays(text, rule):
    cuts = cut_form(text.encode(), "utf-8", selection(rule), declared=True)

    assert cuts.apply(text.encode()) == text.encode()
    assert cuts.removed == ()


@pytest.mark.parametrize(
    ("text", "rule", "left", "removed"),
    [
        ("password=x", "remove /password", "", "/password"),
        ("password=x&a=1", "remove /password", "a=1", "/password"),
        ("a=1&password=x", "remove /password", "a=1", "/password"),
        ("a=1&password=x&b=%zz+%20", "remove /password", "a=1&b=%zz+%20", "/password"),
        ("password=&password=y&a=1&password=z\n", "remove /password", "a=1", "/password"),
        ("p%61ssword=x&%70%61%73%73%77%6f%72%64=y&a=1", "remove /password", "a=1", "/password"),
        ("&password=x&", "remove /password", "&", "/password"),
        ("a=1&&password=x", "remove /password", "a=1&", "/password"),
        ("p%C3%A4ss=1&päss=2&a=1", "remove /päss", "a=1", "/päss"),
        ("c=1&a=2&b=3", "remove /a /b /c", "", "/c /a /b"),
        ("a=1&b=2", "remove /a /b/c", "b=2", "/a"),
        ("name=x&active=1&password=y", "keep /active", "active=1", "/name /password"),
        ("a%20b=x&1234=y&é=z&=w", "keep /active", "", "/…"),
        ("a=1&b=2&c=3", "keep /a/x /c", "a=1&c=3", "/b"),
    ],
)
def test_what_goes(text, rule, left, removed):
    cuts = cut_form(text.encode(), "utf-8", selection(rule), declared=True)

    assert cuts.apply(text.encode()) == left.encode()
    assert cuts.removed == tuple(removed.split(" "))


def test_a_plus_is_a_space():
    text = b"a+b=1&a%20b=2&a%2Bb=3"

    assert cut_form(text, "utf-8", Selection("remove", (("a b",),)), declared=True).apply(text) == b"a%2Bb=3"


@pytest.mark.parametrize("codec", ["latin-1", "cp1252"])
def test_names_are_read_in_their_encoding(codec):
    text = "p%E4ss=1&päss=2&p%C3%A4ss=3".encode(codec)

    assert cut_form(text, codec, selection("remove /päss"), declared=True).apply(text) == b"p%C3%A4ss=3"


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("hunter2", "it is neither JSON nor a form"),
        ("hunter2&flag", "it is neither JSON nor a form"),
        ("two words=1", "it is neither JSON nor a form"),
        ("\npassword=1", "it is neither JSON nor a form"),
        ("a=1&\tpassword=1", "it is neither JSON nor a form"),
        ("\0=1", "it is neither JSON nor a form"),
        ('/**/{"password":"="}', "it is neither JSON nor a form"),
        ("<a href=x>", "it is neither JSON nor a form"),
        ("%=1", "a name in its form is not percent-encoded as it should be"),
        ("p%u0061ssword=1", "a name in its form is not percent-encoded as it should be"),
        ("a=1&pass%7xword=1", "a name in its form is not percent-encoded as it should be"),
        ("%C1%B0assword=1", "a name in its form is not valid UTF-8"),
        ("%E4=1", "a name in its form is not valid UTF-8"),
    ],
)
@pytest.mark.parametrize("rule", ["remove /password", "keep /active"])
def test_what_is_no_form_is_refused(text, clause, rule):
    with pytest.raises(Unreadable) as refusal:
        cut_form(text.encode(), "utf-8", selection(rule), declared=True)

    assert str(refusal.value) == clause


@pytest.mark.parametrize(
    ("text", "rule", "left"),
    [
        ("a=1&flag", "remove /password", "a=1&flag"),
        ("flag&&a=1", "remove /password", "flag&&a=1"),
        ("a=1&password&flag", "remove /password", "a=1&flag"),
        ("p%61ssword&a=1", "remove /password", "a=1"),
        ("active&a=1&flag&active=2", "keep /active", "active&active=2"),
    ],
)
def test_among_pairs_a_name_may_stand_alone_where_a_form_is_declared(text, rule, left):
    assert cut_form(text.encode(), "utf-8", selection(rule), declared=True).apply(text.encode()) == left.encode()
    with pytest.raises(Unreadable):
        cut_form(text.encode(), "utf-8", selection(rule), declared=False)


@pytest.mark.parametrize(("text", "rule"), [("active&a=1&", "keep /active"), ("password=1&flag", "remove /password")])
def test_names_alone_may_not_be_all_that_is_left(text, rule):
    with pytest.raises(Unreadable, match="without what must go"):
        cut_form(text.encode(), "utf-8", selection(rule), declared=True)


def test_a_name_alone_is_not_told_unless_the_rule_spells_it():
    cuts = cut_form(b"hunter2&active=1&name=fred", "utf-8", selection("keep /active"), declared=True)

    assert cuts.removed == ("/…", "/name")


@pytest.mark.parametrize(
    ("text", "rule", "hides"),
    [
        ('{"password":1}', "remove /password", False),
        ('{"a":"&password="}', "remove /password", True),
        ('{"a":"&p%61ssword=1&"}', "remove /password", True),
        ('{"a":"&password&"}', "remove /password", True),
        ('{"a":"&user[password]=1&%zz=1"}', "remove /password", False),
        ('{"a":"& password=1"}', "remove /password", False),
        ('{"a":"&pass%\N{FULLWIDTH DIGIT SEVEN}\N{FULLWIDTH DIGIT SEVEN}ord=1"}', "remove /password", True),
        ('{"a":"&%7\N{ARABIC-INDIC DIGIT SEVEN}=1"}', "remove /password", True),
        ('{"a":"&100%é"}', "remove /password", False),
        ('{"a":"&100% é=1&a=%é"}', "remove /password", False),
        ('{"active":true}', "keep /active", False),
        ('{"active":"&active=1&&"}', "keep /active", True),
        ('{"active":"&active=1&active="}', "keep /active", False),
        ('{"active":"&password=1"}', "keep /active", True),
    ],
)
def test_whether_something_else_hides_a_field(text, rule, hides):
    assert hides_field(text.encode(), "utf-8", selection(rule)) is hides


@pytest.mark.parametrize(
    ("octets", "rule", "holds"),
    [
        (b"\x1f\x8b&\xff=&a=&=", "keep /active", False),
        (b"\x1f\x8b&name=", "keep /active", True),
        (b"\x1f\x8b&active=", "keep /active", False),
        (b"password=", "remove /password", True),
        (b"\0&p%61ssword=", "remove /password", True),
        (b"\0password=&password", "remove /password", False),
    ],
)
def test_whether_octets_hold_a_field(octets, rule, holds):
    assert holds_field(octets, selection(rule)) is holds


def test_many_pairs_take_no_more_than_their_time():
    text = b"&".join([b"a=1", b"password=2"] * 50_000)

    assert cut_form(text, "utf-8", selection("remove /password"), declared=True).apply(text) == b"&".join(
        [b"a=1"] * 50_000
    )


@pytest.mark.parametrize("pair", ["a=1", "a", ""])
def test_no_more_fields_are_looked_at_than_any_server_takes(pair):
    text = f"a=1{f'&{pair}' * 99_999}".encode()
    assert cut_form(text, "utf-8", selection("remove /password"), declared=True).removed == ()
    assert not hides_field(text, "utf-8", selection("remove /password"))
    for reads in (
        lambda more: cut_form(more, "utf-8", selection("remove /password"), declared=True),
        lambda more: hides_field(more, "utf-8", selection("remove /password")),
    ):
        with pytest.raises(Unreadable, match="has more than 100000 fields"):
            reads(text + b"&")


@pytest.mark.parametrize(("rule", "removed"), [("remove /password", ()), ("keep /name", ("/…",))])
def test_a_name_has_a_bound(rule, removed):
    taken, refused = (b"name=1&" + name + b"=1" for name in (b"%61" * 3_333 + b"a", b"%61" * 3_334))

    assert cut_form(taken, "utf-8", selection(rule), declared=True).removed == removed
    with pytest.raises(Unreadable, match=r"^a name in its form has more than 10000 bytes$"):
        cut_form(refused, "utf-8", selection(rule), declared=True)


def test_a_long_text_that_something_else_holds_hides_no_field():
    assert not hides_field(b'{"a":"x&' + b"long " * 4_000 + b'=1"}', "utf-8", selection("remove /password"))
    assert hides_field(b'{"a":"x&' + b"long " * 4_000 + b'=1&password=1"}', "utf-8", selection("remove /password"))
