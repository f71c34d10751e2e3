"""Redaction of log records: nothing that a client or an upstream could have written is logged.

mitmproxy 12 puts what it looks at into its messages: request lines and header fields that it cannot read, bytes that
are not TLS, the content of frames, the text of exceptions. So only the parts of a message are logged that are known
to be harmless, and nothing of an unknown message. ``tests/proxy/diagnostics/test_redaction.py`` holds that to
mitmproxy's source.
"""

import logging
import re
from types import TracebackType
from typing import Any

from jira_compat.stderr import SPEAKER

LEFT_OUT = " [...]"
"""Stands for the rest of a message."""
OF_OPTIONS = frozenset(
    {
        "mitmproxy.addonmanager",  # `serve` calls hooks of exchanges by `dispatch`, which has no text to tell
        "mitmproxy.addons.proxyserver",
        "mitmproxy.certs",
        "mitmproxy.proxy.mode_servers",
    }
)
"""mitmproxy's loggers of options, files and listeners, which know no content."""

_ADDRESS = r"(?:\[[0-9A-Fa-f:.%]+\]|[\w.*-]+):\d+"
_HOST = r"[\w.:\[\]-]+"
_WORDS = r"[\w .,:'()\[\]/-]*"
"""Of OpenSSL or the system: neither quotes."""
_DESTINATION = f"(?:{_HOST}|<no address>)"
_UNTRUSTED = r"Client TLS handshake failed\. The client (?:does|may) not trust the proxy's certificate for "
_LEFT = (
    r"Client TLS handshake failed\. The client disconnected during the handshake\. If this happens consistently for "
)
_KNOWN = (
    # connections
    r"client (?:connect|disconnect|kill connection)",
    r"closing transports\.\.\.|transports closed!",
    r"Closing connection due to inactivity",
    r"half-closing (?:Client|Server)",
    r"Cannot open connection, no hostname given\.",
    rf"server (?:connect|disconnect) {_ADDRESS}(?: \({_ADDRESS}\))?",
    rf"server connection to {_ADDRESS} killed before connect",
    rf"error establishing server connection: {_WORDS}",
    r"(?:connection handler|mitmproxy) has crashed!?",
    r"Unhandled error in task\.|Unhandled asyncio error",
    # TLS
    rf"TLS Error: {_WORDS}",
    rf"Server TLS handshake failed\. {_WORDS}",
    r"Client TLS handshake failed\. Cannot parse ClientHello",
    rf"Client TLS handshake failed\. Client and mitmproxy cannot agree {_WORDS}",
    rf"{_UNTRUSTED}{_DESTINATION} \({_WORDS}",
    rf"{_LEFT}{_DESTINATION}, this may indicate that the client does not trust the proxy's certificate\.",
    r"No TLS context was provided, failing connection\.",
    r"The mitmproxy certificate authority has expired!",
    # HTTP
    rf"{_ADDRESS}: (?:Bad HTTP request line|Invalid header line|Invalid headers)",
    rf"{_ADDRESS}: HTTP/2 protocol error(?:: received (?:request from server|response from client))?",
    rf"{_ADDRESS}: Received (?:HTTP/2 data frame, expected headers|unexpected HTTP/2 response)\.",
    rf"{_ADDRESS}: Invalid HTTP/2 (?:request|response) headers",
    r"Client closed connection before completing request headers",
    r"Unexpected data from server",
    rf"Streaming (?:request to|response from) {_HOST}",
    r"Swallowing HTTP/2 informational response",
    r"Ignoring unknown HTTP/2 frame type: \d+",
    r"Received HTTP/2 push promise, even though we signalled no support\.",
    r"Received HTTP/2 Alt-Svc frame, which will not be forwarded\.",
    rf"Send HTTP/2 keep-alive PING to {_ADDRESS}",
    r"Sent HTTP 101 response, but no protocol is enabled to upgrade to\.",
    r"HTTP/2 cleartext connections \(h2c upgrade requests\) are currently not supported\.",
    r"Initiating HTTP/2 connections with prior knowledge are currently not supported\.",
    r"Received WebSocket p[io]ng from (?:client|server)",
    r"Ignoring unknown WebSocket extension",
    r"Deferring layer decision, not enough data",
)
"""The safe beginnings of mitmproxy's messages, up to the last word that holds no content."""
_known = re.compile("|".join(_KNOWN), re.ASCII).match
_NOISE = "Lowercased "
"""mitmproxy tells of each field of each HTTP/2 answer how it writes its name."""


def is_noise(record: logging.LogRecord) -> bool:
    """Return whether a record is noise at any level."""
    return isinstance(record.msg, str) and record.msg.startswith(_NOISE)


def text_of(record: logging.LogRecord) -> str:
    """The safe part of a message, on one line."""
    speaker = record.name.partition(".")[0]
    if speaker == "jira_compat" or record.name in OF_OPTIONS:
        return _first_line(record).removeprefix(SPEAKER)
    if speaker in {"mitmproxy", "root"}:
        text = _first_line(record)
        known = _known(text)
        if known is not None:
            return known[0] + (LEFT_OUT if known.end() < len(text) else "")
    return f"{record.name} tells what could hold content, and is left out ({record.filename}:{record.lineno})"


def _first_line(record: logging.LogRecord) -> str:
    return next(iter(record.getMessage().splitlines()), record.name)


def details_of(record: logging.LogRecord) -> dict[str, Any]:
    """Return further facts by OpenTelemetry's names: the client, and an exception's type and place without its text."""
    details: dict[str, Any] = {}
    if record.exc_info and record.exc_info[0] is not None:
        details |= {"exception.type": record.exc_info[0].__name__, **_place(record.exc_info[2])}
    client = getattr(record, "client", None)
    if client:
        details |= {"client.address": str(client[0]), "client.port": client[1]}
    return details


def _place(traceback: TracebackType | None) -> dict[str, Any]:
    """Return the place where an exception was raised."""
    if traceback is None:
        return {}
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    frame = traceback.tb_frame
    function = f"{frame.f_globals.get('__name__', '?')}.{frame.f_code.co_qualname}"
    return {"code.function.name": function, "code.line.number": traceback.tb_lineno}
