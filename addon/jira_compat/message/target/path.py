"""A path, its one normal form (RFC 3986, section 6.2.2), and the API path in it."""

import re
from collections.abc import Sequence

_STRAY = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_UNRESERVED = re.compile(rb"%(2[DEde]|3[0-9]|[46][1-9A-Fa-f]|5[0-9AFaf]|7[0-9AEae])")
_HARMLESS = re.compile(rb"%(?!2[Ff]|5[Cc]|3[BbFf]|23|00|25[0-9A-Fa-f]{2})([0-9A-Fa-f]{2})")
"""All but what would be a separator, a delimiter, a NUL or another escape once decoded."""

SUFFIXES = (".json", ".xml", ".html", ".htm", ".txt", ".atom")
"""Atlassian's REST module takes these off and into Accept (ExtensionJerseyFilter in
com.atlassian.plugins.rest.common.filter): ``/user.json`` is the endpoint ``/user``."""


def normalise(path: bytes) -> bytes:
    """Unreserved octets decoded, path parameters off, slashes merged, dot segments resolved.

    The rest stays as it came. Of all spellings of a path this is the one to judge and to forward.
    """
    return resolve(unescape(path))


def unescape(path: bytes) -> bytes:
    """Decode what is unreserved (RFC 3986, section 2.3); a ``%`` that encodes nothing becomes ``%25``.

    It stands for itself, and must not begin an escape with what comes to stand behind it.
    """
    if b"%" not in path:
        return path
    return _UNRESERVED.sub(_octet, _STRAY.sub(b"%25", path))


def _octet(escape: re.Match[bytes]) -> bytes:
    return bytes((int(escape[1], 16),))


def resolve(path: bytes, *, strip: bool = True, merge: bool = True, drop: bool = True) -> bytes:
    """Take off path parameters, resolve dot segments (RFC 3986, section 5.2.4), merge slashes.

    Args:
        path: The path; without a leading slash it is read as if it had one.
        strip: Path parameters go first, as in Tomcat; else last, and ``..;`` does not go up.
        merge: Empty segments go first, as in Tomcat and nginx; else last, and ``..`` goes up from one.
        drop: Where ``..;`` did not go up it is dropped; else it stays, parameters and all.
    """
    kept: list[bytes] = []
    for segment in path.split(b"/"):
        word = segment.partition(b";")[0] if strip else segment
        if word == b"..":
            del kept[-1:]
        elif word != b"." and (word or not merge):
            kept.append(word)
    if not strip:
        kept = [_stripped(segment, drop=drop) for segment in kept]
    return b"/" + b"/".join(filter(None, kept))


def _stripped(segment: bytes, *, drop: bool) -> bytes:
    word = segment.partition(b";")[0]
    if word in {b".", b".."}:
        return b"" if drop else segment
    return word


def decode(path: bytes) -> bytes:
    """Decode what says the same decoded; ``%2F`` and its like stay escaped."""
    if b"%" not in path:
        return path
    return _HARMLESS.sub(_octet, path)


def split(path: bytes) -> list[str]:
    """The segments of a resolved path."""
    return path[1:].decode("utf-8", "replace").split("/")


def api(segments: Sequence[str]) -> tuple[str, ...]:
    """The API path among all segments: from the first ``rest`` on; ``()`` if there is none.

    What stands before it is the context path. At the root, and only where no segment is ``rest``, Atlassian's
    article spells ``/api/2/user`` and ``/api/auth/1/session``.
    """
    if "rest" in segments:
        found = tuple(segments[segments.index("rest") :])
    elif segments[0] != "api":
        return ()
    elif segments[1:2] == ["auth"]:
        found = ("rest", *segments[1:])
    else:
        found = ("rest", *segments)
    return without_suffix(found)


def is_forwarded(segments: Sequence[str]) -> bool:
    """Return whether Jira Server takes this for ``/s/HASH/_/PATH``, and forwards it to ``PATH`` inside of itself.

    So it serves files that are to be cached, but does not ask what ``PATH`` is (CachingResourceDownloadRewriteRule in
    com.atlassian.jira.plugin.webresource).
    """
    return "s" in segments and "_" in segments[segments.index("s") :]


def forwarded(segments: list[str]) -> list[str]:
    """The segments of ``PATH``: what stands behind the last ``_``."""
    return segments[len(segments) - segments[::-1].index("_") :]


def without_suffix(segments: tuple[str, ...]) -> tuple[str, ...]:
    """Take one suffix off; ``/user/.json`` leaves ``/user/``, which is ``/user``."""
    if not segments[-1].endswith(SUFFIXES):
        return segments
    *before, last = segments
    word = last.rpartition(".")[0]
    return (*before, word) if word else tuple(before)
