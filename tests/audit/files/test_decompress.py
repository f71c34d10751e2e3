import gzip
import io
import random
import zlib

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from jira_compat.audit.files.decompress import CHUNK, ChunkFile, is_compressed, unpack
from jira_compat.audit.files.problems import UnreadableError

TEXT = b"".join(b"line %d\n" % number for number in range(20_000))


def opened(content):
    return io.BufferedReader(io.BytesIO(content))


def unpacked(content):
    """The content, what it ended with, and how many bytes were read for it."""
    read: list[int] = []
    given: list[bytes] = []
    broken = None
    try:
        given.extend(unpack(opened(content), read.append))
    except UnreadableError as error:
        broken = str(error)
    return b"".join(given), broken, sum(read)


@pytest.mark.parametrize("content", [b"", b"a", b"abc\n", b"\x1f", TEXT, b"\x28\xb5", b"x", b"x = 1"])
def test_what_is_not_compressed_comes_as_it_is(content):
    assert unpacked(content) == (content, None, len(content))
    assert not is_compressed(content)


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(TEXT),
        gzip.compress(TEXT[:500]) + gzip.compress(TEXT[500:]),
        gzip.compress(TEXT) + b"\0" * 512,
        zlib.compress(TEXT),
        zlib.compress(TEXT[:500], 9) + zlib.compress(TEXT[500:], 1),
        zstandard.compress(TEXT),
        zstandard.compress(TEXT[:500]) + zstandard.compress(TEXT[500:]),
        zstandard.ZstdCompressor(write_content_size=False).compress(TEXT),
    ],
)
def test_what_is_compressed_comes_decompressed(content):
    assert unpacked(content) == (TEXT, None, len(content))
    assert is_compressed(content)


NOISE = random.Random(1).randbytes(100_000)  # noqa: S311 - so that the compressed content has a middle


@pytest.mark.parametrize("compress", [gzip.compress, zlib.compress, zstandard.compress])
def test_what_stands_before_a_missing_end_is_given(compress):
    content, broken, _ = unpacked(compress(NOISE)[:60_000])

    assert len(content) > 10_000 or compress is zstandard.compress  # a block of zstd is 128 kB
    assert NOISE.startswith(content)
    assert "ends too early" in broken
    assert f"behind {len(content):,} bytes" in broken


@pytest.mark.parametrize("compress", [gzip.compress, zlib.compress, zstandard.compress])
def test_what_stands_before_damage_is_given(compress):
    whole = compress(TEXT)
    content, broken, _ = unpacked(whole + b"garbage" * 10)

    assert content == TEXT
    assert broken is not None


def test_content_that_is_compressed_a_thousandfold_comes_in_chunks():
    bomb = gzip.compress(bytes(50_000_000))
    sizes = [len(chunk) for chunk in unpack(opened(bomb), lambda _: None)]

    assert sum(sizes) == 50_000_000
    assert max(sizes) <= CHUNK


@given(st.binary(max_size=200), st.sampled_from([b"", b"\x1f\x8b", b"\x1f\x8b\x08\x00", b"\x28\xb5\x2f\xfd"]))
def test_no_bytes_make_it_raise_anything_else(content, start):
    unpacked(start + content)


@given(st.lists(st.binary(min_size=1, max_size=20), max_size=10), st.integers(1, 30))
def test_chunks_can_be_read_as_a_file(chunks, size):
    stream = io.BufferedReader(ChunkFile(iter(chunks)))
    read = b"".join(iter(lambda: stream.read(size), b""))

    assert read == b"".join(chunks)
