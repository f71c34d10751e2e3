import bz2
import contextlib
import gzip
import json
import lzma

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.audited import SAMPLES
from jira_compat.audit.files.problems import UnreadableError
from jira_compat.audit.readers.detect import HEAD, KINDS, head_of, kind_of, without_mark

FLOW = b"1234:4:type;4:http,7:version;2:21#"


@pytest.mark.parametrize(
    ("kind", "file"),
    [
        ("har", "browser.har"),
        ("har", "fiddler.har"),
        ("jira", "jira-access.log"),
        ("jira", "atlassian-jira-http-access.log"),
        ("combined", "combined.log"),
        ("haproxy", "haproxy.log"),
        ("json", "nginx.json"),
        ("events", "events.jsonl"),
    ],
)
def test_each_sample_is_what_it_is(kind, file):
    head, _ = head_of(iter([(SAMPLES / file).read_bytes()]))

    assert kind_of(head) == kind
    assert kind in KINDS


HAR = {"log": {"version": "1.2", "entries": []}}


@pytest.mark.parametrize(
    ("kind", "head"),
    [
        ("flows", FLOW),
        ("har", json.dumps(HAR).encode()),
        ("har", json.dumps(HAR, indent=2).encode()),
        ("har", json.dumps({"comment": "by hand", **HAR}, indent=1).encode()),
        ("har", b'{"log":{"entries":[{"request":{"headers":[\n{"method": "GET", "path": "/"}\n'),
        ("json", b'{"log": {"offset": 3}, "http": {"request": {"method": "GET"}}, "url": {"path": "/"}}\n'),
        ("json", b'cut off"}\n{"method": "GET", "path": "/"}\n'),
        ("json", b'{"level": "info", "msg": "started"}\n{"method": "GET", "path": "/"}\n'),
        ("json", b'{"level": "info"}\n'),
        ("json", b'{"level": "info", "msg": "started"}\n' * 100 + b'{"method": "GET", "path": "/"}\n'),
        ("combined", b"a banner\n" * 100 + b'10.0.0.1 - - [10/Oct/2025:13:55:36 +0000] "GET / HTTP/1.0" 200 -\n'),
        ("events", b'{"v": 1, "event": "policies_loaded"}\n'),
    ],
)
def test_content_tells_the_kind(kind, head):
    assert kind_of(head) == kind


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"\0" * 5000, "empty"),
        (b"\x7fELF\x02\x01\x01\0\0", "binary"),
        (b"PK\x03\x04\x14\0", "ZIP"),
        (lzma.compress(b"a"), "xz"),
        (bz2.compress(b"a"), "bzip2"),
        ("GET / x".encode("utf-16"), "UTF-16"),
        (b"Dear all,\nhere are the logs.\n", "no line fits"),
    ],
)
def test_what_is_nothing_known_says_what_to_do(head, words):
    with pytest.raises(UnreadableError, match=words) as caught:
        kind_of(head)

    assert ";" in str(caught.value)


@given(st.binary(max_size=300))
def test_no_bytes_make_it_raise_anything_else(head):
    with contextlib.suppress(UnreadableError):
        assert kind_of(head) in KINDS


def test_the_head_is_taken_and_given_again():
    chunks = [b"a" * 40_000, b"b" * 40_000, b"c"]
    head, again = head_of(iter(chunks))

    assert head == b"".join(chunks)[:HEAD]
    assert list(again) == chunks


def broken():
    yield b"a"
    raise UnreadableError("it is damaged")


def test_what_is_broken_behind_its_head_is_read_up_to_there():
    head, again = head_of(broken())

    assert head == b"a"
    assert next(again) == b"a"
    with pytest.raises(UnreadableError):
        next(again)


def test_what_is_broken_from_the_start_has_no_head():
    chunks = broken()
    next(chunks)
    with pytest.raises(UnreadableError):
        head_of(chunks)


@pytest.mark.parametrize("chunks", [[], [b""], [b"a", b"b"], [b"\xef\xbb\xbfa", b"b"]])
def test_a_byte_order_mark_is_no_content(chunks):
    assert b"".join(without_mark(iter(chunks))) == b"".join(chunks).removeprefix(b"\xef\xbb\xbf")


def test_compressed_bytes_are_no_capture():
    with pytest.raises(UnreadableError):
        kind_of(gzip.compress(b"a"))
