"""Formats of access logs, as data: patterns that all have the same columns."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import cast

from jira_compat.audit.counting.tally import Row
from jira_compat.audit.readers.line_parts import (
    ADDRESSES,
    AGENT,
    HOST,
    IP,
    ISO_TIME,
    NO_ADDRESS,
    PREFIX,
    QUOTED,
    RAW_REQUEST,
    REQUEST,
    TIME,
    USER,
)

COLUMNS = ("client", "request_id", "user", "time", "method", "target", "status", "agent", "forwarded")
"""Groups of a pattern, in the order in which rows have them."""


@dataclass(frozen=True)
class Format:
    """A kind of line; compiled when it is needed, since that takes milliseconds.

    Args:
        name: What the command line calls it.
        source: A pattern of a line as a whole, with groups named as :data:`COLUMNS`.
    """

    name: str
    source: str

    @cached_property
    def pattern(self) -> re.Pattern[bytes]:
        """The pattern; groups that its source lacks are empty at its end."""
        missing = "".join(f"(?P<{column}>)" for column in COLUMNS if f"(?P<{column}>" not in self.source)
        return re.compile(b"^(?:" + self.source.encode() + b")" + missing.encode() + rb"\r?$", re.MULTILINE)

    @cached_property
    def order(self) -> tuple[int, ...]:
        """Numbers of the groups, in the order of :data:`COLUMNS`."""
        return tuple(self.pattern.groupindex[column] - 1 for column in COLUMNS)

    @property
    def is_ordered(self) -> bool:
        """Whether its groups stand in the order of :data:`COLUMNS` already."""
        return self.order == tuple(range(len(COLUMNS)))

    def rows(self, content: bytes) -> Iterable[Row] | None:
        """The rows of whole lines; ``None`` if a line does not fit."""
        found = self.pattern.findall(content)
        if len(found) != content.count(b"\n") + (not content.endswith(b"\n")):
            return None
        return found if self.is_ordered else map(itemgetter(*self.order), found)

    def row(self, line: bytes) -> Row | None:
        """The row of one line; ``None`` if it does not fit."""
        match = self.pattern.fullmatch(line)
        if match is None:
            return None
        groups = match.groups(b"")
        return cast("Row", tuple(groups[place] for place in self.order))


def compile_format(name: str, pattern: str) -> Format:
    """Compile a format.

    Raises:
        ValueError: One clause: what is wrong with the pattern; the remedy behind a semicolon.
    """
    form = Format(name, pattern)
    try:
        groups, count = re.compile(pattern.encode()).groupindex, form.pattern.groups
    except re.error as error:
        raise ValueError(f"not a regular expression ({error}); correct it") from None
    unknown = [group for group in groups if group not in COLUMNS]
    if unknown or count != len(COLUMNS):
        named = ", ".join(COLUMNS)
        raise ValueError(f"only the groups {named} have a meaning; write other groups as (?:...)")
    if not {"method", "target"} <= set(groups):
        raise ValueError("it must have the groups method and target; write (?P<method>[A-Z]+) (?P<target>[^ ]+)")
    return form


_ID = r"(?P<request_id>[io]?[0-9]++x[0-9]++x[0-9]++|-)"
_THREAD = rf"(?:{NO_ADDRESS}[^ \[\"\n]++ )??"
"""Such as ``http-nio-8080-exec-39``, by ``%I`` in the valve's pattern."""
_STATUS = r"(?P<status>[0-9]{3}|-)"
_ANSWERED = rf'"{REQUEST}" (?:(?P<status>[0-9]{{3}})|-) [0-9-]++'
_FORWARDED = rf"(?P<forwarded>{IP}(?:, ?{IP})*+)"
_IDENT = rf"(?:-(?= )|{NO_ADDRESS}[^ \[\"\n]++)"

