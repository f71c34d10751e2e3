"""Logs of one JSON object a line: access logs under the usual field names, and our own events."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from jira_compat.audit.access_log import TOO_LONG, UNFINISHED
from jira_compat.audit.lines import blocks
from jira_compat.audit.problem import Skipped
from jira_compat.audit.tally import Row, Tally

Object = Mapping[str, Any]

NAMES: dict[str, tuple[str, ...]] = {
    "client": (
        "client.address", "client.ip", "remote_addr", "client_ip", "remote_ip", "request.remote_ip", "ClientHost",
        "clientip", "clientIp", "source.ip", "httpRequest.remoteIp", "remote_address", "client", "c-ip", "host",
    ),
    "user": ("user.name", "remote_user", "user_id", "request.user_id", "ClientUsername", "username", "auth", "user"),
    "time": (
        "@timestamp", "timestamp", "time_iso8601", "StartUTC", "time_local", "time", "ts", "date", "datetime", "msec",
    ),
    "method": (
        "http.request.method", "request_method", "RequestMethod", "request.method", "httpRequest.requestMethod",
        "http_method", "method", "verb", "cs-method",
    ),
    "target": (
        "url.original", "request_uri", "RequestPath", "request.uri", "httpRequest.requestUrl", "url.path", "uri_path",
        "request_path", "uri", "path", "url", "target", "http_path", "cs-uri-stem",
    ),
    "query": ("url.query", "query_string", "args", "cs-uri-query"),
    "status": (
        "http.response.status_code", "status_code", "response_status", "DownstreamStatus", "response.status",
        "httpRequest.status", "response_code", "status", "sc-status", "code",
    ),
    "agent": (
        "user_agent.original", "http_user_agent", "request_User-Agent", "request.headers.User-Agent",
        "httpRequest.userAgent", "request.headers.user-agent", "user_agent", "useragent", "userAgent", "agent",
    ),
    "request": ("request", "request_line", "http_request"),
}  # fmt: skip
"""Where a fact stands in the logs of nginx, Traefik, Caddy, Envoy, Google Cloud, ECS and others; dots go deeper."""


def objects(chunks: Iterable[bytes], skipped: Skipped, seen: Callable[[int], None]) -> Iterator[tuple[int, Object]]:
    """The objects of a file with one a line, by number of the line; ``seen`` is told how many lines there are."""
    for block in blocks(chunks, lambda number: skipped.skip(number, TOO_LONG)):
        number = block.first
        for number, line in enumerate(block.content.split(b"\n"), block.first):
            if not line.strip():
                continue
            found = read_object(line)
            if found is not None:
                yield number, found
            elif not block.whole:
                skipped.remark(number, UNFINISHED)
            else:
                skipped.skip(number, "this is no JSON object; mend or remove the line")
        seen(number if not block.whole else number - 1)


def read_object(line: bytes) -> Object | None:
    """The object that a line is."""
    if not line.lstrip().startswith(b"{"):
        return None
    try:
        found = json.loads(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def read_json_log(chunks: Iterable[bytes], tally: Tally, skipped: Skipped, seen: Callable[[int], None]) -> None:
    """Count the lines of a JSON access log."""
    for number, found in objects(chunks, skipped, seen):
        row = to_row(found)
        if row is None:
            skipped.skip(number, "there is no method or no path under any usual name; name other fields for the log")
        else:
            tally.count((row,), (number,))


def tells_of_a_request(found: Object) -> bool:
    """Whether there are a method and a target under their usual names."""
    return to_row(found) is not None


def to_row(found: Object) -> Row | None:
    """A line's facts; ``None`` if it is about no request."""
    method, target = fact(found, "method"), fact(found, "target")
    if not (method and target):
        words = fact(found, "request").split(" ")
        if len(words) < 2:
            return None
        method, target = words[0], words[1]
    query = fact(found, "query")
    if query and query != "-" and "?" not in target:
        target = f"{target}?{query.removeprefix('?')}"
    rest = (fact(found, name) for name in ("client", "user", "time"))
    client, user, time = (text.encode("utf-8", "replace") for text in rest)
    status, agent = fact(found, "status").encode("utf-8", "replace"), fact(found, "agent").encode("utf-8", "replace")
    client = client.rsplit(b":", 1)[0] if client.count(b":") == 1 else client
    return client, user, time, method.encode("utf-8", "replace"), target.encode("utf-8", "replace"), status, agent


def fact(found: Object, column: str) -> str:
    """A fact under the first of its names that has a value; ``""`` if none has."""
    for name in NAMES[column]:
        value = found.get(name)
        if value is None and "." in name:
            value = _deeper(found, name.split("."))
        if isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, str) and value:
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    return ""


def _deeper(found: Object, names: list[str]) -> Any:  # noqa: ANN401 - whatever JSON may be
    value: Any = found
    for name in names:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value
