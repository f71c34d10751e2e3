"""The request method, and what a server may take for it instead."""

import re

from jira_compat.model import Header

_OVERRIDES = frozenset({b"x-http-method-override", b"x-http-method", b"x-method-override"})
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def method_readings(method: str, headers: tuple[Header, ...]) -> tuple[str, ...]:
    """The methods a server could take, distinct: the sent one, then those that override headers name.

    All are upper-cased: methods are case-sensitive (RFC 9110, section 9.1), but servers are not always. Every line
    counts, and every member of a list, because repeated lines may be joined to one on their way (section 5.3).

    A method is a token (RFC 9110, section 5.6.2). mitmproxy 12 lets others pass, such as one behind a NUL; a server may
    take any part of it that is a token, or all of them together.

    A ``_method`` in the query is not read. It is a convention of form frameworks (Rails, Symfony, Rack) for a browser's
    POST, none of which stands before Jira; read, it would make ``?_method=`` of any user's search a matter of policy.
    """
    overrides = [
        member.strip().upper().decode("latin-1")
        for name, value in headers
        if name.lower() in _OVERRIDES
        for member in value.split(b",")
    ]
    tokens = _TOKEN.findall(method.upper())
    return tuple(dict.fromkeys((method.upper(), *filter(None, ("".join(tokens), *tokens, *overrides)))))
