"""The actions that a rule may have: a new one is a line here, and is whole in its own module."""

from jira_compat.actions.action import Action
from jira_compat.actions.keep import Keep
from jira_compat.actions.remove import Remove
from jira_compat.actions.replace import Replace
from jira_compat.actions.respond import Respond
from jira_compat.actions.translate import Translate
from jira_compat.actions.watch import Watch

ACTIONS: tuple[type[Action], ...] = (
    Remove,
    Keep,
    Respond,
    Replace,
    Translate,
    Watch,
)
"""In the order of a rule's keys. Mypy refuses one that leaves out what an action must say."""

ACTION_BY_NAME = {action.name: action for action in ACTIONS}
