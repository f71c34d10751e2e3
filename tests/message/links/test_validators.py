import pytest

from jira_compat.message.links.validators import without_validators


@pytest.mark.parametrize("fields", [(), ((b"Content-Type", b"application/json"), (b"ETag", b'W/"1"'), (b"Vary", b"*"))])
def test_what_vouches_for_nothing_stays(fields):
    assert without_validators(fields) is fields


def test_what_vouches_for_each_byte_goes():
    fields = (
        (b"etag", b'"1"'),
        (b"Content-MD5", b"x"),
        (b"A", b"1"),
        (b"DIGEST", b"sha-256=x"),
        (b"Content-Digest", b"sha-256=:x:"),
        (b"Repr-Digest", b"sha-256=:x:"),
        (b"Last-Modified", b"now"),
    )
    left = without_validators(fields)

    assert left == ((b"etag", b'W/"1"'), (b"A", b"1"), (b"Last-Modified", b"now"))
    assert without_validators(left) is left
