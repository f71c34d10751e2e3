"""Answers in the shape that Jira's own errors have, because clients read the text only from there."""

import json
from http import HTTPStatus

from jira_compat.model import Header, Response

CONTENT_TYPE = b"application/json;charset=UTF-8"
MARK = b"X-Jira-Compat"
"""Response field: which rules, or which of the proxy's own reasons, shaped this answer."""


def error_answer(status: int | HTTPStatus, message: str, mark: str, *, link: str | None = None) -> Response:
    """A Jira-shaped error: ``{"errorMessages": [message], "errors": {}}``.

    Args:
        status: The status code.
        message: One sentence for the person who runs the client.
        mark: Value of ``X-Jira-Compat``: ``POLICY/RULE`` or ``error/REASON``.
        link: Where the change is documented (RFC 9745, section 3: ``rel="deprecation"`` may stand alone).
    """
    body = json.dumps({"errorMessages": [message], "errors": {}}, ensure_ascii=False).encode()
    headers: list[Header] = [
        (b"Content-Type", CONTENT_TYPE),
        (b"Content-Length", str(len(body)).encode()),
        (b"Cache-Control", b"no-store"),
        (MARK, mark.encode()),
    ]
    if link is not None:
        headers.append((b"Link", f'<{link}>; rel="deprecation"'.encode()))
    return Response(int(status), tuple(headers), body)
