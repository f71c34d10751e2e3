"""The values everything else speaks in: frozen, without behaviour.

Bytes stay bytes, because what cannot be decoded must still be forwarded as it came.
"""

from dataclasses import dataclass
from typing import Literal

Change = Literal["unchanged", "modified", "removed"]
Mode = Literal["enforce", "observe"]
Profile = Literal["cloud", "staging"]
Reason = Literal["rule", "ambiguous_target", "unreadable_body", "too_large", "busy"]

Header = tuple[bytes, bytes]
"""One field line (RFC 9110, section 5): name and value as on the wire."""


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request as it reached us.

    Args:
        method: As sent; methods are case-sensitive (RFC 9110, section 9.1).
        target: Origin-form request target, path and query (RFC 9112, section 3.2.1).
        headers: Field lines in their order.
        body: Content as sent, still content-encoded. ``b""`` is an empty body; ``None`` means
            that it is unknown: it is not here yet, was streamed, or the capture has none.
    """

    method: str
    target: bytes
    headers: tuple[Header, ...] = ()
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response; ``body`` as in :class:`Request`."""

    status: int
    headers: tuple[Header, ...] = ()
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """The statement of one rule about one request.

    Args:
        policy: The policy's id.
        rule: The rule's id.
        change: What Atlassian did to the endpoint.
        action: The rule's action; ``none`` where it only watches.
        endpoint: The endpoint line as the policy writes it.
        fields: What the rule takes out, as ``/pointer`` for the body and ``?name`` for the query.
            ``None``: the body was not seen, so whether it held any is unknown.
        mode: ``observe`` findings are never applied.
    """

    policy: str
    rule: str
    change: Change
    action: str
    endpoint: str
    fields: tuple[str, ...] | None
    mode: Mode


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request, what was answered, and the circumstances; whatever a capture lacks is ``None``.

    Args:
        request: What the client sent.
        response: What the client was answered.
        source: Where this stands: ``live``, ``traffic.har#17``, ``access.log:204``.
        started: Seconds since the epoch at which the request began.
        client: Address of the client.
        server: Host name or address of the Jira site.
        user: The name the client authenticated with.
    """

    request: Request
    response: Response | None = None
    source: str = "live"
    started: float | None = None
    client: str | None = None
    server: str | None = None
    user: str | None = None
