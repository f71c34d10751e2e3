"""Send a plan's own requests to the site, over connections that are kept and reused.

httpcore sends the bytes that it is given: no proxy out of the environment, no cookie jar, no redirect, no decoding.
"""

import logging
import ssl
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import certifi
import httpcore

from jira_compat.message.headers import authority, onward
from jira_compat.model import Header, Request, Response
from jira_compat.proxy.turns import Turns

logging.getLogger("httpcore").setLevel(logging.WARNING)  # below, it logs header fields

CONNECTIONS = 20
"""At a time, to all sites; further requests wait for one, and clients take turns."""
_IDLE = 15.0
"""Seconds that an unused connection is kept."""
_AGENT = b"jira-compat"
_BROWSER = b"Mozilla/"
_PASSED_ON = frozenset(
    {
        b"authorization",
        b"cookie",
        b"accept-language",
        b"user-agent",
        b"x-request-id",
        b"traceparent",
        b"tracestate",
    }
)
"""Fields of the client's request that its steps have, too."""
_OF_THE_CONNECTION = frozenset({b"connection", b"keep-alive", b"transfer-encoding", b"upgrade", b"trailer"})


@dataclass(frozen=True, slots=True)
class Origin:
    """A site: where to connect, and its name in Host."""

    scheme: str
    host: str
    port: int
    name: str

    @property
    def url(self) -> str:
        """The address, with its port."""
        return f"{self.scheme}://{authority(self.host, self.port)}"


class UpstreamError(Exception):
    """The site could not be asked; the text is our own and quotes nothing."""


class UpstreamTimeoutError(UpstreamError):
    """The site did not answer in time."""


class LargeAnswerError(UpstreamError):
    """The answer is larger than what may be held."""


class Upstream:
    """A pool of connections.

    Args:
        tls: How certificates are checked.
    """

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._turns = Turns(CONNECTIONS)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls, max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS, keepalive_expiry=_IDLE
        )

    async def send(
        self, origin: Origin, request: Request, *, client: Hashable, hold: Callable[[int], None], seconds: float
    ) -> Response:
        """Send a request and hold its response.

        Args:
            origin: The site.
            request: The request; its target goes on the wire byte for byte.
            client: Stands for the client for whom it is sent; clients take turns.
            hold: Called with the length of each piece of the response's body, before it is held; may raise.
            seconds: To connect, and between two pieces.

        Raises:
            UpstreamError: There is no response.
        """
        url = httpcore.URL(
            scheme=origin.scheme.encode(), host=origin.host.encode(), port=origin.port, target=request.target
        )
        times = {"connect": seconds, "read": seconds, "write": seconds, "pool": seconds}
        headers = [(b"Host", origin.name.encode("latin-1")), *request.headers]
        sent = httpcore.Request(
            request.method, url, headers=headers, content=request.body, extensions={"timeout": times}
        )
        try:
            async with self._turns.of(client):
                response = await self._pool.handle_async_request(sent)
                try:
                    body = await _body(response, hold)
                finally:
                    await response.aclose()
        except httpcore.TimeoutException as error:
            raise UpstreamTimeoutError("it did not answer in time") from error
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError) as error:
            raise UpstreamError("the connection failed") from error
        return Response(response.status, _fields(response.headers, len(body)), body)

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.aclose()


def steps_headers(headers: tuple[Header, ...]) -> tuple[Header, ...]:
    """Return what the steps of a plan have of their client's header fields.

    Steps are POST, and Jira Cloud refuses a POST as forged that has a browser's ``User-Agent``, where it answered the
    GET. The steps only read, so they ask for no such check.
    """
    passed = [(name, value) for name, value in headers if name.lower() in _PASSED_ON]
    agents = [value for name, value in passed if name.lower() == b"user-agent"]
    if any(agent.startswith(_BROWSER) for agent in agents):
        passed = [field for field in passed if field[0].lower() != b"user-agent"] + [(b"User-Agent", _AGENT)]
    return (*passed, (b"X-Atlassian-Token", b"no-check"))


def tls_context(options: Mapping[str, Any]) -> ssl.SSLContext:
    """Check certificates as mitmproxy's options say: ``ssl_insecure``, ``ssl_verify_upstream_trusted_ca``.

    Raises:
        OSError: A file cannot be read, or is not in PEM form.
    """
    context = ssl.create_default_context(cafile=options.get("ssl_verify_upstream_trusted_ca") or certifi.where())
    if options.get("ssl_insecure"):
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


async def _body(response: httpcore.Response, hold: Callable[[int], None]) -> bytes:
    pieces = []
    async for piece in response.aiter_stream():
        hold(len(piece))
        pieces.append(piece)
    return b"".join(pieces)


def _fields(headers: list[tuple[bytes, bytes]], length: int) -> tuple[Header, ...]:
    """Return the fields that say something of the answer and not of its connection, with its length."""
    kept = [
        (name, value)
        for name, value in onward(tuple(headers))
        if name.lower() not in _OF_THE_CONNECTION and name.lower() != b"content-length"
    ]
    return (*kept, (b"Content-Length", str(length).encode()))
