"""The two ways in which a body cannot be edited."""

import re

_HARMLESS = re.compile(r"[A-Za-z0-9._+-]{1,40}")


class Unreadable(ValueError):  # noqa: N818 (it is what the body is)
    """A body that has no single sure reading, so nothing can be taken out of it.

    Its text is one clause about the body ("its JSON ends early (byte 17)") and holds nothing of
    the body's content.
    """


class TooLarge(Unreadable):
    """A body that, decoded, is larger than the limit."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"it is larger than {limit} bytes")


class TooDense(TooLarge):
    """A body that, decoded, is larger than what its size allows for."""

    def __init__(self, ratio: int) -> None:
        Unreadable.__init__(self, f"it is larger than {ratio} times its compressed size")


def unknown(what: str, name: str) -> Unreadable:
    """An error about an unknown name in a header field, which quotes the name only if it is harmless."""
    quoted = f"{what} '{name}'" if _HARMLESS.fullmatch(name) else what
    return Unreadable(f"its {quoted} is unknown")
