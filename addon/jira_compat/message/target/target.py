"""One reading of the request target: the path that is judged is the path that is forwarded."""

import re
from typing import NamedTuple

from jira_compat.message.target.letter_case import miscased
from jira_compat.message.target.path import api, decode, is_forwarded, normalise, split, without_suffix
from jira_compat.message.target.readings import other_readings

_SEGMENT = rb"/[A-Za-z0-9_~!$&'()*+,=:@-][A-Za-z0-9._~!$&'()*+,=:@-]*+"
_CLEAN = re.compile(rb"(?:%b)*+/?+" % _SEGMENT)
_API_CALL = re.compile(
    rb"((?:/(?!rest/)[a-z0-9_-]++)*+"
    rb"/(rest/[a-z0-9-]++/[a-z0-9][a-z0-9.]*+/[a-z][a-z0-9_-]++(?:[A-Z][a-z0-9]++)*+(?:%b)*+))/?+(?:\?([^#]*+))?+"
    % _SEGMENT
)
"""A call of Jira's REST API in normal form, as nearly all are."""

_ORIGIN = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*+://[^/?#\\]*+")
_PLAIN_FRAGMENT = re.compile(rb"[A-Za-z0-9._~!$&'()*+,=:@-]*+")


class Target(NamedTuple):
    """A request target (RFC 9112, section 3.2), read. A tuple, because one is made for each request.

    Args:
        segments: The API path from ``rest`` on: normal, decoded, without ``.json``. ``()`` if there is none, so
            that no rule can match. The root spelling ``/api/2/user`` reads ``rest, api, 2, user``.
        path: The normal path, to forward when a rule edits: context path, API version and ``.json`` as they came.
        query: What stands behind the first ``?``, as it came; ``None`` without one. A fragment is in neither.
        ambiguous: Why two servers could read the path differently: one clause that does not quote it. ``None``
            also where no reading but ``segments`` has an API path.
        readings: If ambiguous, all plausible ``segments``, at most 128; ``()`` is never one of them.
        more: If there may be others, the letters and digits of the path, decoded to the end and in lower case: no
            segment of a reading has letters that are not in them in that order.
    """

    segments: tuple[str, ...]
    path: bytes
    query: bytes | None
    ambiguous: str | None
    readings: tuple[tuple[str, ...], ...]
    more: str | None = None


def read_target(target: bytes) -> Target:
    """Read a request target of any form; no bytes make it raise."""
    call = _API_CALL.fullmatch(target)
    if call is None or b"/_/" in target:
        return _read_closely(target)
    path, segments, query = call.groups()
    return Target(without_suffix(tuple(segments.decode().split("/"))), path, query, None, ())


def _read_closely(target: bytes) -> Target:
    path, query, seen = _parts(target)
    normal = normalise(path)
    words = split(decode(normal))
    segments = api(words)
    if _CLEAN.fullmatch(seen) and not miscased(words) and not is_forwarded(words):
        return Target(segments, normal, query, None, ())
    return Target(segments, normal, query, *other_readings(seen, segments))


def _parts(target: bytes) -> tuple[bytes, bytes | None, bytes]:
    """Path, query, and the path as it is to who knows no fragments."""
    origin = _ORIGIN.match(target)
    if origin:
        target = target[origin.end() :]
    if not target.startswith(b"/"):
        target = b"/" + target
    before, _, fragment = target.partition(b"#")
    path, mark, query = before.partition(b"?")
    if mark or _PLAIN_FRAGMENT.fullmatch(fragment):
        return path, query if mark else None, path
    return path, None, path + b"#" + fragment.partition(b"?")[0]
