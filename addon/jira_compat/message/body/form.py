"""Takes fields out of application/x-www-form-urlencoded text, pair by pair.

Names are read as servers read them (WHATWG URL, section 5.1): ``+`` is a space, ``%61`` an ``a``. A
name is the whole name: ``user[password]`` is not ``password``. It may stand without a value in what is labelled a form
and has other pairs.
"""

import re
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from jira_compat.message.body.errors import Unreadable
from jira_compat.message.body.pointers import Selection
from jira_compat.message.body.spans import Removals, Siblings

_MOST = 100_000
"""Fields; ten times as many as Tomcat takes, and more would keep others waiting for seconds."""
_LONGEST = 10_000
"""Bytes of a name; no name in a policy is as long, and to decode megabytes takes twenty times their memory."""
_FOREIGN = re.compile(rb'[\x00-\x20"<>\\{}\x7f]')  # in a name: rather text, XML or lenient JSON than a form
_BROKEN = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_JAVA_ESCAPE = re.compile(rb"%[0-9A-Fa-f+-]?[\x80-\xff]")  # to java.net.URLDecoder digits of any script are digits
_NAME = re.compile(rb"(?:\A|&)([A-Za-z0-9_.%+-]{3,})=")


def cut_form(text: bytes, codec: str, selection: Selection, *, declared: bool) -> Removals:
    """Find what a selection takes out of a form.

    Args:
        text: In an encoding with ASCII in its lower half.
        codec: That encoding, for names beyond ASCII.
        selection: What to take out; see :attr:`Selection.names`.
        declared: Whether it is labelled as a form. A password or token alone, with padding, reads as a form too, so
            only there, and only before a value, is a name of the client's reported.

    Raises:
        Unreadable: It is not a form, has a name that servers read differently, or more fields than are looked at.
    """
    cuts = Removals()
    siblings = Siblings(cuts)
    flags = declared and b"=" in text
    left = set()
    for start, pair in _pairs(text):
        if pair and selection.drops(field := _field(pair, codec, flags=flags)):
            spelled = field in selection.names
            is_name = spelled or (declared and pair.rstrip(b"=").find(b"=") > 0)
            siblings.goes(start, start + len(pair), field if is_name else "", spelled=spelled)
        else:
            siblings.stays(start)
            left.add(b"=" in pair if pair else None)
    siblings.close(text, b"&")
    if False in left and True not in left:  # who reads it next could not tell it from a text
        raise Unreadable("without what must go it is neither JSON nor a form")
    return cuts


def hides_field(text: bytes, codec: str, selection: Selection) -> bool:
    """Return whether a text that is something else has, read as a form, a field that a selection takes out.

    Its first pair starts as that something else does, so it is not a field.

    Raises:
        Unreadable: It would have more fields than are looked at.
    """
    names = (pair.partition(b"=")[:2] for start, pair in _pairs(text) if start and pair)
    return any((equals and _JAVA_ESCAPE.search(name)) or _drops(name, codec, selection) for name, equals in names)


def holds_field(octets: bytes, selection: Selection) -> bool:
    """The same for octets that are not text, such as coded ones; a name by chance does not count.

    Raises:
        Unreadable: They would have more fields than are looked at.
    """
    if octets.count(b"&") >= _MOST:
        raise Unreadable(f"read as a form it has more than {_MOST} fields")
    return any(_drops(found[1], "utf-8", selection) for found in _NAME.finditer(octets))


def _drops(name: bytes, codec: str, selection: Selection) -> bool:
    """Return whether a name that nobody may read as one would go; one that is too long is none of the policy's."""
    plain = _unquoted(name) if len(name) <= _LONGEST else name[:_LONGEST]
    return selection.drops(plain.decode(codec, "replace"))


def _pairs(text: bytes) -> Iterator[tuple[int, bytes]]:
    if text.count(b"&") >= _MOST:
        raise Unreadable(f"read as a form it has more than {_MOST} fields")
    start = 0
    while (end := text.find(b"&", start)) >= 0:
        yield start, text[start:end]
        start = end + 1
    yield start, text[start:]


def _field(pair: bytes, codec: str, *, flags: bool) -> str:
    """The name of a pair, which may lack its value where there are flags."""
    name, equals, _ = pair.partition(b"=")
    if not (equals or flags) or _FOREIGN.search(name):
        raise Unreadable("it is neither JSON nor a form")
    if len(name) > _LONGEST:
        raise Unreadable(f"a name in its form has more than {_LONGEST} bytes")
    if _BROKEN.search(name):
        raise Unreadable("a name in its form is not percent-encoded as it should be")
    try:
        return _unquoted(name).decode(codec)
    except UnicodeDecodeError:
        raise Unreadable(f"a name in its form is not valid {codec.upper()}") from None


def _unquoted(name: bytes) -> bytes:
    return unquote_to_bytes(name.replace(b"+", b" "))
