"""The limits of one translated call: what a client's request may cost the site and the proxy."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from jira_compat.plan import REQUESTS
from jira_compat.proxy.settings.limits import count, seconds

_SIZE = re.compile(r"([0-9]{1,6})(k|M|G)B", re.IGNORECASE)
_UNIT = {"k": 10**3, "m": 10**6, "g": 10**9}


@dataclass(frozen=True, slots=True)
class TranslationLimits:
    """The most that translations may cost.

    Args:
        requests: Requests to the site, for one call.
        parallel: Those of a call that run at a time.
        retries: How often a request is repeated whose connection failed, or that the site asked to wait for (429).
        wait: Seconds that a 429 is waited for.
        time: Seconds for a call as a whole.
        response: Bytes of one response of the site.
        call: Bytes of all responses that a call holds.
        memory: Bytes of all responses that all calls of a process hold.
        cache: Bytes of what is remembered of pages.
        age: Seconds that it is remembered: issues change, and then a page begins elsewhere.
    """

    requests: int = REQUESTS
    parallel: int = 4
    retries: int = 1
    wait: float = 10.0
    time: float = 60.0
    response: int = 50_000_000
    call: int = 100_000_000
    memory: int = 100_000_000
    cache: int = 32_000_000
    age: float = 600.0


def _size(text: str) -> int:
    match = _SIZE.fullmatch(text)
    if match is None or int(match[1]) == 0:
        raise ValueError(f"{text!r} is not a size; write one like '50MB'")
    return int(match[1]) * _UNIT[match[2].lower()]


def _retries(text: str) -> int:
    return 0 if text == "0" else count(text)


def _wait(text: str) -> float:
    return seconds(text, least=0)


_READERS: Mapping[str, Callable[[str], float]] = {
    "requests": count,
    "parallel": count,
    "retries": _retries,
    "wait": _wait,
    "time": seconds,
    "response": _size,
    "call": _size,
    "memory": _size,
    "cache": _size,
    "age": seconds,
}
HELP = (
    "Limit of translated calls: requests=40, parallel=4, retries=1, wait=10s, time=60s, response=50MB, call=100MB, "
    "memory=100MB, cache=32MB, age=10m."
)


def translation_limits(texts: Iterable[str]) -> TranslationLimits:
    """Read ``NAME=VALUE``; the last of a name counts, and the rest are the defaults.

    Raises:
        ValueError: One line: what is wrong, and the remedy.
    """
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or name not in _READERS:
            raise ValueError(f"{text!r} is not a limit; write NAME=VALUE with one of {', '.join(_READERS)}")
        try:
            found[name] = _READERS[name](value)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
    return TranslationLimits(**found)  # type: ignore[arg-type] # each reader returns its field's type
