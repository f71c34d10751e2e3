"""Settings to rules in force: the reading of files, apart from the hooks."""

from jira_compat.policy.files import policy_files, read_file
from jira_compat.policy.index import PolicySet, compile_policies
from jira_compat.policy.load import load_overrides, load_policies
from jira_compat.proxy.options import Settings


def load_rules(settings: Settings) -> PolicySet:
    """Read, check and compile what the settings name.

    Raises:
        PolicyError: With a line for everything that is wrong.
    """
    policies = load_policies(policy_files(settings.policies))
    overrides = load_overrides(read_file(settings.override), policies) if settings.override else None
    return compile_policies(policies, settings.run, overrides)
