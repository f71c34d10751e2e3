"""mitmproxy's flows to our values and back."""

import functools
import re
from datetime import UTC, datetime
from email.utils import formatdate
from http import HTTPStatus

from mitmproxy import http
from mitmproxy.net.http.status_codes import RESPONSES
from mitmproxy.proxy.mode_specs import ReverseMode

from jira_compat.events.identity import Identity, basic_user, identify
from jira_compat.message.headers import header, onward
from jira_compat.model import Exchange, Request, Response
from jira_compat.proxy.settings.client_address import Network, client_address
from jira_compat.proxy.upstream import Origin

_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_TARGET = re.compile(rb"/[^\0\s]*|\*")
_FRAMING = frozenset({b"content-length", b"transfer-encoding"})
_WITH_CONTENT = frozenset({"POST", "PUT", "PATCH"})
_LIGHT = 1 << 15
"""Bytes."""
_LIGHT_CODED = 32
"""Bytes of a body with a content coding."""
_LONGEST_NUMBER = 18
"""Digits; 2^63 has one more."""


def to_request(request: http.Request, *, with_body: bool) -> Request:
    """The request; without its body unless that is here as a whole."""
    body = request.raw_content if with_body else None
    return Request(request.method, request.data.path, request.headers.fields, body)


def is_heavy(message: http.Message) -> bool:
    """Return whether reading its body may take so long that others would notice: 10 ms and more."""
    length = len(message.raw_content or b"")
    return length > _LIGHT or (
        length > _LIGHT_CODED and header(message.headers.fields, b"content-encoding") is not None
    )


def to_response(response: http.Response) -> Response:
    """The response, as far as it is here."""
    return Response(response.status_code, response.headers.fields, response.raw_content)


def to_exchange(
    flow: http.HTTPFlow, identity: Identity, key: bytes, *, trusted: tuple[Network, ...] = (), source: str = "live"
) -> Exchange:
    """Return the facts of an exchange, without bodies."""
    request = to_request(flow.request, with_body=False)
    return Exchange(
        request=request,
        response=None if flow.response is None else Response(flow.response.status_code, flow.response.headers.fields),
        source=source,
        started=flow.request.timestamp_start,
        client=client_address(flow.client_conn.peername[0], request.headers, trusted),
        server=flow.request.host,
        user=identify(basic_user(request.headers), identity, key),
    )


def write_request(flow: http.HTTPFlow, old: Request, new: Request) -> None:
    """Make the flow's request the new one, touching only what differs from the old."""
    request = flow.request
    request.data.path = new.target
    if new.method != old.method:
        request.method = new.method
    if new.headers is not old.headers:
        request.headers = http.Headers(new.headers)
    if new.body is not None and new.body is not old.body:
        write_body(request, new.body)


def write_body(message: http.Message, body: bytes) -> None:
    """Replace a body, still content-encoded, and say its length where there was one to say."""
    message.raw_content = body
    framed = [value for name, value in message.headers.fields if name.lower() in _FRAMING]
    if framed != [b"%d" % len(body)] and "transfer-encoding" not in message.headers:
        message.headers["content-length"] = str(len(body))


def frame(request: http.Request) -> None:
    """Give the content of an HTTP/2 request a length.

    mitmproxy 12 forwards such a request to an HTTP/1 server without any framing, so that its
    content would be read as the next request there. Of an empty one servers expect that its length is said, too
    (RFC 9110, section 8.6).
    """
    content = request.raw_content
    is_expected = content or (content is not None and request.is_http2 and request.method in _WITH_CONTENT)
    if is_expected and not any(name.lower() in _FRAMING for name, _ in request.headers.fields):
        request.headers["content-length"] = str(len(content or b""))


def pass_on(message: http.Message) -> None:
    """Take out what is meant for one hop, and make each field's value one line."""
    fields = message.headers.fields
    kept = onward(fields)
    if kept is not fields:
        message.headers = http.Headers(kept)


def is_well_formed(request: http.Request) -> bool:
    """Return whether method and target fit a request line (RFC 9112, section 3); in HTTP/2 they may not.

    And whether every server can count its content: one whose numbers overflow takes the rest for another request.
    """
    if _TOKEN.fullmatch(request.data.method) is None or _TARGET.fullmatch(request.data.path) is None:
        return False
    return len(header(request.headers.fields, b"content-length") or b"") <= _LONGEST_NUMBER


def origin(flow: http.HTTPFlow) -> Origin:
    """Return the site that the flow's request is bound for."""
    request = flow.request
    return Origin(request.scheme, request.host, request.port, request.host_header or request.host)


def own_request_id(flow: http.HTTPFlow) -> str:
    """Our name for an exchange whose client gave it none: mitmproxy's own random one (RFC 9562, version 4)."""
    return flow.id.replace("-", "")


def to_origin_form(flow: http.HTTPFlow) -> None:
    """A reverse proxy's upstream is its own choice: an absolute-form target must not name another (RFC 9112, 3.2.2)."""
    if flow.request.data.authority and is_reverse(flow) and not (flow.request.is_http2 or flow.request.is_http3):
        flow.request.authority = ""


def is_reverse(flow: http.HTTPFlow) -> bool:
    """Return whether the flow came through a reverse proxy's port."""
    return isinstance(flow.client_conn.proxy_mode, ReverseMode)


def from_response(response: Response, *, content: bool = True) -> http.Response:
    """Our answer in correct HTTP (RFC 9110): a date, no length on 204, and no content where none may be."""
    now = datetime.now(UTC).timestamp()
    fields = [*response.headers, (b"Date", _date(int(now)))]
    if response.status == HTTPStatus.NO_CONTENT:
        fields = [(name, value) for name, value in fields if name.lower() != b"content-length"]
    reason = RESPONSES.get(response.status, "").encode()
    body = response.body if content and response.body else b""
    return http.Response(b"HTTP/1.1", response.status, reason, http.Headers(fields), body, None, now, now)


@functools.lru_cache(maxsize=1)
def _date(seconds: int) -> bytes:
    return formatdate(seconds, usegmt=True).encode()


def answer(flow: http.HTTPFlow, response: Response, request_id: str) -> http.Response:
    """Answer the flow ourselves; HEAD gets the header fields alone."""
    flow.response = from_response(response, content=flow.request.method.upper() != "HEAD")
    set_field(flow.response, b"X-Request-Id", request_id.encode())
    return flow.response


def set_field(message: http.Message, name: bytes, value: bytes) -> None:
    """Give a message a header field, in the place of any others of that name."""
    wanted = name.lower()
    kept = [field for field in message.headers.fields if field[0].lower() != wanted]
    message.headers.fields = (*kept, (name, value))


def names_of_destination(flow: http.HTTPFlow) -> tuple[str | None, ...]:
    """Every name by which a request calls its destination: address, CONNECT host, TLS SNI, Host, authority."""
    request, server = flow.request, flow.server_conn
    connect = server.address[0] if server.address else None
    hosts = request.headers.get_all("host")
    return (request.host, connect, flow.client_conn.sni, server.sni, request.authority, *hosts)
