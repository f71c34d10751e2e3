"""Differentials: where servers read a path differently, and how."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from jira_compat.message.target.escapes import Texts
from jira_compat.message.target.path import resolve, unescape

Step = Callable[[bytes], bytes]
"""From one text of a path to another."""


@dataclass(frozen=True, slots=True)
class Differential:
    """One thing that servers differ about.

    Args:
        clause: What the path has, for a refusal; it quotes nothing.
        concerns: Whether a path has it.
        options: What servers do about it, the one that changes most first; none where all is done in decoding.
    """

    clause: str
    concerns: Callable[[Texts], object]
    options: tuple[Step, ...] = ()


def _came(pattern: bytes) -> Callable[[Texts], object]:
    search = re.compile(pattern).search
    return lambda texts: search(texts.raw)


def _hidden(pattern: bytes) -> Callable[[Texts], object]:
    search = re.compile(pattern).search
    return lambda texts: search(texts.deep)


def _put(new: bytes, pattern: bytes) -> Step:
    return partial(re.compile(pattern, re.DOTALL).sub, new)


def _same(text: bytes) -> bytes:
    return text


def _valid(text: bytes) -> bytes:
    return text.decode("utf-8", "ignore").encode()


_WORD = rb"[^/\\;?#%\x00-\x20\x7f-\xff]"  # not an edge of a segment, and never one in another step
_TRIM = _put(b"", rb"(?<![^/;]) ++|(?<! ) ++(?![^/;])")


def _encoded_twice(texts: Texts) -> object:
    return b"%25" in texts.raw and re.search(rb"%25[0-9A-Fa-f]{2}", unescape(texts.raw))


def _not_utf8(texts: Texts) -> bool:
    return _valid(texts.once) != texts.once


def _disordered(texts: Texts) -> object:
    """Dot segments, with what may be taken off before or after they are resolved."""
    takes = re.search(rb";|[/\\]{2}", texts.deep)
    return takes and re.search(rb"(?<!%b)\.\.?(?!%b)" % (_WORD, _WORD), texts.deep)


DOUBTS = (
    # Apache's AllowEncodedSlashes, Tomcat's encodedSolidusHandling: refused, decoded or passed on.
    Differential("it has an encoded slash", _came(rb"%2[Ff]")),
    # A proxy that decodes and does not encode again leaves the second decoding to the next one.
    Differential("it is encoded twice", _encoded_twice),
    # Overlong forms and single octets: replaced, left out, or (overlong) taken for the character.
    Differential("it is not UTF-8", _not_utf8, (_valid, _same)),
    # Decoders keep a '%' that encodes nothing, leave it out, or know %uXXXX.
    Differential("it has a '%' that encodes nothing", _came(rb"%(?![0-9A-Fa-f]{2})"), (_put(b"", rb"%"), _same)),
    # A slash to browsers, to Windows, and to Tomcat if it is configured so.
    Differential("it has a backslash", _hidden(rb"\\"), (_put(b"/", rb"\\"), _same)),
    # The end of a C string.
    Differential("it has a NUL", _hidden(rb"\0"), (_put(b"", rb"\0.*"), _put(b"", rb"\0"), _same)),
    # Taken out by WHATWG URL parsers, trimmed by Java, the end of a line to others.
    Differential(
        "it has a control character",
        _hidden(rb"[\x01-\x1f\x7f]"),
        (_put(b"", rb"[\x01-\x1f\x7f]"), _put(b"", rb"[\x01-\x1f\x7f].*"), _same),
    ),
    # A second parser of what a first one decoded, as behind nginx's proxy_pass with $uri; '#' as it came is
    # a fragment, or, as no client may send one (RFC 9112, section 3.2), a character like others.
    Differential(
        "it has a '?' or '#' in its path",
        _hidden(rb"[?#]"),
        (_put(b"", rb"[?#].*"), _put(b"", rb"\?.*"), _put(b"", rb"#.*"), _same),
    ),
    Differential("it has an encoded semicolon", _came(rb"%3[Bb]")),
    # In the request line it ends the target.
    Differential("it has a space", _came(rb" ")),
    # Trimmed, as Java does.
    Differential(
        "it has a space at the edge of a segment", _hidden(rb"(?<!%b) | (?!%b)" % (_WORD, _WORD)), (_TRIM, _same)
    ),
    # RFC 3986, section 4.2: two slashes begin an authority.
    Differential("it begins with two slashes", _hidden(rb"\A[/\\]{2}"), (_same, _put(b"", rb"\A//+[^/]*"))),
)

ORDER = Differential(
    "it mixes dot segments with path parameters or empty segments",
    _disordered,
    (
        resolve,
        partial(resolve, strip=False),
        partial(resolve, merge=False),
        partial(resolve, strip=False, drop=False),
        partial(resolve, strip=False, merge=False),
    ),
)
"""The last step of every reading, whose first option is what is done without doubt."""
