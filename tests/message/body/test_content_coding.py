import bz2
import gzip
import time
import tracemalloc
import zlib

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard

from jira_compat.message.body.content_coding import FREE, RATIO, coding
from jira_compat.message.body.errors import TooDense, TooLarge, Unreadable

TEXT = b'{"password": "hunter2", "name": "fred"}' * 3
LIMIT = 1_000_000


def bare(text: bytes) -> bytes:
    return zlib.compress(text, wbits=-15)


CODED = {
    "gzip": gzip.compress(TEXT),
    "x-gzip": gzip.compress(TEXT),
    "deflate": zlib.compress(TEXT),
    "deflate, bare": bare(TEXT),
    "br": brotli.compress(TEXT),
    "zstd": zstandard.compress(TEXT),
}
NAMED = [pytest.param(name.partition(",")[0].encode(), body, id=name) for name, body in CODED.items()]


def decode(body: bytes, *names: bytes, limit: int = LIMIT) -> bytes:
    return coding([(b"Content-Encoding", name) for name in names], body).decode(body, limit)


@pytest.mark.parametrize("names", [[], [b""], [b"identity"], [b" Identity , "], [b"", b" , "]])
def test_without_a_coding_the_body_is_left_as_it_is(names):
    assert decode(TEXT, *names) is TEXT
    assert coding([(b"content-encoding", name) for name in names], TEXT).encode(TEXT) == TEXT


@pytest.mark.parametrize(("name", "body"), NAMED)
def test_a_coding_is_undone_and_done_again(name, body):
    used = coding([(b"CONTENT-encoding", name.upper())], body)

    assert used.decode(body, LIMIT) == TEXT
    assert used.decode(used.encode(TEXT), len(TEXT)) == TEXT
    assert coding([(b"content-encoding", name)], used.encode(TEXT)) is used


@pytest.mark.parametrize("text", [b"", b"x", bytes(2**16), bytes(2**16 + 1), bytes(range(256)) * 2**10])
@pytest.mark.parametrize(("name", "body"), NAMED)
def test_a_text_of_any_size_comes_back(name, body, text):
    used = coding([(b"content-encoding", name)], body)

    assert used.decode(used.encode(text), len(text)) == text


@pytest.mark.parametrize(("name", "body"), NAMED)
def test_a_text_over_the_limit_is_too_large(name, body):
    with pytest.raises(TooLarge):
        decode(body, name, limit=len(TEXT) - 1)


def test_a_body_over_the_limit_is_too_large():
    assert decode(TEXT, limit=len(TEXT)) == TEXT
    with pytest.raises(TooLarge):
        decode(TEXT, limit=len(TEXT) - 1)


@pytest.mark.parametrize(("name", "body"), NAMED)
def test_a_truncated_body_is_unreadable(name, body):
    for end in range(1, len(body)):
        with pytest.raises(Unreadable):
            decode(body[:end], name)


@pytest.mark.parametrize("junk", [b"\0", b"{}", b"\x1f", b"\x1f\x8b", b"password"])
@pytest.mark.parametrize(("name", "body"), NAMED)
def test_junk_after_the_end_is_unreadable(name, body, junk):
    with pytest.raises(Unreadable):
        decode(body + junk, name)


@pytest.mark.parametrize(("name", "body"), NAMED)
def test_what_is_not_in_its_coding_is_unreadable(name, body):
    for junk in (TEXT, b"\xff" * 3 + body[3:]):
        with pytest.raises(Unreadable):
            decode(junk, name)


@pytest.mark.parametrize("count", [2, 1000])
@pytest.mark.parametrize(("name", "one"), [(b"gzip", gzip.compress), (b"zstd", zstandard.compress)])
def test_all_members_are_read(name, one, count):
    assert decode(one(TEXT) * count, name) == TEXT * count
    assert decode(one(b"{") + one(b"") + one(b"}"), name) == b"{}"


@pytest.mark.parametrize("name", [b"deflate", b"br"])
def test_only_gzip_and_zstd_have_members(name):
    with pytest.raises(Unreadable):
        decode(CODED[name.decode()] * 2, name)


def test_a_frame_of_zstd_that_is_to_be_skipped_is_skipped():
    assert decode(b"\x50\x2a\x4d\x18\x04\0\0\0skip" + CODED["zstd"], b"zstd") == TEXT


def test_a_zstd_window_over_8_mib_is_unreadable():
    parameters = zstandard.ZstdCompressionParameters(window_log=24)
    stream = zstandard.ZstdCompressor(compression_params=parameters).compressobj()

    with pytest.raises(Unreadable):
        decode(stream.compress(TEXT) + stream.flush(), b"zstd")


@pytest.mark.parametrize(
    "names", [[b"gzip, gzip"], [b"gzip", b"gzip"], [b"br, gzip"], [b"identity", b"gzip"], [b"gzip,identity"]]
)
def test_several_codings_are_refused(names):
    with pytest.raises(Unreadable, match="more than one content coding"):
        decode(CODED["gzip"], *names)


@pytest.mark.parametrize("name", ["x-foo", "base64", "bz2", "rot13", "hex", "compress", "gzip;q=1", "aws-chunked"])
def test_other_codings_are_refused(name):
    with pytest.raises(Unreadable, match=r"its content coding .*is unknown"):
        decode(bz2.compress(TEXT), name.encode())


BOMBS = {
    b"gzip": lambda: gzip.compress(bytes(200_000_000), 1),
    b"deflate": lambda: zlib.compress(bytes(200_000_000), 1),
    b"br": lambda: brotli.compress(bytes(200_000_000), quality=2),
    b"zstd": lambda: zstandard.compress(bytes(200_000_000)),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_stopped_at_the_limit(name):
    bomb = BOMBS[name]()
    assert len(bomb) < 2_000_000
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge):
            decode(bomb, name)
        assert tracemalloc.get_traced_memory()[1] < 5 * LIMIT
    finally:
        tracemalloc.stop()


def test_very_many_frames_to_be_skipped_take_no_more_than_their_time():
    started = time.process_time()
    assert decode(b"\x50\x2a\x4d\x18\0\0\0\0" * 625_000, b"zstd") == b""
    taken = time.process_time() - started
    started = time.process_time()
    for _ in range(625_000 // 5):
        zstandard.ZstdDecompressor().decompressobj()

    assert taken < 5 * (time.process_time() - started) / 2  # with a decompressor for each frame it would be more


def test_very_many_members_take_no_more_than_their_time():
    assert decode(gzip.compress(b"", mtime=0) * 50_000, b"gzip") == b""
    assert decode(zstandard.compress(b"") * 50_000, b"zstd") == b""


@pytest.mark.parametrize("name", BOMBS)
def test_a_dense_body_is_read_up_to_a_bound(name):
    code = {b"gzip": gzip.compress, b"deflate": zlib.compress, b"br": brotli.compress, b"zstd": zstandard.compress}[
        name
    ]

    assert len(decode(code(bytes(FREE)), name, limit=2 * FREE)) == FREE
    with pytest.raises(TooDense, match=rf"^it is larger than {RATIO} times its compressed size$"):
        decode(code(bytes(FREE + 1)), name, limit=2 * FREE)
