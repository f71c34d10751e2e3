"""Lines on standard error, which never block, and the reasons that they give."""

import contextlib
import select
import sys
from typing import TextIO

SPEAKER = "jira-compat: "
"""The prefix of a line for people."""


def say(text: str) -> None:
    """A line on standard error, for people."""
    tell(text if text.startswith(SPEAKER) else f"{SPEAKER}{text}")


def tell(line: str) -> None:
    """A line on standard error; dropped if it has no reader, or not a fast one."""
    with contextlib.suppress(OSError, ValueError):
        if _may_write(sys.stderr):
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()


def reason(error: BaseException) -> str:
    """Return the system's reason for a failure, or the failure's type, in lower case: neither holds content."""
    return (getattr(error, "strerror", None) or type(error).__name__).lower()


def _may_write(stream: TextIO) -> bool:
    """Return whether a line can be written without waiting: a pipe that can take anything takes 4096 bytes (POSIX)."""
    try:
        return bool(select.select([], [stream.fileno()], [], 0)[1])
    except (OSError, ValueError):
        return True  # it has no descriptor, or none of those that can be asked
