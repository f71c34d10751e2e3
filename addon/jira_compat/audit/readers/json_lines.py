"""Logs of one JSON object a line: access logs under the usual field names, and our own events."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from jira_compat.audit.counting.tally import Row, Tally
from jira_compat.audit.files.problems import Skipped
from jira_compat.audit.readers.access_log import UNFINISHED, line_blocks

Object = Mapping[str, Any]

NAMES: dict[str, tuple[str, ...]] = {
    "client": (
        "client.address", "client.ip", "remote_addr", "client_ip", "remote_ip", "request.remote_ip", "ClientHost",
        "clientip", "clientIp", "source.ip", "httpRequest.remoteIp", "remote_address", "client", "c-ip",
    ),
    "user": ("user.name", "remote_user", "user_id", "request.user_id", "ClientUsername", "username", "auth", "user"),
    "time": (
        "@timestamp", "timestamp", "time_iso8601", "StartUTC", "time_local", "time", "start_time", "ts", "date",
        "datetime", "msec",
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


_MOST_LAYOUTS = 1000
_LONGEST = 16_384
"""Characters of one fact; servers take no longer request line."""

_Path = tuple[str, ...]


def objects(
    chunks: Iterable[bytes], skipped: Skipped, seen: Callable[[int], None]
) -> Iterator[list[tuple[int, Object]]]:
    """The objects of a file with one a line, by number of the line; ``seen`` is told how many lines there are."""
    for block in line_blocks(chunks, skipped):
        found = []
        number = block.first - 1
        for number, line in enumerate(block.content.split(b"\n"), block.first):
            if (one := read_object(line)) is not None:
                found.append((number, one))
            elif not block.whole:
                skipped.remark(number, UNFINISHED)
            elif line.strip():
                skipped.skip(number, "this is no JSON object; mend or remove the line")
        yield found
        seen(number - block.whole)


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
    layouts = Layouts()
    for found in objects(chunks, skipped, seen):
        rows: dict[int, Row] = {}
        for number, one in found:
            row = layouts.row(one)
            if row is None:
                skipped.skip(
                    number, "there is no method or no path under any usual name; docs/audit.md lists the names"
                )
            else:
                rows[number] = row
        tally.count(rows.values(), rows)


class Layouts:
    """Reads objects, and remembers where such with the same members have their facts."""

    def __init__(self) -> None:
        self._known: dict[_Path, dict[str, tuple[_Path, ...]]] = {}

    def row(self, found: Object) -> Row | None:
        """An object's facts; ``None`` if it is about no request."""
        places = self._places(found)
        method, target = _fact(found, places["method"]), _fact(found, places["target"])
        if not (method and target):
            words = _fact(found, places["request"]).split(" ")
            if len(words) < 2:
                return None
            method, target = words[0], words[1]
        query = _fact(found, places["query"])
        if query and query != "-" and "?" not in target:
            target = f"{target}?{query.removeprefix('?')}"
        client = _fact(found, places["client"])
        return (
            _octets(client.partition(":")[0] if client.count(":") == 1 else client),
            _octets(_fact(found, places["user"])),
            _octets(_fact(found, places["time"])),
            _octets(method),
            _octets(target),
            _octets(_fact(found, places["status"])).strip(b"-"),
            _octets(_fact(found, places["agent"])),
        )

    def _places(self, found: Object) -> dict[str, tuple[_Path, ...]]:
        members = tuple(found)
        places = self._known.get(members)
        if places is None:
            if len(self._known) >= _MOST_LAYOUTS:
                self._known.clear()
            places = self._known[members] = {column: tuple(_paths(found, names)) for column, names in NAMES.items()}
        return places


def _paths(found: Object, names: Iterable[str]) -> Iterator[_Path]:
    """Where facts may stand, given the object's members."""
    for name in names:
        if name in found:
            yield (name,)
        elif (deeper := tuple(name.split(".")))[0] in found and len(deeper) > 1:
            yield deeper


def _fact(found: Object, places: Iterable[_Path]) -> str:
    """The first fact that has a value; ``""`` if none has."""
    for place in places:
        value: Any = found
        for name in place:
            value = value.get(name) if isinstance(value, dict) else None
        if isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, str) and value:
            return value[:_LONGEST]
        if isinstance(value, int | float) and not isinstance(value, bool):
            return f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    return ""


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "replace")
