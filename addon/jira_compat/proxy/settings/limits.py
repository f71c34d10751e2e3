"""The limits of ``serve``, and the spelling of durations."""

import re
from dataclasses import dataclass

LONGEST = 86_400.0
"""Seconds; a day."""
SMALLEST_HEAD = 1000
"""Bytes."""
_DURATION = re.compile(r"([0-9]{1,8}(?:\.[0-9]{1,6})?) ?(ms|s|m|h|)")
_UNIT = {"ms": 0.001, "s": 1.0, "": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of ``serve``.

    Args:
        upstream_timeout: Seconds from the end of a request to the beginning of its answer.
        idle_timeout: Seconds without a byte in either direction, after which a connection is closed.
        head_timeout: Seconds within which a request's head must be complete, and a new connection must have begun one.
        max_head: Bytes of a request's head.
        max_connections: Client connections at a time.
        max_connections_per_address: The same from one address.
        max_held: Bytes of bodies that are held at a time, for rules and for links.
        drain_timeout: Seconds that are waited for exchanges in flight when the proxy is ended.
    """

    upstream_timeout: float = 60
    idle_timeout: float = 300
    head_timeout: float = 30
    max_head: int = 65_536
    max_connections: int = 1000
    max_connections_per_address: int = 500
    max_held: int = 32_000_000
    drain_timeout: float = 30


def seconds(text: str, *, least: float = 0.001) -> float:
    """Seconds of ``60s``, ``500ms``, ``2m``, ``1h`` or ``1.5``.

    Raises:
        ValueError: It is not a duration from ``least`` seconds to a day.
    """
    match = _DURATION.fullmatch(text.strip())
    value = float(match[1]) * _UNIT[match[2]] if match else -1.0
    if not least <= value <= LONGEST:
        raise ValueError(f"{text!r} is not a duration from {least:g}s to 24h; write one like '60s', '500ms' or '2m'")
    return value


def head_size(size: int) -> int:
    """A size that a head may have.

    Raises:
        ValueError: No client's would be as small.
    """
    if size < SMALLEST_HEAD:
        raise ValueError(f"{size} bytes are too few for a head; write at least '1kB'")
    return size


def count(text: str) -> int:
    """A number from 1.

    Raises:
        ValueError: It is none.
    """
    if not re.fullmatch(r"[1-9][0-9]{0,6}", text):
        raise ValueError(f"{text!r} is not a number from 1 to 9999999; write one like '1000'")
    return int(text)
