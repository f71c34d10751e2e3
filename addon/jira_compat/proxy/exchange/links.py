"""Links in a flow: clients of a reverse proxy stay at the proxy."""

import contextlib
import functools
import re
from collections.abc import Iterable

from mitmproxy import http

from jira_compat.message.headers import authority, header
from jira_compat.message.links.links import (
    Links,
    TooLarge,
    answer_body,
    answer_headers,
    request_headers,
    without_validators,
)
from jira_compat.proxy.exchange import flow as flows

_AUTHORITY = re.compile(r"(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_JSON = re.compile(rb"\s*application/(?:[\w.+-]+\+)?json\s*(?:;|$)", re.IGNORECASE)
_DEFAULT_PORTS = {"http": 80, "https": 443}


def links_of(flow: http.HTTPFlow, called: str | None, site_urls: Iterable[str]) -> Links | None:
    """The site's addresses, and the proxy's as the client called it; ``None`` if that is not an address.

    Args:
        flow: Came through a reverse proxy.
        called: The client's Host. Where it is unknown or odd, the address that the client connected to.
        site_urls: Further addresses of the site.
    """
    request, client = flow.request, flow.client_conn
    encrypted = client.tls or _forwarded_proto(request) == b"https"
    upstream = (request.scheme, request.host, request.port)
    return _links(upstream, tuple(site_urls), "https" if encrypted else "http", called, client.sockname[:2])


@functools.lru_cache(maxsize=64)
def _links(
    upstream: tuple[str, str, int],
    site_urls: tuple[str, ...],
    scheme: str,
    called: str | None,
    connected_to: tuple[str, int],
) -> Links | None:
    """Clients call the proxy by few names, and those of the site are fewer."""
    for name in (called, authority(*connected_to)):
        if name is not None and _AUTHORITY.fullmatch(name):
            with contextlib.suppress(ValueError):
                return Links((_origin(*upstream), *site_urls), f"{scheme}://{name.lower()}")
    return None


def rewrite_request_headers(flow: http.HTTPFlow, links: Links | None) -> None:
    """Origin and Referer name the site again."""
    if links is None:
        return
    fields = flow.request.headers.fields
    rewritten = request_headers(fields, links)
    if rewritten is not fields:
        flow.request.headers = http.Headers(rewritten)


def rewrite_response_headers(response: http.Response, links: Links) -> None:
    """Links and cookies in the header fields become the proxy's."""
    fields = response.headers.fields
    rewritten = answer_headers(fields, links)
    if rewritten is not fields:
        response.headers = http.Headers(rewritten)


def may_hold_links(flow: http.HTTPFlow) -> bool:
    """Return whether the answer's body is one in which links are looked for, and so must be held."""
    response = flow.response
    return (
        response is not None
        and flow.request.method.upper() != "HEAD"
        and response.status_code != 206  # a part of a document
        and _JSON.match(header(response.headers.fields, b"content-type") or b"") is not None
    )


def rewritten_body(response: http.Response, links: Links, limit: int) -> bytes | None:
    """Return a response's body with the proxy's links in its JSON; ``None`` if it is too large to be read."""
    try:
        return answer_body(response.raw_content or b"", response.headers.fields, links, limit=limit)
    except TooLarge:
        return None


def write_links(response: http.Response, body: bytes | None) -> None:
    """Give a response the body that :func:`rewritten_body` returned."""
    if body and body is not response.raw_content:
        flows.write_body(response, body)
        response.headers = http.Headers(without_validators(response.headers.fields))


def _forwarded_proto(request: http.Request) -> bytes:
    return (header(request.headers.fields, b"x-forwarded-proto") or b"").lower()


def _origin(scheme: str, host: str, port: int) -> str:
    return f"{scheme}://{authority(host, None if _DEFAULT_PORTS.get(scheme) == port else port)}"
