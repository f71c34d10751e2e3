"""One entry of a HAR to an exchange, from whatever tool wrote it."""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from jira_compat.audit.counting.timestamps import read_iso
from jira_compat.events.identity import basic_user
from jira_compat.model import Exchange, Header, Request, Response


class BrokenEntryError(Exception):
    """What an entry lacks, in a clause."""


_CHARSET = re.compile(rb";\s*charset=[^;]*", re.IGNORECASE)
_BODILESS = frozenset({"GET", "HEAD", "DELETE", "OPTIONS"})
_OTHER_SCHEME = re.compile(
    r"(?!https?:|wss?:)(?:[a-z][a-z0-9+.-]*://|(?:about|blob|data|filesystem|javascript):)", re.IGNORECASE
)
"""A URL that a browser answers by itself: ``data:``, ``blob:``, ``about:``, ``chrome-extension://``, ``file://``."""
_ELSEWHERE = ("_file", "_sha1")
"""Members of ``postData`` that name the file with the body: Playwright's, and its trace's."""

Attachments = Callable[[str], bytes | None]
"""Reads a body that is kept in a file beside the HAR, by its name."""


def to_exchange(entry: object, source: str, beside: Attachments | None = None) -> Exchange | None:
    """The exchange of an entry; ``None`` if its URL is one that no server was asked for.

    Raises:
        BrokenEntryError: It has no request, or that no method or URL.
    """
    if not isinstance(entry, dict):
        raise BrokenEntryError("this is not an object")
    request = _object(entry, "request")
    url, method = request.get("url"), request.get("method")
    if not isinstance(url, str) or not url:
        raise BrokenEntryError("no request.url")
    if not isinstance(method, str) or not method:
        raise BrokenEntryError("no request.method")
    if _OTHER_SCHEME.match(url):
        return None
    headers = _headers(request)
    body, is_text = _body(request, method, headers, beside)
    sent = Request(method, _target(url), _of_text(headers) if is_text else headers, body)
    return Exchange(
        request=sent,
        response=_response(entry),
        source=source,
        started=read_iso(entry["startedDateTime"]) if isinstance(entry.get("startedDateTime"), str) else None,
        client=_client(entry),
        server=_host(url),
        user=basic_user(headers),
    )


def _object(within: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = within.get(name)
    return found if isinstance(found, dict) else {}


def _target(url: str) -> bytes:
    _, slashes, rest = url.partition("://")
    path = (
        rest[min((place for mark in "/?#" if (place := rest.find(mark)) >= 0), default=len(rest)) :] if slashes else url
    )
    path = path.partition("#")[0]
    return (path if path.startswith("/") else f"/{path}").encode("utf-8", "replace")


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _headers(message: Mapping[str, Any]) -> tuple[Header, ...]:
    """Field lines; what HTTP/2 writes with a colon is none."""
    found = message.get("headers")
    pairs = (
        ((one.get("name"), one.get("value")) for one in found if isinstance(one, dict))
        if isinstance(found, list)
        else ()
    )
    return tuple(
        (name.encode("utf-8", "replace"), value.encode("utf-8", "replace"))
        for name, value in pairs
        if isinstance(name, str) and isinstance(value, str) and not name.startswith(":")
    )


def _of_text(headers: tuple[Header, ...]) -> tuple[Header, ...]:
    """The fields as they would be if the body had been sent as it stands in a HAR: decoded, and in UTF-8."""
    return tuple(
        (name, _CHARSET.sub(b"", value) if name.lower() == b"content-type" else value)
        for name, value in headers
        if name.lower() != b"content-encoding"
    )


def _body(
    request: Mapping[str, Any], method: str, headers: tuple[Header, ...], beside: Attachments | None
) -> tuple[bytes | None, bool]:
    """The body, and whether it is decoded text; ``None`` where the tool did not keep it, or not all of it."""
    data = _object(request, "postData")
    for kept in (data, _object(request, "_content"), _object(data, "_content")):
        if isinstance(text := kept.get("text"), str) and text:
            return _content(text, kept, headers)
    for kept in (data, request):
        if isinstance(text := kept.get("_content"), str) and text:
            return _content(text, {"encoding": "base64"}, headers)
    for name in filter(None, map(data.get, _ELSEWHERE)):
        if beside is not None and isinstance(name, str) and (content := beside(name)) is not None:
            return content, True
    params = data.get("params")
    if isinstance(params, list) and params and "multipart" not in str(data.get("mimeType")).lower():
        pairs = ((pair.get("name"), pair.get("value")) for pair in params if isinstance(pair, dict))
        return urlencode([(name, value or "") for name, value in pairs if isinstance(name, str)]).encode(), True
    return (b"" if not params and _is_empty(request, data, method, headers) else None), True


def _is_empty(request: Mapping[str, Any], data: Mapping[str, Any], method: str, headers: tuple[Header, ...]) -> bool:
    """Whether a body that is not there was empty: something confirms it and nothing contradicts it."""
    size, lengths = request.get("bodySize"), _values(headers, b"content-length")
    if any(map(data.get, _ELSEWHERE)) or request.get("_requestBodyStatus") or _values(headers, b"transfer-encoding"):
        return False
    if any(length != b"0" for length in lengths) or size not in {0, -1, None}:
        return False
    return size == 0 or bool(lengths) or (method in _BODILESS and "text" not in data)


def _values(headers: tuple[Header, ...], wanted: bytes) -> list[bytes]:
    return [value.strip() for name, value in headers if name.lower() == wanted]


def _content(text: str, kept: Mapping[str, Any], headers: tuple[Header, ...]) -> tuple[bytes | None, bool]:
    if kept.get("encoding") == "base64":  # not in the specification; mitmproxy and Fiddler write it
        try:
            return base64.b64decode("".join(text.split()), validate=True), False
        except (ValueError, binascii.Error):
            return None, False
    content = text.encode("utf-8", "surrogatepass")
    return (None if _is_cut(content, headers) else content), True


def _is_cut(content: bytes, headers: tuple[Header, ...]) -> bool:
    """Whether the client sent more than was kept; not known of what was sent in another coding."""
    if _values(headers, b"content-encoding"):
        return False
    return any(length.isdigit() and len(content) < int(length[:18]) for length in _values(headers, b"content-length"))


def _response(entry: Mapping[str, Any]) -> Response | None:
    """The answer; status 0 is a browser's way to say that there was none."""
    response = _object(entry, "response")
    status = response.get("status")
    if not isinstance(status, int) or not 100 <= status <= 999:
        return None
    return Response(status, _headers(response))


def _client(entry: Mapping[str, Any]) -> str | None:
    address = entry.get("clientIPAddress") or entry.get("_clientAddress")
    return address if isinstance(address, str) else None
