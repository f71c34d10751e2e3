"""Reading of policy files into active rules, apart from the hooks."""

from dataclasses import dataclass

from jira_compat.policy.files import policy_files, read_file
from jira_compat.policy.index import PolicySet, compile_policies
from jira_compat.policy.load import PolicyFile, load_overrides, load_policies
from jira_compat.proxy.settings.options import Settings


@dataclass(frozen=True, slots=True)
class Files:
    """The files that the settings name, as they were read; equal if they are the same to the byte."""

    policies: tuple[PolicyFile, ...]
    override: PolicyFile | None


def read_files(settings: Settings) -> Files:
    """Read what the settings name; what cannot be read is a fault in it, not an exception."""
    override = read_file(settings.override) if settings.override else None
    return Files(tuple(policy_files(settings.policies)), override)


def compile_files(files: Files, settings: Settings) -> PolicySet:
    """Check and compile files.

    Raises:
        PolicyError: With a line for everything that is wrong.
    """
    policies = load_policies(files.policies)
    overrides = load_overrides(files.override, policies) if files.override else None
    return compile_policies(policies, settings.run, overrides)


def load_rules(settings: Settings) -> PolicySet:
    """Read, check and compile what the settings name.

    Raises:
        PolicyError: With a line for everything that is wrong.
    """
    return compile_files(read_files(settings), settings)
