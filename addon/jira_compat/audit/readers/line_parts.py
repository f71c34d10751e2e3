"""Parts that log formats are built from: addresses, users, request lines, and what collectors put before a line."""

import re

IP4 = r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}"
IP6 = (
    r"(?:(?=[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{1,4}){0,6}::)[0-9A-Fa-f:]{2,39}(?:(?<=:)" + IP4 + r")?"
    r"|(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4})(?:%[0-9A-Za-z._-]{1,16})?"
)
IP = rf"(?:{IP4}|{IP6})"
_END = r"(?=[ ,;|\])\"\t\n\r]|$)"
ADDRESS = rf"(?:{IP4}(?::[0-9]{{1,5}})?|\[{IP6}\](?::[0-9]{{1,5}})?|{IP6}){_END}"
ADDRESSES = rf"(?:{IP4}(?= [^,])|(?:{ADDRESS}|unknown{_END})(?:,[ ]?(?:{ADDRESS}|unknown{_END}))*+)"
"""One address, or the list of ``X-Forwarded-For``; the most frequent case is tried first, as below."""
NO_ADDRESS = rf"(?!(?=[0-9A-Fa-f:\[]{{1,16}}[0-9A-Fa-f:.\]]){ADDRESS}[ ])"
HOST = r"(?=[0-9.]*[A-Za-z_*-])[A-Za-z0-9_*][A-Za-z0-9_.*-]{0,253}"

_NAME = rf"(?!-[ ]){NO_ADDRESS}[^ \[\"\n]++"
USER = rf'(?P<user>[^ \[\"\n.:]++(?= \[)|{_NAME}(?: {_NAME})*+|"[^"\n]*+")'
"""A user; one that contains a lone ``-`` or an address contains another column."""

REQUEST = (
    r'(?:(?P<method>[A-Z]{1,12}+) (?P<target>[^ "\\\n]++(?:\\.[^ "\\\n]*+)*+)[^"\\\n]*+(?:\\.[^"\\\n]*+)*+|[^"\n]*+)'
)
"""A request line; another (a TLS handshake, a closed connection) leaves ``method`` empty."""
RAW_REQUEST = r'(?P<method>[A-Z]{1,12}+) (?P<target>[^ \n]+?)(?: [^"\n]*+)?'
"""A request line with raw quotes in it: it ends where a quote, a status and a size follow."""
QUOTED = r'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"'
AGENT = r'"(?P<agent>[^"\\\n]*+(?:\\.[^"\\\n]*+)*+)"'
TIME = r"\[(?P<time>[^\]\n]++)\]"
ISO_TIME = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?(?: ?(?:Z|[+-][0-9]{2}:?[0-9]{2}))?"
)

_TAG = r"[^ \n:\[{\"]{1,100}(?:\[[^\]\n]{0,20}\])?: ?"
_SYSLOG_TIME = (
    r"(?:[A-Z][a-z]{2} [ 0-9]?[0-9] (?:[0-9]{4} )?[0-9:]{8}(?:\.[0-9]{1,9})?"
    rf"|(?:[A-Z][a-z]{{2}} )?{ISO_TIME}(?: [A-Z]{{2,5}})?)"
)
PREFIX = "|".join(
    (
        r"<[0-9]{1,3}>1 [^ \n]{1,40}(?: [^ \n]{1,255}){4} (?:-|(?:\[[^\]\n]{0,2000}\]){1,9}) (?:\xef\xbb\xbf)?",
        rf"(?:<[0-9]{{1,3}}>)?{_SYSLOG_TIME} (?:[^ \n:{{\"]{{1,255}} ){{0,2}}{_TAG}",
        rf"<[0-9]{{1,3}}>{_TAG}",
        rf"{ISO_TIME} (?:stdout|stderr) [FP] ",
        rf"[A-Za-z0-9][A-Za-z0-9_.-]{{0,100}} {{0,100}}\| (?:{ISO_TIME} )?",
        r"\[pod/[^\]\n]{1,300}\] ",
        rf"{ISO_TIME} (?=[\[{{]|{ADDRESS})",
    )
)
"""RFC 5424, RFC 3164 and journald, priority alone, CRI, docker compose, ``kubectl logs --prefix``, a time alone."""
PREFIX = f"(?:{PREFIX}){{1,2}}"

_PREFIX = re.compile(PREFIX.encode())


def without_prefix(line: bytes) -> bytes:
    """A line without what a collector put before it."""
    match = _PREFIX.match(line)
    return line if match is None else line[match.end() :]
