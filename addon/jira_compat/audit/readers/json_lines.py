"""Logs of one JSON object a line: access logs under the usual field names, and our own events."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from jira_compat.audit.counting.addresses import bare_address
from jira_compat.audit.counting.tally import Row, Tally
from jira_compat.audit.files.problems import Skipped
from jira_compat.audit.readers.access_log import UNFINISHED, line_blocks
from jira_compat.audit.readers.line_parts import without_prefix
from jira_compat.audit.readers.log_formats import row_of
from jira_compat.audit.readers.other_logs import may_be_request

Object = Mapping[str, Any]

NAMES: dict[str, tuple[str, ...]] = {
    "client": (
        "client.address", "client.ip", "request.client_ip", "remote_addr", "client_ip", "remote_ip",
        "request.remote_ip", "request.remote_addr", "ClientHost", "ClientIP", "clientip", "clientIp", "source.ip",
        "httpRequest.remoteIp", "downstream_remote_address", "remote_address", "client", "c-ip", "ip",
    ),
    "user": ("user.name", "remote_user", "user_id", "request.user_id", "ClientUsername", "username", "auth", "user"),
    "time": (
        "@timestamp", "timestamp", "time_iso8601", "StartUTC", "time_local", "time", "start_time", "started_at",
        "EdgeStartTimestamp", "ts", "date", "datetime", "msec",
    ),
    "method": (
        "http.request.method", "request_method", "RequestMethod", "request.method", "httpRequest.requestMethod",
        "ClientRequestMethod", "request_verb", "http_method", "method", "verb", "cs-method",
    ),
    "target": (
        "url.original", "request_uri", "RequestPath", "request.uri", "httpRequest.requestUrl", "ClientRequestURI",
        "request_url", "url.path", "uri_path", "request_path", "uri", "path", "url", "target",
        "http_path", "cs-uri-stem",
    ),
    "query": ("url.query", "query_string", "args", "cs-uri-query"),
    "status": (
        "http.response.status_code", "status_code", "response_status", "DownstreamStatus", "response.status",
        "httpRequest.status", "EdgeResponseStatus", "elb_status_code", "response_code", "status", "sc-status", "code",
    ),
    "agent": (
        "user_agent.original", "http_user_agent", "request_User-Agent", "request.headers.User-Agent",
        "httpRequest.userAgent", "request.headers.user-agent", "ClientRequestUserAgent", "user_agent", "useragent",
        "userAgent", "agent", "ua",
    ),
    "forwarded": (
        "http_x_forwarded_for", "x_forwarded_for", "request.headers.X-Forwarded-For", "request.headers.x-forwarded-for",
        "request_X-Forwarded-For", "xff",
    ),
    "request": ("request", "request_line", "http_request"),
}  # fmt: skip
"""Where a fact stands in the logs of nginx, Traefik, Caddy, Envoy, Google Cloud, ECS and others; dots go deeper."""


WRAPPERS = ("log", "message", "MESSAGE", "textPayload")
"""Members with the line of another log: of Docker's json-file, Filebeat, journald and Google Cloud."""
NO_REQUEST = "these JSON lines have no method and path under any usual name; docs/audit.md lists the names"
_HEX = re.compile(rb"(\\\\)|\\x([0-9A-Fa-f]{2})")
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
            if (entry := read_object(line)) is not None:
                found.append((number, entry))
            elif not block.whole:
                skipped.remark(number, UNFINISHED)
            elif line.strip():
                skipped.skip(number, "not a JSON object; correct or remove the line")
        yield found
        seen(number - block.whole)


def read_object(line: bytes) -> Object | None:
    """The object that a line is."""
    if not line.lstrip().startswith(b"{"):
        line = without_prefix(line) if b"{" in line else b""
        if not line.lstrip().startswith(b"{"):
            return None
    found = _loaded(line)
    if found is None and b"\\x" in line:
        found = _loaded(_HEX.sub(_character, line))
    return found if isinstance(found, dict) else None


def _loaded(line: bytes) -> Any:  # noqa: ANN401 - whatever JSON may be
    try:
        return json.loads(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None


def _character(match: re.Match[bytes]) -> bytes:
    """Decode an escape that JSON lacks, and nginx writes without ``escape=json``: a byte in two hexadecimal digits."""
    if match[1] is not None:
        return match[0]
    code = int(match[2], 16)
    return b"\\u00%02x" % code if code < 0x20 or code in b'"\\' else bytes((code,))


def read_json_log(chunks: Iterable[bytes], tally: Tally, skipped: Skipped, seen: Callable[[int], None]) -> None:
    """Count the lines of a JSON access log."""
    layouts = Layouts()
    for found in objects(chunks, skipped, seen):
        rows: dict[int, Row] = {}
        for number, entry in found:
            row = layouts.row(entry)
            if row is not None:
                rows[number] = row
            elif _may_be_request(entry):
                skipped.skip(
                    number, "there is no method or no path under any usual name; docs/audit.md lists the names"
                )
            else:
                skipped.no_request += 1
        tally.count(rows.values(), rows)


class Layouts:
    """Reads objects, and remembers where such with the same members have their facts."""

    def __init__(self) -> None:
        self._known: dict[_Path, dict[str, tuple[_Path, ...]]] = {}

    def row(self, found: Object) -> Row | None:
        """An object's facts, or those of the line that it wraps; ``None`` if it is not about a request."""
        return self._row(found) or self._wrapped(found)

    def _wrapped(self, found: Object) -> Row | None:
        payload = found.get("jsonPayload")
        if isinstance(payload, dict):
            return self._row(payload)
        for name in WRAPPERS:
            line = found.get(name)
            if isinstance(line, str) and line:
                content = _octets(line.rstrip("\r\n"))
                inner = read_object(content)
                return row_of(content) if inner is None else self._row(inner)
        return None

    def _row(self, found: Object) -> Row | None:
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
        return (
            _octets(bare_address(_fact(found, places["client"]))),
            b"",
            _octets(_fact(found, places["user"])),
            _octets(_fact(found, places["time"])),
            _octets(method),
            _octets(target),
            _octets(_fact(found, places["status"])).strip(b"-"),
            _octets(_fact(found, places["agent"])),
            _octets(_fact(found, places["forwarded"])),
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


def _may_be_request(found: Object, depth: int = 2) -> bool:
    """Whether an object without known names may be about a request all the same."""
    for name, value in found.items():
        if isinstance(value, dict) and depth and _may_be_request(value, depth - 1):
            return True
        if not isinstance(value, str) or value in {"", "-"}:
            continue
        if "method" in name.lower() or "verb" in name.lower() or may_be_request(_octets(value)):
            return True
    return False


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "replace")
