"""Format strings of Apache (``LogFormat``) and nginx (``log_format``) to regular expressions of their lines."""

import re

from jira_compat.audit.readers.line_parts import ADDRESSES, HOST, PREFIX, REQUEST

_APACHE = re.compile(r"%(?:!?[0-9,]+)?[<>]?(?:\{(?P<argument>[^}]*)\})?(?P<name>\^?[A-Za-z]{1,2}|%)")
_NGINX = re.compile(r"\$(?:\{(?P<braced>[A-Za-z0-9_]+)\}|(?P<name>[A-Za-z0-9_]+))")
_JOINED = (("%U%q", "%U"), ("$uri$is_args$args", "$uri"), ("$uri?$args", "$uri"), ("%a:%{remote}p", "%a"))
"""Directives that together are one value."""

_CLIENT = rf"(?P<client>{ADDRESSES}|{HOST}|-)"
_METHOD, _TARGET = r"(?P<method>[A-Z]{1,12}|-)", r"(?P<target>[^ \"\n]+)"
_QUOTED = r'[^"\\\n]*(?:\\.[^"\\\n]*)*'
_STATUS = r"(?P<status>[0-9]{3}|-)"
_KNOWN = {
    "%h": _CLIENT, "%a": _CLIENT, "%u": "user", "%t": r"\[(?P<time>[^\]\n]+)\]", "%r": REQUEST, "%m": _METHOD,
    "%U": _TARGET, "%s": _STATUS, "%{user-agent}i": "agent", "%{x-forwarded-for}i": "forwarded",
    "$remote_addr": _CLIENT, "$realip_remote_addr": "", "$remote_user": "user", "$time_local": "time",
    "$time_iso8601": "time", "$msec": "time", "$request": REQUEST, "$request_method": _METHOD, "$request_uri": _TARGET,
    "$uri": _TARGET, "$status": _STATUS, "$http_user_agent": "agent", "$http_x_forwarded_for": "forwarded",
}  # fmt: skip
"""A group's name where the value ends at what stands behind it; else its pattern; what is not here has no meaning."""


def pattern_of(line_format: str) -> str:
    """A regular expression of the lines.

    Args:
        line_format: As it stands in the server's configuration, with or without escaped quotes.

    Raises:
        ValueError: One clause: what is wrong; the remedy behind a semicolon.
    """
    text = line_format.replace('\\"', '"').strip()
    for joined, alone in _JOINED:
        text = text.replace(joined, alone)
    directive = _NGINX if "$" in text else _APACHE
    parts, at, groups = [f"(?:{PREFIX})?"], 0, set[str]()
    for match in directive.finditer(text):
        literal = text[at : match.start()]
        at = match.end()
        parts.append(re.escape(literal))
        if match[0] == "%%":
            parts.append("%")
            continue
        value = _value(_name(match), text[at : at + 1], literal)
        named = set(re.findall(r"\(\?P<(\w+)>", value))
        parts.append(re.sub(r"\?P<\w+>", "?:", value) if named & groups else value)
        groups |= named
    if not {"method", "target"} <= groups:
        raise ValueError("it must have a request, as %r or $request; copy the format from the server's configuration")
    return "".join(parts) + re.escape(text[at:])


def _name(match: re.Match[str]) -> str:
    """A directive, without what makes no difference."""
    if match.re is _NGINX:
        return f"${match['braced'] or match['name']}"
    argument = match["argument"]
    if match["name"] == "t" and argument:
        return "%{}t"
    if match["name"] in {"a", "h"}:
        return "%a"
    return f"%{{{argument.lower()}}}{match['name']}" if argument else f"%{match['name']}"


def _value(name: str, behind: str, before: str) -> str:
    quoted = before.endswith('"') and behind == '"'
    if _KNOWN.get(name) == REQUEST and not quoted:
        return rf"(?:{_METHOD} {_TARGET}(?: HTTP/[0-9.]{{1,3}})?|-)"
    known = "time" if name == "%{}t" else _KNOWN.get(name, "")
    if known and not known.isalpha():
        return known
    value = _QUOTED if quoted else _until(behind)
    return f"(?P<{known}>{value})" if known else value


def _until(behind: str) -> str:
    """A value that ends where the next character of the format stands."""
    return rf"[^{re.escape(behind)}\n]*" if behind and behind != " " else r"[^ \n]*" if behind else r"[^\n]*"
