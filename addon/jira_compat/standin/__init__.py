"""A small stateful Jira on loopback, to run against when there is none."""

from jira_compat.standin.http.recorder import Received
from jira_compat.standin.server import StandIn

__all__ = ["Received", "StandIn"]
