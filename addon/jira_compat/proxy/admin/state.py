"""The state of a proxy for its health pages: a process, or all workers of one together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from jira_compat.proxy.exchange.counters import Counts, total


@dataclass(frozen=True, slots=True)
class State:
    """A proxy at a moment.

    Args:
        counts: What it has done.
        in_flight: Exchanges in flight.
        events_lost: Events that could not be written.
        turned_away: Client connections closed because there were too many.
        digest: The active policies.
        rules: How many rules these have.
        unready: Why it is not ready, in a word; ``None`` if it is.
        workers: How many processes serve; ``None`` for a proxy that is one process.
        replaced: How many of them have ended by themselves, or were killed because they hung.
    """

    counts: Counts = field(default_factory=Counts)
    in_flight: int = 0
    events_lost: int = 0
    turned_away: int = 0
    digest: str | None = None
    rules: int = 0
    unready: str | None = None
    workers: int | None = None
    replaced: int = 0


def ended(state: State) -> State:
    """Return the state that outlives a process that has ended: its counts."""
    return State(state.counts, 0, state.events_lost, state.turned_away)


def together(own: State, workers: Sequence[State], gone: Iterable[State]) -> State:
    """Several processes as one proxy.

    Args:
        own: The parent's: what should be active, and what it counted itself.
        workers: Of those that serve.
        gone: Of those that have ended; what they counted stays counted.
    """
    all_of_them = [own, *workers, *gone]
    return replace(
        own,
        counts=total(one.counts for one in all_of_them),
        in_flight=sum(one.in_flight for one in all_of_them),
        events_lost=sum(one.events_lost for one in all_of_them),
        turned_away=sum(one.turned_away for one in all_of_them),
        unready=own.unready or _unready(own, workers),
        workers=len(workers),
    )


def _unready(own: State, workers: Sequence[State]) -> str | None:
    serving = [
        one for one in workers if one.unready != "draining"
    ]  # a worker that drains leaves requests to the others
    if not serving:
        return "no_workers"
    if any(one.digest != own.digest for one in serving):
        return "workers_disagree"
    return next((one.unready for one in serving if one.unready is not None), None)
