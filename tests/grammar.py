"""Requests as clients and attackers write them: an endpoint, its spellings, a document, its encodings."""

import gzip
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import brotli  # type: ignore[import-untyped]
import zstandard
from hypothesis import strategies as st

from build import shipped
from jira_compat.model import Request
from jira_compat.policy.endpoint import METHODS

ENDPOINTS = sorted(
    {
        (method, tuple(segment or "a" for segment in path))
        for policy in shipped()
        for rule in policy.rules
        for method in rule.endpoint.methods
        for path in rule.endpoint.paths()
    }
)
"""Every method and path that a rule that ships is about."""
USERS = [(method, words) for method, words in ENDPOINTS if words[3:] == ("user",) and method != "DELETE"]
"""Those whose bodies are looked at."""
NEAR = [
    *(("GET", ("rest", "api", "2", "myself")), ("GET", ("rest", "api", "2", "user"))),
    *(("POST", ("rest", "api", "2", "issue")), ("PUT", ("rest", "api", "2", "user", "properties", "password"))),
    *(("PUT", ("rest", "scriptrunner", "latest", "custom", "user", "password")), ("GET", ("secure", "Dashboard.jspa"))),
    *(("GET", ("rest", "api", "2", "project", "PASSWORD")), ("POST", ("rest", "api", "2", "user", "avatar"))),
]
"""What is nearly one."""

NAMES = ["password", "active", "name", "emailAddress", "Password", "ä", "a b", ""]


@dataclass(frozen=True)
class Written:
    """A request, and what its writer had in mind.

    Args:
        method: Of the endpoint.
        words: Path of the endpoint, without context path.
    """

    method: str
    words: tuple[str, ...]
    request: Request


# Targets


def _inserted(draw: st.DrawFn, path: str, what: str, new: str, *, behind: str = "") -> str:
    """Put something in the place of, or behind, one of the occurrences of something."""
    places = [at for at, one in enumerate(path) if one == what]
    if not places:
        return path
    at = draw(st.sampled_from(places))
    return path[:at] + behind + new + path[at + len(what) :]


def _encoded(draw: st.DrawFn, path: str) -> str:
    """Encode one character that is no part of an escape and separates nothing."""
    at = draw(st.integers(0, len(path) - 1))
    if path[at] in "/%;" or "%" in path[max(0, at - 2) : at]:
        return path
    return f"{path[:at]}%{ord(path[at]):02{draw(st.sampled_from('xX'))}}{path[at + 1 :]}"


PLAIN: list[Callable[[st.DrawFn, str], str]] = [
    _encoded,
    lambda draw, path: _inserted(draw, path, "/", "/./"),
    lambda draw, path: _inserted(draw, path, "/", "/x/../"),
    lambda draw, path: _inserted(draw, path, "/", "/%2e/"),
    lambda _, path: path + "/",
    lambda draw, path: draw(st.sampled_from(["/jira", "/a/b", "/tools.d/jira"])) + path,
]
"""Steps to another spelling of the same path (RFC 3986)."""
PARAMETERS: list[Callable[[st.DrawFn, str], str]] = [
    lambda draw, path: _inserted(draw, path, "/", "/", behind=";a=b"),
    lambda draw, path: _inserted(draw, path, "/", "//"),
    lambda _, path: f"{path};jsessionid=0A",
]
"""The same as servlet containers and proxies have it."""
ODD: list[Callable[[st.DrawFn, str], str]] = [
    lambda draw, path: _inserted(
        draw, path, "/", draw(st.sampled_from(["%2F", "%5c", "\\", "%252f", "%c0%af", "%u002f"]))
    ),
    lambda draw, path: _inserted(
        draw, path, "/", draw(st.sampled_from(["/x/..;/", "/..;x/", "/%3b/", "/.;/", "//../"]))
    ),
    lambda draw, path: path + draw(st.sampled_from(["%00", "%20", "%3fx", "%23", "%00.png", "%09", "#/x", " ", "%"])),
    lambda draw, path: _inserted(draw, path, "s", draw(st.sampled_from(["%09s", "%", "\xff", "%ff", "S", "%2573"]))),
    lambda _, path: "/s/rest/_" + path,
    lambda _, path: path.upper() if path.isascii() else path,
]
"""The same to some server, and not to others."""
QUERIES = st.lists(
    st.tuples(
        st.sampled_from(["password", "p%61ssword", "username", "pass+word", "a", "%zz"]),
        st.sampled_from(["", "=", "=x", "=a+b%2Bc%20d"]),
    ).map("".join),
    max_size=4,
).map("&".join)


# Bodies: a document, how it is written, encoded and labelled.

SCALARS = st.sampled_from([None, True, "x", "&password=x&", "ä", "{", 1])
DOCUMENTS = st.lists(st.tuples(st.sampled_from(NAMES), SCALARS | st.just({"password": ["x"]})), max_size=5)
Document = list[tuple[str, Any]]


def as_json(document: Document) -> str:
    """An object that may have twins."""
    return "{" + ", ".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in document) + "}"


