"""Site addresses in JSON answers, without reading the JSON.

Within a string a quotation mark has a backslash before it, and behind a string's end comes no
address. So a quotation mark with an address behind it and no backslash before it begins a string,
wherever it stands, and one search finds all that is sought.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from jira_compat.message.body.content_coding import coding
from jira_compat.message.body.content_type import ContentType, content_type
from jira_compat.message.body.errors import TooLarge, Unreadable
from jira_compat.message.body.json_scanner import WS
from jira_compat.message.links.address import Address, in_json, spellings
from jira_compat.message.links.sites import Links
from jira_compat.model import Header

_UTF_8 = frozenset({None, "utf-8", "utf8", "us-ascii", "ascii"})
_END = rb'(?=["/?#]|\\/|\\u00(?i:2f|3f|23))'
_VALUE = rb'(?=[^"\\]*+(?:\\.[^"\\]*+)*+"(?!' + WS + rb":))"
_ESCAPED_ASCII = re.compile(rb"\\u00[2-7]")


def answer_body(body: bytes, headers: tuple[Header, ...], links: Links, *, limit: int) -> bytes:
    """Make the site's links in a JSON answer the proxy's.

    A link is a string, not a member's name, that begins with the address of a site. Nothing else
    changes, and where no link is, or the body cannot be read, the very object that came in is
    returned. The text is not judged: were it not JSON after all, a quoted link is still one.

    Args:
        body: As it came, still content-encoded; what is returned has the same coding.
        headers: Of the same answer. Files and parts of files are left alone. If the body changes,
            the caller corrects Content-Length and calls :func:`.without_validators`.
        links: The addresses of the site and of the proxy.
        limit: The most bytes that the decoded body may have.

    Raises:
        TooLarge: The decoded body is larger than that.
    """
    try:
        if not body or not _is_json(content_type(headers)) or _is_file(headers):
            return body
        coded = coding(headers, body)
        text = coded.decode(body, limit)
    except TooLarge:
        raise
    except Unreadable:
        return body
    if not _may_name(links.hosts, text):
        return body
    edited = _swapped(text, links)
    return body if edited is None else coded.encode(edited)


def _swapped(text: bytes, links: Links) -> bytes | None:
    """Return a text with the proxy's links, or ``None`` if nothing changes.

    Put together piece by piece: ``re.sub`` would hold as many objects as there are links, many times the text.
    """
    edited, at = bytearray(), 0
    for found in _links(links.addresses).finditer(text):
        swapped = links.swap(found)
        if swapped != found[0]:
            edited += text[at : found.start()]
            edited += swapped
            at = found.end()
    if not at:
        return None
    edited += text[at:]
    return bytes(edited)


def _is_json(declared: ContentType) -> bool:
    is_json = declared.media == "application/json" or declared.media.endswith("+json")
    return is_json and (declared.charset and declared.charset.lower()) in _UTF_8


def _is_file(headers: tuple[Header, ...]) -> bool:
    """Return whether it is a user's attachment, or a part of one, which have to arrive as they are."""
    for name, value in headers:
        match name.lower():
            case b"content-range":
                return True
            case b"content-disposition" if value.strip().lower().startswith(b"attachment"):
                return True
    return False


@lru_cache(maxsize=64)
def _links(sites: tuple[Address, ...]) -> re.Pattern[bytes]:
    """Matches the beginning of a string, not a member's name, and in a group for each site its address there."""
    address = spellings(sites, in_json).encode()
    return re.compile(rb'"(?=[hH][tT\\]|/|\\)(?<!\\")(?:' + address + rb")" + _END + _VALUE)


def _may_name(hosts: Sequence[bytes], text: bytes) -> bool:
    """Return whether a text may name one of these hosts: wrong only by saying that it may."""
    lower = text.lower()
    return any(host in lower for host in hosts) or _ESCAPED_ASCII.search(text) is not None
