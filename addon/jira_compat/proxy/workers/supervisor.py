"""Several workers as one proxy: started, pushed to, asked, replaced and ended."""

import asyncio
import contextlib
import logging
import os
import secrets
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from jira_compat.events.vocabulary import Event
from jira_compat.policy.index import PolicySet
from jira_compat.proxy.admin.http_server import Peer
from jira_compat.proxy.admin.state import State, ended, together
from jira_compat.proxy.exchange.counters import Counts
from jira_compat.proxy.settings.options import IDENTITY_KEY, Settings
from jira_compat.proxy.settings.preflight import ServeConfig, StartError, reason
from jira_compat.proxy.workers.event_pipe import EventPipe
from jira_compat.proxy.workers.heartbeat import silence
from jira_compat.proxy.workers.messages import Start, Stop
from jira_compat.proxy.workers.worker_process import WorkerProcess

logger = logging.getLogger(__name__)

STEADY = 60.0
"""Seconds; who has lived as long is replaced at once."""
LONGEST_PAUSE = 30.0
GRACE = 5.0
"""Seconds beyond the time to drain, after which a worker that should end is killed."""
AT_ONCE = 3.0
"""The same for one that should end at once."""


def next_pause(pause: float | None, lived: float) -> float:
    """Seconds until a worker is replaced: none at first, then more each time, until one has lived a while.

    Args:
        pause: Before this one was started; ``None`` if it was the first.
        lived: How many seconds it has served, as far as it reported.
    """
    if pause is None or lived >= STEADY:
        return 0.0
    return min(LONGEST_PAUSE, max(1.0, 2 * pause))


@dataclass(frozen=True, slots=True)
class SharedPolicy:
    """The settings and rules of all workers."""

    settings: Settings
    rules: PolicySet


