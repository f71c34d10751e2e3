import pytest

from jira_compat.message.body.disposition import part_name
from jira_compat.message.body.errors import Unreadable


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('form-data; name="password"', "password"),
        ("form-data; name=password", "password"),
        ('Form-Data;NAME="password"', "password"),
        ('form-data ; filename="a;name=b" ; name="file" ', "file"),
        ('form-data; name="file"; filename="C:\\dir\\a.txt"', "file"),
        ("form-data; name=\"file\"; filename*=UTF-8''%e2%82%ac", "file"),
        ('form-data; name="user[password]"', "user[password]"),
        ('form-data; name="pass%77ord"', "pass%77ord"),
        ('form-data; name=""', ""),
        ('form-data; name="päss"', "päss"),
    ],
)
def test_a_plain_name(disposition, name):
    head = f"X-One: 1\r\ncontent-disposition:{disposition}\r\nContent-Type: text/plain"

    assert part_name(head.encode()) == name


@pytest.mark.parametrize(
    "disposition",
    [
        "form-data",
        "form-data;",
        'form-data; filename="a"',
        'attachment; name="password"',
        'form-data-x; name="password"',
        'form-data; name="a"; name="password"',
        'form-data; name="a"; NAME=password',
        'form-data; name="a"; x=1; X=2',
        "form-data; name*=UTF-8''password",
        "form-data; name=\"a\"; name*=UTF-8''password",
        'form-data; name*0="pass"; name*1="word"',
        'form-data; name="a"; name*0="pass"',
        'form-data; name="pass\\word"',
        'form-data; name=" password"',
        'form-data; name="password\t"',
        "form-data; name='password'",
        'form-data; name="a\\"; x="; name="password"',
        'form-data; filename="a\\"; name="b"; x="',
        'form-data; filename="a\\"; name="b"',
        "form-data; name='pass word'",
        'form-data; name="password',
        "form-data; name=",
        'form-data; name = "password"',
        'form-data; name="a" name="password"',
        'form-data, name="password"',
        'form-data; name="=?UTF-8?B?cGFzc3dvcmQ=?="',
        'form-data; name="a"; junk',
    ],
)
def test_other_names_are_refused(disposition):
    with pytest.raises(Unreadable):
        part_name(f"Content-Disposition: {disposition}".encode())


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"Content-Type: text/plain",
        b'Content-Disposition: form-data; name="a"\r\nContent-Disposition: form-data; name="a"',
        b'Content-Disposition: form-data;\r\n name="a"',
        b'Content-Disposition: form-data; name="a"\r\n\tx=y',
        b'Content-Disposition : form-data; name="a"',
        b' Content-Disposition: form-data; name="a"',
        b'Content-Disposition: form-data; name="a"\r\nno colon',
        b'Content-Disposition: form-data; name="a"\nContent-Disposition: form-data; name="password"',
        b'Content-Disposition: form-data; name="a"\rX: y',
        b'Content-Disposition: form-data; name="a\0"',
        b'Content-Disposition: form-data; name="a"\r\nContent-Type: Multipart/mixed; boundary=c',
        b'Content-Disposition: form-data; name="\xc1\xb0assword"',
        b'Content-Disposition: form-data; name="\xe4"',
    ],
)
def test_other_headers_are_refused(head):
    with pytest.raises(Unreadable):
        part_name(head)
