"""``python -m jira_compat``."""

from jira_compat.cli import main

main()
