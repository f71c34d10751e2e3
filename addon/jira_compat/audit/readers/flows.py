"""mitmproxy's flow files, flow by flow: one that cannot be read does not end the file."""

import ipaddress
from collections.abc import Iterator
from typing import Any, BinaryIO

from mitmproxy import connection, exceptions, flow, http
from mitmproxy.io import compat, tnetstring

from jira_compat.audit.files.problems import Skipped, UnreadableError
from jira_compat.events.identity import basic_user
from jira_compat.model import Exchange, Request, Response

LARGEST = 32_000_000
"""Bytes of one flow, bodies included; a larger one is left out."""
_LENGTH_DIGITS = 12
_PIECE = 1_000_000


def read_flows(stream: BinaryIO, file: str, skipped: Skipped) -> Iterator[tuple[int, Exchange]]:
    """The HTTP exchanges of a flow file, by number from 1.

    Raises:
        UnreadableError: Where the file ends in the middle of a flow, or is none from there on.
    """
    number = 0
    while (length := _length(stream, number)) is not None:
        number += 1
        if length > LARGEST:
            _pass(stream, length + 1, number)
            skipped.skip(number, f"this flow has more than {LARGEST // 1_000_000} MB and was left out")
            continue
        content = stream.read(length + 1)
        if len(content) <= length:
            raise UnreadableError(f"the file ends within flow {number}; is it still being written?")
        exchange = _exchange(content, f"{file}#{number}", number, skipped)
        if exchange is not None:
            yield number, exchange


def to_exchange(found: http.HTTPFlow, source: str) -> Exchange:
    """A flow as an exchange, with bodies where it has them."""
    request, response = found.request, found.response
    answered = None if response is None else Response(response.status_code, response.headers.fields)
    return Exchange(
        request=Request(request.method, request.data.path, request.headers.fields, request.raw_content),
        response=answered,
        source=source,
        started=request.timestamp_start,
        client=_address(found.client_conn.peername),
        server=request.host,
        user=basic_user(request.headers.fields),
    )


def _address(peer: connection.Address | None) -> str | None:
    return str(ipaddress.ip_address(peer[0])) if peer else None


def _exchange(content: bytes, source: str, number: int, skipped: Skipped) -> Exchange | None:
    try:
        found = flow.Flow.from_state(compat.migrate_flow(_state(content)))
        return to_exchange(found, source) if isinstance(found, http.HTTPFlow) else None
    except (exceptions.FlowReadException, ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        skipped.skip(number, f"this flow cannot be read ({type(error).__name__}); was it written by another mitmproxy?")
        return None


def _state(content: bytes) -> dict[bytes | str, Any]:
    """What is written of a flow.

    Raises:
        ValueError: It cannot be read.
        TypeError: It is something else than what flows are written as.
    """
    state = tnetstring.loads(b"%d:%s" % (len(content) - 1, content))
    if not isinstance(state, dict):
        raise TypeError
    return state


def _length(stream: BinaryIO, number: int) -> int | None:
    """The length of what follows; ``None`` at the end."""
    digits = b""
    while (one := stream.read(1)).isdigit() and len(digits) < _LENGTH_DIGITS:
        digits += one
    if not one and not digits:
        return None
    if not one:
        raise UnreadableError(f"the file ends behind flow {number}; is it still being written?")
    if one != b":" or not digits:
        raise UnreadableError(f"after flow {number} there is no flow; the file is damaged there")
    return int(digits)


def _pass(stream: BinaryIO, length: int, number: int) -> None:
    while length > 0:
        piece = stream.read(min(_PIECE, length))
        if not piece:
            raise UnreadableError(f"the file ends within flow {number}; is it still being written?")
        length -= len(piece)
