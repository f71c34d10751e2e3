"""Kinds of text in a policy file."""

from typing import Annotated

from pydantic import StringConstraints

PATTERNS = {
    r"^[a-z0-9]+(-[a-z0-9]+)*$": "lower-case words joined by '-', such as 'refuse-password-change'",
    r"^https://[!-;=?-~]+$": "an address that begins with 'https://', in ASCII and without '<' and '>'",
    r"^/": "a path that begins with '/'",
}
"""Patterns of text, and their description in error lines."""
_ID, _ADDRESS, _PATH = PATTERNS

Id = Annotated[str, StringConstraints(pattern=_ID, max_length=80)]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True, max_length=2000)]
Source = Annotated[str, StringConstraints(pattern=_ADDRESS, max_length=500)]
"""An address that can stand in a header field as it is: visible ASCII without ``<`` and ``>``."""
AbsolutePath = Annotated[str, StringConstraints(pattern=_PATH)]