_BASES = (
    # Tomcat's valve in Jira's server.xml: %a %{jira.request.id}r %{jira.request.username}r %t "%m %U%q %H" %s %b %D
    # "%{Referer}i" "%{User-Agent}i" "%{jira.request.assession.id}r"; and atlassian-jira-http-access.log, which writes
    # each request when it comes, with `i` before its id and no status, and when it is answered, with `o`.
    (
        "jira",
        (
            rf'(?P<client>{ADDRESSES}|{HOST}|-) {_THREAD}{_ID} {USER} {TIME} "{REQUEST}" {_STATUS} '
            rf"[0-9-]++ [0-9.-]++ {QUOTED} {AGENT}[^\n]*+"
        ),
    ),
    # Forwarded addresses before the id; raw quotes in the query, which its Tomcat allows; a referer without quotes.
    (
        "jira",
        (
            rf"(?P<client>{ADDRESSES}|{HOST}|-) (?:(?P<forwarded>{ADDRESSES}|-) )?{_THREAD}{_ID} {USER} {TIME} "
            rf'"{RAW_REQUEST}" {_STATUS} [0-9-]++ [0-9.-]++ (?:{QUOTED}|[^ "\n]++) {AGENT}[^\n]*+'
        ),
    ),
    # Apache and nginx: combined and common, with X-Forwarded-For behind the agent as in nginx's `main`.
    (
        "combined",
        (
            rf"(?P<client>{ADDRESSES}|-|unix:|{HOST}(?= -))(?P<request_id>) {_IDENT} {USER} {TIME} {_ANSWERED}"
            rf'(?: {QUOTED} {AGENT}(?: "{_FORWARDED}")?+[^\n]*+)?+'
        ),
    ),
    # With the host in front or behind the client; with a second address in brackets, as ingress-nginx before 0.26.
    (
        "combined",
        (
            rf"(?:{HOST}(?::[0-9]{{1,5}})? )?(?P<client>{ADDRESSES}|-)"
            rf"(?: (?:- )?[\[(](?:(?P<forwarded>{ADDRESSES})|-)?[\])])?(?: {HOST}(?::[0-9]{{1,5}})?(?= - ))? "
            rf"{_IDENT} {USER} {TIME} {_ANSWERED}(?: {QUOTED} {AGENT}[^\n]*+)?+"
        ),
    ),
    # AWS: Application Load Balancer, and Classic Load Balancer, which has no type in front.
    (
        "combined",
        (
            rf"(?:(?:https?|h2|grpcs?|wss?) )?(?P<time>{ISO_TIME}) [^ \n]{{1,300}} "
            rf"(?P<client>{IP}|-)(?::[0-9]{{1,5}})? [^ \n]++ [0-9.-]++ [0-9.-]++ [0-9.-]++ {_STATUS} "
            rf"[^ \n]++ [0-9-]++ [0-9-]++ "
            rf'"{REQUEST}" {AGENT}[^\n]*+'
        ),
    ),
    # HAProxy, `option httplog`, with or without syslog's head; captured request headers are the first braces. Its lines
    # are cut at 1024 bytes, so that the last quote may be missing.
    (
        "haproxy",
        (
            r"(?:[^\n]{0,300}?(?:\]: |- ))?(?P<client>[0-9A-Fa-f.:]{2,45}):[0-9]{1,5} "
            r"\[(?P<time>[^\].\n]++)[^\]\n]*+\] [^ \n]++ [^ \n]++ [0-9+/-]++ "
            r"(?:(?P<status>[0-9]{3})|-1) \+?[0-9]++ [^ \n]++ [^ \n]++ [^ \n]{4} "
            r"[0-9+/]+ [0-9+/]+ (?:\{(?:[^}\n]*\|)?(?P<agent>[A-Za-z][A-Za-z0-9._ -]*/[0-9][^|}\n]*)(?:\|[^}\n]*)?\} |"
            rf'\{{[^}}\n]*\}} )?(?:\{{[^}}\n]*\}} )?"{REQUEST}(?:"[^\n]*)?'
        ),
    ),
)
NAMES = tuple(dict.fromkeys(name for name, _ in _BASES))
FORMATS = tuple(Format(name, before + base) for before in ("", PREFIX) for name, base in _BASES)
FORMATS_OF = {name: tuple(form for form in FORMATS if form.name == name) for name in NAMES}
"""Each kind's patterns, the most frequent first."""

_FEW, _MANY = 50, 500
"""Lines of the beginning that are tried; more of them where none of the first fits."""


def recognise(head: bytes) -> str | None:
    """The kind that most of the first lines fit."""
    lines = [line for line in head.splitlines() if line.strip()][:_MANY]
    for some in (lines[:_FEW], lines[_FEW:]):
        fits = Counter(form.name for line in some if (form := _form_of(line)) is not None)
        if fits:
            return max(NAMES, key=lambda name: fits[name])
    return None


def row_of(line: bytes) -> Row | None:
    """The row of a line of any kind; ``None`` if it fits none."""
    return next((row for form in FORMATS if (row := form.row(line)) is not None), None)


def _form_of(line: bytes) -> Format | None:
    return next((form for form in FORMATS if form.pattern.fullmatch(line)), None)
