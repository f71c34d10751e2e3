"""The search for an interpreter: names may be missing, lie, be too old or incomplete."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

FIND_PYTHON = Path(__file__).parent.parent.parent / "tools" / "find-python"

TOO_OLD = "echo 3.11"
SHIM = "echo 'pyenv: command not found' >&2; exit 127"
WITHOUT_VENV = "echo 3.13; exit 1"


class Machine:
    """A machine with nothing on PATH but what the test puts there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for tool in ("head", "timeout"):
            path = shutil.which(tool)
            if path is not None:
                self.path("bin").mkdir(exist_ok=True)
                self.path(f"bin/{tool}").symlink_to(path)

    def path(self, name: str) -> Path:
        return self.root / name

    def has(self, name: str, script: str) -> Path:
        """Put an executable there that runs this shell script."""
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    def find(self, *arguments: str, folders: tuple[str, ...] = ("bin",)) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join(str(self.path(folder)) for folder in folders)
        return subprocess.run(
            ["/bin/sh", FIND_PYTHON, *arguments],
            env={"PATH": path, "HOME": str(self.root)},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def assert_refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    for word in ("3.12 or newer", "install", *words):
        assert word in done.stderr


def test_without_any_it_says_what_to_install(machine):
    assert_refused(machine.find(), "there is none")


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (TOO_OLD, "3.11"),
        ("echo 2.7; exit 1", "2.7"),
        (SHIM, "does not start"),
        (WITHOUT_VENV, "install python3.13-venv"),
    ],
)
def test_one_that_will_not_do_is_named_with_the_reason(machine, script, reason):
    python = machine.has("bin/python3", script)

    assert_refused(machine.find(), str(python), reason)


@pytest.mark.parametrize(
    ("present", "best"),
    [
        ({"python3": "3.12"}, "python3"),
        ({"python": "3.13"}, "python"),
        ({"python3.12": "3.12", "python3.13": "3.13"}, "python3.13"),
        ({"python3.14": "3.14", "python3.12": "3.12"}, "python3.12"),
        ({"python3.14": "3.14", "python3": "3.13"}, "python3"),
        ({"python3.14": "3.14", "python3": "3.11"}, "python3.14"),
        ({"python3": "3.15"}, "python3"),
    ],
)
def test_313_then_312_then_newer(machine, present, best):
    for name, version in present.items():
        machine.has(f"bin/{name}", f"echo {version}")

    assert machine.find().stdout == f"{machine.path('bin')}/{best}\n"
    assert machine.find("--minor").stdout == f"{present[best]}\n"


def test_a_shim_that_does_not_start_hides_nothing(machine):
    machine.has("shims/python3.13", SHIM)
    real = machine.has("bin/python3.13", "echo 3.13")

    assert machine.find(folders=("shims", "bin")).stdout == f"{real}\n"


def test_pyenv_versions_are_found_behind_an_older_python(machine):
    machine.has("bin/python3", TOO_OLD)
    machine.has(".pyenv/versions/3.11.7/bin/python", TOO_OLD)
    real = machine.has(".pyenv/versions/3.12.1/bin/python", "echo 3.12")

    assert machine.find().stdout == f"{real}\n"


def test_uv_is_asked_and_may_not_download(machine):
    real = machine.has("managed/python3.13", WITHOUT_VENV)  # uv makes the environment, so that is enough
    machine.has("bin/uv", f'case "$*" in *--no-python-downloads*3.13) echo {real};; *) exit 2;; esac')

    assert machine.find().stdout == f"{real}\n"


@pytest.mark.parametrize("wanted", ["3.12", "python3.12", "bin/python3.12"])
def test_the_wanted_one_is_taken_although_another_would_be_preferred(machine, wanted):
    machine.has("bin/python3.13", "echo 3.13")
    real = machine.has("bin/python3.12", "echo 3.12")

    done = machine.find(str(machine.path(wanted)) if "/" in wanted else wanted)

    assert done.stdout == f"{real}\n"


@pytest.mark.parametrize("wanted", ["3.12", "python3.12", "python3.11", "/nowhere/python"])
def test_the_wanted_one_is_taken_or_none(machine, wanted):
    machine.has("bin/python3.13", "echo 3.13")
    machine.has("bin/python3.11", TOO_OLD)

    assert_refused(machine.find(wanted), f"PYTHON={wanted}")
