"""Where the policies are that ship with the project."""

from importlib import resources
from pathlib import Path


def shipped_policies() -> Path:
    """The default set: inside the wheel, or beside the package in a checkout."""
    packaged = Path(str(resources.files("jira_compat"))) / "default_policies"
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "policies"
