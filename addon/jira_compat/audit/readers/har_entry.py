"""One entry of a HAR to an exchange, from whatever tool wrote it."""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from jira_compat.audit.counting.timestamps import read_iso
from jira_compat.events.identity import basic_user
from jira_compat.model import Exchange, Header, Request, Response


class BrokenEntryError(Exception):
    """What an entry lacks, in a clause."""


_CHARSET = re.compile(rb";\s*charset=[^;]*", re.IGNORECASE)
_BODILESS = frozenset({"GET", "HEAD", "DELETE", "OPTIONS"})


def to_exchange(entry: object, source: str) -> Exchange:
    """The exchange that an entry tells of.

    Raises:
        BrokenEntryError: It has no request, or that no method or URL.
    """
    if not isinstance(entry, dict):
        raise BrokenEntryError("this is no object")
    request = _object(entry, "request")
    url, method = request.get("url"), request.get("method")
    if not isinstance(url, str) or not url:
        raise BrokenEntryError("no request.url")
    if not isinstance(method, str) or not method:
        raise BrokenEntryError("no request.method")
    headers = _headers(request)
    is_text = _object(request, "postData").get("encoding") != "base64"
    sent = Request(method, _target(url), _of_text(headers) if is_text else headers, _body(request, method))
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


def _body(request: Mapping[str, Any], method: str) -> bytes | None:
    """The body; ``None`` where the tool did not keep it."""
    data = _object(request, "postData")
    text, params = data.get("text"), data.get("params")
    if isinstance(text, str) and (text or not params):
        return _content(text, data)
    if isinstance(params, list) and params and "multipart" not in str(data.get("mimeType")).lower():
        pairs = ((one.get("name"), one.get("value")) for one in params if isinstance(one, dict))
        return urlencode([(name, value or "") for name, value in pairs if isinstance(name, str)]).encode()
    size = request.get("bodySize")
    return b"" if not params and (size == 0 or (method in _BODILESS and size in {None, -1})) else None


def _content(text: str, data: Mapping[str, Any]) -> bytes | None:
    if data.get("encoding") == "base64":  # not in the specification; mitmproxy and Fiddler write it
        try:
            return base64.b64decode("".join(text.split()), validate=True)
        except (ValueError, binascii.Error):
            return None
    return text.encode("utf-8", "surrogatepass")


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
