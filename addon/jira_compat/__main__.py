"""``python -m jira_compat``."""

from jira_compat.cli.main import main

main()
