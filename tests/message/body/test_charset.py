import codecs

import pytest

from jira_compat.message.body.charset import Text, known_as_narrow, read_text
from jira_compat.message.body.errors import Unreadable

WIDE = {
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}


@pytest.mark.parametrize(
    "charset", [None, "utf-8", "UTF8", "us-ascii", "ISO-8859-1", "latin1", "windows-1252", "koi8-r"]
)
def test_ascii_is_left_as_it_is(charset):
    body = b'{"a": 1}'

    assert read_text(body, charset).text is body


@pytest.mark.parametrize(
    ("body", "charset", "codec"),
    [
        ("{ä}".encode(), None, "utf-8"),
        ("{ä}".encode(), "UTF-8", "utf-8"),
        (codecs.BOM_UTF8 + "{ä}".encode(), None, "utf-8"),
        (codecs.BOM_UTF8 + "{ä}".encode(), "utf-8", "utf-8"),
        ("{ä}".encode("latin-1"), "iso-8859-1", "latin-1"),
        ("{ä}".encode(), "latin1", "latin-1"),
        ("{€}".encode("cp1252"), "Windows-1252", "cp1252"),
        (b"{\x81}", "cp1252", "cp1252"),
    ],
)
def test_what_has_ascii_in_its_lower_half_is_left_as_it_is(body, charset, codec):
    assert read_text(body, charset) == Text(body, codec)
    assert read_text(body, charset).encode(body[:4]) == body[:4]


@pytest.mark.parametrize(
    "charset",
    ["us-ascii", "latin1", "koi8-r", "windows-1250", "windows-1258", *(f"iso-8859-{n}" for n in (1, 2, 11, 16))],
)
def test_an_encoding_that_is_left_as_it_is_has_ascii_in_its_lower_half(charset):
    codec = read_text(b"{}", charset).codec

    assert bytes(range(128)).decode(codec) == bytes(range(128)).decode("ascii")


@pytest.mark.parametrize("charset", [None, "", "UTF-8", "us-ascii", "iso-8859-15"])
def test_what_has_ascii_in_its_lower_half_is_narrow(charset):
    known_as_narrow(charset)


@pytest.mark.parametrize("charset", ["utf-16", "utf-16le", "utf-7", "ibm037", "shift_jis"])
def test_what_has_it_not_is_refused_where_it_must(charset):
    with pytest.raises(Unreadable, match=f"charset '{charset}' is unknown"):
        known_as_narrow(charset)


@pytest.mark.parametrize("mark", [False, True])
@pytest.mark.parametrize("codec", WIDE)
@pytest.mark.parametrize("text", ["1", "{}", ' {"ä€😀": 1}', '"€"'])
def test_what_is_wider_becomes_utf_8_and_back(text, codec, mark):
    body = (WIDE[codec] if mark else b"") + text.encode(codec)

    for charset in (None, codec.replace("-le", "le").replace("-be", "be"), codec[:6].upper()):
        read = read_text(body, charset)
        assert read == Text(codecs.BOM_UTF8 * mark + text.encode(), "utf-8", codec)
        assert read.encode(read.text) == body
        assert read.is_marked


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        (b'{"a":1}', "utf-16"),
        (b'{"a":1}', "utf-16le"),
        (b'{"a":1}', "utf-32"),
        ("{}".encode("utf-16-le"), "utf-8"),
        ("{}".encode("utf-16-le"), "latin1"),
        ("{}".encode("utf-16-le"), "utf-16be"),
        ("{}".encode("utf-16-be"), "utf-16le"),
        ("{}".encode("utf-32-be"), "utf-16be"),
        ("{}".encode("utf-16"), "us-ascii"),
        (codecs.BOM_UTF8 + b"{}", "latin1"),
        (codecs.BOM_UTF8 + b"{}", "us-ascii"),
        (codecs.BOM_UTF8 + b"{}", "utf-16"),
    ],
)
def test_what_is_declared_as_one_thing_and_looks_like_another_is_refused(body, charset):
    with pytest.raises(Unreadable, match="looks like another"):
        read_text(body, charset)


@pytest.mark.parametrize(
    "charset", ["", "ibm037", "utf-7", "base64", "rot13", "iso-8859-12", "big5", "shift_jis", "utf_16", "ütf-8"]
)
def test_other_charsets_are_refused(charset):
    with pytest.raises(Unreadable, match=r"its charset .*is unknown"):
        read_text(b"{}", charset)


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        (b'{"\xc1\xb0assword":1}', None),  # an overlong "p"
        (b'{"\xe0\x81\xb0assword":1}', "utf-8"),
        (b'{"\xed\xa0\x80":1}', None),  # a lone surrogate
        (b'{"\xe4":1}', None),
        (b'{"\xe4":1}', "us-ascii"),
        (b'{\0"\0\x00\xd8"\0', None),  # a lone surrogate
        (b"{\0}", None),
        (b"\0\0\0{\0", None),
        (b"\0", None),
        (codecs.BOM_UTF32_LE + b"\0\0\x11\0", None),  # beyond Unicode
    ],
)
def test_what_is_not_valid_is_refused(body, charset):
    with pytest.raises(Unreadable, match=r"it is not valid [A-Z0-9-]+$"):
        read_text(body, charset)
