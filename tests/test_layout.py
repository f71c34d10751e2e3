"""The tests mirror the package: who looks for a module's tests knows where they are."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "addon" / "jira_compat"
MODULES = sorted(
    path.relative_to(PACKAGE)
    for path in PACKAGE.rglob("*.py")
    if path.name not in {"__init__.py", "__main__.py"}
)


def test_there_are_modules():
    assert Path("decide.py") in MODULES


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_each_module_has_its_tests(module: Path):
    tests = Path("tests") / module.with_name(f"test_{module.name}")

    assert (ROOT / tests).is_file(), f"addon/jira_compat/{module} has no {tests}; write it"
