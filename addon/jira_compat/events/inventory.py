"""Requests that no rule names, counted by endpoint and client, so that a month of them is a small file.

Its memory has a bound, whatever clients send. Calls beyond it are still counted, under a common name.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from jira_compat.events.endpoint_template import FURTHER_ENDPOINTS, endpoint_template, words_of
from jira_compat.events.user_agent import OTHERS, Agent, agent
from jira_compat.events.vocabulary import Event, agent_facts, seen_event, user_agent
from jira_compat.message.target.target import Target
from jira_compat.model import Exchange
from jira_compat.policy.index import PolicySet

MOST = 2_000
"""Pairs of endpoint and client that are counted apart; beyond it, as many endpoints, of ``other clients``."""
_LONGEST_NAME = 256


class _Client(NamedTuple):
    """The client and site of calls; an unknown fact is ``None``."""

    agent: Agent
    user: str | None = None
    address: str | None = None
    server: str | None = None


_OTHERS = _Client(OTHERS)


@dataclass(slots=True)
class _Count:
    """The number of calls, their times and their results."""

    first: float
    last: float
    calls: int = 0
    statuses: dict[int, int] = field(default_factory=dict)

    def add(self, at: float, status: int | None) -> None:
        self.calls += 1
        self.first, self.last = min(self.first, at), max(self.last, at)
        if status is not None:
            self.statuses[status] = self.statuses.get(status, 0) + 1


class RequestInventory:
    """Counts requests, and gives what it counted as events.

    Args:
        most: How many rows it tells apart before clients become ``other clients``.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._rows: dict[tuple[str, _Client], _Count] = {}
        self._rules: PolicySet | None = None
        self._words: frozenset[str] = frozenset()

    def __len__(self) -> int:
        """Return the number of events to take."""
        return len(self._rows)

    def add(self, exchange: Exchange, status: int | None, rules: PolicySet, target: Target | None = None) -> None:
        """Count an exchange.

        Args:
            exchange: As it began; ``started`` must be known.
            status: What its client was answered; ``None`` if nothing.
            rules: What it was judged by: words that they name stay in templates.
            target: The request's target, if it has been read.
        """
        if rules is not self._rules:
            self._rules, self._words = rules, words_of(rules)
        request, at = exchange.request, exchange.started
        assert at is not None  # noqa: S101 - the docstring says so
        key = self._bounded(endpoint_template(request.method, request.target, self._words, target), _client(exchange))
        count = self._rows.get(key)
        if count is None:
            count = self._rows[key] = _Count(at, at)
        count.add(at, status)

    def take(self) -> Event:
        """Remove one of the rows and return it as an event.

        Raises:
            KeyError: There is none.
        """
        (endpoint, client), count = self._rows.popitem()
        facts = {
            "server.address": client.server,
            "client.address": client.address,
            **agent_facts(client.agent),
            "user.name": client.user,
        }
        return seen_event(endpoint, facts, count.statuses, count.calls, (count.first, count.last))

    def _bounded(self, endpoint: str, client: _Client) -> tuple[str, _Client]:
        """Return the key to count under: the row's own, else its endpoint's, else the last of all."""
        for key, most in (((endpoint, client), self._most), ((endpoint, _OTHERS), 2 * self._most)):
            if key in self._rows or len(self._rows) < most:
                return key
        return FURTHER_ENDPOINTS, _OTHERS


def _client(exchange: Exchange) -> _Client:
    user = None if exchange.user is None else exchange.user[:_LONGEST_NAME]
    return _Client(agent(user_agent(exchange.request.headers)), user, exchange.client, exchange.server)
