"""Formats of access logs, as data: one pattern each, all with the same columns."""

import re
from dataclasses import dataclass

COLUMNS = ("client", "user", "time", "method", "target", "status", "agent")
"""Groups of a pattern, in the order in which rows have them."""

_REQUEST = (
    r'(?:(?P<method>[A-Z]{1,12}+) (?P<target>[^ "\\\n]++(?:\\.[^ "\\\n]*+)*+)[^"\\\n]*+(?:\\.[^"\\\n]*+)*+|[^"\n]*+)'
)
"""A request line; what is none (a TLS handshake, a closed connection) leaves ``method`` empty."""
_QUOTED = r'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"'
_AGENT = r'"(?P<agent>[^"\\\n]*+(?:\\.[^"\\\n]*+)*+)"'
_TIME = r"\[(?P<time>[^\]\n]++)\]"


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of line.

    Args:
        name: What the command line calls it.
        pattern: Matches a line as a whole; groups named as :data:`COLUMNS`, those it has none of empty at its end.
        order: Numbers of the groups, in the order of :data:`COLUMNS`.
    """

    name: str
    pattern: re.Pattern[bytes]
    order: tuple[int, ...]

    @property
    def is_ordered(self) -> bool:
        """Whether its groups stand in the order of :data:`COLUMNS` already."""
        return self.order == tuple(range(len(COLUMNS)))


def compile_format(name: str, pattern: str) -> Format:
    """Compile a format.

    Raises:
        ValueError: One clause: what is wrong with the pattern; the remedy behind a semicolon.
    """
    try:
        groups = re.compile(pattern.encode()).groupindex
        missing = "".join(f"(?P<{column}>)" for column in COLUMNS if column not in groups)
        compiled = re.compile(b"^(?:" + pattern.encode() + b")" + missing.encode() + rb"\r?$", re.MULTILINE)
    except re.error as error:
        raise ValueError(f"this is no regular expression ({error}); mend it") from None
    unknown = [group for group in groups if group not in COLUMNS]
    if unknown or compiled.groups != len(COLUMNS):
        named = ", ".join(COLUMNS)
        raise ValueError(f"only the groups {named} have a meaning; write other groups as (?:...)")
    if not {"method", "target"} <= set(groups):
        raise ValueError("it must have the groups method and target; write (?P<method>[A-Z]+) (?P<target>[^ ]+)")
    return Format(name, compiled, tuple(compiled.groupindex[column] - 1 for column in COLUMNS))


FORMATS = (
    # Tomcat's valve in Jira's server.xml: %a %{jira.request.id}r %{jira.request.username}r %t "%m %U%q %H" %s %b %D
    # "%{Referer}i" "%{User-Agent}i" "%{jira.request.assession.id}r"; and atlassian-jira-http-access.log, which says
    # each request when it comes, with `i` before its id and no status, and when it is answered, with `o`.
    compile_format(
        "jira",
        r"(?P<client>[^ \n]++) (?:[^ \n]++ )??(?:[io]?[0-9]++x[0-9]++x[0-9]++|-) (?P<user>[^\[\n]*?) "
        rf'{_TIME} "{_REQUEST}" (?P<status>[0-9]{{3}}|-) [0-9-]++ [0-9.-]++ {_QUOTED} {_AGENT}[^\n]*+',
    ),
    # Apache and nginx: combined, common, and vhost_combined, which begins with the host.
    compile_format(
        "combined",
        r"(?:[^ \n]+:[0-9]+ )?(?P<client>[^ \n]++) [^ \n]++ (?P<user>[^\[\n]*?) "
        rf'{_TIME} "{_REQUEST}" (?:(?P<status>[0-9]{{3}})|-) [0-9-]++(?: {_QUOTED} {_AGENT}[^\n]*+)?+',
    ),
    # HAProxy, `option httplog`, with or without syslog's head; captured request headers are the first braces. Its lines
    # are cut at 1024 bytes, so that the last quote may be missing.
    compile_format(
        "haproxy",
        r"(?:[^\n]{0,300}?(?:\]: |- ))?(?P<client>[0-9A-Fa-f.:]{2,45}):[0-9]{1,5} \[(?P<time>[^\].\n]++)[^\]\n]*+\] "
        r"[^ \n]++ [^ \n]++ [0-9+/-]++ (?:(?P<status>[0-9]{3})|-1) \+?[0-9]++ [^ \n]++ [^ \n]++ [^ \n]{4} "
        r"[0-9+/]+ [0-9+/]+ (?:\{(?:[^}\n]*\|)?(?P<agent>[A-Za-z][A-Za-z0-9._ -]*/[0-9][^|}\n]*)(?:\|[^}\n]*)?\} |"
        rf'\{{[^}}\n]*\}} )?(?:\{{[^}}\n]*\}} )?"{_REQUEST}(?:"[^\n]*)?',
    ),
)

FORMAT_OF = {one.name: one for one in FORMATS}
_TOLD = 50


def recognise(head: bytes) -> Format | None:
    """The format that most of the first lines fit."""
    lines = [line for line in head.splitlines() if line.strip()][:_TOLD]
    fits = {one.name: sum(1 for line in lines if one.pattern.fullmatch(line)) for one in FORMATS}
    best = max(FORMATS, key=lambda one: fits[one.name])
    return best if fits[best.name] else None
