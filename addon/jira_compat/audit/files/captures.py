"""Captures: which files are meant by words, globs and folders."""

import glob
import stat
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import cast

from jira_compat.audit.files.problems import Problem
from jira_compat.stderr import reason

STDIN = "-"


@dataclass(frozen=True, slots=True)
class Capture:
    """A file to read.

    Args:
        name: What problems and examples call it.
        path: Where it is; ``None`` is standard input.
        size: Bytes on disk, as far as it is known; 0 also for what is no plain file, such as a pipe.
        is_listed: Whether a folder or a glob has it, and it was not named itself.
    """

    name: str
    path: Path | None
    size: int = 0
    is_listed: bool = False


def find_captures(words: Iterable[str], problem: Callable[[Problem], None]) -> list[Capture]:
    """The files that files, globs, folders and ``-`` mean, each once; ``problem`` is told of words that mean none."""
    found: dict[str, Capture] = {}
    for word in words:
        if word == STDIN:
            found.setdefault(word, Capture("standard input", None))
            continue
        try:
            for path in _paths(word):
                found.setdefault(str(path), Capture(str(path), path, _size(path), is_listed=str(path) != word))
        except (OSError, ValueError) as error:
            what = "is not there" if isinstance(error, FileNotFoundError) else "cannot be read"
            problem(Problem(word, f"{what} ({reason(error)}); check its name and permissions"))
    return list(found.values())


def _paths(word: str) -> list[Path]:
    path = Path(word)
    if path.is_dir():
        next(path.iterdir(), None)  # raises where rglob would be silent
        paths = sorted(one for one in path.rglob("*") if not _is_hidden(one.relative_to(path)) and one.is_file())
    elif glob.has_magic(word) and not path.exists():
        paths = sorted(one for found in glob.glob(word, recursive=True) if (one := Path(found)).is_file())  # noqa: PTH207 - it takes absolute ones
    else:
        path.stat()
        return [path]
    if not paths:
        raise FileNotFoundError(2, "no file in it")
    return paths


def _size(path: Path) -> int:
    status = path.stat()
    return status.st_size if stat.S_ISREG(status.st_mode) else 0


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def open_capture(capture: Capture) -> BufferedReader:
    """Open it.

    Raises:
        OSError: It cannot be.
    """
    return cast("BufferedReader", sys.stdin.buffer) if capture.path is None else capture.path.open("rb")
