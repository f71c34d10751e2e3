"""A file and a folder that nobody may read who is not root."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.audited import SAMPLES

_NOBODY = 65534


@pytest.fixture
def closed() -> Iterator[Path]:
    """A folder that may be entered, with ``good``, and ``file`` and ``folder``, which may not be read."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "good").write_bytes((SAMPLES / "nginx.json").read_bytes())
        (folder / "good").chmod(0o644)
        (folder / "file").write_bytes(b"x")
        (folder / "file").chmod(0)
        (folder / "folder").mkdir(mode=0)
        is_root = os.geteuid() == 0
        if is_root:  # who may read everything
            os.seteuid(_NOBODY)
        yield folder
        if is_root:
            os.seteuid(0)
