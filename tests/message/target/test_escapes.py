import pytest

from jira_compat.message.target.escapes import Texts, shortest, starts, texts


@pytest.mark.parametrize("path", [b"", b"/rest/api/2/user", b"/a;b//../c", b"/\\ \x00"])
def test_without_escapes_there_is_one_text(path):
    assert texts(path) == Texts(path, path, path, path, path)


@pytest.mark.parametrize(
    ("path", "plain", "once", "twice", "deep"),
    [
        (b"/a%20b", b"/a b", b"/a b", b"/a b", b"/a b"),
        (b"/a%2Fb", b"/a%2Fb", b"/a/b", b"/a/b", b"/a/b"),
        (b"/%2561", b"/%2561", b"/%61", b"/a", b"/a"),
        (b"/%252561", b"/%252561", b"/%2561", b"/%61", b"/a"),
        (b"/%25%36%31", b"/%2561", b"/%61", b"/a", b"/a"),
        (b"/%%361", b"/%2561", b"/%61", b"/a", b"/a"),
        (b"/100%25", b"/100%", b"/100%", b"/100%", b"/100%"),
        (b"/f%C3%BC", b"/f\xc3\xbc", b"/f\xc3\xbc", b"/f\xc3\xbc", b"/f\xc3\xbc"),
        (b"/a%u002fb", b"/a%u002fb", b"/a%u002fb", b"/a%u002fb", b"/a/b"),
        (b"/a%uD800b", b"/a%uD800b", b"/a%uD800b", b"/a%uD800b", b"/ab"),
    ],
)
def test_a_path_is_decoded_in_every_way(path, plain, once, twice, deep):
    assert texts(path) == Texts(path, plain, once, twice, deep)


@pytest.mark.parametrize("overlong", [b"%c0%af", b"%C0%AF", b"%e0%80%af", b"%f0%80%80%af", b"\xc0\xaf", b"%25c0%25af"])
def test_overlong_utf8_is_taken_for_its_character(overlong):
    assert texts(b"/a" + overlong + b"b").deep == b"/a/b"


def test_overlong_utf8_of_letters_too():
    assert texts(b"/%c1%b5ser").deep == b"/user"


def test_however_often_it_was_encoded():
    assert texts(b"/%" + b"25" * 100_000 + b"61").deep == b"/a"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (b"/a", (b"/a",)),
        (b"/%252F", (b"//", b"/%2F", b"/%252F")),
        (b"/a;b=%2F", (b"/a;b=/", b"/a", b"/a;b=%2F")),
        (b"/a%2F b", (b"/a/ b", b"/a/", b"/a%2F b", b"/a%2F")),
    ],
)
def test_servers_start_from_different_texts(path, expected):
    assert starts(path, texts(path)) == expected


@pytest.mark.parametrize(
    ("text", "short"),
    [
        (b"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 \xff\xc0", b"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 \xff\xc0"),
        (b"\xc1\xb0ass\xe0\x81\xb7or\xf0\x80\x81\xa4", b"password"),
        (b"\xe0\x83\xa9", "é".encode()),
    ],
)
def test_overlong_utf8_is_shortened_and_nothing_else(text, short):
    assert shortest(text) == short