class Supervisor:
    """The workers of one proxy. For :class:`~jira_compat.proxy.reload.Reload` it is who judges.

    Args:
        what: What to serve, by how many.
        events: Where events go.
    """

    def __init__(self, what: ServeConfig, events: EventPipe | None) -> None:
        self.counts = Counts()
        self.active: SharedPolicy | None = None
        self._what = what
        self._events = events
        self._sockets: Sequence[socket.socket] = ()
        self._key = os.environ.get(IDENTITY_KEY) or secrets.token_hex(32)
        self._alive: dict[int, WorkerProcess] = {}
        self._serving: dict[int, WorkerProcess] = {}
        self._up = [asyncio.Event() for _ in range(what.workers)]
        self._is_up = False
        self._ending = asyncio.Event()
        self._gone = State()
        self._replaced = 0

    def judge_by(self, settings: Settings, rules: PolicySet) -> None:
        """Have all workers judge by these."""
        self.active = SharedPolicy(settings, rules)
        for worker in self._alive.values():
            worker.send(rules)

    def write(self, event: Event) -> None:
        """Write an event, if events are written at all."""
        if self._events is not None:
            self._events.write(event)

    @property
    def pids(self) -> list[int]:
        """The processes: this one, then those that serve."""
        return [os.getpid(), *(worker.pid for worker in self._serving.values())]

    def state(self) -> State:
        """The state of all together, as each reported it last."""
        own = State(
            counts=self.counts,
            events_lost=self._events.lost if self._events is not None else 0,
            digest=self.active.rules.digest if self.active is not None else None,
            rules=len(self.active.rules.entries) if self.active is not None else 0,
            unready="draining" if self._ending.is_set() else None,
            replaced=self._replaced,
        )
        return together(own, [worker.state for worker in self._serving.values()], [self._gone])

    async def is_welcome(self, peer: Peer) -> bool:
        """Return whether the client at that address is not a worker; asking them brings :meth:`state` up to date.

        A forward proxy's worker that does not answer may be that client; others connect to the site alone.
        """
        speaking = [worker for worker in self._alive.values() if worker.speaks]
        answers = await asyncio.gather(*(worker.is_own(peer) for worker in speaking))
        return True not in answers and not (self._what.upstream is None and None in answers)

    async def serve(self, sockets: Sequence[socket.socket], served: Callable[[], None]) -> None:
        """Serve on listening sockets until the end.

        The first worker starts alone: then a mistake is reported once, and what a first start creates is created once.

        Args:
            sockets: They are closed at the end.
            served: Called when all workers serve.

        Raises:
            StartError: One cannot start, or none can any more.
        """
        self._sockets = sockets
        try:
            async with asyncio.TaskGroup() as keeping:
                for number, up in enumerate(self._up, 1):
                    keeping.create_task(self._keep(number))
                    if number == 1:
                        await up.wait()
                for up in self._up:
                    await up.wait()
                self._is_up = not self._ending.is_set()
                if self._is_up:
                    served()
        except ExceptionGroup as group:
            raise group.exceptions[0] from None
        finally:
            self._close()

    def end(self) -> None:
        """Take nothing new, and end what is in flight: the first time in order, the second at once."""
        at_once = self._ending.is_set()
        self._ending.set()
        self._close()
        for up in self._up:
            up.set()
        for worker in self._alive.values():
            worker.send(Stop(at_once=at_once))
        seconds = AT_ONCE if at_once else self._what.limits.drain_timeout + GRACE
        asyncio.get_running_loop().call_later(seconds, self._kill)

    @property
    def _shared(self) -> SharedPolicy:
        assert self.active is not None  # noqa: S101 - what is served was accepted
        return self.active

    async def _keep(self, number: int) -> None:
        """Have one worker, and another in its place whenever it has ended."""
        pause: float | None = None
        while not self._ending.is_set():
            lived, lines = await self._have(number)
            if self._ending.is_set():
                return
            pause = next_pause(pause, lived)
            self._replaced += 1
            for line in lines:
                logger.warning(
                    "worker %d %s; another takes its place%s", number, line, f" in {pause:g} s" if pause else ""
                )
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), pause)

    async def _have(self, number: int) -> tuple[float, Sequence[str]]:
        """Have a worker until it has ended; how many seconds it lived, and why it has ended, in a line or more.

        Raises:
            StartError: It did not even start, and no other serves.
        """
        rules = self._shared.rules
        try:
            worker = await WorkerProcess.start(self._work(), self._events)
        except OSError as error:
            return 0.0, self._without(f"a worker cannot be started ({reason(error)})")
        began = worker.answered
        self._alive[number] = worker
        if self._shared.rules is not rules:  # others were activated meanwhile
            worker.send(self._shared.rules)
        if self._ending.is_set():
            worker.send(Stop())
        watching = asyncio.create_task(self._watch(number, worker))
        try:
            why = await worker.served()
            if why == ():
                self._serving[number] = worker
                self._up[number - 1].set()
            how = await worker.ended()
        finally:
            watching.cancel()
            worker.kill()
            await worker.ended()
            del self._alive[number]
            self._serving.pop(number, None)
            self._gone = ended(together(self._gone, [], [worker.state]))
        if why == ():
            return worker.answered - began, [f"(process {worker.pid}) has ended ({how})"]
        return 0.0, self._without(*(why or (f"a worker ended before it served ({how})",)))

    async def _watch(self, number: int, worker: WorkerProcess) -> None:
        """Kill a worker that hangs."""
        seconds = await silence(worker)
        logger.warning("worker %d (process %d) has not answered for %g s, and is killed", number, worker.pid, seconds)
        worker.kill()

    def _without(self, *lines: str) -> Sequence[str]:
        if not self._ending.is_set() and not (self._is_up and self._serving):
            raise StartError(*lines)
        return [f"cannot start: {line}" for line in lines]

    def _work(self) -> Start:
        """Return the first message to each worker; its parent writes the events, and logs for it."""
        options = {**self._what.options, "jira_events": "-" if self._events is not None else None}
        is_first = not any(up.is_set() for up in self._up)
        diagnostics = replace(self._what.diagnostics, of_start=is_first)
        what = replace(self._what, options=options, stream=None, admin=None, workers=1, diagnostics=diagnostics)
        return Start(what, tuple(one.fileno() for one in self._sockets), self._shared.rules, self._key)

    def _close(self) -> None:
        for one in self._sockets:
            one.close()

    def _kill(self) -> None:
        for number, worker in self._alive.items():
            logger.warning("worker %d (process %d) has not ended in time, and is killed", number, worker.pid)
            worker.kill()
