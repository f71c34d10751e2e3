"""The tests mirror the package: who looks for a module's tests knows where they are."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "addon" / "jira_compat"
AS_A_WHOLE = {"demo"}
"""Packages that are one thing and are tried as one, in tests/test_NAME.py."""
MODULES = sorted(
    path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py") if path.name not in {"__init__.py", "__main__.py"}
)


def test_there_are_modules():
    assert Path("decide.py") in MODULES


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_each_module_has_its_tests(module: Path):
    folder = module.parts[0]
    tests = Path("tests") / (f"test_{folder}.py" if folder in AS_A_WHOLE else module.with_name(f"test_{module.name}"))

    assert (ROOT / tests).is_file(), f"addon/jira_compat/{module} has no {tests}; write it"
