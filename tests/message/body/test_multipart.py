import pytest

from jira_compat.message.body.errors import Unreadable
from jira_compat.message.body.multipart import cut_parts, sniff_boundary
from jira_compat.message.body.pointers import Selection

PASSWORD = Selection("remove", (("password",), ("a", "b")))
ACTIVE = Selection("keep", (("active",), ("b", "c")))


def part(name: str, content: bytes = b"x", more: str = "", boundary: str = "b-1") -> bytes:
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
    return head.encode() + content + b"\r\n"


END = b"--b-1--\r\n"
FILE = part(
    "file", bytes(range(256)) + b"\r\n\r\n--b-\r\n b-1 --b-1\n -- \r", '; filename="a.bin"\r\nContent-Type: a/b'
)


@pytest.mark.parametrize("body", [END, part("a") + END, b"\r\n" + FILE + END + b"\r\n\r\n", part("a", b"") + END[:-2]])
def test_what_nothing_goes_out_of_stays(body):
    cuts = cut_parts(body, b"b-1", PASSWORD)

    assert cuts.apply(body) == body
    assert cuts.removed == ()


@pytest.mark.parametrize(
    ("selection", "body", "left", "removed"),
    [
        (PASSWORD, part("password") + END, END, ("/password",)),
        (PASSWORD, part("password") + FILE + END, FILE + END, ("/password",)),
        (PASSWORD, FILE + part("password", b"") + END, FILE + END, ("/password",)),
        (PASSWORD, part("password") + FILE + part("password") * 2 + END, FILE + END, ("/password",)),
        (PASSWORD, part("password", b"x", '; filename="a"') + part("a") + END, part("a") + END, ("/password",)),
        (ACTIVE, part("name") + part("active") + FILE + END, part("active") + END, ("/name", "/file")),
        (ACTIVE, part("b") + part("c") + END, part("b") + END, ("/c",)),
        (ACTIVE, part("hunter 2") + part("b") + END, part("b") + END, ("/…",)),
    ],
)
def test_what_goes_goes_whole(selection, body, left, removed):
    cuts = cut_parts(body, b"b-1", selection)

    assert cuts.apply(body) == left
    assert cuts.removed == removed


@pytest.mark.parametrize(
    ("body", "boundary"),
    [
        (part("a") + END, b"b-1"),
        (b"\r\n" + part("a") + END, b"b-1"),
        (b" \r\n\r\n--=_1:2/3?\r\n", b"=_1:2/3?"),
        (b"--" + b"b" * 70 + b"\r\n", b"b" * 70),
        (b"--b--\r\n", b"b"),
        (b"--b--", b"b"),
        (b"--b--\r\nx", b"b--"),
        (b"--" + b"b" * 71 + b"\r\n", b""),
        (b"--b \r\n", b""),
        (b"--b\n", b""),
        (b"--b", None),
        (b" --b\r\n", b""),
        (b"x\r\n--b\r\n", None),
        (b"--\r\n", b""),
        (b"", None),
    ],
)
def test_the_boundary_can_be_seen(body, boundary):
    assert sniff_boundary(body) == boundary


@pytest.mark.parametrize("boundary", [b"", b"b ", b"b" * 71, b"b\r", b"b\xe4", b'"b"'])
def test_other_boundaries_are_refused(boundary):
    with pytest.raises(Unreadable, match="boundary"):
        cut_parts(b"--" + boundary + b"--\r\n", boundary, PASSWORD)


@pytest.mark.parametrize(
    "body",
    [
        b'{"password":1}',
        b"password=1",
        b"preamble\r\n" + part("a") + END,
        b" " + part("a") + END,
        part("a", boundary="b-2") + b"--b-2--\r\n",
        part("a"),
        part("a") + b"--b-1\r\n",
        part("a") + b"--b-1",
        part("a") + b"--b-1-",
        part("a") + b"--b-1 --\r\n",
        part("a") + END + b"epilogue",
        part("a") + END + part("password") + END,
        part("a")[:-2] + END,
        part("a").replace(b"\r\n", b"\n") + END,
        part("a")[:-2] + b"\n" + END,
        part("a")[:-2] + b"\r" + END,
        part("a", b"x\n--b-1\r\n") + END,
        part("a", b"x\r--b-1") + END,
        part("a", b"x\r\n--b-12") + END,
        b"--b-1 \r\n" + part("a")[7:] + END,
        b"--b-1\r\n\r\nx\r\n" + END,
        b"--b-1\r\n" + END,
        b"--b-1\r\n" + part("a") + END,
        b'--b-1\r\nContent-Disposition: form-data; name="a"\r\n' + END,
        part("a", b"x", "\r\nContent-Disposition: form-data; name=password") + END,
        part("a", b"x", "\r\nContent-Type: multipart/mixed; boundary=c") + END,
        part('a"; name="password') + END,
        part("a", b"x", "\n\nb") + END,
    ],
)
@pytest.mark.parametrize("selection", [PASSWORD, ACTIVE])
def test_what_is_sloppy_is_refused(body, selection):
    with pytest.raises(Unreadable):
        cut_parts(body, b"b-1", selection)


def test_many_parts_take_no_more_than_their_time():
    body = (part("a") + part("password")) * 20_000 + END

    assert cut_parts(body, b"b-1", PASSWORD).apply(body) == part("a") * 20_000 + END


def test_dashes_take_no_more_than_their_time():
    body = part("a", b"\r\n" + b"-" * 1_000_000, boundary="-") + b"-----\r\n"

    with pytest.raises(Unreadable):
        cut_parts(body, b"-", PASSWORD)


def test_the_number_of_parts_has_a_bound():
    def body(number):
        return b"".join([b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n'] * number) + b"--b--\r\n"

    assert cut_parts(body(100_000), b"b", PASSWORD).removed == ()
    with pytest.raises(Unreadable, match=r"^it has more than 100000 parts$"):
        cut_parts(body(100_001), b"b", PASSWORD)


def test_the_header_of_a_part_has_a_bound():
    def body(length):
        return part("a", b"x", "\r\nX: " + "a" * length) + END

    assert cut_parts(body(9_900), b"b-1", PASSWORD).removed == ()
    with pytest.raises(Unreadable, match=r"^the header of one of its parts has more than 10000 bytes$"):
        cut_parts(body(10_000), b"b-1", PASSWORD)
