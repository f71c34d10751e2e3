"""The declared type of a body (RFC 9110, section 8.3). Not to be trusted, only compared."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from jira_compat.message.body.errors import Unreadable
from jira_compat.model import Header

_TCHARS = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_MEDIA = re.compile(rf"\s*({_TCHARS}/{_TCHARS})\s*")
# Boundaries with ':', '/' or '=' are often sent without the quotes that they need.
_PARAMETER = re.compile(rf';\s*(?:({_TCHARS})=(?:"([^"\\]*)"|([^\s";,]+))\s*)?')


@dataclass(frozen=True, slots=True)
class ContentType:
    """A media type as declared, in lower case, and the two parameters that change a reading."""

    media: str = ""
    charset: str | None = None
    boundary: bytes = b""

    @property
    def is_form(self) -> bool:
        """Return whether it declares what a browser's form or a bare ``curl -d`` sends."""
        return self.media == "application/x-www-form-urlencoded"

    @property
    def is_multipart(self) -> bool:
        """Return whether it declares parts."""
        return self.media.startswith("multipart/")


def content_type(headers: Iterable[Header]) -> ContentType:
    """Parse the Content-Type; an empty one if there is none.

    Raises:
        Unreadable: Its parts contradict each other, or it does not parse.
    """
    values = {value for name, value in headers if name.lower() == b"content-type"}
    if len(values) > 1:
        raise Unreadable("it has more than one Content-Type")
    return _parse(values.pop()) if values else ContentType()


@lru_cache(maxsize=256)
def _parse(value: bytes) -> ContentType:
    text = value.decode("latin-1").strip()
    if not text:
        return ContentType()
    media = _MEDIA.match(text)
    if media is None:
        raise Unreadable("its Content-Type is malformed")
    parameters: dict[str, str] = {}
    at = media.end()
    while at < len(text):
        parameter = _PARAMETER.match(text, at)
        if parameter is None:
            raise Unreadable("its Content-Type is malformed")
        at = parameter.end()
        if parameter[1]:
            name, setting = parameter[1].lower(), parameter[2] or parameter[3] or ""
            if name.startswith(("boundary*", "charset*")):  # RFC 2231, sections 3 and 4: some servers read it
                raise Unreadable("its Content-Type has a parameter in pieces")
            if parameters.setdefault(name, setting) != setting:
                raise Unreadable("its Content-Type says two things at once")
    boundary = parameters.get("boundary", "").encode("latin-1")
    return ContentType(media[1].lower(), parameters.get("charset"), boundary)