def as_unescaped_json(document: Document) -> str:
    """The same in letters."""
    return (
        "{" + ",".join(f"{json.dumps(name, ensure_ascii=False)}:{json.dumps(value)}" for name, value in document) + "}"
    )


def as_escaped_json(document: Document) -> str:
    r"""The same with each letter of a name as ``\uXXXX``."""
    names = ("".join(f"\\u{ord(one):04X}" for one in name) for name, _ in document)
    return (
        "{" + ",".join(f'"{name}" :{json.dumps(value)}' for name, (_, value) in zip(names, document, strict=True)) + "}"
    )


def as_form(document: Document) -> str:
    """A form."""
    return "&".join(f"{quote(name)}={quote(str(value))}" for name, value in document)


def as_escaped_form(document: Document) -> str:
    """The same with each byte of a name as ``%XX``."""
    names = ("".join(f"%{octet:02x}" for octet in name.encode()) for name, _ in document)
    return "&".join(f"{name}={quote(str(value))}" for name, (_, value) in zip(names, document, strict=True))


def as_parts(document: Document) -> str:
    """Parts, with boundary ``b``."""
    part = '--b\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    return "".join(part.format(*pair) for pair in document) + "--b--\r\n"


JSON, FORM, PARTS = b"application/json", b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=b"
WRITERS: list[tuple[Callable[[Document], str], bytes]] = [
    *(
        (as_json, JSON),
        (as_unescaped_json, JSON),
        (as_escaped_json, JSON),
        (as_form, FORM),
        (as_escaped_form, FORM),
        (as_parts, PARTS),
    ),
]
CHARSETS = [*["utf-8"] * 6, "utf-8-sig", "utf-16", "utf-16-le", "utf-32-be", "latin-1"]
CODINGS: list[tuple[bytes | None, Callable[[bytes], bytes]]] = [
    *((None, bytes),) * 6,
    (b"gzip", lambda text: gzip.compress(text, mtime=0)),
    (b"x-gzip", lambda text: gzip.compress(text[:9], mtime=0) + gzip.compress(text[9:], mtime=0)),
    (b"deflate", zlib.compress),
    (b"deflate", lambda text: zlib.compress(text, wbits=-15)),
    (b"br", brotli.compress),
    (b"zstd", zstandard.compress),
]
OVERRIDES = ["X-HTTP-Method-Override", "X-HTTP-Method", "x-method-override"]


@st.composite
def bodies(draw: st.DrawFn, *, odd: bool = True) -> tuple[bytes, tuple[tuple[bytes, bytes], ...]]:
    """A body and the fields that describe it; ``odd``: perhaps as something else."""
    write, media = draw(st.sampled_from(WRITERS if odd else WRITERS[:3]))
    text = write(draw(DOCUMENTS))
    charset = draw(st.sampled_from(CHARSETS)) if odd else "utf-8"
    name, code = draw(st.sampled_from(CODINGS if odd else CODINGS[:7]))
    if odd:
        media = draw(st.sampled_from([media] * 6 + [JSON, FORM, PARTS, b"text/plain", b""]))
        media += draw(st.sampled_from([b""] * 6 + [b"; charset=utf-8", b"; charset=iso-8859-1", b"; charset=utf-16"]))
    fields = ((b"Content-Type", media),) if media else ()
    return code(text.encode(charset, "replace")), fields + (((b"Content-Encoding", name),) if name else ())


@st.composite
def written(draw: st.DrawFn, *, odd: bool = True, users: bool = False) -> Written:
    """A request to an endpoint or nearly one.

    Args:
        draw: Hypothesis's.
        odd: In ways that no client has.
        users: Only to those whose bodies are looked at, and only the body is odd.
    """
    others = () if users else (st.sampled_from(ENDPOINTS), st.sampled_from(NEAR))
    method, words = draw(st.one_of(st.sampled_from(USERS), *others))
    path = "/" + "/".join(words)
    body, fields = draw(bodies(odd=odd))
    odd = odd and not users
    spellings = [[*PLAIN, *PARAMETERS, *ODD]] if odd else [PLAIN, PARAMETERS]  # together they are odd: '.;' is no dot
    steps = draw(st.lists(st.sampled_from(draw(st.sampled_from(spellings))), max_size=3))
    for step in steps:
        path = step(draw, path)
    query = draw(st.none() | QUERIES)
    if query is not None:
        path += f"?{query}"
    if odd and draw(st.integers(0, 9)) == 0:
        path = f"http://elsewhere.example:81{path}"
    sent = draw(st.sampled_from([method] * 6 + [method.lower(), *METHODS])) if odd else method
    if odd and draw(st.integers(0, 3)) == 0:
        sent, override = draw(st.sampled_from(METHODS)), draw(st.sampled_from([method] * 4 + ["get, Put", ""]))
        fields += ((draw(st.sampled_from(OVERRIDES)).encode(), override.encode()),)
    request = Request(sent, path.encode("latin-1"), fields, body)
    return Written(method, words, request)
