"""Responses to clients whose exchange broke off."""

import os
import re
from http import HTTPStatus

from jira_compat.jira_error import error_answer
from jira_compat.model import Response

SENT_DIRECTLY = "sent to a forward proxy as to the site"
"""The message of an exchange that ends because its target names no site."""
CONTRADICTION = "The policies contradict each other: {failure}. Change one of the two rules."
STEP_TOO_LARGE = "the response to a plan's request is too large"
"""The message of an exchange that ends because a plan's response is too large to be held."""
_SYSTEM_ERROR = re.compile(r"(?:Multiple exceptions: )?\[Errno (-?[0-9]+)\]")
_UNTRUSTED = re.compile(r"Certificate verify failed: ([\w ./()'-]{1,100})")
_REASONS = (
    ("server closed connection", "it closed the connection"),
    ("connection closed", "it closed the connection"),
    ("peer closed connection", "it closed the connection"),
    ("HTTP/1 protocol error: peer closed connection", "it broke its answer off"),
    ("Connection killed: Request destination unknown", "that is this proxy itself"),
    ("connection cancelled", "the connection was given up"),
    ("The remote server does not speak TLS", "it does not speak TLS"),
    ("The remote server and mitmproxy cannot agree", "it has no version of TLS in common with the proxy"),
    (("OpenSSL ", "tlsv1 ", "sslv3 ", "ssl/tls "), "TLS with it failed"),
)
"""The beginnings of mitmproxy's messages, and our own words for them: mitmproxy's may quote the upstream."""


def malformed_request() -> Response:
    """A Jira-shaped 400 to an invalid HTTP request."""
    text = "The proxy cannot read this as an HTTP request. Send one that follows RFC 9112."
    return error_answer(HTTPStatus.BAD_REQUEST, text, "error/malformed_request")


def sent_directly() -> Response:
    """A Jira-shaped 400 to who takes a forward proxy for the site."""
    text = (
        "This is a forward proxy, and the request was sent to it as if it were the site. "
        "Name it as the client's proxy (curl -x, HTTPS_PROXY), so that the request names its site "
        "by an absolute URL or CONNECT (RFC 9112, section 3.2.2), or run it with --upstream in the place of a site."
    )
    return error_answer(HTTPStatus.BAD_REQUEST, text, "error/sent_directly")


def step_too_large(limit: int) -> Response:
    """A Jira-shaped 502 to a client whose request was replaced, when the site's response cannot be held."""
    text = (
        f"The request was replaced by a safer one, and Jira's answer has more than {limit} bytes, so the proxy did not "
        "read whether it was carried out. Look in Jira before you try again."
    )
    return error_answer(HTTPStatus.BAD_GATEWAY, text, "error/answer_too_large")


def step_refused(failure: Exception) -> Response:
    """A Jira-shaped 502 to a client for whom one rule sends what another does not let pass."""
    return error_answer(HTTPStatus.BAD_GATEWAY, CONTRADICTION.format(failure=failure), "error/step_refused")


def broken_exchange(upstream: str, status: int, message: str, timeout: float | None) -> Response:
    """A Jira-shaped 400, 502 or 504; the latter name the upstream and the reason.

    Args:
        upstream: Host and port of the site.
        status: mitmproxy's status for it.
        message: mitmproxy's words for it.
        timeout: Seconds that were waited in vain, if that was the reason.
    """
    if message == SENT_DIRECTLY:
        return sent_directly()
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return malformed_request()
    if timeout is not None:
        text = f"Jira at {upstream} did not begin to answer within {timeout:g} s. Try again, or ask for less."
        return error_answer(HTTPStatus.GATEWAY_TIMEOUT, text, "error/upstream_timeout")
    text = f"The proxy got no answer from Jira at {upstream}: {_reason(message)}."
    return error_answer(HTTPStatus.BAD_GATEWAY, text, "error/upstream_failed")


def _reason(message: str) -> str:
    number, untrusted = _SYSTEM_ERROR.match(message), _UNTRUSTED.match(message)
    if number is not None:
        return os.strerror(int(number[1])).lower() if int(number[1]) > 0 else "its name cannot be resolved"
    if untrusted is not None:
        return f"its certificate is not trusted ({untrusted[1]})"
    return next((words for begins, words in _REASONS if message.startswith(begins)), "it did not send valid HTTP")
