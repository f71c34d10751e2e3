"""Policy files on disk, the shipped ones among them: the one place of the policy package that opens anything."""

import os
import stat
from collections.abc import Iterable, Iterator
from importlib import resources
from pathlib import Path

from jira_compat.policy.load import LARGEST, PolicyFile
from jira_compat.stderr import reason

SUFFIXES = {".yaml", ".yml"}


def policy_files(folders: Iterable[Path]) -> list[PolicyFile]:
    """Read the policy files of folders (or files), sorted by name; one that is named twice, once.

    What cannot be read has a ``fault``, which :func:`~jira_compat.policy.load.load_policies` reports with all others.
    """
    return list({os.path.realpath(file.name): file for folder in folders for file in _files(folder)}.values())


def read_file(path: Path) -> PolicyFile:
    """Read one file, no more of it than a policy can have; and no pipe, which could keep its reader waiting."""
    try:
        if not stat.S_ISREG(path.stat().st_mode) and not path.is_dir():
            return PolicyFile(str(path), fault="cannot be read (no regular file); put a file in its place")
        with path.open("rb") as opened:
            return PolicyFile(str(path), opened.read(LARGEST + 1))
    except OSError as error:
        return PolicyFile(str(path), fault=f"cannot be read ({reason(error)}); check its name and permissions")


def _files(folder: Path) -> Iterator[PolicyFile]:
    try:
        paths = sorted(_paths(folder))
    except OSError as error:
        yield PolicyFile(str(folder), fault=f"cannot be read ({reason(error)}); name a folder of policy files")
        return
    if not paths:
        yield PolicyFile(str(folder), fault="no policy file (*.yaml) in this folder; name another folder")
    yield from map(read_file, paths)


def _paths(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        folder.stat()
        yield folder
        return
    yield from (path for path in folder.iterdir() if path.suffix in SUFFIXES and not path.name.startswith("."))


def shipped_policies() -> Path:
    """The default set: inside the wheel, or beside the package in a checkout."""
    packaged = Path(str(resources.files("jira_compat"))) / "default_policies"
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "policies"
