"""What a set-up installs is written down whole: the same next year, elsewhere, with pip and with uv."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LINES = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line and not line.startswith("#")]
PINNED = re.compile(r"[a-z0-9-]+==[0-9a-z.]+( ; [^/:]+)?$")
OLD_CLIENTS = ROOT / "tests" / "e2e" / "old_clients"
PACKAGE_LOCK = ROOT / "tests" / "e2e" / "node" / "package-lock.json"

REQUIREMENTS = [
    *PROJECT["build-system"]["requires"],
    *PROJECT["project"]["dependencies"],
    *(line for group in PROJECT["dependency-groups"].values() for line in group if isinstance(line, str)),
]
SYSTEMS = [
    {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux"},
    {"sys_platform": "darwin", "os_name": "posix", "platform_system": "Darwin"},
]


def locked(python: str, system: dict[str, str]) -> dict[str, list[str]]:
    """The versions that constraints.txt names for this Python and system, by package."""
    here = {"python_version": python, "python_full_version": f"{python}.0", **system}
    versions: dict[str, list[str]] = {}
    for line in map(Requirement, LINES):
        if line.marker is None or line.marker.evaluate(here):
            exact = [specifier.version for specifier in line.specifier if specifier.operator == "=="]
            versions.setdefault(canonicalize_name(line.name), []).extend(exact)
    return versions


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system["sys_platform"])
@pytest.mark.parametrize("python", ["3.12", "3.13", "3.14"])
def test_every_package_has_one_version(python, system):
    assert {name: versions for name, versions in locked(python, system).items() if len(versions) != 1} == {}


@pytest.mark.parametrize("python", ["3.12", "3.13"])
@pytest.mark.parametrize("line", REQUIREMENTS)
def test_every_requirement_is_locked(line, python):
    wanted = Requirement(line)

    found = locked(python, SYSTEMS[0]).get(canonicalize_name(wanted.name))

    assert found, f"{wanted.name} is not in constraints.txt; run `make lock`"
    assert Version(found[0]) in wanted.specifier, "constraints.txt is behind pyproject.toml; run `make lock`"


def test_constraints_hold_names_and_versions_only():
    assert [line for line in LINES if not PINNED.match(line)] == []


@pytest.mark.parametrize("path", sorted(OLD_CLIENTS.glob("*.txt")), ids=lambda path: path.stem)
def test_an_old_client_is_locked_with_all_that_it_needs(path):
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    name, _, version = path.stem.rpartition("-")

    assert f"{name}=={version}" in lines
    assert [line for line in lines if not PINNED.match(line)] == []


def test_the_npm_lock_names_no_registry():
    packages = json.loads(PACKAGE_LOCK.read_text())["packages"]

    assert {"node_modules/jira-client", "node_modules/jira-connector"} <= packages.keys()
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if name and "integrity" not in package] == []
