import base64
import bz2
import gzip
import zlib
from urllib.parse import quote

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard

from bypass.secret import holds

SECRET = "hunter2-x"
HEAD = b"POST / HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    "data", [b"", b"\0", HEAD, b"hunter2", gzip.compress(b"tulip", mtime=0), b"%68unter1-x", b"\xff" * 100]
)
def test_not_there(data: bytes):
    assert not holds(data, SECRET)


@pytest.mark.parametrize(
    "body",
    [
        b"a hunter2-x b",
        quote("hunter2-x", safe="").replace("h", "%68").encode(),
        b"%2568unter2-x",
        "hunter2-x".encode("utf-16"),
        "hunter2-x".encode("utf-32-be"),
        "hunter2-x".encode("cp037"),
        b"+AGgAdQBuAHQAZQBy-2-x",
        b'"\\u0068unter2-x"',
        b"3\r\nhun\r\n6\r\nter2-x\r\n0\r\n\r\n",
        base64.b64encode(b"the password is hunter2-x"),
        gzip.compress(b"hunter2-x", mtime=0),
        gzip.compress(b"tulip", mtime=0) + gzip.compress(b"hunter2-x", mtime=0),
        gzip.compress(b"hunt", mtime=0) + gzip.compress(b"er2-x", mtime=0),
        gzip.compress(b"hunter2-x", mtime=0)[:-4],
        gzip.compress(gzip.compress(b"hunter2-x", mtime=0), mtime=0),
        zlib.compress(b"hunter2-x"),
        zlib.compress(b"hunter2-x", wbits=-15),
        bz2.compress(b"hunter2-x"),
        brotli.compress(b"hunter2-x"),
        zstandard.ZstdCompressor().compress(b"tulip") + zstandard.ZstdCompressor().compress(b"hunter2-x"),
    ],
)
def test_there(body: bytes):
    assert holds(HEAD + body, SECRET)
