"""The charset of a body: as declared, if the bytes agree.

Readers work on bytes in an encoding that has ASCII in its lower half. UTF-16 and UTF-32 are turned
into UTF-8 for them, and back. A byte order mark stays where it is.
"""

import codecs
from dataclasses import dataclass

from jira_compat.message.body.errors import Unreadable, unknown

_NARROW = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "iso-8859-1": "latin-1",
    "iso8859-1": "latin-1",
    "iso_8859-1": "latin-1",
    "latin-1": "latin-1",
    "latin1": "latin-1",
    "windows-1252": "cp1252",
    "cp1252": "cp1252",
    # All of these have ASCII in their lower half, which East Asian ones only seem to have.
    **{f"iso-8859-{number}": f"iso8859-{number}" for number in (*range(2, 12), *range(13, 17))},
    **{f"windows-{number}": f"cp{number}" for number in range(1250, 1259)},
    "koi8-r": "koi8-r",
}
_WIDE = {
    "utf-16": ("utf-16-le", "utf-16-be"),
    "utf-16le": ("utf-16-le",),
    "utf-16be": ("utf-16-be",),
    "utf-32": ("utf-32-le", "utf-32-be"),
    "utf-32le": ("utf-32-le",),
    "utf-32be": ("utf-32-be",),
}
_MARKS = (  # UTF-32's first: one of UTF-16's starts alike
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_PIECE = 1 << 18


@dataclass(frozen=True, slots=True)
class Text:
    """A body as readers get it.

    Args:
        text: The characters, in ``codec``.
        codec: An encoding with ASCII in its lower half.
        wide: The encoding of the body, if that has not.
    """

    text: bytes
    codec: str
    wide: str | None = None

    @property
    def is_marked(self) -> bool:
        """Return whether it is in an encoding, or starts with a mark, that only readers of JSON expect."""
        return self.wide is not None or self.text.startswith(codecs.BOM_UTF8)

    def encode(self, text: bytes) -> bytes:
        """Encode a part of ``text`` as the body had it."""
        return text.decode().encode(self.wide) if self.wide else text


def known_as_narrow(charset: str | None) -> None:
    """Hold a charset to those with ASCII in their lower half.

    Raises:
        Unreadable: It is another, so that what looks like ASCII may stand for something else.
    """
    name = (charset or "utf-8").lower()
    if name not in _NARROW:
        raise unknown("charset", name)


def read_text(body: bytes, charset: str | None) -> Text:
    """Find a body's encoding.

    Args:
        body: Without content coding.
        charset: As declared by Content-Type.

    Raises:
        Unreadable: The charset is not known, is not that of the bytes, or the bytes are not valid in it.
    """
    wide = _wide(body)
    name = (charset or "").lower()
    if charset is not None and name not in _NARROW and name not in _WIDE:
        raise unknown("charset", name)
    if charset is not None and (wide not in _WIDE[name] if name in _WIDE else wide is not None):
        raise Unreadable("its charset is declared as one thing and looks like another")
    codec = _NARROW.get(name, "utf-8")
    if body.startswith(codecs.BOM_UTF8) and codec != "utf-8":
        raise Unreadable("its charset is declared as one thing and looks like another")
    try:
        if wide:
            return Text(body.decode(wide).encode(), "utf-8", wide)
        if codec in {"utf-8", "ascii"} and not body.isascii():
            _check(body, codec)
    except UnicodeDecodeError:
        raise Unreadable(f"it is not valid {(wide or codec).upper()}") from None
    return Text(body, codec)


def _check(body: bytes, codec: str) -> None:
    """Raise ``UnicodeDecodeError`` where a body is not valid; as a whole its text might take four times its memory."""
    decoder = codecs.getincrementaldecoder(codec)()
    for at in range(0, len(body), _PIECE):
        decoder.decode(body[at : at + _PIECE])
    decoder.decode(b"", final=True)


def _wide(body: bytes) -> str | None:
    if 0 not in body[:4] and body[0] < codecs.BOM_UTF16_BE[0]:
        return None
    for mark, codec in _MARKS:
        if body.startswith(mark):
            return codec
    # RFC 4627, section 3: JSON starts with ASCII, so nulls show how wide its characters are.
    if body[0] == 0:
        return "utf-32-be" if body[1:2] == b"\0" else "utf-16-be"
    if body[1:2] == b"\0":
        return "utf-32-le" if body[2:4] == b"\0\0" else "utf-16-le"
    return None
