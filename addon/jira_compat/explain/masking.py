"""Requests for people to look at: names and shape, never a value."""

import json
import re
from typing import Any

from jira_compat.events.vocabulary import url_path
from jira_compat.model import Request

MASK = "…"
_NAME = re.compile(rb"[A-Za-z0-9_.~%+\[\]-]+")


def masked_target(request: Request) -> str:
    """Path and query, as in ``/rest/api/2/user?username=…``; without path parameters."""
    _, mark, query = request.target.partition(b"#")[0].partition(b"?")
    return f"{url_path(request)}{'?' if mark else ''}{masked_pairs(query)}"


def masked_pairs(pairs: bytes) -> str:
    """``name=value&flag`` as ``name=…&…``; what stands alone may be a value."""
    return "&".join(_pair(*pair.partition(b"=")[:2]) for pair in pairs.split(b"&"))


def masked_body(body: bytes) -> str:
    """JSON with its names, a form with its names, of anything else the size."""
    if not body or body.isspace():
        return ""
    try:
        return _json(json.loads(body, object_pairs_hook=_Members, parse_int=str, parse_float=str, parse_constant=str))
    except (ValueError, RecursionError):
        pass
    pairs = body.strip().split(b"&")
    if all(equals and _NAME.fullmatch(name) for name, equals, _ in (pair.partition(b"=") for pair in pairs)):
        return masked_pairs(body.strip())
    return f"({len(body)} bytes)"


def _pair(name: bytes, equals: bytes) -> str:
    if not name or (equals and _NAME.fullmatch(name)):
        return f"{name.decode()}{'=' + MASK if equals else ''}"
    return MASK


class _Members(tuple[tuple[str, Any], ...]):
    """The members of a JSON object, twins and all."""

    __slots__ = ()


def _json(value: object) -> str:
    if isinstance(value, _Members):
        return "{" + ", ".join(f"{_quoted(name)}: {_json(one)}" for name, one in value) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(_json, value))}]"
    return _quoted(MASK)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=not text.isprintable())
