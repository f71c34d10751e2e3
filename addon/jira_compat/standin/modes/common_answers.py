"""Header fields common to all answers, and the answers that no endpoint gives.

Header names and shapes are those that real sites were seen to send; not all of them.
"""

import gzip
import hashlib
import secrets
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime

from jira_compat.standin.http.messages import HTML, Answer, Call, Refusal, answer, escaped
from jira_compat.standin.people.session import session_id
from jira_compat.standin.state import Mode, State

BASIC_IS_DEPRECATED = (
    "Basic authentication with passwords is deprecated.  For more information, see: "
    "https://developer.atlassian.com/cloud/confluence/deprecation-notice-basic-auth/\n"
)
"""The cloud's 401, two blanks and all: also for a wrong API token."""

CLIENT_MUST_BE_AUTHENTICATED = "Client must be authenticated to access this resource."


WORTH_PACKING = 1000
"""Octets from which the cloud gzips what it sends."""


def unauthorised(mode: Mode, scheme: str) -> Answer:
    """The answer to wrong credentials: each Jira has its own, and only that for tokens is JSON."""
    if scheme != "basic":
        return answer(401, {"message": CLIENT_MUST_BE_AUTHENTICATED, "status-code": 401})
    if mode != "server":
        return Answer(401, (("Content-Type", "text/plain"),), BASIC_IS_DEPRECATED.encode())
    page = b"<html><head><title>Unauthorized (401)</title></head><body>AUTHENTICATED_FAILED</body></html>"
    challenge = ("WWW-Authenticate", 'OAuth realm="http%3A%2F%2Fstandin"')
    return Answer(401, (HTML, challenge, ("X-Seraph-LoginReason", "AUTHENTICATED_FAILED")), page)


def is_from_browser(call: Call) -> bool:
    """Return whether today's Cloud takes a request for a browser's that another page made it send.

    It was seen to refuse POST and PUT for no more than a browser's ``User-Agent``, with an API token, too.
    """
    return call.method not in {"GET", "OPTIONS"} and call.headers.get("user-agent", "").startswith("Mozilla/")


def forged() -> Answer:
    """The answer to such a request."""
    return Answer(403, (("Content-Type", "text/html;charset=UTF-8"),), b"XSRF check failed")


def unavailable(status: int, retry_after: int | None) -> Answer:
    """The answer of a Jira that is asked too much (429) or that cannot answer now."""
    if status != 429:
        return Refusal(status, "The stand-in was told to fail.").answer
    fields = (
        ("Retry-After", str(retry_after or 0)),
        ("X-Ratelimit-Remaining", "0"),
        ("RateLimit-Reason", "jira-burst-based"),
    )
    return answer(status, {"errorMessages": ["Rate limit exceeded."], "errors": {}}, *fields)


def not_found(call: Call) -> Answer:
    """The answer for a path that nothing answers: Jira's ``null for uri`` below the API, a page elsewhere."""
    if call.path[:2] not in (("rest", "api"), ("rest", "auth")):
        page = b"<!DOCTYPE html><html><head><title>Oops, you&#39;ve found a dead link. - Jira</title></head></html>"
        return Answer(404, (HTML,), page)
    message = f"null for uri: {call.site}/{'/'.join(escaped(part) for part in call.path)}"
    accept = call.headers.get("accept", "")
    if "xml" not in accept or "json" in accept:
        return answer(404, {"message": message, "status-code": 404})
    page = f"<status><status-code>404</status-code><message>{message}</message></status>".encode()
    return Answer(404, (("Content-Type", "application/xml;charset=UTF-8"),), page)


def not_allowed(call: Call, methods: Collection[str]) -> Answer:
    """Return the answer to a method that the path does not have; ``OPTIONS`` lists its methods."""
    allow = ("Allow", ",".join(methods))
    if call.method == "OPTIONS":
        return Answer(200, (allow,))
    return answer(405, {"message": "HTTP 405 Method Not Allowed", "status-code": 405}, allow)


def dressed(state: State, call: Call, reply: Answer) -> Answer:
    """An answer with the header fields that all answers have; the cloud's go out in chunks, large ones gzipped."""
    if state.cloud and reply.stream is None:
        reply = packed(call, replace(reply, chunked=True))
    own = {name for name, _ in reply.headers}
    common = cloud_headers(call) if state.cloud else server_headers(state, call)
    return replace(reply, headers=(*(field for field in common if field[0] not in own), *reply.headers))


def packed(call: Call, reply: Answer) -> Answer:
    """An answer gzipped, if that is worth it and the client takes it."""
    if len(reply.body) < WORTH_PACKING or "gzip" not in call.headers.get("accept-encoding", ""):
        return reply
    fields = (("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding"))
    return replace(reply, headers=(*reply.headers, *fields), body=gzip.compress(reply.body, 1))


def server_headers(state: State, call: Call) -> list[tuple[str, str]]:
    """Return the header fields of every answer of Jira Server."""
    now = datetime.now(UTC)
    fields = [
        ("X-AREQUESTID", f"{now.hour * 60 + now.minute}x{next(state.requests)}x1"),
        ("Referrer-Policy", "strict-origin-when-cross-origin"),
        ("X-XSS-Protection", "1; mode=block"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "SAMEORIGIN"),
        ("Content-Security-Policy", "frame-ancestors 'self'"),
        ("Cache-Control", "no-cache, no-store, no-transform"),
        ("Vary", "User-Agent"),
    ]
    if call.caller:
        fields += [("X-Seraph-LoginReason", "OK"), ("X-AUSERNAME", escaped(call.caller.name))]
    if token := session_id(call):
        fields.append(("X-ASESSIONID", hashlib.sha256(token.encode(errors="replace")).hexdigest()[:7]))
    return fields


def cloud_headers(call: Call) -> list[tuple[str, str]]:
    """Return the header fields of every answer of Cloud."""
    fields = [
        ("Server", "AtlassianEdge"),
        ("Cache-Control", "no-cache, no-store, no-transform"),
        ("Timing-Allow-Origin", "*"),
        ("X-Arequestid", secrets.token_hex(16)),
        ("X-Ratelimit-Limit", "350"),
        ("X-Ratelimit-Remaining", "349"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Xss-Protection", "1; mode=block"),
        ("Atl-Traceid", secrets.token_hex(16)),
        ("Strict-Transport-Security", "max-age=63072000; includeSubDomains; preload"),
    ]
    if call.caller:
        fields.append(("X-Aaccountid", escaped(call.caller.account_id)))
    return fields
