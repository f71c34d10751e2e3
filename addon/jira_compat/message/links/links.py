"""Keeps clients at the proxy: the site's addresses in answers become the proxy's.

Jira's answers link to themselves and to each other by absolute addresses. Old clients follow these,
past the proxy, with their passwords. Which address becomes which :mod:`jira_compat.message.links.sites` says.

Cache-Control: no-transform, which Jira Cloud sends, binds proxies; this one is a gateway, the
origin server as far as its clients know (RFC 9110, sections 3.7 and 7.7).
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from jira_compat.message.body.errors import TooLarge
from jira_compat.message.links.address import Address, plainly, spellings
from jira_compat.message.links.cookies import own_cookie
from jira_compat.message.links.json_links import answer_body
from jira_compat.message.links.sites import Links
from jira_compat.model import Header

__all__ = ["Links", "TooLarge", "answer_body", "answer_headers", "request_headers", "without_validators"]

_Edit = Callable[[bytes, Links], bytes]

_ORIGIN = re.compile(r"https?://[^/?#]*", re.IGNORECASE)


def answer_headers(headers: tuple[Header, ...], links: Links) -> tuple[Header, ...]:
    """Make the site's links in an answer's header fields, and its cookies, the proxy's.

    Location, Content-Location, the targets of Link, Access-Control-Allow-Origin and Set-Cookie
    change, the last as :func:`.own_cookie` says. Returns the same object if none does.
    """
    return _edited(headers, _OF_ANSWERS, links)


def request_headers(headers: tuple[Header, ...], links: Links) -> tuple[Header, ...]:
    """Make the proxy's address in Origin and Referer the upstream's; which compares them with Host (XSRF).

    Returns the same object if it is in neither.
    """
    return _edited(headers, _OF_REQUESTS, links)


def _edited(headers: tuple[Header, ...], edits: Mapping[bytes, _Edit], links: Links) -> tuple[Header, ...]:
    if edits.keys().isdisjoint([name.lower() for name, _ in headers]):
        return headers
    edited = tuple(
        (name, edit(value, links)) if (edit := edits.get(name.lower())) else (name, value) for name, value in headers
    )
    return headers if edited == headers else edited


@lru_cache(maxsize=64)
def _link(sites: tuple[Address, ...]) -> re.Pattern[bytes]:
    return re.compile(rb"\A(?:" + spellings(sites, plainly).encode() + rb")(?=[/?#]|\Z)")


@lru_cache(maxsize=64)
def _targets(sites: tuple[Address, ...]) -> re.Pattern[bytes]:
    """Matches what a Link field consists of (RFC 8288, section 3), so that it finds no target within a string."""
    link = rb"<[ \t]*+(?:" + spellings(sites, plainly).encode() + rb")(?=[/?#>])[^>]*+"
    return re.compile(link + rb'|<[^>]*+|"[^"\\]*+(?:\\.[^"\\]*+)*+"?+')


def _proxied_link(value: bytes, links: Links) -> bytes:
    return _link(links.addresses).sub(links.swap, value)


def _proxied_targets(value: bytes, links: Links) -> bytes:
    return _targets(links.addresses).sub(links.swap, value)


def _proxied_origin(value: bytes, links: Links) -> bytes:
    is_site = any(value.lower() == each.origin.encode() for each in links.addresses)
    return links.proxy.encode() if is_site else value


def _proxied_cookie(value: bytes, links: Links) -> bytes:
    return own_cookie(value, links.hosts, plain=links.proxy.lower().startswith("http:"))


def _of_upstream(value: bytes, links: Links) -> bytes:
    text = value.decode("latin-1")
    origin = _ORIGIN.match(text)
    if origin is None or not links.calls_proxy(origin[0]):
        return value
    return (links.addresses[0].origin + text[origin.end() :]).encode("latin-1")


_OF_ANSWERS: Mapping[bytes, _Edit] = {
    b"location": _proxied_link,
    b"content-location": _proxied_link,
    b"link": _proxied_targets,
    b"access-control-allow-origin": _proxied_origin,
    b"set-cookie": _proxied_cookie,
}
_OF_REQUESTS: Mapping[bytes, _Edit] = {b"origin": _of_upstream, b"referer": _of_upstream}


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
