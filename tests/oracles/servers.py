"""How servers find the endpoint in a request target, each in its own way: models, written from their documentation.

A model gives the segments of the path, or ``None`` if the server refuses the target or serves nothing there.
"""

import re
from collections.abc import Callable
from urllib.parse import quote_from_bytes, unquote_to_bytes

Path = bytes
Step = Callable[[Path], Path]


class Refused(ValueError):  # noqa: N818 - it is what the target is
    """The server answers 400 or 404 by itself."""


def _no(pattern: bytes) -> Step:
    search = re.compile(pattern).search

    def step(path: Path) -> Path:
        if search(path):
            raise Refused
        return path

    return step


def _swap(pattern: bytes, new: bytes) -> Step:
    compiled = re.compile(pattern)
    return lambda path: compiled.sub(new, path)


def _dots(path: Path) -> Path:
    """Dot segments; more steps up than down are refused."""
    kept: list[bytes] = []
    for segment in path.split(b"/")[1:]:
        if segment == b"..":
            if not kept:
                raise Refused
            kept.pop()
        elif segment != b".":
            kept.append(segment)
    return b"/" + b"/".join(kept)


def _lenient_dots(path: Path) -> Path:
    kept: list[bytes] = []
    for segment in path.split(b"/")[1:]:
        if segment == b"..":
            del kept[-1:]
        elif segment != b".":
            kept.append(segment)
    return b"/" + b"/".join(kept)


def _utf8(path: Path) -> Path:
    try:
        path.decode()
    except UnicodeDecodeError:
        raise Refused from None
    return path


def _again(path: Path) -> Path:
    """Encode what was decoded, as nginx and httpd do before they pass a normalised path on."""
    return quote_from_bytes(path, safe="/!$&'()*+,;=:@~").encode()


def _query_off(path: Path) -> Path:
    return path.partition(b"?")[0]


_PARAMETERS_OFF = _swap(rb";[^/]*", b"")
_MERGE = _swap(rb"/+", b"/")
_BACKSLASH = _swap(rb"\\", b"/")
_VALID_ESCAPES = _no(rb"%(?![0-9A-Fa-f]{2})")

# CoyoteAdapter.postParseRequest and normalize(): parameters off, decode once, slashes, dots.
TOMCAT: tuple[Step, ...] = (
    _query_off,
    _no(rb"[\x00-\x20\"#<>\\^`{|}\x7f-\xff]"),
    _PARAMETERS_OFF,
    _VALID_ESCAPES,
    _no(rb"%2[Ff]|%5[Cc]|%00"),
    unquote_to_bytes,
    _utf8,
    _MERGE,
    _dots,
)
# The same with relaxedPathChars, encodedSolidusHandling="decode" and ALLOW_BACKSLASH.
LOOSE_TOMCAT: tuple[Step, ...] = (
    _query_off,
    _no(rb"[\x00-\x20#]"),
    _PARAMETERS_OFF,
    _VALID_ESCAPES,
    unquote_to_bytes,
    _no(rb"\x00"),
    _BACKSLASH,
    _MERGE,
    _dots,
)
# ngx_http_parse_complex_uri: decode, merge, resolve; ';' is a character like others.
_NGINX: tuple[Step, ...] = (_query_off, _VALID_ESCAPES, unquote_to_bytes, _no(rb"\x00"), _MERGE, _dots)
# ap_unescape_url, ap_getparents, merge_slashes, AllowEncodedSlashes.
_HTTPD: tuple[Step, ...] = (_query_off, _VALID_ESCAPES, _no(rb"%00|%2[Ff]"), unquote_to_bytes, _MERGE, _dots)
_LOOSE_HTTPD: tuple[Step, ...] = (_query_off, _VALID_ESCAPES, _no(rb"%00"), unquote_to_bytes, _MERGE, _lenient_dots)
# WHATWG URL: tab and line ends out, backslash is a slash, dots resolve also where they are encoded.
_WHATWG: tuple[Step, ...] = (
    _swap(rb"[\t\r\n]", b""),
    lambda path: path.partition(b"#")[0],
    _query_off,
    _BACKSLASH,
    _swap(rb"%2[Ee]", b"."),
    _lenient_dots,
)
# Jetty's HttpURI: parameters off and decoded in one pass, dots resolved with the parameters off.
_JETTY: tuple[Step, ...] = (_query_off, _PARAMETERS_OFF, _VALID_ESCAPES, unquote_to_bytes, _lenient_dots, _MERGE)

CHAINS: dict[str, tuple[Step, ...]] = {
    "tomcat": TOMCAT,
    "loose tomcat": LOOSE_TOMCAT,
    "jetty": _JETTY,
    "nginx, tomcat": (*_NGINX, _again, *TOMCAT),
    "nginx with $uri, tomcat": (*_NGINX, *LOOSE_TOMCAT),
    "httpd, tomcat": (*_HTTPD, _again, *TOMCAT),
    "loose httpd, loose tomcat": (*_LOOSE_HTTPD, _again, *LOOSE_TOMCAT),
    "node, tomcat": (*_WHATWG, *TOMCAT),
    "node, loose tomcat": (*_WHATWG, *LOOSE_TOMCAT),
    "two decodings": (*_HTTPD, *_HTTPD, *LOOSE_TOMCAT),
    "iis, tomcat": (_query_off, _BACKSLASH, unquote_to_bytes, _lenient_dots, _MERGE, _again, *TOMCAT),
}


def path_of(target: bytes, chain: str) -> Path | None:
    """The path that the last server of a chain sees; ``None`` if one of them refuses it."""
    path = re.sub(rb"\A[A-Za-z][A-Za-z0-9+.-]*://[^/?#\\]*", b"", target)
    try:
        for step in CHAINS[chain]:
            path = step(path)
    except Refused:
        return None
    return path


_SUFFIX = re.compile(r"\.(?:json|xml|html|htm|txt|atom)\Z")
_VERSIONS = {"2", "2.0", "2.0.alpha1", "3", "latest"}


CONTEXTS = (("jira",), ("a", "b"), ("tools.d", "jira"))
"""Below which Jira may stand."""


def endpoint(path: Path) -> tuple[str, ...]:
    """What Jira's REST module serves: ``("user", "password")``; ``()`` for anything else."""
    segments = [segment for segment in path.decode("utf-8", "replace").split("/") if segment]
    for context in CONTEXTS:
        if tuple(segments[: len(context)]) == context:
            del segments[: len(context)]
            break
    if segments[:1] == ["s"] and "_" in segments:  # CachingResourceDownloadRewriteRule
        del segments[: len(segments) - segments[::-1].index("_")]
    if len(segments) < 4 or segments[:2] != ["rest", "api"] or segments[2] not in _VERSIONS:
        return ()
    *before, last = segments[3:]
    return (*before, _SUFFIX.sub("", last))
