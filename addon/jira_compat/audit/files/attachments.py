"""Bodies that a tool keeps in files of their own beside a HAR."""

import os
import re
import stat
from pathlib import Path

LARGEST = 16_000_000
"""Bytes of one body; a larger one is unknown."""
_NAME = re.compile(r"(?:resources/)?[A-Za-z0-9_-][A-Za-z0-9._-]{0,254}")
"""A file in the HAR's own folder, or in that of Playwright's traces; never one that a path leads to."""


class Beside:
    """Reads files beside a HAR.

    Args:
        har: The HAR; ``None`` for standard input, which has nothing beside it.
    """

    def __init__(self, har: Path | None) -> None:
        self._folder = None if har is None else har.parent

    def read(self, name: str) -> bytes | None:
        """The content; ``None`` if it is missing, too large, or not a plain file of this folder."""
        if self._folder is None or not _NAME.fullmatch(name):
            return None
        names = (name,) if name.startswith("resources/") else (name, f"resources/{name}")
        return next((content for path in names if (content := _content(self._folder / path)) is not None), None)


def _content(path: Path) -> bytes | None:
    try:
        with open(path, "rb", opener=_without_links) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
                return None
            return file.read(LARGEST)
    except OSError:
        return None


def _without_links(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)
