"""Exchanges of captures that have bodies, to calls: by way of the same events as live ones."""

from jira_compat import events
from jira_compat.audit.clock import plausible
from jira_compat.audit.event_log import client_of
from jira_compat.audit.inventory import Calls, Example, Inventory
from jira_compat.audit.judge import Judge
from jira_compat.audit.tally import Identify
from jira_compat.model import Exchange


def add_exchange(
    exchange: Exchange, example: tuple[str, int], judge: Judge, inventory: Inventory, identify: Identify
) -> None:
    """Judge an exchange and add it; ``example`` is its file and number."""
    verdict = judge.judge(exchange.request)
    facts = events.exchange_facts(exchange)
    file, number = example
    shown = Example(file, "#", number, f"{facts['http.request.method']} {facts['url.path']}")
    at = plausible(exchange.started)
    statuses = {exchange.response.status: 1} if exchange.response is not None else {}
    carried = {} if verdict.carried is None else {verdict.carried: 1}
    calls = Calls(1, at, at, statuses, carried, verdict.fields, 0, shown)
    inventory.add(verdict, client_of(facts, identify), calls)
