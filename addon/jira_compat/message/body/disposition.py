"""The name of a part of multipart/form-data (RFC 7578, section 4.2), if all servers read the same."""

import re

from jira_compat.message.body.errors import Unreadable

_TCHARS = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_FIELD = re.compile(rb"(" + _TCHARS + rb"):[ \t]*+([^\x00-\x08\x0a-\x1f\x7f]*)")
# A quote after a backslash ends the string for some servers and not for others.
_PARAMETER = rb"[ \t]*;[ \t]*(" + _TCHARS + rb')=(?:"((?:[^"\\]|\\(?!"))*+)"|(' + _TCHARS + rb"))"
_PARAMETERS = re.compile(_PARAMETER)
_DISPOSITION = re.compile(rb"form-data(?:" + _PARAMETER + rb")*+[ \t]*", re.IGNORECASE)


def part_name(head: bytes) -> str:
    """The name that the header of a part gives it.

    Args:
        head: Its field lines, without the last line's end.

    Raises:
        Unreadable: There is not exactly one plain name.
    """
    dispositions = []
    for line in head.split(b"\r\n"):
        field = _FIELD.fullmatch(line)
        if field is None:
            raise Unreadable("the header of one of its parts is malformed")
        name, value = field[1].lower(), field[2]
        if name == b"content-disposition":
            dispositions.append(value)
        elif name == b"content-type" and value.lower().startswith(b"multipart/"):
            raise Unreadable("one of its parts has parts")
    if len(dispositions) != 1:
        raise Unreadable("one of its parts has not exactly one Content-Disposition")
    return _name(dispositions[0])


def _name(disposition: bytes) -> str:
    if not _DISPOSITION.fullmatch(disposition):
        raise Unreadable("the Content-Disposition of one of its parts is malformed")
    pairs: list[tuple[bytes, bytes]] = [
        (name.lower(), quoted or token) for name, quoted, token in _PARAMETERS.findall(disposition)
    ]
    parameters = dict(pairs)
    name = parameters.get(b"name")
    if len(parameters) < len(pairs) or any(key.startswith(b"name*") for key in parameters) or name is None:
        raise Unreadable("one of its parts has not exactly one name")
    # "=?" starts an encoded word (RFC 2047), which Tomcat's reader decodes and others do not; it trims the name, too,
    # and some take other quotes for quotes.
    if b"\\" in name or b"=?" in name or name != name.strip() or name.startswith(b"'"):
        raise Unreadable("the name of one of its parts is not plain")
    try:
        return name.decode()
    except UnicodeDecodeError:
        raise Unreadable("the name of one of its parts is not valid UTF-8") from None
