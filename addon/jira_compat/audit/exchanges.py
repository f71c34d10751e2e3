"""Exchanges of captures that have bodies, to calls: by way of the same events as live ones."""

from jira_compat.audit.counting.classify import Judge
from jira_compat.audit.counting.inventory import Calls, Example, Inventory
from jira_compat.audit.counting.redaction import Shown
from jira_compat.audit.counting.timestamps import plausible
from jira_compat.audit.readers.event_log import client_of
from jira_compat.events import vocabulary as events
from jira_compat.model import Exchange


def add_exchange(exchange: Exchange, place: tuple[str, int], judge: Judge, inventory: Inventory, shown: Shown) -> None:
    """Judge an exchange and add it; ``place`` is its file and number."""
    verdict = judge.judge(exchange.request)
    facts = events.exchange_facts(exchange)
    file, number = place
    line = shown.line(verdict.subject, exchange.request.method, facts["url.path"])
    at = plausible(exchange.started)
    statuses = {exchange.response.status: 1} if exchange.response is not None else {}
    carried = {} if verdict.carried is None else {verdict.carried: 1}
    calls = Calls(1, at, at, statuses, carried, verdict.fields, 0, Example(file, "#", number, line))
    inventory.add(verdict, client_of(facts, shown), calls)
