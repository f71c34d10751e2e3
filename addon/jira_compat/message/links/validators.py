"""What vouches for an answer's body, and no longer does once the body is changed."""

from jira_compat.model import Header

_DIGESTS = frozenset({b"content-md5", b"digest", b"content-digest", b"repr-digest"})


def without_validators(headers: tuple[Header, ...]) -> tuple[Header, ...]:
    """The header fields of an answer whose body was changed.

    A strong ETag vouches for each byte (RFC 9110, section 8.8.1), so it becomes a weak one; Content-MD5,
    Digest, Content-Digest and Repr-Digest (RFC 9530) go. Returns the same object if there are none.
    """
    kept = tuple(
        (name, b"W/" + value if name.lower() == b"etag" and not value.startswith(b"W/") else value)
        for name, value in headers
        if name.lower() not in _DIGESTS
    )
    return headers if kept == headers else kept
