"""The request method, and what a server may take for it instead."""

import re

from jira_compat.message.target.query import values_of
from jira_compat.model import Header

OVERRIDES = frozenset({b"x-http-method-override", b"x-http-method", b"x-method-override"})
_PLAIN = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def method_readings(method: str, headers: tuple[Header, ...], query: bytes = b"") -> tuple[str, ...]:
    """The methods a server could take, distinct: the sent one, then those that overrides name.

    All are upper-cased: methods are case-sensitive (RFC 9110, section 9.1), but servers are not always. Every line
    counts, and every member of a list, because repeated lines may be joined to one on their way (section 5.3).

    A method is a token (RFC 9110, section 5.6.2). mitmproxy 12 lets others pass, such as one behind a NUL; a server may
    take any part of it that is a token, or all of them together. Of what an override names each token counts: Java's
    ``trim()`` takes control characters off, others stop at the first character that is none.

    A ``_method`` in the query overrides a POST alone: so does Jersey's PostReplaceFilter, which Jira's REST modules may
    have, and so do the form frameworks that it is known from.
    """
    lowered = [name.lower() for name, _ in headers]
    if method in _PLAIN and OVERRIDES.isdisjoint(lowered) and not (query and method == "POST"):
        return (method,)
    named = [value.decode("latin-1") for (_, value), name in zip(headers, lowered, strict=True) if name in OVERRIDES]
    if query and method.upper() == "POST":
        named += values_of(query, "_method")
    tokens = _TOKEN.findall(method.upper())
    others = (token for value in named for token in _TOKEN.findall(value.upper()))
    return tuple(dict.fromkeys((method.upper(), *filter(None, ("".join(tokens), *tokens, *others)))))
