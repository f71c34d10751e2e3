"""Header fields: looked up by name, and as a proxy may pass them on (RFC 9110, sections 5.5 and 7.6.1)."""

import re
from collections.abc import Iterable

from jira_compat.model import Header

OF_ONE_HOP = frozenset({b"keep-alive", b"proxy-authorization", b"proxy-connection", b"te"})
"""``TE`` too, because trailers are not passed on; ``Proxy-Authorization``, because Jira is not a proxy."""
_ALWAYS_PASSED = frozenset({b"connection", b"content-length", b"host", b"transfer-encoding", b"upgrade"})
"""Fields of framing and routing, which stay whatever Connection says of them."""
_OPTIONS = frozenset({b"close", b"keep-alive", b"upgrade"})
_TO_LOOK_AT = OF_ONE_HOP | {b"connection"}
_PLAINEST = frozenset({b"close", b"keep-alive"})
_MOST_DIGITS = 20
"""Python takes seconds for a number of some million digits."""
_BROKEN = re.compile(rb"[\r\n\0]")
_BROKEN_LINE = re.compile(rb"[ \t]*[\r\n\0]+[ \t]*")


def onward(headers: tuple[Header, ...]) -> tuple[Header, ...]:
    """The fields that go on, each value on one line; the very same object where there is nothing to do.

    A field that Connection names is meant for this hop: were it passed on, the next proxy would take it out,
    and the server would see another request than was judged.
    """
    if not _has_to_look(headers) and not _BROKEN.search(b"".join([value for _, value in headers])):
        return headers
    named = _named(headers)
    dropped = OF_ONE_HOP | (named - _ALWAYS_PASSED) if named else OF_ONE_HOP
    kept = [one for one in headers if one[0].lower() not in dropped]
    if named:
        kept = [one for one in map(_without_names, kept) if one[1] or one[0].lower() != b"connection"]
    if any(map(_BROKEN_LINE.search, (value for _, value in kept))):
        kept = [(name, _BROKEN_LINE.sub(b" ", value)) for name, value in kept]
    elif not named and len(kept) == len(headers):
        return headers
    return tuple(kept)


def _has_to_look(headers: tuple[Header, ...]) -> bool:
    """Return whether a field may be of one hop; not so a Connection of the plainest kind."""
    for name, value in headers:
        if name.lower() in _TO_LOOK_AT and (value not in _PLAINEST or name.lower() != b"connection"):
            return True
    return False


def _named(headers: tuple[Header, ...]) -> set[bytes]:
    """The fields that Connection names, in lower case."""
    tokens = [token for name, value in headers if name.lower() == b"connection" for token in value.split(b",")]
    return {_plain(token) for token in tokens} - _OPTIONS - {b""}


def _without_names(field: Header) -> Header:
    """Connection with nothing but options of the connection itself; any other field as it is."""
    name, value = field
    if name.lower() != b"connection":
        return field
    return name, b", ".join(token.strip() for token in value.split(b",") if _plain(token) in _OPTIONS)


def _plain(token: bytes) -> bytes:
    return token.strip(b" \t\r\n\0").lower()


def declared_length(headers: Iterable[Header]) -> int:
    """The Content-Length; 0 where there is none or it is not a number, and a huge one cut to 20 digits."""
    value = header(headers, b"content-length") or b""
    return int(value[:_MOST_DIGITS]) if value.isdigit() else 0


def authority(host: str, port: int | None = None) -> str:
    """``HOST:PORT``, an IPv6 address in brackets (RFC 3986, section 3.2.2)."""
    name = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return name if port is None else f"{name}:{port}"


def header(headers: Iterable[Header], name: bytes) -> bytes | None:
    """The first field of that (lower-case) name."""
    for key, value in headers:
        if key.lower() == name:
            return value
    return None
