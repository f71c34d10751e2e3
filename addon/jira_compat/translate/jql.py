"""Read as much of JQL as a translation needs: whether it restricts the search, whether it has alternatives.

Strings stand in either quotation mark, with a backslash before what would end them.
"""

import re

ALWAYS_TRUE = 'created >= "1970-01-01"'
"""A restriction that every issue meets; search/jql answers 400 to a text without one."""

_UNBOUNDED = re.compile(r"\s*(?:\Z|order\s+by\b)", re.IGNORECASE)
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|\'(?:[^\'\\]|\\.)*+\'?|[\w.]++|\|\|?|.', re.DOTALL)
_ALTERNATIVES = frozenset({"or", "||", "|", "not", "!"})


def bounded(jql: str) -> str:
    """Return a text that restricts the search; the very same one if it did already.

    What may stand before ORDER BY is one expression, so a text is unbounded where it is empty or begins with ORDER BY.
    """
    if not _UNBOUNDED.match(jql):
        return jql
    return f"{ALWAYS_TRUE} {jql.strip()}".rstrip()


def has_alternatives(jql: str) -> bool:
    """Return whether an issue may be found although one of the conditions matches nothing."""
    return any(token.lower() in _ALTERNATIVES for token in _TOKEN.findall(jql))
