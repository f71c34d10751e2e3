"""The heartbeat of workers: one that leaves too many beats in a row unanswered hangs.

Beats and not seconds, because the parent may have been stopped itself, by a debugger or with the whole machine: however
long that was, it is one beat, and the answers of that time are read before the next one.
"""

import asyncio

from jira_compat.proxy.workers.worker_process import WorkerProcess

BEAT = 1.0
"""Seconds between two questions."""
MOST = 60
"""Beats in a row without an answer: a worker that misses as many hangs. One that is only busy does not: nothing keeps
its event loop for longer than a fraction of a second (:mod:`jira_compat.proxy.offload`)."""
START = 300
"""The same for one that has not sent anything yet: a start takes 2 s, but many may start at a time."""


async def silence(worker: WorkerProcess) -> float:
    """Wait until a worker hangs; for how many seconds it has not answered then."""
    missed = 0
    while missed < (bound := MOST if worker.speaks else START):
        answered = worker.answered
        worker.ask()
        await asyncio.sleep(BEAT)
        missed = missed + 1 if worker.answered == answered else 0
    return bound * BEAT
