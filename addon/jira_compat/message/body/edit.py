"""Takes fields out of a request body: bytes in, bytes out.

What a body is, the body itself shows. Its labels are not trusted: ``curl -d '{...}'`` sends JSON
labelled as a form. But a server may go by them, so a label that allows another reading is refused.
"""

import re
from dataclasses import dataclass

from jira_compat.message.body.charset import Text, known_as_narrow, read_text
from jira_compat.message.body.content_coding import coding
from jira_compat.message.body.content_type import ContentType, content_type
from jira_compat.message.body.errors import TooLarge, Unreadable
from jira_compat.message.body.form import cut_form, hides_field, holds_field
from jira_compat.message.body.json_edit import cut_json
from jira_compat.message.body.json_scanner import SCALAR, WS, json_start
from jira_compat.message.body.multipart import cut_parts, sniff_boundary
from jira_compat.message.body.pointers import Selection
from jira_compat.message.body.spans import Removals
from jira_compat.model import Header

__all__ = ["Edited", "TooLarge", "Unreadable", "edit"]

_BLANK = b" \t\n\r"  # to readers of JSON (RFC 8259, section 2); other white space may be the name of a field
_JSON = re.compile(rb"[{\[]|" + SCALAR + WS + rb"\Z")


@dataclass(frozen=True, slots=True)
class Edited:
    """A body without the fields that were to go.

    Args:
        body: What to forward: the very object that came in, if nothing was taken out.
        removed: JSON Pointers to what was taken out, in document order, each once, at most fifty.
            A field of a form, or a part, has its name for a pointer. A name that the client chose
            and that does not look like a name is shown as ``…``.
    """

    body: bytes
    removed: tuple[str, ...]


def edit(body: bytes, headers: tuple[Header, ...], selection: Selection, *, limit: int = 10_000_000) -> Edited:
    """Take fields out of a body and leave every other byte of its text as it is.

    Args:
        body: As it came, still content-encoded.
        headers: Of the same request. The caller corrects its Content-Length.
        selection: What to take out.
        limit: The most bytes that the decoded body may have.

    Raises:
        TooLarge: The decoded body is larger than that.
        Unreadable: The body has no reading, or two that differ in what would have to go.
    """
    if not body:
        return Edited(body, ())
    coded = coding(headers, body)
    plain = coded.decode(body, limit)
    edited, removed = _without(plain, content_type(headers), selection) if plain.strip(_BLANK) else (plain, ())
    result = coded.encode(edited) if removed else body
    if plain is not body and _holds_undecoded(result, content_type(headers), selection):
        raise Unreadable("its content coding hides something else from who does not know it")
    return Edited(result, removed)


def _holds_undecoded(octets: bytes, declared: ContentType, selection: Selection) -> bool:
    """Return whether coded octets say something to a server that takes them as they are, as Tomcat does.

    Codings have room for that: a name of a file in gzip, frames to be skipped in zstd, what is not compressed in all.
    """
    if declared.is_form:
        return holds_field(octets, selection)
    if declared.is_multipart:
        return b"--" + declared.boundary in octets
    try:
        return bool(cut_json(octets, "utf-8", selection).removed)
    except Unreadable:
        return False


def _without(plain: bytes, declared: ContentType, selection: Selection) -> tuple[bytes, tuple[str, ...]]:
    boundary = declared.boundary if declared.is_multipart else sniff_boundary(plain)
    if declared.is_multipart or boundary is not None:
        known_as_narrow(declared.charset)  # Tomcat reads the headers of parts in it
        text, is_form = Text(plain, "utf-8"), False
        cuts = cut_parts(plain, boundary or b"", selection)
    else:
        text = read_text(plain, declared.charset)
        cuts, is_form = _cut_text(text, declared, selection)
    edited = cuts.apply(text.text)
    # As a form, JSON is one odd name, which a keep would refuse: there only what is forwarded counts.
    suspect = text.text if selection.verb == "remove" else edited
    if declared.is_form and not is_form and hides_field(suspect, text.codec, selection):
        raise Unreadable("it can be read as the form it is declared to be and as something else")
    return text.encode(edited), cuts.removed


def _cut_text(text: Text, declared: ContentType, selection: Selection) -> tuple[Removals, bool]:
    """Find the spans to remove from JSON or a form; return whether it is a form."""
    start = json_start(text.text)
    if start == len(text.text):
        return Removals(), False
    if _JSON.match(text.text, start):
        return cut_json(text.text, text.codec, selection), False
    if text.is_marked:
        raise Unreadable("it is neither JSON nor a form")
    return cut_form(text.text, text.codec, selection, declared=declared.is_form), True
