"""The times that logs write, to seconds since the epoch."""

import re
from datetime import UTC, datetime

FIRST, LAST = 1_009_843_200, 4_102_444_800
"""2002, when Jira came out, and 2100: what is outside is no time of a call."""

_MONTHS = {name: number for number, name in enumerate(b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}
_COMMON = re.compile(
    rb"([0-9]{2})/([A-Z][a-z]{2})/([0-9]{4}):([0-9]{2}):([0-9]{2}):[0-9]{2}(?:\.[0-9]+)?"
    rb"(?: ([+-])([0-9]{2})([0-9]{2}))?"
)
_EPOCH = re.compile(rb"[0-9]{9,19}(?:\.[0-9]+)?")
_BEFORE_ZONE = re.compile(r" +(?=(?:Z|[+-][0-9]{2}:?[0-9]{2})$)")
_MOST = 10_000
_MINUTE = 17
"""Bytes of ``10/Oct/2025:13:55``, behind which the seconds stand."""


class Clock:
    """Reads times; a minute that came up before costs next to nothing. A time without zone is taken for UTC."""

    def __init__(self) -> None:
        self._minutes: dict[bytes, int | None] = {}

    def read(self, stamp: bytes) -> float | None:
        """Seconds since the epoch; ``None`` if it is no time, or one when there was no Jira."""
        minute = stamp[:_MINUTE] + stamp[20:]
        try:
            start = self._minutes[minute]
        except KeyError:
            if len(self._minutes) >= _MOST:
                self._minutes.clear()
            start = self._minutes[minute] = _common(stamp)
        if start is not None:
            seconds = stamp[18:20]
            return start + int(seconds) if seconds.isdigit() else None
        return plausible(_other(stamp))


def plausible(seconds: float | None) -> float | None:
    """The time, if there was a Jira then."""
    return seconds if seconds is not None and FIRST <= seconds < LAST else None


def _common(stamp: bytes) -> int | None:
    """The minute of Common Log Format's time (strftime ``%d/%b/%Y:%H:%M:%S %z``), or of HAProxy's."""
    match = _COMMON.fullmatch(stamp)
    if match is None or match[2] not in _MONTHS:
        return None
    day, year, hour, minute = (int(match[group]) for group in (1, 3, 4, 5))
    zone = 0 if match[6] is None else (int(match[7]) * 60 + int(match[8])) * (-60 if match[6] == b"-" else 60)
    try:
        start = datetime(year, _MONTHS[match[2]], day, hour, minute, tzinfo=UTC)
    except ValueError:
        return None
    seconds = int(start.timestamp()) - zone
    return None if plausible(seconds) is None else seconds


def _other(stamp: bytes) -> float | None:
    """ISO 8601, or seconds, milliseconds, microseconds or nanoseconds since the epoch."""
    if _EPOCH.fullmatch(stamp):
        seconds = float(stamp)
        while seconds >= LAST * 10:
            seconds /= 1000
        return seconds
    return read_iso(stamp.decode("ascii", "replace"))


def read_iso(text: str) -> float | None:
    """A time of ISO 8601."""
    try:
        time = datetime.fromisoformat(_BEFORE_ZONE.sub("", text.strip()).replace(",", "."))
        return plausible((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return None
