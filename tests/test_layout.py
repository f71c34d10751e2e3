"""The tests mirror the package, and no folder of it is a crowd."""

from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "addon" / "jira_compat"
AS_A_WHOLE = {"demo"}
"""Packages that are one thing and are tried as one, in tests/test_NAME.py."""
CROWD = 12
MODULES = sorted(
    path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py") if path.name not in {"__init__.py", "__main__.py"}
)


def place_of_tests(module: Path) -> Path:
    folder = module.parts[0]
    return Path("tests") / (f"test_{folder}.py" if folder in AS_A_WHOLE else module.with_name(f"test_{module.name}"))


def test_there_are_modules():
    assert Path("decide.py") in MODULES


def test_each_module_has_its_tests():
    missing = [
        f"addon/jira_compat/{module} has no {place_of_tests(module)}; write it"
        for module in MODULES
        if not (ROOT / place_of_tests(module)).is_file()
    ]

    assert missing == []


def test_no_folder_has_more_than_twelve_modules_side_by_side():
    folders = Counter(module.parent for module in MODULES)

    assert {folder: count for folder, count in folders.items() if count > CROWD} == {}
