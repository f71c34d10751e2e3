"""What a client is told whose exchange broke off."""

from http import HTTPStatus

from jira_compat.actions.answer import error_answer
from jira_compat.model import Response

_LONGEST = 200
_SAFE = ("[Errno", "Certificate verify failed", "connection cancelled", "server closed connection", "TLS")
"""What messages of mitmproxy begin with that quote nothing of an answer."""


def broken_exchange(upstream: str, status: int, message: str, timeout: float | None) -> Response:
    """A Jira-shaped 400, 502 or 504 that names the upstream and the reason.

    Args:
        upstream: Host and port of the site.
        status: mitmproxy's status for it.
        message: mitmproxy's words for it; taken over only where they cannot hold any content.
        timeout: Seconds that were waited in vain, if that was the reason.
    """
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        text = "The proxy cannot read this as an HTTP request. Send one that follows RFC 9112."
        return error_answer(status, text, "error/malformed_request")
    if timeout is not None:
        text = f"Jira at {upstream} did not begin to answer within {timeout:g} s. Try again, or ask for less."
        return error_answer(HTTPStatus.GATEWAY_TIMEOUT, text, "error/upstream_timeout")
    plain = message.splitlines()[0][:_LONGEST] if message.startswith(_SAFE) else "its answer is no valid HTTP"
    text = f"Jira at {upstream} could not be reached through the proxy: {plain}."
    return error_answer(HTTPStatus.BAD_GATEWAY, text, "error/upstream_failed")
