"""Lines of logs that have no requests: what servers write about themselves."""

import re

from jira_compat.audit.readers.line_parts import IP, without_prefix

_HAPROXY = (
    rb"(?:Server|Backend|Frontend|Proxy|Health check|backend|frontend|Pausing|Stopping|Starting|Loading|Connect from|"
    rb"New worker|Current worker|Reloading|haproxy|HAProxy|A worker|All workers|"
    rb"\[(?:NOTICE|WARNING|ALERT|DIAG)\]) ?[^\"\n]*|"
    rb"%(ip)b:[0-9]{1,5} \[[^\]\n]+\] [^ \n]+ [^ \n]+ [0-9+/-]+ \+?[0-9]+ [^ \n]{2} [0-9+/]+ [0-9+/]+[^\"\n]*|"
    rb"%(ip)b:[0-9]{1,5} \[[^\]\n]+\] [^ \n]+: [A-Z][^\"\n]*"
) % {b"ip": IP.encode()}
"""Messages on servers and processes, ``option tcplog``, and connections that failed before a request."""
_ERROR_LOG = (
    rb"[0-9]{4}/[0-9]{2}/[0-9]{2} [0-9:]{8} \[[a-z]+\] [0-9]+#[0-9]+: .*|"  # nginx
    rb"\[[A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-9]?[0-9] [0-9:]{8}(?:\.[0-9]+)? [0-9]{4}\] \[[a-z0-9_:-]+\] .*"  # Apache
)
_MESSAGE = re.compile(rb"(?:" + _HAPROXY + rb"|" + _ERROR_LOG + rb")\r?", re.DOTALL)

_APPLICATION = re.compile(
    rb"[0-9]{2}-[A-Z][a-z]{2}-[0-9]{4} [0-9:]{8}\.[0-9]{3} [A-Z]+ \["  # Tomcat's catalina, localhost, host-manager
    rb"|[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8},[0-9]{3}[+-][0-9]{4} "  # Jira's own, by log4j
    rb"|[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8},[0-9]{3} "  # log4j's default
    rb"|\[[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+[+-][0-9]{4}\]\[[^\]\n]+\]"  # the JVM's garbage collector
)
_REQUEST = re.compile(
    rb"\b(?:GET|HEAD|POST|PUT|DELETE|PATCH|OPTIONS|TRACE|CONNECT)[\" ]+(?:https?:/)?/|HTTP/[0-9](?:\.[0-9])?\""
)

_ANSWERED = re.compile(rb"\"[A-Z]{3,8} [^ \n]{1,9000} HTTP/[0-9.]{1,3}\" [0-9]{3}[ \r\n]")


def is_message(line: bytes) -> bool:
    """Whether a line among requests is a server's message, which is about no request."""
    return _MESSAGE.fullmatch(line) is not None or _MESSAGE.fullmatch(without_prefix(line)) is not None


def may_be_request(line: bytes) -> bool:
    """Whether a line, in whatever format, may be about a request."""
    return _REQUEST.search(line) is not None


def may_be_answered_request(content: bytes) -> int | None:
    """Where a request line with a status stands among messages; ``None`` if there is none."""
    match = _ANSWERED.search(content)
    return None if match is None else match.start()


def is_other_log(head: bytes) -> bool:
    """Whether a file that begins so is a log of a server's or Jira's messages."""
    lines = [line for line in head.splitlines() if line.strip()]
    if any(is_message(line) for line in lines):
        return all(is_message(line) or not may_be_request(line) for line in lines)
    return any(_APPLICATION.match(line) for line in lines) and not any(map(may_be_request, lines))
